//! Tells who waits how far a run has come. The library never prints; it calls.

/// Who wants to know how far a run has come.
pub trait Progress: Sync + std::fmt::Debug {
    /// A step begins; `bytes` are to be read in it, where that is known.
    fn begin(&self, step: &str, bytes: Option<u64>);

    /// So many bytes of the step were read.
    fn advance(&self, bytes: u64);
}

/// Nobody.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _step: &str, _bytes: Option<u64>) {}

    fn advance(&self, _bytes: u64) {}
}
