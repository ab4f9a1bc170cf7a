//! Blocks and pictures as one HTML file that needs nothing else: no network, no font, no library.
//!
//! What images name is only ever text here: escaped in the markup, and put into the page as text by the script. A policy in
//! the page forbids the browser to fetch anything.

mod map;

use super::block::{Block, Cell, Table};
use super::words::{count, size};

pub use map::MapFile;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// How many rows of a list are in the page.
const ROWS: usize = 1000;

/// Something that is drawn, with a table that says the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picture {
    /// Layers as bars.
    Bars {
        /// The heading.
        heading: String,
        /// Base layer first.
        bars: Vec<Bar>,
        /// The bytes that fill the width; where pictures are held against each other, the same for all.
        scale: u64,
    },
    /// Files as areas in the areas of their directories.
    Map {
        /// The heading.
        heading: String,
        /// What the classes mean.
        legend: Vec<String>,
        /// The files.
        files: Vec<MapFile>,
    },
}

/// A layer's bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What it stands for.
    pub label: String,
    /// Bytes.
    pub before: u64,
    /// Bytes of these that are wasted, where they were counted.
    pub wasted: Option<u64>,
    /// Bytes afterwards, where there is an afterwards.
    pub after: Option<u64>,
}

impl Bar {
    /// The bytes of the longest, before or after.
    pub(super) fn longest(bars: &[Self]) -> u64 {
        let all = bars
            .iter()
            .map(|bar| bar.before.max(bar.after.unwrap_or(0)));
        all.max().unwrap_or(0)
    }
}

/// Renders a page.
pub(super) fn render(blocks: &[Block], pictures: &[Picture]) -> String {
    let title = blocks.iter().find_map(|block| match block {
        Block::Title(title) => Some(&title[..]),
        _ => None,
    });
    let title = escape(title.unwrap_or("image"));
    let mut page = Page {
        text: String::new(),
        drawn: 0,
        in_image: false,
        has_section: false,
    };
    let mut pictures = pictures.iter().peekable();
    for block in blocks {
        // The pictures come after the sentences of the first title, before its tables.
        let is_section = matches!(block, Block::Section { .. } | Block::Warnings(_));
        if is_section && pictures.peek().is_some() {
            pictures.by_ref().for_each(|picture| page.picture(picture));
        }
        page.block(block);
    }
    pictures.for_each(|picture| page.picture(picture));
    page.close();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         script-src 'unsafe-inline'\">\n\
         <title>{title} · oci-slim</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the report</a>\n\
         <header><span class=\"tool\">oci-slim</span>\
         <span class=\"find\"><label for=\"search\">Find</label>\
         <input id=\"search\" type=\"search\" placeholder=\"part of a path or row\" autocomplete=\"off\"></span>\
         <button id=\"theme\" type=\"button\">Dark or light</button></header>\n\
         <main id=\"main\" tabindex=\"-1\">\n\
         <section id=\"found\" hidden aria-live=\"polite\"></section>\n{}</main>\n\
         <script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        page.text
    )
}

struct Page {
    text: String,
    drawn: usize,
    in_image: bool,
    has_section: bool,
}

impl Page {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn close(&mut self) {
        if std::mem::take(&mut self.in_image) {
            self.push("</article>\n");
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Title(title) => {
                self.close();
                self.in_image = true;
                self.has_section = false;
                self.push(&format!("<article>\n<h1>{}</h1>\n", escape(title)));
            }
            Block::Headline(line) => {
                self.push(&format!("<p class=\"headline\">{}</p>\n", words(line)));
            }
            Block::Alarm(line) => {
                self.push(&format!(
                    "<p class=\"headline alarm\">{}</p>\n",
                    words(line)
                ));
            }
            Block::Line(line) => self.push(&format!("<p>{}</p>\n", words(line))),
            Block::Note(line) => self.push(&format!("<p class=\"note\">{}</p>\n", words(line))),
            Block::Section {
                heading,
                notes,
                table,
            } => self.section(heading, notes, table),
            Block::Table(table) => self.table(table, "Totals"),
            Block::Code(code) => self.push(&format!("<pre>{}</pre>\n", escape(code))),
            Block::Warnings(warnings) => {
                for warning in warnings {
                    let (code, text) = (escape(warning.code), words(&warning.text));
                    self.push(&format!(
                        "<p class=\"warning\"><strong>Warning, {code}:</strong> {text}</p>\n"
                    ));
                }
            }
        }
    }

    fn section(&mut self, heading: &str, notes: &[String], table: &Table) {
        // The first section is what people came for; other long ones are a click away.
        let is_first = !std::mem::replace(&mut self.has_section, true);
        let open = if is_first || table.rows.len() <= 25 {
            " open"
        } else {
            ""
        };
        self.push(&format!(
            "<details{open}><summary><h2>{}</h2></summary>\n",
            escape(heading)
        ));
        for note in notes {
            self.push(&format!("<p>{}</p>\n", words(note)));
        }
        self.table(table, heading);
        self.push("</details>\n");
    }

