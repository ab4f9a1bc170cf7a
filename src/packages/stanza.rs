//! Files of stanzas that blank lines part: dpkg's and apk's databases.

use std::ops::Range;

/// Where the stanzas stand, each with the blank lines after it.
pub(crate) fn ranges(file: &[u8]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let (mut at, mut open) = (0, false);
    for line in file.split_inclusive(|&b| b == b'\n') {
        let end = at + line.len();
        let is_blank = line.trim_ascii().is_empty();
        if !is_blank && !open {
            ranges.push(at..end);
        }
        if let Some(range) = ranges.last_mut() {
            range.end = end;
        }
        open = !is_blank;
        at = end;
    }
    ranges
}

/// Returns the file without the stanzas at `ranges`, which are in order; all others stay byte for byte.
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

    #[test]
    fn stanzas_take_their_blank_lines_along() {
        let file = b"\nA: 1\nB: 2\n\n \nA: 2\n\nA: 3";
        let stanzas: Vec<&[u8]> = ranges(file).into_iter().map(|range| &file[range]).collect();
        assert_eq!(stanzas, [&b"A: 1\nB: 2\n\n \n"[..], b"A: 2\n\n", b"A: 3"]);
        assert_eq!(
            without(file, &ranges(file)[1..2]),
            b"\nA: 1\nB: 2\n\n \nA: 3"
        );
        assert_eq!(without(file, &[]), file);
        assert!(ranges(b"\n \n").is_empty());
    }
}
