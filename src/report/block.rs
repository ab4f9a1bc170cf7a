//! What a document shows, before it is known how: text and Markdown lay out the same blocks.

use crate::error::Warning;

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// What the following blocks are about.
    Title(String),
    /// The one sentence to read.
    Headline(String),
    /// The one sentence to read, of something that is not as it should be.
    Alarm(String),
    /// A sentence.
    Line(String),
    /// A sentence that stands apart.
    Note(String),
    /// A heading with what it announces.
    Section {
        /// The heading.
        heading: String,
        /// Sentences before the table.
        notes: Vec<String>,
        /// The table.
        table: Table,
    },
    /// A table without heading.
    Table(Table),
    /// Lines of a file, as they are.
    Code(String),
    /// What a user should know.
    Warnings(Vec<Warning>),
}

/// Rows of cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The columns' headings; without them in text when all are empty.
    pub heads: Vec<&'static str>,
    /// A letter a column: `l` for left, `r` for right.
    pub sides: &'static str,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
    /// Whether the rows are a list of which the first say enough.
    pub long: bool,
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A number or some words.
    Plain(String),
    /// A path; cut in the middle where it is too long.
    Path(String),
    /// What a program wrote; cut at its end where it is too long.
    Code(String),
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Plain(text.into())
    }
}

impl Table {
    /// A table with these columns and no rows.
    pub(super) fn new<const N: usize>(heads: [&'static str; N], sides: &'static str) -> Self {
        Self {
            heads: heads.to_vec(),
            sides,
            ..Self::default()
        }
    }

    /// A list with these columns, of which the first rows say enough.
    pub(super) fn list<const N: usize>(heads: [&'static str; N], sides: &'static str) -> Self {
        Self {
            long: true,
            ..Self::new(heads, sides)
        }
    }

    /// Adds a row.
    pub(super) fn push<const N: usize>(&mut self, row: [Cell; N]) {
        self.rows.push(row.into());
    }

    /// The section that this table makes; nothing where there are no rows.
    pub(super) fn section(self, heading: impl Into<String>) -> Option<Block> {
        let section = Block::Section {
            heading: heading.into(),
            notes: Vec::new(),
            table: self,
        };
        match &section {
            Block::Section { table, .. } if table.rows.is_empty() => None,
            _ => Some(section),
        }
    }
}
