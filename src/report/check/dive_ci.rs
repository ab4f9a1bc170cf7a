//! The rules of a `.dive-ci` file, which mean here what they mean to dive, by dive's numbers.
//!
//! The file is YAML; read is the part of it that these files use: `rules:` and below it keys with a word each.

use super::super::inspect::DiveNumbers;
use super::super::words::{percent, size};

/// The rules; `None` for those that are off.
#[derive(Clone, Debug, PartialEq)]
pub struct DiveCi {
    /// `lowestEfficiency`, from 0 to 1.
    pub lowest_efficiency: Option<f64>,
    /// `highestWastedBytes`.
    pub highest_wasted: Option<u64>,
    /// `highestUserWastedPercent`, from 0 to 1 in spite of its name.
    pub highest_user_wasted: Option<f64>,
}

impl Default for DiveCi {
    /// What dive holds an image against where nothing is said.
    fn default() -> Self {
        Self {
            lowest_efficiency: Some(0.9),
            highest_wasted: None,
            highest_user_wasted: Some(0.1),
        }
    }
}

/// The keys, as dive has them.
const KEYS: [&str; 3] = [
    "lowestEfficiency",
    "highestWastedBytes",
    "highestUserWastedPercent",
];

impl DiveCi {
    /// Reads a file; `size` reads sizes such as `20MB`. What the file does not say is as dive has it.
    ///
    /// # Errors
    /// The number of the line, from 1, and what is wrong with it.
    pub fn parse(text: &str, size: fn(&str) -> Option<u64>) -> Result<Self, (usize, String)> {
        let mut rules = Self::default();
        let mut inside = false;
        for (number, line) in (1..).zip(text.lines()) {
            let line = without_comment(line);
            if line.trim().is_empty() || line.trim() == "---" {
                continue;
            }
            let Some((key, value)) = line.split_once(':') else {
                return Err((number, "is no `key: value`".into()));
            };
            let is_below = key.starts_with([' ', '\t']);
            let (key, value) = (unquoted(key), unquoted(value));
            if !is_below {
                inside = key == "rules";
            } else if inside {
                rules
                    .set(key, value, size)
                    .map_err(|fault| (number, fault))?;
            }
        }
        Ok(rules)
    }

    /// Sets a rule by its key; dive passes over keys that it does not know, and so does this.
    ///
    /// # Errors
    /// For a value that means nothing.
    pub fn set(
        &mut self,
        key: &str,
        value: &str,
        size: fn(&str) -> Option<u64>,
    ) -> Result<(), String> {
        let is_off = ["", "disabled", "off", "false"].contains(&&value.to_ascii_lowercase()[..]);
        let share = || match value.parse::<f64>() {
            _ if is_off => Ok(None),
            Ok(share) if (0.0..=1.0).contains(&share) => Ok(Some(share)),
            _ => Err(format!("`{key}` is a number from 0 to 1, not `{value}`")),
        };
        // dive compares keys without regard to case.
        let known = KEYS
            .iter()
            .position(|known| known.eq_ignore_ascii_case(key));
        match known {
            Some(0) => self.lowest_efficiency = share()?,
            Some(1) if is_off => self.highest_wasted = None,
            Some(1) => {
                let bytes = value.parse().ok().or_else(|| size(value));
                let fault = || format!("`{key}` is a size such as `20MB`, not `{value}`");
                self.highest_wasted = Some(bytes.ok_or_else(fault)?);
            }
            Some(_) => self.highest_user_wasted = share()?,
            None => {}
        }
        Ok(())
    }

    /// Holds the numbers of an image against the rules: name, whether it holds, and what there is.
    pub(super) fn hold(&self, dive: &DiveNumbers) -> Vec<(&'static str, bool, String)> {
        let [efficiency, wasted, user_wasted] = KEYS;
        let mut rows = Vec::new();
        if let Some(least) = self.lowest_efficiency {
            let what = format!("{}, at least {}", percent(dive.efficiency), percent(least));
            rows.push((efficiency, dive.efficiency >= least, what));
        }
        if let Some(most) = self.highest_wasted {
            let what = format!("{}, at most {}", size(dive.wasted), size(most));
            rows.push((wasted, dive.wasted <= most, what));
        }
        if let Some(most) = self.highest_user_wasted {
            let what = format!("{}, at most {}", percent(dive.user_wasted), percent(most));
            rows.push((user_wasted, dive.user_wasted <= most, what));
        }
        rows
    }
}

/// A `#` begins a comment at the start of a line or after a space.
fn without_comment(line: &str) -> &str {
    let mut marks = line.match_indices('#');
    let begins = |at: usize| at == 0 || line[..at].ends_with([' ', '\t']);
    marks
        .find(|(at, _)| begins(*at))
        .map_or(line, |(at, _)| &line[..at])
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Option<u64> {
        let millions: u64 = text.strip_suffix("MB")?.parse().ok()?;
        Some(millions * 1_000_000)
    }

    #[test]
    fn files_of_the_kind_that_dive_documents() {
        let text = "rules:\n  # If the efficiency is measured below X%, mark as failed.\n  lowestEfficiency: 0.95\n\n  \
                    highestWastedBytes: 20MB # all\n  highestUserWastedPercent: \"disabled\"\n";
        let rules = DiveCi::parse(text, bytes).unwrap();
        assert_eq!(
            rules,
            DiveCi {
                lowest_efficiency: Some(0.95),
                highest_wasted: Some(20_000_000),
                highest_user_wasted: None,
            }
        );
    }

    #[test]
    fn what_is_not_said_is_as_dive_has_it() {
        for text in ["", "rules:\n", "---\nother:\n  lowestEfficiency: 0.1\n"] {
            assert_eq!(DiveCi::parse(text, bytes), Ok(DiveCi::default()), "{text}");
        }
    }

    #[test]
    fn wrong_lines_are_named() {
        for (text, line) in [
            ("rules:\n  lowestEfficiency: 95", 2),
            ("rules:\n\n  highestWastedBytes: much", 3),
            ("rules", 1),
        ] {
            assert_eq!(DiveCi::parse(text, bytes).unwrap_err().0, line, "{text}");
        }
    }

    #[test]
    fn equal_is_kept() {
        let dive = DiveNumbers {
            efficiency: 0.9,
            wasted: 5,
            user_wasted: 0.1,
            ..DiveNumbers::default()
        };
        let rules = DiveCi {
            highest_wasted: Some(5),
            ..DiveCi::default()
        };
        assert!(rules.hold(&dive).iter().all(|(_, holds, _)| *holds));
        let rules = DiveCi {
            lowest_efficiency: Some(0.91),
            highest_wasted: Some(4),
            highest_user_wasted: Some(0.09),
        };
        assert!(rules.hold(&dive).iter().all(|(_, holds, _)| !holds));
    }
}
