//! What the user asks for: a profile, built-in rules by name, and rules of their own.

use std::str::FromStr;

use crate::error::{Error, Result, nearest};
use crate::rules::builtin::all;
use crate::rules::decision::Origin;
use crate::rules::rule::{Level, Rule};

/// A named set of built-in rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// What no program needs at run time.
    #[default]
    Safe,
    /// Documentation, foreign languages, headers and the like too.
    Lean,
    /// The rules of [`Profile::Lean`]; what the entrypoint does not need goes elsewhere.
    Distroless,
}

impl Profile {
    /// All, with the words for them.
    pub const NAMES: [(&str, Self); 3] = [
        ("safe", Self::Safe),
        ("lean", Self::Lean),
        ("distroless", Self::Distroless),
    ];

    fn holds(self, level: Level) -> bool {
        match level {
            Level::Safe => true,
            Level::Standard => self != Self::Safe,
            Level::Aggressive => false,
        }
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let known = Self::NAMES.iter().find(|(name, _)| *name == word);
        let names = Self::NAMES.map(|(name, _)| name);
        known
            .map(|(_, profile)| *profile)
            .ok_or_else(|| format!("there are {}", names.join(", ")))
    }
}

/// A rule of the user's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRule {
    /// What the user calls it.
    pub name: String,
    /// Relative to the image's root; one that names a directory takes all under it.
    pub globs: Vec<String>,
    /// It acts on regular files of at least so many bytes only.
    pub larger_than: Option<u64>,
    /// Whether it keeps; else it removes.
    pub keep: bool,
    /// Where the user wrote it.
    pub origin: Origin,
}

/// Which rules act.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleOptions {
    /// What to start from.
    pub profile: Profile,
    /// Built-in rules that act whatever the profile says.
    pub enable: Vec<(String, Origin)>,
    /// Built-in rules that do not; `*` is each that is not enabled by name.
    pub disable: Vec<(String, Origin)>,
    /// The user's own, in the order in which they were written: of several that remove a path, the last is named.
    pub user: Vec<UserRule>,
}

/// Returns the built-in rules that act, in the order of [`all`].
///
/// A flag has the last word over a file; of two equal ones the one that disables.
///
/// # Errors
/// A name that no rule has.
pub(super) fn choose(options: &RuleOptions) -> Result<Vec<&'static Rule>> {
    for (name, origin) in options
        .enable
        .iter()
        .chain(options.disable.iter().filter(|(name, _)| name != "*"))
    {
        if !all().any(|rule| rule.name == name) {
            return Err(Error::Unknown {
                kind: "rule",
                name: name.clone(),
                origin: origin.to_string(),
                nearest: nearest(name, all().map(|rule| rule.name)),
            });
        }
    }
    let said = |list: &[(String, Origin)], name: &str| {
        let weights = list
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, origin)| weight(origin));
        weights.max().unwrap_or(0)
    };
    let none = said(&options.disable, "*");
    let acts = |rule: &Rule| {
        let (on, off) = (
            said(&options.enable, rule.name),
            said(&options.disable, rule.name),
        );
        if on > 0 || off > 0 {
            on > off && on >= none
        } else {
            none == 0 && options.profile.holds(rule.level)
        }
    };
    Ok(all().filter(|rule| acts(rule)).collect())
}

fn weight(origin: &Origin) -> u8 {
    match origin {
        Origin::Flag(_) => 2,
        Origin::File { .. } | Origin::BuiltIn => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAG: Origin = Origin::Flag("--x");

    fn file() -> Origin {
        Origin::File {
            path: "slim.toml".into(),
            line: 1,
        }
    }

    fn chosen(
        profile: Profile,
        enable: &[(&str, Origin)],
        disable: &[(&str, Origin)],
    ) -> Vec<&'static str> {
        let own = |list: &[(&str, Origin)]| {
            list.iter()
                .map(|(name, origin)| ((*name).to_owned(), origin.clone()))
                .collect()
        };
        let options = RuleOptions {
            profile,
            enable: own(enable),
            disable: own(disable),
            user: vec![],
        };
        choose(&options)
            .unwrap()
            .iter()
            .map(|rule| rule.name)
            .collect()
    }

    #[test]
    fn profiles_hold_levels() {
        for (profile, level) in [
            (Profile::Safe, Level::Safe),
            (Profile::Lean, Level::Standard),
            (Profile::Distroless, Level::Standard),
        ] {
            let expected: Vec<_> = all()
                .filter(|rule| rule.level <= level)
                .map(|rule| rule.name)
                .collect();
            assert_eq!(chosen(profile, &[], &[]), expected, "{profile:?}");
        }
    }

    #[test]
    fn names_are_weighed() {
        for (enable, disable, acts) in [
            (vec![("docs", FLAG)], vec![], true),
            (vec![("docs", file())], vec![("docs", FLAG)], false),
            (vec![("docs", FLAG)], vec![("docs", file())], true),
            (vec![("docs", FLAG)], vec![("docs", FLAG)], false),
            (vec![("docs", FLAG)], vec![("*", FLAG)], true),
            (vec![("docs", file())], vec![("*", FLAG)], false),
        ] {
            assert_eq!(
                chosen(Profile::Safe, &enable, &disable).contains(&"docs"),
                acts,
                "{enable:?} {disable:?}"
            );
        }
        assert!(chosen(Profile::Lean, &[], &[("*", FLAG)]).is_empty());
        assert!(!chosen(Profile::Lean, &[], &[("docs", file())]).contains(&"docs"));
    }

    #[test]
    fn an_unknown_name_is_an_error_with_the_nearest() {
        let options = RuleOptions {
            enable: vec![("apt-list".into(), FLAG)],
            ..RuleOptions::default()
        };
        let fault = choose(&options).unwrap_err();
        assert_eq!(fault.to_string(), "no rule `apt-list` (from --x)");
        assert_eq!(fault.hint().as_deref(), Some("did you mean `apt-lists`?"));
    }
}
