//! What is found wrong with an image that was right with the one it was made of.

use serde::Serialize;

/// How sure it is that something breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The image will not start, or will fail where it always goes.
    Error,
    /// Something may fail, or does another thing than before.
    Warning,
}

/// Something that was right before and is not after.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// How sure it is that something breaks.
    pub severity: Severity,
    /// The check that found it.
    pub code: &'static str,
    /// What is wrong, in one line.
    pub text: String,
}

impl Finding {
    pub(super) fn error(code: &'static str, text: String) -> Self {
        Self {
            severity: Severity::Error,
            code,
            text,
        }
    }

    pub(super) fn warning(code: &'static str, text: String) -> Self {
        Self {
            severity: Severity::Warning,
            code,
            text,
        }
    }
}
