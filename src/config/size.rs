//! Sizes and shares as people write them: `1MiB`, `120 MB`, `1.5GB`, `10%`.
//!
//! `MB` is a million bytes and `MiB` 1,048,576, as in reports. A unit must be named: what `m` means differs by tool.

/// The units and their factors.
const UNITS: [(&str, u64); 9] = [
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// What to say of a text that is no size.
pub(super) const SIZE_FAULT: &str =
    "is no size: write a number and a unit, such as `500kB`, `1MiB` or `1.5GB`";
/// What to say of a text that is neither size nor share.
pub(super) const SHARE_FAULT: &str =
    "is no saving: write a share such as `10%` or a size such as `5MiB`";

/// Returns the number of bytes that `text` means; fractions of a byte are cut off.
pub fn size(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim_start();
    let (_, factor) = UNITS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let whole: u128 = whole.parse().ok()?;
    let parts: u128 = fraction.parse().ok()?;
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let factor = u128::from(*factor);
    let bytes = whole
        .checked_mul(factor)?
        .checked_add(parts * factor / scale)?;
    u64::try_from(bytes).ok()
}

/// Returns the number before a `%`, from 0 to 100.
pub fn percent(text: &str) -> Option<f64> {
    let number = text.strip_suffix('%')?.trim_end();
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    number
        .parse()
        .ok()
        .filter(|share| (0.0..=100.0).contains(share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("0B", Some(0)),
            ("1MiB", Some(1 << 20)),
            ("120MB", Some(120_000_000)),
            ("120 MB", Some(120_000_000)),
            ("1.5GB", Some(1_500_000_000)),
            ("0.5KiB", Some(512)),
            ("1mib", Some(1 << 20)),
            ("1KB", Some(1000)),
            ("12", None),
            ("MiB", None),
            ("", None),
            ("1M", None),
            ("-1MB", None),
            ("1.MB", None),
            ("1.2.3MB", None),
            ("99999999999TB", None),
        ] {
            assert_eq!(size(text), bytes, "{text}");
        }
    }

    #[test]
    fn shares() {
        for (text, share) in [
            ("10%", Some(10.0)),
            ("2.5 %", Some(2.5)),
            ("100%", Some(100.0)),
            ("101%", None),
            ("-1%", None),
            ("nan%", None),
            ("%", None),
            ("10", None),
        ] {
            assert_eq!(percent(text), share, "{text}");
        }
    }
}
