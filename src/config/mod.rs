//! `slim.toml`: what it says, checked, each rule with its line.
//!
//! [`parse`] is pure. Nothing here knows an image: names of rules and packages are looked up later, by who knows them.

mod reader;
mod sections;
mod size;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::distroless;
use crate::error::{Error, Result};
use crate::image::Platform;
use crate::plan::{Aim, Mode};
use crate::report::check::Limits;
use crate::rules::{Origin, RuleOptions};
use crate::run::Commands;
use crate::shrink::Wanted;
use crate::write::Compress;

pub use size::{percent, size};

/// All that a file can say; flags are put on top of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Which rules hold.
    pub rules: RuleOptions,
    /// The platforms wanted; empty for all.
    pub platforms: Vec<Platform>,
    /// Names and globs of packages that go, in order.
    pub drop_packages: Vec<(String, Origin)>,
    /// What stays when all goes that the entrypoint does not need.
    pub distroless: distroless::Options,
    /// Recordings of the running program, by file.
    pub traces: Vec<PathBuf>,
    /// Lines of shell that the image must be able to run.
    pub needs: Vec<String>,
    /// How layers are laid out.
    pub mode: Mode,
    /// What layers are laid out for.
    pub aim: Option<Aim>,
    /// How layers are compressed.
    pub compress: Compress,
    /// Commands that must do in the result what they do in the source.
    pub run: Vec<String>,
    /// How long each may take.
    pub run_timeout: Duration,
    /// What an image must keep to.
    pub limits: Limits,
    /// The same for one platform, on top.
    pub platform_limits: Vec<(Platform, Limits)>,
}

impl Config {
    /// What the image of a platform must keep to.
    pub fn limits_of(&self, platform: &str) -> Limits {
        let own = self.platform_limits.iter();
        let own = own.filter(|(known, _)| known.to_string() == platform);
        own.fold(self.limits.clone(), |limits, (_, own)| limits.with(own))
    }
}

impl Default for Config {
    /// What holds without a file and without flags.
    fn default() -> Self {
        Self {
            rules: RuleOptions::default(),
            platforms: Vec::new(),
            drop_packages: Vec::new(),
            distroless: distroless::Options::default(),
            traces: Vec::new(),
            needs: Vec::new(),
            mode: Mode::Keep,
            aim: None,
            compress: Compress::Keep,
            run: Vec::new(),
            run_timeout: Commands::TIMEOUT,
            limits: Limits::default(),
            platform_limits: Vec::new(),
        }
    }
}

impl Config {
    /// What goes and what stays.
    pub fn wanted(&self) -> Wanted {
        Wanted {
            rules: self.rules.clone(),
            drop_packages: self.drop_packages.clone(),
            distroless: self.distroless.clone(),
            needs: self.needs.clone(),
        }
    }
}

/// Reads a file.
///
/// # Errors
/// When it cannot be read, and as [`parse`].
pub fn load(path: &Path) -> Result<Config> {
    let text = fs::read_to_string(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })?;
    parse(&text, &path.display().to_string())
}

