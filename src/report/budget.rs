//! Budgets: limits that a result must meet.

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
