//! The report for a terminal: what a stranger wants to know first comes first.

use super::Paint;
use super::shown::{self, became, kept_groups, largest_removed};
use super::table::{Side, WIDTH, lines};
use crate::error::Warning;

use super::value::{HiddenBytes, Image, Report, Totals};
use super::words::{change, count, counted, cut_path, instruction, size};

/// How many rows of a list are shown; the JSON report has all.
const ROWS: usize = 10;

/// Renders a report as text of at most 100 columns.
pub fn text(report: &Report, paint: Paint) -> String {
    let mut page = Page {
        text: String::new(),
        paint,
    };
    for image in &report.images {
        page.image(image);
    }
    if report.images.len() > 1 {
        page.heading("All images together");
        page.line(&headline(&report.total.before, &report.total.after));
        page.totals(&report.total.before, &report.total.after);
    }
    page.warnings(&report.warnings);
    page.line("");
    if report.dry_run {
        page.line("This was a dry run: nothing was written.");
    }
    page.line("1 MB is 1,000,000 bytes. The JSON report (--report FILE.json) lists every path.");
    page.text
}

/// `1.83 GB → 412 MB compressed (-77 %)`.
pub(super) fn headline(before: &Totals, after: &Totals) -> String {
    let (from, to) = (before.compressed, after.compressed);
    format!(
        "{} → {} compressed ({})",
        size(from),
        size(to),
        change(from, to)
    )
}

struct Page {
    text: String,
    paint: Paint,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn heading(&mut self, heading: &str) {
        if !self.text.is_empty() {
            self.line("");
        }
        let heading = self.paint.bold(heading);
        self.line(&heading);
    }

    fn table(&mut self, sides: &[Side], rows: Vec<Vec<String>>) {
        for line in lines(sides, &rows) {
            self.line(&line);
        }
    }

    /// Says how many rows of a list are not shown.
    fn more(&mut self, all: usize) {
        if all > ROWS {
            self.line(&format!("  … and {} more", count((all - ROWS) as u64)));
        }
    }

    fn image(&mut self, image: &Image) {
        self.heading(&shown::title(image));
        let headline = headline(&image.before, &image.after);
        let headline = if image.result == image.source {
            format!(
                "nothing to remove: the result is the source, {} compressed",
                size(image.after.compressed)
            )
        } else {
            self.paint.good(headline)
        };
        self.line(&headline);
        self.totals(&image.before, &image.after);
        self.layers(image);
        self.rules(image);
        self.largest(image);
        self.hidden(&image.hidden);
        self.kept(image);
        self.withdrawn(image);
        self.warnings(&image.warnings);
    }

    fn totals(&mut self, before: &Totals, after: &Totals) {
        self.line("");
        let sides = [Side::Left, Side::Right, Side::Right, Side::Right];
        self.table(&sides, shown::totals(before, after));
    }

    fn layers(&mut self, image: &Image) {
        self.heading("Layers, base layer first");
        let mut rows = vec![cells(["#", "before", "after", "became", "instruction"])];
        for layer in &image.layers {
            let after = layer.after.as_ref();
            rows.push(vec![
                layer.index.to_string(),
                size(layer.before.compressed),
                after.map_or("-".into(), |after| size(after.compressed)),
                became(layer),
                instruction(layer.instruction.as_deref().unwrap_or_default()),
            ]);
        }
        use Side::{Left, Right};
        self.table(&[Right, Right, Right, Left, Left], rows);
    }

    fn rules(&mut self, image: &Image) {
        self.heading("Removed by rules (unpacked bytes)");
        if image.rules.is_empty() {
            self.line("  no rule found anything");
            return;
        }
        let mut rows = vec![cells(["bytes", "paths", "hidden", "rule", "from"])];
        for rule in &image.rules {
            let hidden = rule.hidden_bytes;
            rows.push(vec![
                size(rule.bytes),
                count(rule.paths),
                if hidden == 0 {
                    "-".into()
                } else {
                    size(hidden)
                },
                rule.name.clone(),
                rule.origin.clone(),
            ]);
        }
        use Side::{Left, Right};
        self.table(&[Right, Right, Right, Left, Left], rows);
    }

    fn largest(&mut self, image: &Image) {
        let largest = largest_removed(image);
        if largest.is_empty() {
            return;
        }
        self.heading("Largest removed");
        let rows = largest.iter().take(ROWS).map(|(rule, row)| {
            vec![
                size(row.bytes),
                (*rule).into(),
                cut_path(&row.path, WIDTH / 2),
            ]
        });
        self.table(&[Side::Right, Side::Left, Side::Left], rows.collect());
    }

    fn hidden(&mut self, hidden: &HiddenBytes) {
        if hidden.files == 0 {
            return;
        }
        self.heading("Hidden by upper layers");
        self.line(&format!("  {}", shown::hidden(hidden)));
        let rows = hidden.paths.iter().take(ROWS).map(|row| {
            vec![
                size(row.bytes),
                format!("layer {}", row.layer),
                format!("{} by {}", row.how, row.by),
                cut_path(&row.path, WIDTH / 2),
            ]
        });
        use Side::{Left, Right};
        self.table(&[Right, Left, Left, Left], rows.collect());
        self.more(hidden.paths.len());
    }

    fn kept(&mut self, image: &Image) {
        let groups = kept_groups(image);
        if groups.is_empty() {
            return;
        }
        self.heading("Kept although a rule asked");
        let mut rows = vec![cells(["paths", "rule", "for example", "because"])];
        for group in groups.iter().take(ROWS) {
            rows.push(vec![
                count(group.paths),
                group.rule.into(),
                cut_path(group.example, WIDTH / 3),
                group.because.into(),
            ]);
        }
        use Side::{Left, Right};
        self.table(&[Right, Left, Left, Left], rows);
        self.more(groups.len());
    }

    fn withdrawn(&mut self, image: &Image) {
        if image.withdrawn.is_empty() {
            return;
        }
        self.heading("Asked for, but in layers that stay as they are");
        let mut rows = vec![cells(["bytes", "paths", "rule", "from"])];
        for row in &image.withdrawn {
            rows.push(vec![
                size(row.bytes),
                count(row.paths),
                row.rule.clone(),
                row.origin.clone(),
            ]);
        }
        use Side::{Left, Right};
        self.table(&[Right, Right, Left, Left], rows);
    }

    fn warnings(&mut self, warnings: &[Warning]) {
        if warnings.is_empty() {
            return;
        }
        self.heading(&counted(warnings.len() as u64, "warning", "warnings"));
        for warning in warnings {
            let code = self.paint.warn(warning.code);
            self.line(&format!("  {code}: {}", warning.text));
        }
    }
}

fn cells<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}
