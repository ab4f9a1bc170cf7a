//! Reads the paragraphs of control files (deb822(5)): fields of lines, paragraphs between blank lines.
//!
//! Nothing here knows what a field means.

use std::ops::Range;

use super::super::stanza;

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
    stanza::ranges(file)
        .into_iter()
        .map(|range| Paragraph {
            fields: fields(&file[range.clone()]),
            range,
        })
        .collect()
}

/// A value is one slice of the text: it grows by each line that belongs to it.
fn fields(text: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut fields: Vec<(&[u8], &[u8])> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive(|&b| b == b'\n') {
        let end = at + line.len();
        let colon = line.iter().position(|&b| b == b':');
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            if let Some((_, value)) = fields.last_mut() {
                *value = &text[at - value.len()..end];
            }
        } else if let Some(colon) = colon {
            fields.push((&line[..colon], &line[colon + 1..]));
        }
        at = end;
    }
    fields
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
    fn lines_that_belong_to_no_field_are_passed_over() {
        let paragraphs = paragraphs(b" floating\nno colon\n more\nPackage: a\n");
        assert_eq!(paragraphs[0].text("Package"), "a");
    }
}
