//! What R and Julia leave.

pub(super) mod julia_registries;
pub(super) mod r_docs;
pub(super) mod r_temporary;
