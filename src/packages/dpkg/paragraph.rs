//! Reads the paragraphs of control files (deb822(5)): fields of lines, paragraphs between blank lines.
//!
//! Nothing here knows what a field means.

use std::ops::Range;

/// A paragraph and where it stands in its file.
#[derive(Debug)]
pub(crate) struct Paragraph<'a> {
    /// From its first byte to the end of the blank lines after it.
    pub(crate) range: Range<usize>,
    fields: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> Paragraph<'a> {
    /// The value of a field, its continuation lines with it, without white space at either end.
    pub(crate) fn field(&self, name: &str) -> Option<&'a [u8]> {
        self.fields
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes()))
            .map(|&(_, value)| value.trim_ascii())
    }

    /// As [`Paragraph::field`], as text; the empty text where there is none.
    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8_lossy(self.field(name).unwrap_or_default()).into_owned()
    }

    /// Whether a field says `yes`.
    pub(crate) fn says_yes(&self, name: &str) -> bool {
        self.field(name) == Some(b"yes")
    }
}

/// Returns the paragraphs of a file in their order.
pub(crate) fn paragraphs(file: &[u8]) -> Vec<Paragraph<'_>> {
    let mut paragraphs: Vec<Paragraph<'_>> = Vec::new();
    let mut open = false;
    let mut at = 0;
    while at < file.len() {
        let end = line_end(file, at);
        let line = &file[at..end];
        if line.trim_ascii().is_empty() {
            open = false;
        } else {
            if !open {
                paragraphs.push(Paragraph {
                    range: at..end,
                    fields: Vec::new(),
                });
                open = true;
            }
            let paragraph = paragraphs.last_mut().expect("one was just opened");
            add_line(paragraph, file, at..end);
        }
        if let Some(paragraph) = paragraphs.last_mut() {
            paragraph.range.end = end;
        }
        at = end;
    }
    paragraphs
}

/// The place after the line break that ends the line at `at`.
fn line_end(file: &[u8], at: usize) -> usize {
    file[at..]
        .iter()
        .position(|&b| b == b'\n')
        .map_or(file.len(), |length| at + length + 1)
}

fn add_line<'a>(paragraph: &mut Paragraph<'a>, file: &'a [u8], line: Range<usize>) {
    let text = &file[line.clone()];
    if text.starts_with(b" ") || text.starts_with(b"\t") {
        if let Some((_, value)) = paragraph.fields.last_mut() {
            // A value is one slice of the file: it grows to the end of this line.
            let start = line.start - value.len();
            *value = &file[start..line.end];
        }
    } else if let Some(colon) = text.iter().position(|&b| b == b':') {
        paragraph.fields.push((&text[..colon], &text[colon + 1..]));
    }
}

/// Returns the file without the paragraphs at `ranges`, which are in order; all others stay byte for byte.
pub(crate) fn without(file: &[u8], ranges: &[Range<usize>]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(file.len());
    let mut at = 0;
    for range in ranges {
        kept.extend_from_slice(&file[at..range.start]);
        at = range.end;
    }
    kept.extend_from_slice(&file[at..]);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] = b"\nPackage: a\nDepends: b,\n c (>= 1)\nEssential: yes\n\nPackage: b\nConffiles:\n /etc/b 00\n /etc/c 11\n\n \nPackage: c";

    #[test]
    fn fields_hold_their_continuation_lines() {
        let paragraphs = paragraphs(FILE);
        assert_eq!(paragraphs.len(), 3);
        assert_eq!(paragraphs[0].field("depends"), Some(&b"b,\n c (>= 1)"[..]));
        assert!(paragraphs[0].says_yes("Essential") && !paragraphs[1].says_yes("Essential"));
        assert_eq!(
            paragraphs[1].field("Conffiles"),
            Some(&b"/etc/b 00\n /etc/c 11"[..])
        );
        assert_eq!(paragraphs[2].text("Package"), "c");
        assert_eq!(paragraphs[2].text("Version"), "");
    }

    #[test]
    fn others_stay_byte_for_byte() {
        let paragraphs = paragraphs(FILE);
        let gone = paragraphs[1].range.clone();
        assert_eq!(
            without(FILE, &[gone]),
            b"\nPackage: a\nDepends: b,\n c (>= 1)\nEssential: yes\n\nPackage: c"
        );
        assert_eq!(without(FILE, &[]), FILE);
    }

    #[test]
    fn lines_that_belong_to_no_field_are_passed_over() {
        let paragraphs = paragraphs(b" floating\nno colon\nPackage: a\n");
        assert_eq!(paragraphs[0].text("Package"), "a");
    }
}
