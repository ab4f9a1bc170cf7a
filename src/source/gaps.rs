//! Parts of a file that are left out until somebody reads them.

use std::fmt;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::error::Result;

/// Writes all parts that were left out.
type Fill = Box<dyn Fn() -> Result<()> + Send + Sync>;

/// What a file has holes for, and how to fill them.
pub struct Gaps {
    /// In the file, ascending and apart.
    ranges: Vec<Range<u64>>,
    fill: Fill,
    is_filled: Mutex<bool>,
}

impl Gaps {
    /// Takes the `ranges` of a file that are holes, ascending and apart, and what fills them all.
    pub fn new(ranges: Vec<Range<u64>>, fill: Fill) -> Self {
        Self {
            ranges,
            fill,
            is_filled: Mutex::new(false),
        }
    }

    /// Sees to it that `range` can be read. The first to ask for what was left out fills all gaps; others wait.
    pub(super) fn ready(&self, range: &Range<u64>) -> Result<()> {
        let next = self.ranges.partition_point(|gap| gap.end <= range.start);
        let asked = self.ranges.get(next);
        if asked.is_none_or(|gap| range.end <= gap.start) {
            return Ok(());
        }
        let mut is_filled = self
            .is_filled
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !*is_filled {
            (self.fill)()?;
            *is_filled = true;
        }
        Ok(())
    }
}

impl fmt::Debug for Gaps {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Gaps")
            .field("ranges", &self.ranges)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::error::Error;

    #[test]
    fn gaps_are_filled_once_and_only_when_one_is_read() {
        let filled = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&filled);
        let fill = move || {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(())
        };
        let gaps = Gaps::new(vec![10..20, 30..40], Box::new(fill));
        for (range, fills) in [
            (0..10, 0),
            (20..30, 0),
            (40..90, 0),
            (39..41, 1),
            (0..90, 1),
        ] {
            gaps.ready(&range).unwrap();
            assert_eq!(filled.load(Ordering::Relaxed), fills, "{range:?}");
        }
    }

    #[test]
    fn what_cannot_be_filled_is_asked_for_again() {
        let fault = || {
            Err(Error::Blob {
                digest: "x".into(),
                fault: "gone".into(),
            })
        };
        let gaps = Gaps::new(vec![10..20, 30..40], Box::new(fault));
        assert!(gaps.ready(&(0..11)).is_err());
        assert!(gaps.ready(&(0..11)).is_err());
        assert!(gaps.ready(&(0..10)).is_ok());
    }
}
