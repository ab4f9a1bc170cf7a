//! PAX records: `LEN key=value\n`, found by their lengths, because values hold newlines, NULs and `=`.
//!
//! Nothing here knows what the keys mean.

/// A key and its value.
pub(crate) type Record<'a> = (&'a [u8], &'a [u8]);

/// Splits a record area into keys and values, in order.
///
/// # Errors
/// Anything that is not a whole record: skipping it would let two parsers see two archives.
pub(crate) fn records(mut area: &[u8]) -> Result<Vec<Record<'_>>, &'static str> {
    const MALFORMED: &str = "a PAX record is malformed";
    let mut records = Vec::new();
    while !area.is_empty() {
        let space = area
            .iter()
            .take(20)
            .position(|&b| b == b' ')
            .ok_or(MALFORMED)?;
        let len = decimal(&area[..space])
            .and_then(|len| usize::try_from(len).ok())
            .ok_or(MALFORMED)?;
        if len <= space + 1 || len > area.len() || area[len - 1] != b'\n' {
            return Err(MALFORMED);
        }
        let record = &area[space + 1..len - 1];
        let equals = record.iter().position(|&b| b == b'=').ok_or(MALFORMED)?;
        let (key, value) = (&record[..equals], &record[equals + 1..]);
        if key.is_empty() || key.contains(&0) || (names_a_text(key) && value.contains(&0)) {
            return Err(MALFORMED);
        }
        records.push((key, value));
        area = &area[len..];
    }
    Ok(records)
}

/// Whether the value is a name, in which a NUL would hide the rest from some readers.
fn names_a_text(key: &[u8]) -> bool {
    matches!(
        key,
        b"path" | b"linkpath" | b"uname" | b"gname" | b"GNU.sparse.name"
    )
}

/// Parses a non-negative decimal number.
pub(crate) fn decimal(text: &[u8]) -> Option<i64> {
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    digits
        .then(|| std::str::from_utf8(text).ok()?.parse().ok())
        .flatten()
}

/// Parses `[-]SECONDS[.FRACTION]` into seconds and the nanoseconds after them.
pub(crate) fn time(text: &[u8]) -> Option<(i64, u32)> {
    let (negative, digits) = text
        .strip_prefix(b"-")
        .map_or((false, text), |rest| (true, rest));
    let mut parts = digits.splitn(2, |&b| b == b'.');
    let seconds = decimal(parts.next()?)?;
    let fraction = parts.next().unwrap_or_default();
    if !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let nanos = (0..9).fold(0, |nanos, place| {
        nanos * 10 + u32::from(fraction.get(place).map_or(0, |digit| digit - b'0'))
    });
    match (negative, nanos) {
        (false, _) => Some((seconds, nanos)),
        (true, 0) => Some((-seconds, 0)),
        (true, _) => Some((-seconds - 1, 1_000_000_000 - nanos)),
    }
}

/// Appends one record, whose length counts its own digits.
pub(crate) fn append(area: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    let rest = key.len() + value.len() + 3;
    let mut len = rest + 1;
    while rest + len.to_string().len() != len {
        len = rest + len.to_string().len();
    }
    area.extend_from_slice(len.to_string().as_bytes());
    area.push(b' ');
    area.extend_from_slice(key);
    area.push(b'=');
    area.extend_from_slice(value);
    area.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_found_by_length() {
        let mut area = Vec::new();
        append(
            &mut area,
            b"SCHILY.xattr.security.capability",
            b"\x01\n22 linkpath=/etc/evil\n\0",
        );
        append(&mut area, b"path", b"a=b");
        let found = records(&area).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].1, b"\x01\n22 linkpath=/etc/evil\n\0");
        assert_eq!(found[1], (&b"path"[..], &b"a=b"[..]));
    }

    #[test]
    fn a_record_counts_its_own_digits() {
        for len in 1..130 {
            let mut area = Vec::new();
            append(&mut area, b"k", &vec![b'v'; len]);
            assert_eq!(records(&area).unwrap()[0].1.len(), len);
        }
    }

    #[test]
    fn malformed_records_are_refused() {
        for area in [
            &b"x"[..],
            b"5 a=b",
            b"99 a=b\n",
            b"6 a=bc",
            b"4 a\n\n",
            b"5 =b\n",
            b"-6 a=b\n",
            b"10 path=\0b\n",
            b"3 \n",
        ] {
            assert!(records(area).is_err(), "{area:?}");
        }
    }

    #[test]
    fn times() {
        for (text, value) in [
            ("12.5", (12, 500_000_000)),
            ("-1", (-1, 0)),
            ("-1.5", (-2, 500_000_000)),
            ("7.1234567899", (7, 123_456_789)),
        ] {
            assert_eq!(time(text.as_bytes()), Some(value), "{text}");
        }
        assert_eq!(time(b"1.x"), None);
        assert_eq!(time(b""), None);
    }
}