    fn table(&mut self, table: &Table, caption: &str) {
        if table.rows.is_empty() {
            return;
        }
        let side = |column: usize| match table.sides.as_bytes().get(column) {
            Some(b'r') => " class=\"r\"",
            _ => "",
        };
        self.push(&format!(
            "<div class=\"scroll\"><table{}><caption>{}</caption>\n<thead><tr>",
            if table.long || table.rows.len() > 8 {
                " class=\"sorts\""
            } else {
                ""
            },
            escape(caption)
        ));
        for (column, head) in table.heads.iter().enumerate() {
            self.push(&format!(
                "<th scope=\"col\"{}>{}</th>",
                side(column),
                escape(head)
            ));
        }
        self.push("</tr></thead>\n<tbody>\n");
        for row in table.rows.iter().take(ROWS) {
            self.push("<tr>");
            for (column, cell) in row.iter().enumerate() {
                self.push(&format!("<td{}>{}</td>", side(column), markup(cell)));
            }
            self.push("</tr>\n");
        }
        self.push("</tbody></table></div>\n");
        if table.rows.len() > ROWS {
            let more = count((table.rows.len() - ROWS) as u64);
            self.push(&format!(
                "<p class=\"note\">… and {more} more: a report in JSON has all.</p>\n"
            ));
        }
    }

    fn picture(&mut self, picture: &Picture) {
        match picture {
            Picture::Bars {
                heading,
                bars,
                scale,
            } => self.bars(heading, bars, *scale),
            Picture::Map {
                heading,
                legend,
                files,
            } => {
                let data = map::json(legend, files);
                let number = self.drawn;
                self.drawn += 1;
                self.push(&format!(
                    "<section class=\"map\"><h2>{}</h2><div class=\"draw\" data-map=\"map{number}\">\
                     <noscript>The map needs JavaScript; the tables below do not.</noscript></div>\
                     <script type=\"application/json\" id=\"map{number}\">{data}</script></section>\n",
                    escape(heading)
                ));
            }
        }
    }

    fn bars(&mut self, heading: &str, bars: &[Bar], scale: u64) {
        let has_after = bars.iter().any(|bar| bar.after.is_some());
        let has_wasted = bars.iter().any(|bar| bar.wasted.is_some());
        self.push(&format!(
            "<section><h2>{0}</h2><div class=\"scroll\"><table class=\"bars\"><caption>{0}</caption>\
             <thead><tr><th scope=\"col\">layer</th><th scope=\"col\" class=\"r\">{1}</th>{2}\
             <th scope=\"col\"><span class=\"unseen\">picture</span></th></tr></thead><tbody>\n",
            escape(heading),
            if has_after { "before" } else { "bytes" },
            match (has_after, has_wasted) {
                (true, _) => "<th scope=\"col\" class=\"r\">after</th>",
                (false, true) => "<th scope=\"col\" class=\"r\">wasted</th>",
                (false, false) => "",
            },
        ));
        for bar in bars {
            let wasted = bar.wasted.unwrap_or(0);
            let second = match (has_after, bar.after) {
                (true, Some(after)) => Some(size(after)),
                (true, None) => Some("gone".into()),
                (false, _) if !has_wasted => None,
                (false, _) if wasted == 0 => Some("-".into()),
                (false, _) => Some(size(wasted)),
            };
            let second = second.map(|text| format!("<td class=\"r\">{text}</td>"));
            let width = |bytes: u64| permille(bytes, scale.max(1));
            let used = width(bar.before - wasted.min(bar.before));
            let mut drawn = format!(
                "<span class=\"bar\"><i class=\"used\" style=\"width:{used}\"></i>\
                 <i class=\"wasted\" style=\"width:{}\"></i></span>",
                width(wasted)
            );
            if has_after {
                drawn.push_str(&format!(
                    "<span class=\"bar\"><i class=\"after\" style=\"width:{}\"></i></span>",
                    width(bar.after.unwrap_or(0))
                ));
            }
            self.push(&format!(
                "<tr><th scope=\"row\" title=\"{0}\">{0}</th><td class=\"r\">{1}</td>\
                 {2}<td aria-hidden=\"true\">{drawn}</td></tr>\n",
                escape(&bar.label),
                size(bar.before),
                second.unwrap_or_default(),
            ));
        }
        self.push("</tbody></table></div></section>\n");
    }
}

fn permille(part: u64, whole: u64) -> String {
    let share = u128::from(part) * 1000 / u128::from(whole.max(1));
    format!("{}.{}%", share / 10, share % 10)
}

fn markup(cell: &Cell) -> String {
    match cell {
        Cell::Plain(text) => words(text),
        Cell::Path(text) => format!("<code class=\"path\">{}</code>", escape(text)),
        Cell::Code(text) => format!("<code>{}</code>", escape(text)),
    }
}

/// A sentence, with what it quotes in back quotes as code.
fn words(text: &str) -> String {
    let escaped = escape(text);
    let parts: Vec<&str> = escaped.split('`').collect();
    // A quote that nothing closes is one.
    if parts.len().is_multiple_of(2) {
        return escaped;
    }
    let part = |(place, part): (usize, &&str)| match place % 2 {
        0 => (*part).to_owned(),
        _ => format!("<code>{part}</code>"),
    };
    parts.iter().enumerate().map(part).collect()
}

/// Takes their meaning from the characters that HTML reads.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