/// Reads a text that came from `file`.
///
/// # Errors
/// [`Error::Config`] with line and column for what is no TOML, an unknown key, a value of the wrong type or one that means nothing.
pub fn parse(text: &str, file: &str) -> Result<Config> {
    sections::config(reader::Reader { text, file })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Budget, Saving};
    use crate::rules::{Profile, UserRule};

    fn line(line: usize) -> Origin {
        Origin::File {
            path: "slim.toml".into(),
            line,
        }
    }

    #[test]
    fn the_example_is_a_configuration() {
        let example = include_str!("../../slim.toml.example");
        let config = parse(example, "slim.toml.example").unwrap();
        assert_eq!(config.rules.user.len(), 2);
        crate::rules::RuleSet::compile(&config.rules).unwrap();
    }

    #[test]
    fn nothing_said_is_the_default() {
        assert_eq!(parse("", "slim.toml").unwrap(), Config::default());
    }

    #[test]
    fn every_key_is_read() {
        let text = r#"profile = "lean"
platforms = ["linux/amd64", "linux/arm64/v8"]
[rules]
enable = ["docs"]
disable = [
  "logs",
]
[[remove]]
name = "press material"
globs = ["srv/**/*.pdf"]
larger-than = "1MiB"
[[keep]]
globs = ["usr/share/doc/*/copyright"]
[[remove]]
globs = ["a", "b"]
larger-than = 100
[packages]
drop = ["gcc*"]
[layers]
mode = "squash-above"
above = 2
max = 20
[output]
compress = "zstd:9"
[budget]
max-size = "120MiB"
min-efficiency = 0.98
max-wasted = "5MB"
min-saving = "10%"
"#;
        let own = |name: &str, globs: &[&str], larger_than, keep, at| UserRule {
            name: name.into(),
            globs: globs.iter().map(|&glob| glob.into()).collect(),
            larger_than,
            keep,
            origin: line(at),
        };
        let copyright = "usr/share/doc/*/copyright";
        assert_eq!(
            parse(text, "slim.toml").unwrap(),
            Config {
                rules: RuleOptions {
                    profile: Profile::Lean,
                    enable: vec![("docs".into(), line(4))],
                    disable: vec![("logs".into(), line(6))],
                    user: vec![
                        own("press material", &["srv/**/*.pdf"], Some(1 << 20), false, 8),
                        own(copyright, &[copyright], None, true, 12),
                        own("a", &["a", "b"], Some(100), false, 14),
                    ],
                },
                platforms: vec![
                    "linux/amd64".parse().unwrap(),
                    "linux/arm64/v8".parse().unwrap()
                ],
                drop_packages: vec![("gcc*".into(), line(18))],
                mode: Mode::SquashAbove(2),
                compress: Compress::Zstd(9),
                limits: Limits {
                    budget: Budget {
                        max_size: Some(120 << 20),
                        min_efficiency: Some(0.98),
                        max_wasted: Some(5_000_000),
                        min_saving: Some(Saving::Percent(10.0)),
                    },
                    ..Limits::default()
                },
                ..Config::default()
            }
        );
    }

    #[test]
    fn limits_for_one_platform_lie_on_those_for_all() {
        let text = "[budget]\nmax-size = 10\nmax-growth = \"5%\"\nforbid = [\"**/.git\"]\n\
                    [budget.\"linux/arm64\"]\nmax-size = 20\nrequire = [\"app\"]\n";
        let config = parse(text, "slim.toml").unwrap();
        let (amd64, arm64) = (
            config.limits_of("linux/amd64"),
            config.limits_of("linux/arm64"),
        );
        assert_eq!(
            (amd64.budget.max_size, arm64.budget.max_size),
            (Some(10), Some(20))
        );
        assert_eq!(arm64.max_growth, Some(Saving::Percent(5.0)));
        assert_eq!(
            (&arm64.forbid[..], &arm64.require[..]),
            (&["**/.git".to_owned()][..], &["app".to_owned()][..])
        );
        assert!(amd64.require.is_empty());
        let wrong = parse("[budget.\"linux/arm64\"]\nmax-sise = 1\n", "x").unwrap_err();
        assert!(wrong.to_string().contains("max-sise"), "{wrong}");
    }

    #[test]
    fn faults_name_line_and_column() {
        for (text, fault, hint) in [
            ("profil = 1", "1:1: unknown key `profil`", Some("profile")),
            ("\n[layer]\n", "2:2: unknown key `layer`", Some("layers")),
            (
                "[[remove]]\nglob = [\"a\"]",
                "2:1: unknown key `glob`",
                Some("globs"),
            ),
            (
                "[[keep]]\nglobs = [\"a\"]\nlarger-than = 1",
                "3:1: unknown key `larger-than`",
                None,
            ),
            (
                "profile = \"safer\"",
                "1:11: no profile `safer`; there are safe, lean, distroless",
                Some("safe"),
            ),
            (
                "profile = 1",
                "1:11: expected a string, found an integer",
                None,
            ),
            ("rules = []", "1:9: expected a table, found an array", None),
            (
                "remove = 1",
                "1:10: expected an array of tables, found an integer",
                None,
            ),
            (
                "[rules]\nenable = [\"ü\", 2]",
                "2:16: expected a string, found an integer",
                None,
            ),
            (
                "a = ",
                "1:5: string values must be quoted, expected literal string",
                None,
            ),
            (
                "profile = \"lean\"\nprofile = \"lean\"",
                "2:1: duplicate key",
                None,
            ),
            (
                "[[remove]]\nname = \"x\"",
                "1:1: the rule has no `globs`",
                None,
            ),
            (
                "[[remove]]\nglobs = [\"a\", \"b[\"]",
                "2:15: glob `b[`: unclosed character class; missing ']'",
                None,
            ),
            (
                "[[remove]]\nglobs = [\"a\"]\nlarger-than = \"1\"",
                "3:15: `1` is no size: write a number and a unit, such as `500kB`, `1MiB` or `1.5GB`",
                None,
            ),
            (
                "[[remove]]\nlarger-than = -1",
                "2:15: `-1` is out of range",
                None,
            ),
            (
                "[layers]\nmode = \"flat\"",
                "2:8: `flat`: there are keep, squash, squash-above=N, regroup[=MAX] and auto",
                None,
            ),
            (
                "[output]\ncompress = \"gzip:0\"",
                "2:12: `gzip:0`: the levels of gzip are 1 to 9",
                None,
            ),
            (
                "[budget]\nmin-efficiency = 98",
                "2:18: an efficiency lies between 0 and 1",
                None,
            ),
            (
                "[budget]\nmin-saving = \"much\"",
                "2:14: `much` is no saving: write a share such as `10%` or a size such as `5MiB`",
                None,
            ),
        ] {
            let error = parse(text, "slim.toml").unwrap_err();
            assert!(error.is_usage());
            assert_eq!(error.to_string(), format!("slim.toml:{fault}"));
            assert_eq!(
                error.hint(),
                hint.map(|hint| format!("did you mean `{hint}`?")),
                "{text}"
            );
        }
    }
}
