//! Documents: values that can be read as text, Markdown or JSON.

use serde::Serialize;

use super::block::Block;
use super::finding::{self, Case, Finding};
use super::html::{self, Picture};
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

    /// What an HTML page draws, besides the blocks.
    fn pictures(&self) -> Vec<Picture> {
        Vec::new()
    }

    /// What it found, for places that show findings; `None` for a document that tells no findings.
    fn findings(&self) -> Option<Vec<Finding>> {
        None
    }

    /// What it checked, for places that count tests; `None` for a document that checks nothing.
    fn cases(&self) -> Option<Vec<Case>> {
        None
    }

    /// Renders it in `format`; only text is coloured. `None` where the document has no such form.
    fn render(&self, format: Format, paint: Paint) -> Option<String> {
        match format {
            Format::Text => Some(self.text(paint)),
            Format::Json => Some(self.json()),
            Format::Markdown => Some(self.markdown()),
            Format::Html => Some(html::render(&self.blocks(), &self.pictures())),
            Format::Sarif => self.findings().map(|findings| finding::sarif(&findings)),
            Format::Junit => self.cases().map(|cases| finding::junit(&cases)),
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
    /// One page that needs nothing else.
    Html,
    /// Findings for places that show them beside code, SARIF 2.1.0.
    Sarif,
    /// Cases for CI servers, JUnit's XML.
    Junit,
}

impl Format {
    /// The format that a file's extension asks for.
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension {
            "txt" => Some(Self::Text),
            "json" => Some(Self::Json),
            "md" => Some(Self::Markdown),
            "html" => Some(Self::Html),
            "sarif" => Some(Self::Sarif),
            "xml" => Some(Self::Junit),
            _ => None,
        }
    }
}
