//! The report for job summaries and pull requests.

use super::shown::{self, became, kept_groups, largest_removed};
use super::text::headline;
use crate::error::Warning;

use super::value::{HiddenBytes, Image, Report, Totals};
use super::words::{count, cut, instruction, size};

/// How many rows of a list are shown; the JSON report has all.
const ROWS: usize = 20;

/// Renders a report as Markdown with tables (GitHub's dialect).
pub fn markdown(report: &Report) -> String {
    let mut page = String::new();
    for image in &report.images {
        image_section(&mut page, image);
    }
    if report.images.len() > 1 {
        let (before, after) = (&report.total.before, &report.total.after);
        page.push_str("## All images together\n\n");
        page.push_str(&format!("**{}**\n\n", headline(before, after)));
        totals(&mut page, before, after);
    }
    warnings(&mut page, &report.warnings);
    if report.dry_run {
        page.push_str("This was a dry run: nothing was written.\n\n");
    }
    page.push_str("1 MB is 1,000,000 bytes.\n");
    page
}

fn image_section(page: &mut String, image: &Image) {
    page.push_str(&format!("## {}\n\n", escape(&shown::title(image))));
    if image.result == image.source {
        let size = size(image.after.compressed);
        page.push_str(&format!(
            "**Nothing to remove**: the result is the source, {size} compressed.\n\n"
        ));
    } else {
        page.push_str(&format!(
            "**{}**\n\n",
            headline(&image.before, &image.after)
        ));
    }
    totals(page, &image.before, &image.after);
    layers(page, image);
    rules(page, image);
    largest(page, image);
    hidden(page, &image.hidden);
    kept(page, image);
    withdrawn(page, image);
    warnings(page, &image.warnings);
}

fn totals(page: &mut String, before: &Totals, after: &Totals) {
    let mut rows = shown::totals(before, after).into_iter();
    let heads = rows.next().unwrap_or_default();
    table(page, &heads, "lrrr", rows);
}

fn layers(page: &mut String, image: &Image) {
    page.push_str("### Layers\n\n");
    let rows = image.layers.iter().map(|layer| {
        let after = layer.after.as_ref();
        let created_by = layer.instruction.as_deref().unwrap_or_default();
        vec![
            layer.index.to_string(),
            size(layer.before.compressed),
            after.map_or("-".into(), |after| size(after.compressed)),
            became(layer),
            code(&cut(&instruction(created_by), 120)),
        ]
    });
    let heads = ["#", "before", "after", "became", "instruction"];
    table(page, &heads, "rrrll", rows);
}

fn rules(page: &mut String, image: &Image) {
    page.push_str("### Removed by rules (unpacked bytes)\n\n");
    if image.rules.is_empty() {
        page.push_str("No rule found anything.\n\n");
        return;
    }
    let rows = image.rules.iter().map(|rule| {
        vec![
            size(rule.bytes),
            count(rule.paths),
            size(rule.hidden_bytes),
            escape(&rule.name),
            escape(&rule.origin),
        ]
    });
    table(
        page,
        &["bytes", "paths", "hidden", "rule", "from"],
        "rrrll",
        rows,
    );
}

fn largest(page: &mut String, image: &Image) {
    let largest = largest_removed(image);
    let rows = largest
        .iter()
        .take(ROWS)
        .map(|(rule, row)| vec![size(row.bytes), escape(rule), code(&row.path)]);
    folded(
        page,
        "Largest removed",
        &["bytes", "rule", "path"],
        "rll",
        rows,
    );
}

fn hidden(page: &mut String, hidden: &HiddenBytes) {
    let rows = hidden.paths.iter().take(ROWS).map(|row| {
        vec![
            size(row.bytes),
            row.layer.to_string(),
            format!("{} by {}", row.how, row.by),
            code(&row.path),
        ]
    });
    let title = format!("Hidden by upper layers: {}", shown::hidden(hidden));
    folded(
        page,
        &title,
        &["bytes", "layer", "how", "path"],
        "rrll",
        rows,
    );
}

fn kept(page: &mut String, image: &Image) {
    let groups = kept_groups(image);
    let rows = groups.iter().take(ROWS).map(|group| {
        vec![
            count(group.paths),
            escape(group.rule),
            code(group.example),
            escape(group.because),
        ]
    });
    let heads = ["paths", "rule", "for example", "because"];
    folded(page, "Kept although a rule asked", &heads, "rlll", rows);
}

fn withdrawn(page: &mut String, image: &Image) {
    let rows = image.withdrawn.iter().map(|row| {
        vec![
            size(row.bytes),
            count(row.paths),
            escape(&row.rule),
            escape(&row.origin),
        ]
    });
    let title = "Asked for, but in layers that stay as they are";
    folded(
        page,
        title,
        &["bytes", "paths", "rule", "from"],
        "rrll",
        rows,
    );
}

fn warnings(page: &mut String, warnings: &[Warning]) {
    for warning in warnings {
        let (code, text) = (escape(warning.code), escape(&warning.text));
        page.push_str(&format!("> **{code}**: {text}\n"));
    }
    if !warnings.is_empty() {
        page.push('\n');
    }
}

/// A table that a reader opens; nothing where there are no rows.
fn folded(
    page: &mut String,
    title: &str,
    heads: &[&str],
    sides: &str,
    rows: impl ExactSizeIterator<Item = Vec<String>>,
) {
    if rows.len() == 0 {
        return;
    }
    page.push_str(&format!("<details><summary>{title}</summary>\n\n"));
    table(page, heads, sides, rows);
    page.push_str("</details>\n\n");
}

fn table(
    page: &mut String,
    heads: &[impl AsRef<str>],
    sides: &str,
    rows: impl Iterator<Item = Vec<String>>,
) {
    for head in heads {
        page.push_str(&format!("| {} ", head.as_ref()));
    }
    page.push_str("|\n");
    for side in sides.chars() {
        page.push_str(if side == 'r' { "|--:" } else { "|:--" });
    }
    page.push_str("|\n");
    for row in rows {
        page.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    page.push('\n');
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
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '@' => escaped.extend(['\\', c]),
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
