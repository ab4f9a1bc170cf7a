//! Parts of a file that are not there until somebody reads them: they were left out, or given back.

use std::fmt;
use std::fs::File;
use std::ops::Range;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use crate::error::Result;

/// Writes these parts of the file.
type Fill = Box<dyn Fn(&[Range<u64>]) -> Result<()> + Send + Sync>;

/// What a file has holes for, and how to fill them.
pub struct Gaps {
    /// In the file, ascending and apart.
    ranges: RwLock<Vec<Range<u64>>>,
    /// The length of the file in bytes.
    len: u64,
    fill: Fill,
}

/// While it lives, the file keeps what it has.
pub(super) type Held<'a> = RwLockReadGuard<'a, Vec<Range<u64>>>;

impl Gaps {
    /// Takes the `ranges` of a file of `len` bytes that are holes, ascending and apart, and what fills such ranges.
    pub fn new(ranges: Vec<Range<u64>>, len: u64, fill: Fill) -> Self {
        Self {
            ranges: RwLock::new(ranges),
            len,
            fill,
        }
    }

    /// Sees to it that `range` can be read. The first to ask for what is not there fills all gaps; others wait.
    pub(super) fn hold(&self, range: &Range<u64>) -> Result<Held<'_>> {
        loop {
            let ranges = self.ranges.read().unwrap_or_else(PoisonError::into_inner);
            if !reaches_into(&ranges, range) {
                return Ok(ranges);
            }
            drop(ranges);
            let mut ranges = self.ranges.write().unwrap_or_else(PoisonError::into_inner);
            if !ranges.is_empty() {
                (self.fill)(&ranges)?;
                ranges.clear();
            }
        }
    }

    /// Empties the file, once nobody is reading it. What is read later is filled in again.
    pub(super) fn give_back(&self, file: &File) {
        let mut ranges = self.ranges.write().unwrap_or_else(PoisonError::into_inner);
        // The system takes the room back later if not now.
        if file.set_len(0).is_ok() {
            ranges.clear();
            ranges.push(0..self.len);
        }
    }
}

fn reaches_into(gaps: &[Range<u64>], range: &Range<u64>) -> bool {
    let next = gaps.partition_point(|gap| gap.end <= range.start);
    gaps.get(next).is_some_and(|gap| gap.start < range.end)
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
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::error::Error;

    #[test]
    fn gaps_are_filled_once_and_only_when_one_is_read() {
        let filled = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&filled);
        let fill = move |ranges: &[Range<u64>]| {
            seen.lock().unwrap().push(ranges.to_vec());
            Ok(())
        };
        let gaps = Gaps::new(vec![10..20, 30..40], 90, Box::new(fill));
        for (range, fills) in [
            (0..10, 0),
            (20..30, 0),
            (40..90, 0),
            (39..41, 1),
            (0..90, 1),
        ] {
            drop(gaps.hold(&range).unwrap());
            assert_eq!(filled.lock().unwrap().len(), fills, "{range:?}");
        }
        let file = tempfile::tempfile().unwrap();
        file.set_len(90).unwrap();
        gaps.give_back(&file);
        assert_eq!(file.metadata().unwrap().len(), 0);
        drop(gaps.hold(&(20..21)).unwrap());
        drop(gaps.hold(&(0..90)).unwrap());
        assert_eq!(filled.lock().unwrap().concat(), [10..20, 30..40, 0..90]);
        assert_eq!(filled.lock().unwrap().len(), 2);
    }

    #[test]
    fn what_cannot_be_filled_is_asked_for_again() {
        let fault = |_: &[Range<u64>]| {
            Err(Error::Blob {
                digest: "x".into(),
                fault: "gone".into(),
            })
        };
        let gaps = Gaps::new(vec![10..20, 30..40], 50, Box::new(fault));
        assert!(gaps.hold(&(0..11)).is_err());
        assert!(gaps.hold(&(0..11)).is_err());
        assert!(gaps.hold(&(0..10)).is_ok());
    }
}
