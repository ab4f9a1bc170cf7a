//! Colour for a terminal; everything reads the same without it.

use std::fmt::Display;

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paint(pub bool);

impl Paint {
    /// A heading.
    pub fn bold(self, text: impl Display) -> String {
        self.with("1", text)
    }

    /// A number that is good news.
    pub fn good(self, text: impl Display) -> String {
        self.with("32", text)
    }

    /// Something to look at.
    pub fn warn(self, text: impl Display) -> String {
        self.with("33", text)
    }

    /// Something that went wrong.
    pub fn bad(self, text: impl Display) -> String {
        self.with("31", text)
    }

    fn with(self, code: &str, text: impl Display) -> String {
        if self.0 {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_string()
        }
    }
}
