//! Platforms: what an image runs on, and which of several is meant.
//!
//! Nothing here reads documents beyond one object.

use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value};

use crate::source::json;

/// An operating system and a processor, in Go's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// Such as `linux`; `unknown` where nothing says.
    pub os: String,
    /// Such as `amd64`; `unknown` where nothing says.
    pub architecture: String,
    /// Such as `v8`.
    pub variant: Option<String>,
    /// Such as `10.0.20348.1` for Windows.
    pub os_version: Option<String>,
}

impl Platform {
    /// Reads the keys that a descriptor's `platform` and a config have in common; `None` when neither system nor
    /// processor is there.
    pub(super) fn of(object: &Map<String, Value>) -> Result<Option<Self>, String> {
        let filled = |key| {
            json::text(object, key)
                .map(|text| text.filter(|text| !text.is_empty()).map(str::to_owned))
        };
        let (os, architecture) = (filled("os")?, filled("architecture")?);
        let (variant, os_version) = (filled("variant")?, filled("os.version")?);
        if os.is_none() && architecture.is_none() {
            return Ok(None);
        }
        let unknown = || "unknown".to_owned();
        let (os, architecture) = (
            os.unwrap_or_else(unknown),
            architecture.unwrap_or_else(unknown),
        );
        Ok(Some(Self {
            os,
            architecture,
            variant,
            os_version,
        }))
    }

    /// The platform of what runs nowhere: BuildKit's mark for attestations.
    pub(super) fn is_unknown(&self) -> bool {
        self.os == "unknown" && self.architecture == "unknown"
    }

    /// Returns whether `self`, as asked for, and `offered` are the same to a runtime.
    pub fn is(&self, offered: &Self) -> bool {
        self.normal() == offered.normal()
    }

    /// Returns whether `offered` is one of those meant when no variant is asked for.
    pub fn covers(&self, offered: &Self) -> bool {
        let (asked, offered) = (self.normal(), offered.normal());
        asked == offered || (self.variant.is_none() && asked.0 == offered.0 && asked.1 == offered.1)
    }

    /// Other spellings of the same, as containerd's `platforms.Normalize` has them.
    fn normal(&self) -> (String, String, String) {
        let (os, architecture) = (self.os.to_lowercase(), self.architecture.to_lowercase());
        let variant = self.variant.as_deref().unwrap_or_default().to_lowercase();
        let (architecture, variant) = match (architecture.as_str(), variant.as_str()) {
            ("i386", _) => ("386", ""),
            ("x86_64" | "x86-64" | "amd64", "" | "v1") => ("amd64", ""),
            ("x86_64" | "x86-64", variant) => ("amd64", variant),
            ("aarch64" | "arm64", "" | "8" | "v8") => ("arm64", ""),
            ("aarch64", variant) => ("arm64", variant),
            ("armhf", _) | ("arm", "" | "7") => ("arm", "v7"),
            ("armel", _) | ("arm", "6") => ("arm", "v6"),
            ("arm", "5") => ("arm", "v5"),
            ("arm", "8") => ("arm", "v8"),
            other => other,
        };
        (os, architecture.to_owned(), variant.to_owned())
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant
            .as_ref()
            .map_or(Ok(()), |variant| write!(f, "/{variant}"))
    }
}

/// Why a text names no platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not OS/ARCH or OS/ARCH/VARIANT, such as `linux/arm64`")]
pub struct NotAPlatform;

impl FromStr for Platform {
    type Err = NotAPlatform;

    fn from_str(text: &str) -> Result<Self, NotAPlatform> {
        let parts: Vec<&str> = text.split('/').collect();
        let word = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if parts
            .iter()
            .any(|part| part.is_empty() || !part.chars().all(word))
        {
            return Err(NotAPlatform);
        }
        let (os, architecture, variant) = match parts[..] {
            [os, architecture] => (os, architecture, None),
            [os, architecture, variant] => (os, architecture, Some(variant.to_owned())),
            _ => return Err(NotAPlatform),
        };
        Ok(Self {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant,
            os_version: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(text: &str) -> Platform {
        text.parse().unwrap()
    }

    #[test]
    fn spellings_of_one_platform_are_the_same() {
        for (asked, offered) in [
            ("linux/amd64", "linux/amd64"),
            ("linux/x86_64", "linux/amd64/v1"),
            ("linux/arm64", "linux/arm64/v8"),
            ("Linux/aarch64", "linux/arm64"),
            ("linux/arm", "linux/arm/v7"),
            ("linux/arm/6", "linux/arm/v6"),
        ] {
            assert!(platform(asked).is(&platform(offered)), "{asked} {offered}");
        }
        for (asked, offered) in [
            ("linux/amd64", "linux/amd64/v3"),
            ("linux/arm", "linux/arm/v6"),
            ("linux/386", "linux/amd64"),
        ] {
            assert!(!platform(asked).is(&platform(offered)), "{asked} {offered}");
        }
        assert!(platform("linux/arm").covers(&platform("linux/arm/v6")));
        assert!(!platform("linux/arm/v7").covers(&platform("linux/arm/v6")));
        assert!(!platform("linux/arm").covers(&platform("windows/arm")));
    }

    #[test]
    fn texts_that_are_no_platform() {
        for bad in [
            "",
            "linux",
            "linux/",
            "/amd64",
            "linux/arm/v7/x",
            "linux/a b",
        ] {
            assert_eq!(bad.parse::<Platform>(), Err(NotAPlatform), "{bad}");
        }
        assert_eq!(platform("linux/arm/v7").to_string(), "linux/arm/v7");
    }
}
