//! Blocks for a terminal.

use super::Paint;
use super::block::{Block, Cell, Table};
use super::table::{Side, WIDTH, lines};
use super::words::{count, counted, cut_path};

/// How many rows of a list are shown.
const ROWS: usize = 10;

/// Renders blocks as lines of at most 100 columns.
pub(super) fn render(blocks: &[Block], paint: Paint) -> String {
    let mut page = Page {
        text: String::new(),
        paint,
    };
    for block in blocks {
        page.block(block);
    }
    page.text
}

struct Page {
    text: String,
    paint: Paint,
}

impl Page {
    fn block(&mut self, block: &Block) {
        match block {
            Block::Title(title) => self.heading(title),
            Block::Headline(line) => {
                let line = self.paint.good(line);
                self.line(&line);
            }
            Block::Alarm(line) => {
                let line = self.paint.bad(line);
                self.line(&line);
            }
            Block::Line(line) => self.wrapped("", line),
            Block::Note(line) => {
                self.gap();
                self.wrapped("", line);
            }
            Block::Section {
                heading,
                notes,
                table,
            } => {
                self.heading(heading);
                for note in notes {
                    self.wrapped("  ", note);
                }
                self.table(table);
            }
            Block::Table(table) => {
                self.gap();
                self.table(table);
            }
            Block::Code(code) => {
                self.gap();
                for line in code.lines() {
                    self.line(&format!("  {line}"));
                }
            }
            Block::Warnings(warnings) => {
                if warnings.is_empty() {
                    return;
                }
                let heading = counted(warnings.len() as u64, "warning", "warnings");
                self.heading(&self.paint.warn(heading));
                for warning in warnings {
                    let text = format!("{}: {}", warning.code, warning.text);
                    self.wrapped("  ", &text);
                }
            }
        }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// Breaks a sentence into lines between words; what follows the first is indented further.
    fn wrapped(&mut self, indent: &str, text: &str) {
        let mut line = indent.to_owned();
        for word in text.split(' ') {
            let length = line.chars().count() + 1 + word.chars().count();
            if length > WIDTH && line.trim() != "" {
                self.line(&line);
                line = format!("{indent}  ");
            } else if line.len() > indent.len() {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.line(&line);
    }

    fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    fn heading(&mut self, heading: &str) {
        self.gap();
        let heading = self.paint.bold(heading);
        self.line(&heading);
    }

    fn table(&mut self, table: &Table) {
        let shown = if table.long { ROWS } else { usize::MAX };
        let sides: Vec<Side> = table.sides.chars().map(Side::of).collect();
        let heads = table.heads.iter().map(|&head| head.to_owned()).collect();
        let has_heads = table.heads.iter().any(|head| !head.is_empty());
        let rows: Vec<Vec<String>> = has_heads
            .then_some(heads)
            .into_iter()
            .chain(
                table
                    .rows
                    .iter()
                    .take(shown)
                    .map(|row| row.iter().map(cell).collect()),
            )
            .collect();
        for line in lines(&sides, &rows) {
            self.line(&line);
        }
        if table.rows.len() > shown {
            let more = (table.rows.len() - shown) as u64;
            self.line(&format!("  … and {} more", count(more)));
        }
    }
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Path(path) => cut_path(path, WIDTH / 2),
        Cell::Plain(text) | Cell::Code(text) => text.clone(),
    }
}
