//! Digests: how blobs are named, and what computes them of bytes that come in pieces.
//!
//! Only `sha256` is computed; a digest of another algorithm is refused where a blob would have to be checked by it.

mod hasher;
#[cfg(target_arch = "x86_64")]
pub(crate) mod sha;
mod two;

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

pub use hasher::Hasher;
pub(crate) use hasher::{BLOCK, START};
pub(crate) use two::Two;

/// A digest by the grammar of image-spec `descriptor.md`: an algorithm, a colon and lower-case hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(Box<str>);

impl Digest {
    /// Returns the digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_sha256(Sha256::digest(bytes).into())
    }

    /// Returns the digest whose 32 raw bytes are `sum`.
    pub fn from_sha256(sum: [u8; 32]) -> Self {
        use fmt::Write as _;
        let mut text = String::with_capacity(71);
        text.push_str("sha256:");
        for byte in sum {
            let _ = write!(text, "{byte:02x}");
        }
        Self(text.into())
    }

    /// The whole text, algorithm and colon included.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The 64 hexadecimal digits after `sha256:`: a file name that holds no separator.
    pub fn hex(&self) -> &str {
        &self.0["sha256:".len()..]
    }
}

/// Why a text is not a digest that can be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not `sha256:` and 64 lower-case hexadecimal digits")]
pub struct NotADigest;

impl FromStr for Digest {
    type Err = NotADigest;

    /// Parses by the grammar before any path is built of it (CVE-2024-3727).
    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let hex = text.strip_prefix("sha256:").ok_or(NotADigest)?;
        let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if hex.len() == 64 && hex.bytes().all(lower_hex) {
            Ok(Self(text.into()))
        } else {
            Err(NotADigest)
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lower_case_sha256_is_a_digest() {
        let good = Digest::of(b"").to_string();
        assert_eq!(
            good,
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert!(good.parse::<Digest>().is_ok());
        for bad in [
            "",
            "sha256:",
            "sha256:../../etc/passwd",
            "sha512:00",
            &good.to_uppercase(),
            &good[..70],
            &format!("{good}0"),
        ] {
            assert_eq!(bad.parse::<Digest>(), Err(NotADigest), "{bad}");
        }
    }
}
