//! Compares versions as dpkg does (deb-version(7)): epoch, upstream version, revision; `~` sorts before the end.

use std::cmp::Ordering;

/// Compares two versions.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (Version::parse(a), Version::parse(b));
    a.epoch
        .cmp(&b.epoch)
        .then_with(|| compare_part(a.upstream, b.upstream))
        .then_with(|| compare_part(a.revision, b.revision))
}

struct Version<'a> {
    epoch: u64,
    upstream: &'a [u8],
    revision: &'a [u8],
}

impl<'a> Version<'a> {
    /// A missing epoch or revision is 0, as dpkg takes it.
    fn parse(text: &'a str) -> Self {
        let text = text.trim();
        let (epoch, rest) = match text.split_once(':') {
            Some((epoch, rest)) => (epoch.parse().unwrap_or(0), rest),
            None => (0, text),
        };
        let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
        Self {
            epoch,
            upstream: upstream.as_bytes(),
            revision: revision.as_bytes(),
        }
    }
}

/// Runs of other characters and runs of digits take turns; the first difference decides.
fn compare_part(mut a: &[u8], mut b: &[u8]) -> Ordering {
    while !a.is_empty() || !b.is_empty() {
        loop {
            let (first, second) = (a.first().copied(), b.first().copied());
            let done = |c: Option<u8>| c.is_none_or(|c| c.is_ascii_digit());
            if done(first) && done(second) {
                break;
            }
            let order = weight(first).cmp(&weight(second));
            if order != Ordering::Equal {
                return order;
            }
            a = &a[1..];
            b = &b[1..];
        }
        let order = number(&mut a, &mut b);
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// `~` before the end, the end and digits before letters, letters before all others.
fn weight(c: Option<u8>) -> i32 {
    match c {
        None => 0,
        Some(c) if c.is_ascii_digit() => 0,
        Some(b'~') => -1,
        Some(c) if c.is_ascii_alphabetic() => i32::from(c),
        Some(c) => i32::from(c) + 256,
    }
}

/// Takes a number off both and compares: of any length, so by the count of digits first.
fn number(a: &mut &[u8], b: &mut &[u8]) -> Ordering {
    let (first, second) = (digits(a), digits(b));
    first
        .len()
        .cmp(&second.len())
        .then_with(|| first.cmp(second))
}

/// Takes the leading digits off and returns them without leading zeros.
fn digits<'a>(text: &mut &'a [u8]) -> &'a [u8] {
    let end = text
        .iter()
        .position(|c| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (mut digits, rest) = text.split_at(end);
    *text = rest;
    while let [b'0', less @ ..] = digits {
        digits = less;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_in_the_order_that_dpkg_says() {
        // Each case was checked with `dpkg --compare-versions`.
        for (a, order, b) in [
            ("1.0", "=", "1.0"),
            ("1.0-0", "=", "1.0"),
            ("0:1.0", "=", "1.0"),
            ("1.00", "=", "1.0"),
            ("1.0a", "=", "1.0a0"),
            ("1.0~rc1", "<", "1.0"),
            ("1.0~~", "<", "1.0~"),
            ("1.0~", "<", "1.0"),
            ("1.0~rc1", "<", "1.0~rc2"),
            ("1.0~rc1-1", "<", "1.0-1"),
            ("1:0.9", ">", "2.0"),
            ("9", "<", "10"),
            ("1.9", "<", "1.10"),
            ("1.0-1", "<", "1.0-1+b1"),
            ("1.0-1", "<", "1.0-1.1"),
            ("1.0-1+deb12u1", "<", "1.0-1+deb12u10"),
            ("1.0+dfsg", ">", "1.0"),
            ("1.0+dfsg", ">", "1.0a"),
            ("1.0a", ">", "1.0"),
            ("1.0.", ">", "1.0"),
            ("2.36-9+deb12u10", ">", "2.36-9+deb12u9"),
            ("12.2.0-14", "<", "12.2.0-14+deb12u1"),
            ("1.2.3-4-5", ">", "1.2.3-4"),
            ("18446744073709551616", ">", "18446744073709551615"),
            ("a", "<", "+"),
            ("1.0A", "<", "1.0a"),
        ] {
            let expected = match order {
                "<" => Ordering::Less,
                "=" => Ordering::Equal,
                _ => Ordering::Greater,
            };
            assert_eq!(compare(a, b), expected, "{a} {order} {b}");
            assert_eq!(compare(b, a), expected.reverse(), "{b} against {a}");
        }
    }
}
