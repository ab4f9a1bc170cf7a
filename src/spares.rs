//! What is dear to make and can be used again: buffers that were got from the system page by page.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What nobody uses now, for whoever needs one next.
pub(crate) struct Spares<T>(Mutex<Vec<T>>);

impl<T> Spares<T> {
    /// Takes one, if there is any.
    pub(crate) fn take(&self) -> Option<T> {
        self.lock().pop()
    }

    /// Keeps one that is not used any more.
    pub(crate) fn keep(&self, spare: T) {
        self.lock().push(spare);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Default for Spares<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> fmt::Debug for Spares<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} spares", self.lock().len())
    }
}
