//! Documents: values that can be read as text, Markdown or JSON.

use serde::Serialize;

use super::block::Block;
use super::{Paint, markdown, text};

/// A value that people and programs read.
pub trait Document: Serialize {
    /// What it shows to people, in order.
    fn blocks(&self) -> Vec<Block>;

    /// For a terminal: lines of at most 100 columns.
    fn text(&self, paint: Paint) -> String {
        text::render(&self.blocks(), paint)
    }

    /// For job summaries and pull requests, in GitHub's dialect.
    fn markdown(&self) -> String {
        markdown::render(&self.blocks())
    }

    /// For programs: one JSON document with a final newline.
    fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self)
            .expect("documents have text keys and finite numbers");
        text.push('\n');
        text
    }

    /// Renders it in `format`; only text is coloured.
    fn render(&self, format: Format, paint: Paint) -> String {
        match format {
            Format::Text => self.text(paint),
            Format::Json => self.json(),
            Format::Markdown => self.markdown(),
        }
    }
}

/// How a document is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Text,
    /// For programs.
    Json,
    /// For job summaries.
    Markdown,
}

impl Format {
    /// The format that a file's extension asks for.
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension {
            "txt" => Some(Self::Text),
            "json" => Some(Self::Json),
            "md" => Some(Self::Markdown),
            _ => None,
        }
    }
}
