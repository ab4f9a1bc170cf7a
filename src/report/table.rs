//! Lays cells out in columns, for a screen without colours too.

use super::words::cut;

/// On which side a column's cells stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

impl Side {
    /// The side of a column by its letter.
    pub(super) fn of(letter: char) -> Self {
        if letter == 'r' {
            Self::Right
        } else {
            Self::Left
        }
    }
}

/// The widest line that a report makes, in characters.
pub(super) const WIDTH: usize = 100;

/// Lays out `rows`, the first of which holds the headings; the last column is cut where a line would be too wide.
pub(super) fn lines(sides: &[Side], rows: &[Vec<String>]) -> Vec<String> {
    let mut widths = vec![0; sides.len()];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    rows.iter().map(|row| line(sides, &widths, row)).collect()
}

fn line(sides: &[Side], widths: &[usize], row: &[String]) -> String {
    let mut line = String::from(" ");
    let mut used = 1;
    for (column, cell) in row.iter().enumerate() {
        line.push(' ');
        used += 1;
        let last = column + 1 == row.len();
        let cell = if last {
            cut(cell, WIDTH.saturating_sub(used))
        } else {
            cell.clone()
        };
        let width = if last && sides[column] == Side::Left {
            0
        } else {
            widths[column]
        };
        let padding = " ".repeat(width.saturating_sub(cell.chars().count()));
        match sides[column] {
            Side::Left => line.extend([&cell[..], &padding]),
            Side::Right => line.extend([&padding[..], &cell]),
        }
        line.push(' ');
        used += width + 1;
    }
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_lines_end() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let long = "x".repeat(200);
        let rows = [row(["bytes", "rule", "from"]), row(["1", "docs", &long])];
        let lines = lines(&[Side::Right, Side::Left, Side::Left], &rows);
        assert_eq!(lines[0], "  bytes  rule  from");
        assert!(lines[1].starts_with("      1  docs  xxx"), "{}", lines[1]);
        assert_eq!(lines[1].chars().count(), WIDTH);
    }
}
