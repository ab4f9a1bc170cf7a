//! How layers are laid out, as users write it.

use std::fmt;
use std::str::FromStr;

/// How layers are laid out in the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Each layer stays a layer; what goes is cut out of it.
    Keep,
    /// All become one.
    Squash,
    /// This many base layers stay as they are; those above become one.
    SquashAbove(usize),
    /// At most so many, by what changes together.
    Regroup(usize),
    /// That of keep, squash-above and regroup which is foreseen to serve the aim best.
    Auto,
}

/// The most layers that engines take (docker's overlay2: 128 with the container's own).
const LAYERS_MAX: usize = 127;
/// So many where no number is given: few enough that a pull does not wait for requests.
pub(crate) const LAYERS: usize = 32;

impl Mode {
    /// A regrouping of at most `max` layers.
    ///
    /// # Errors
    /// For a number that no image may have.
    pub fn regroup(max: usize) -> Result<Self, String> {
        match max {
            1..=LAYERS_MAX => Ok(Self::Regroup(max)),
            _ => Err(format!("`regroup` takes 1 to {LAYERS_MAX} layers")),
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keep => f.write_str("keep"),
            Self::Squash => f.write_str("squash"),
            Self::SquashAbove(base) => write!(f, "squash-above={base}"),
            Self::Regroup(max) => write!(f, "regroup={max}"),
            Self::Auto => f.write_str("auto"),
        }
    }
}

impl FromStr for Mode {
    type Err = String;

    /// Parses `keep`, `squash`, `squash-above=N`, `regroup[=MAX]` or `auto`.
    fn from_str(word: &str) -> Result<Self, String> {
        match word.split_once('=') {
            None if word == "keep" => Ok(Self::Keep),
            None if word == "squash" => Ok(Self::Squash),
            None if word == "auto" => Ok(Self::Auto),
            None if word == "regroup" => Ok(Self::Regroup(LAYERS)),
            Some(("regroup", max)) => Self::regroup(max.parse().unwrap_or(0)),
            Some(("squash-above", count)) => count
                .parse()
                .map(Self::SquashAbove)
                .map_err(|_| "`squash-above` takes a number of base layers".into()),
            _ => Err("there are keep, squash, squash-above=N, regroup[=MAX] and auto".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_modes() {
        for (word, mode) in [
            ("keep", Some(Mode::Keep)),
            ("squash", Some(Mode::Squash)),
            ("squash-above=2", Some(Mode::SquashAbove(2))),
            ("squash-above", None),
            ("squash-above=-1", None),
            ("squash=1", None),
            ("regroup", Some(Mode::Regroup(32))),
            ("regroup=127", Some(Mode::Regroup(127))),
            ("regroup=128", None),
            ("regroup=0", None),
        ] {
            assert_eq!(word.parse().ok(), mode, "{word}");
        }
    }
}
