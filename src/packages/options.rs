//! What is asked of the packages: patterns by the user, lists by rules.

use globset::{GlobBuilder, GlobMatcher};

use crate::error::{Error, Result};
use crate::rules::{Origin, Reason};
use crate::tree::NodeId;

use super::python;

/// The name of the rule that drops tool chains.
pub const BUILD_TOOLS: &str = "build-tools";
/// The name of the rule that drops development dependencies.
pub const DEV_DEPENDENCIES: &str = "dev-dependencies";

/// How patterns begin that mean distributions of Python, as package URLs name their index: `pypi:wheel`.
const PYTHON: &str = "pypi:";

/// What shall leave.
#[derive(Clone, Debug, Default)]
pub struct PackageOptions {
    /// Names or patterns of packages, of Python's distributions after `pypi:`, with where each was written.
    pub drop: Vec<(String, Origin)>,
    /// Whether the rule `build-tools` is on, and where it was switched on.
    pub build_tools: Option<Origin>,
    /// Whether the rule `dev-dependencies` is on, and where it was switched on.
    pub dev_dependencies: Option<Origin>,
}

impl PackageOptions {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.drop.is_empty() && self.build_tools.is_none() && self.dev_dependencies.is_none()
    }

    /// Checks the patterns.
    ///
    /// # Errors
    /// For one that cannot be compiled.
    pub fn check(&self) -> Result<()> {
        compile(&self.drop).map(drop)
    }
}

/// What the rest of the image says of paths.
#[derive(Clone, Copy)]
pub struct Limits<'a> {
    /// Whether a path lies in a layer that stays as it is: its package stays.
    pub frozen: &'a dyn Fn(NodeId) -> bool,
    /// What keeps a path for the user's sake, such as a keep pattern and where it was written.
    pub keep: &'a dyn Fn(NodeId) -> Option<String>,
}

impl std::fmt::Debug for Limits<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Limits").finish_non_exhaustive()
    }
}

/// One pattern of the user's.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(crate) reason: Reason,
    /// Whether it means distributions of Python, not packages of the system.
    pub(crate) is_python: bool,
    matcher: GlobMatcher,
}

impl Pattern {
    /// Whether it means the package; patterns with a colon mean the architecture too.
    pub(crate) fn fits(&self, name: &str, architecture: &str) -> bool {
        self.matcher.is_match(name) || self.matcher.is_match(format!("{name}:{architecture}"))
    }
}

/// Compiles the user's patterns, in their order.
pub(crate) fn compile(drop: &[(String, Origin)]) -> Result<Vec<Pattern>> {
    let one = |(written, origin): &(String, Origin)| {
        let python = written.strip_prefix(PYTHON);
        let name = python.map(python::normalised);
        let matcher = matcher(name.as_deref().unwrap_or(written)).map_err(|fault| Error::Glob {
            glob: written.clone(),
            origin: origin.to_string(),
            fault,
        })?;
        let rule = match origin {
            Origin::Flag(flag) => format!("{flag} {written}"),
            Origin::File { .. } | Origin::BuiltIn => format!("packages.drop {written}"),
        };
        Ok(Pattern {
            reason: Reason {
                rule,
                origin: origin.clone(),
            },
            is_python: python.is_some(),
            matcher,
        })
    };
    drop.iter().map(one).collect()
}

fn matcher(written: &str) -> Result<GlobMatcher, String> {
    // A package's name may hold a slash (`@scope/name`): only there does `*` stop.
    let glob = GlobBuilder::new(written).literal_separator(true).build();
    glob.map(|glob| glob.compile_matcher())
        .map_err(|fault| fault.kind().to_string())
}

/// Compiles a built-in list.
pub(crate) fn list(patterns: &[&str]) -> globset::GlobSet {
    let mut set = globset::GlobSetBuilder::new();
    for pattern in patterns {
        set.add(globset::Glob::new(pattern).expect("the built-in lists are tested"));
    }
    set.build().expect("the built-in lists are tested")
}

#[cfg(test)]
mod tests {
    use super::super::package::Manager;
    use super::super::tools;
    use super::*;

    #[test]
    fn patterns_mean_names_and_architectures() {
        let flag = Origin::Flag("--drop-package");
        for (pattern, name, fits) in [
            ("gcc*", "gcc-12", true),
            ("gcc", "gcc-12", false),
            ("libc6:i386", "libc6", false),
            ("*-dev", "libssl-dev", true),
            ("g++", "g++", true),
            ("@types/*", "@types/node", true),
            ("*", "@types/node", false),
        ] {
            let compiled = compile(&[(pattern.to_owned(), flag.clone())]).unwrap();
            assert_eq!(compiled[0].fits(name, "amd64"), fits, "{pattern} {name}");
        }
        let fault = compile(&[("gcc[".into(), flag)]).unwrap_err();
        assert!(
            fault
                .to_string()
                .starts_with("glob `gcc[` from --drop-package:"),
            "{fault}"
        );
    }

    #[test]
    fn the_lists_name_tools_and_spare_programs() {
        let fits = |manager, name: &str| list(tools::patterns(manager)).is_match(name);
        for name in [
            "gcc-12",
            "libssl-dev",
            "git",
            "golang-1.19-go",
            "cpp-12",
            "npm",
        ] {
            assert!(fits(Manager::Dpkg, name), "{name}");
        }
        for name in [
            "libgcc-s1",
            "gitea",
            "lldpd",
            "golang-cfssl",
            "cppcheck",
            "gdbm-l10n",
            "libgomp1",
            "ca-certificates",
            "nodejs",
            "python3",
            "libasan-runtime",
            "curlftpfs",
        ] {
            assert!(!fits(Manager::Dpkg, name), "{name}");
        }
        assert!(fits(Manager::Apk, ".build-deps") && fits(Manager::Rpm, "gcc-c++"));
        assert!(!fits(Manager::Apk, ".python-rundeps") && !fits(Manager::Rpm, "libgcc"));
    }
}
