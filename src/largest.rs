//! Tasks of unequal size on all threads: the largest first, so that none is left over when the others are done.
//!
//! It knows nothing of what the tasks do.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::error::Result;

/// Runs `task` on each item and returns what came of them, in the order of the items.
///
/// # Errors
/// That of the first item, in their order, that was seen to fail; no task begins after one has failed.
pub(crate) fn largest_first<T: Send, R: Send>(
    items: Vec<T>,
    size: impl Fn(&T) -> u64,
    task: impl Fn(T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let mut items: Vec<_> = items.into_iter().enumerate().collect();
    items.sort_by_key(|(_, item)| Reverse(size(item)));
    let failed = AtomicBool::new(false);
    // A queue: the splitting in halves of a slice would tie small tasks to large ones.
    let done = items.into_iter().par_bridge().map(|(place, item)| {
        if failed.load(Ordering::Relaxed) {
            return (place, None);
        }
        let result = task(item);
        failed.fetch_or(result.is_err(), Ordering::Relaxed);
        (place, Some(result))
    });
    let mut done: Vec<_> = done.collect();
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().filter_map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::error::Error;

    #[test]
    fn results_keep_their_places_and_the_largest_begins_first() {
        let begun = Mutex::new(Vec::new());
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        let items = vec![3, 9, 1, 9, 4];
        let done = pool.install(|| {
            largest_first(
                items.clone(),
                |size| *size,
                |size| {
                    begun.lock().unwrap().push(size);
                    Ok(size)
                },
            )
        });
        assert_eq!(done.unwrap(), items);
        assert_eq!(*begun.lock().unwrap(), [9, 9, 4, 3, 1]);
    }

    #[test]
    fn a_failure_is_told() {
        let task = |size: u64| match size {
            2 => Err(Error::Proof {
                path: "two".into(),
                fault: "it is even".into(),
            }),
            _ => Ok(size),
        };
        let failed = largest_first(vec![1, 2, 3], |size| *size, task);
        assert!(matches!(failed, Err(Error::Proof { path, .. }) if path == "two"));
    }
}
