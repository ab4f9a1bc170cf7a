//! Budgets: limits that a result must meet.

use serde::Serialize;

use super::value::Image;
use super::words::{percent, size};

/// The limits; `None` for those that were not set.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Budget {
    /// Bytes of all layers, compressed, at most.
    pub max_size: Option<u64>,
    /// Efficiency at least, from 0 to 1.
    pub min_efficiency: Option<f64>,
    /// Bytes that upper layers hide at most.
    pub max_wasted: Option<u64>,
    /// What slimming must save at least.
    pub min_saving: Option<Saving>,
}

/// How much smaller a result must be, compressed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Saving {
    /// By this many bytes.
    Bytes(u64),
    /// By this share of the source, from 0 to 100.
    Percent(f64),
}

/// A limit that an image does not meet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missed {
    /// The image's platform.
    pub platform: String,
    /// The key in `slim.toml`.
    pub limit: &'static str,
    /// What it asks for, and what there is.
    pub what: String,
}

impl Budget {
    /// This budget with another on top: what the other sets holds.
    #[must_use]
    pub fn with(&self, top: &Self) -> Self {
        Self {
            max_size: top.max_size.or(self.max_size),
            min_efficiency: top.min_efficiency.or(self.min_efficiency),
            max_wasted: top.max_wasted.or(self.max_wasted),
            min_saving: top.min_saving.or(self.min_saving),
        }
    }

    /// The limits that an image does not meet, in the order of their keys in `slim.toml`'s documentation.
    ///
    /// An image whose layers are stored plain is measured by its unpacked bytes, before and after: like with like.
    pub(super) fn missed(&self, image: &Image) -> Vec<Missed> {
        let (before, after) = (&image.before, &image.after);
        let is_plain = before.is_plain() || after.is_plain();
        let (from, to) = match is_plain {
            true => (before.uncompressed, after.uncompressed),
            false => (before.compressed, after.compressed),
        };
        let mut missed = Vec::new();
        let mut miss = |limit, what| {
            missed.push(Missed {
                platform: image.platform.clone(),
                limit,
                what,
            });
        };
        if let Some(most) = self.max_size.filter(|&most| after.compressed > most) {
            let (is, at_most) = (size(after.compressed), size(most));
            miss("max-size", format!("{is} is more than {at_most}"));
        }
        if let Some(least) = self
            .min_efficiency
            .filter(|&least| after.efficiency < least)
        {
            let (is, at_least) = (percent(after.efficiency), percent(least));
            miss("min-efficiency", format!("{is} is less than {at_least}"));
        }
        if let Some(most) = self.max_wasted.filter(|&most| after.wasted > most) {
            let (is, at_most) = (size(after.wasted), size(most));
            miss("max-wasted", format!("{is} is more than {at_most}"));
        }
        let saved = from.saturating_sub(to);
        match self.min_saving {
            Some(Saving::Bytes(least)) if saved < least => {
                let (is, at_least) = (size(saved), size(least));
                miss("min-saving", format!("{is} is less than {at_least}"));
            }
            Some(Saving::Percent(least)) if share(saved, from) < least => {
                let is = percent(share(saved, from) / 100.0);
                let at_least = percent(least / 100.0);
                miss("min-saving", format!("{is} is less than {at_least}"));
            }
            _ => {}
        }
        missed
    }
}

/// `part` of `whole` in percent.
#[allow(
    clippy::cast_precision_loss,
    reason = "a percentage is not counted in bytes"
)]
pub(super) fn share(part: u64, whole: u64) -> f64 {
    match whole {
        // All of something is more than nothing.
        0 if part > 0 => f64::INFINITY,
        0 => 0.0,
        _ => part as f64 / whole as f64 * 100.0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::image;
    use super::*;

    #[test]
    fn each_limit_is_held_against_the_result() {
        let image = image();
        let (size, wasted) = (image.after.compressed, image.after.wasted);
        let told = |budget: Budget| -> Vec<&'static str> {
            let missed = budget.missed(&image);
            missed.iter().map(|missed| missed.limit).collect()
        };
        let met = Budget {
            max_size: Some(size),
            min_efficiency: Some(image.after.efficiency),
            max_wasted: Some(wasted),
            min_saving: Some(Saving::Bytes(image.before.compressed - size)),
        };
        assert_eq!(told(Budget::default()), [""; 0]);
        assert_eq!(told(met), [""; 0]);
        let missed = Budget {
            max_size: Some(size - 1),
            min_efficiency: Some(1.01),
            max_wasted: wasted.checked_sub(1),
            min_saving: Some(Saving::Percent(99.0)),
        };
        let mut all = vec!["max-size", "min-efficiency", "max-wasted", "min-saving"];
        all.retain(|&limit| limit != "max-wasted" || wasted > 0);
        assert_eq!(told(missed), all);
    }
}
