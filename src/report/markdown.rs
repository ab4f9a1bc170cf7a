//! Blocks for job summaries and pull requests.

use super::block::{Block, Cell, Table};
use super::words::{count, cut};

/// How many rows of a list are shown.
const ROWS: usize = 20;

/// Renders blocks as Markdown with tables; long lists are folded.
pub(super) fn render(blocks: &[Block]) -> String {
    let mut page = String::new();
    for block in blocks {
        push(&mut page, block);
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn push(page: &mut String, block: &Block) {
    match block {
        Block::Title(title) => page.push_str(&format!("## {}\n\n", escape(title))),
        Block::Headline(line) | Block::Alarm(line) => {
            page.push_str(&format!("**{}**\n\n", escape(line)));
        }
        Block::Line(line) | Block::Note(line) => page.push_str(&format!("{}\n\n", escape(line))),
        Block::Section {
            heading,
            notes,
            table,
        } => section(page, heading, notes, table),
        Block::Table(table) => push_table(page, table),
        Block::Code(code) => page.push_str(&format!("```toml\n{code}```\n\n")),
        Block::Warnings(warnings) => {
            for warning in warnings {
                let (code, text) = (escape(warning.code), escape(&warning.text));
                page.push_str(&format!("> **{code}**: {text}\n\n"));
            }
        }
    }
}

fn section(page: &mut String, heading: &str, notes: &[String], table: &Table) {
    let heading = escape(heading);
    if table.long {
        page.push_str(&format!("<details><summary>{heading}</summary>\n\n"));
    } else {
        page.push_str(&format!("### {heading}\n\n"));
    }
    for note in notes {
        page.push_str(&format!("{}\n\n", escape(note)));
    }
    push_table(page, table);
    if table.long {
        page.push_str("</details>\n\n");
    }
}

fn push_table(page: &mut String, table: &Table) {
    if table.rows.is_empty() {
        return;
    }
    page.push_str(&format!("| {} |\n", table.heads.join(" | ")));
    for side in table.sides.chars() {
        page.push_str(if side == 'r' { "|--:" } else { "|:--" });
    }
    page.push_str("|\n");
    let shown = if table.long { ROWS } else { usize::MAX };
    for row in table.rows.iter().take(shown) {
        let cells: Vec<String> = row.iter().map(cell).collect();
        page.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    page.push('\n');
    if table.rows.len() > shown {
        let more = (table.rows.len() - shown) as u64;
        page.push_str(&format!("… and {} more\n\n", count(more)));
    }
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Plain(text) => escape(text),
        Cell::Path(path) => code(path),
        Cell::Code(text) => code(&cut(text, 120)),
    }
}

/// Takes their meaning from the characters that Markdown and HTML read.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\n' => escaped.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '@' => escaped.extend(['\\', c]),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// A code span; a table's cell needs its bars escaped even there.
fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    let text = text.replace('|', "\\|");
    format!("{fence}{pad}{text}{pad}{fence}")
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_nothing_to_markdown() {
        assert_eq!(
            escape("a|b <img> *x* [y](z)"),
            r"a\|b &lt;img&gt; \*x\* \[y\](z)"
        );
        assert_eq!(code("a|b"), r"`a\|b`");
        assert_eq!(code("`a``b"), "``` `a``b ```");
        assert_eq!(code(""), "");
    }
}
