//! Many globs at once, each with what it stands for.

use globset::{Candidate, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::rules::glob::Reachable;

/// A set of globs; `T` says what a match means.
#[derive(Debug)]
pub(super) struct Sieve<T> {
    set: GlobSet,
    targets: Vec<T>,
    reach: Vec<Reachable>,
}

impl<T> Sieve<T> {
    /// Compiles normalised globs.
    ///
    /// # Errors
    /// The place of a glob that cannot be compiled, and what is wrong with it.
    pub(super) fn new(globs: Vec<(String, T)>) -> Result<Self, (usize, String)> {
        let mut builder = GlobSetBuilder::new();
        let (mut targets, mut reach) = (Vec::new(), Vec::new());
        for (place, (glob, target)) in globs.into_iter().enumerate() {
            let compiled = GlobBuilder::new(&glob)
                .literal_separator(true)
                .empty_alternates(true)
                .backslash_escape(true)
                .build()
                .map_err(|fault| (place, fault.kind().to_string()))?;
            builder.add(compiled);
            targets.push(target);
            reach.push(Reachable::of(&glob));
        }
        let last = targets.len().saturating_sub(1);
        let set = builder
            .build()
            .map_err(|fault| (last, fault.kind().to_string()))?;
        Ok(Self {
            set,
            targets,
            reach,
        })
    }

    /// Compiles globs that are known to be globs: the user's were checked, and a test compiles those of all rules and guards.
    pub(super) fn of_checked(globs: Vec<(String, T)>) -> Self {
        Self::new(globs).expect("the user's globs are checked and a test compiles all others")
    }

    /// What each glob that names `path` stands for, in the order in which they were given.
    pub(super) fn matches(&self, path: &[u8], found: &mut Vec<usize>) {
        self.set
            .matches_candidate_into(&Candidate::from_bytes(path), found);
    }

    pub(super) fn target(&self, place: usize) -> &T {
        &self.targets[place]
    }

    /// What each glob stands for that can name a path under `dir`.
    pub(super) fn below(&self, dir: &[u8]) -> impl Iterator<Item = &T> {
        let reaching = self.reach.iter().zip(&self.targets);
        reaching.filter_map(move |(reach, target)| reach.below(dir).then_some(target))
    }

    /// Whether a glob can name paths anywhere.
    pub(super) fn is_floating(&self) -> bool {
        self.reach.iter().any(Reachable::floats)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(glob: &str, path: &[u8]) -> bool {
        let sieve = Sieve::new(vec![(glob.to_owned(), ())]).unwrap();
        let mut found = Vec::new();
        sieve.matches(path, &mut found);
        !found.is_empty()
    }

    #[test]
    fn globs_name_paths() {
        for (glob, path, names) in [
            ("srv/*.pdf", "srv/a.pdf", true),
            ("srv/*.pdf", "srv/x/a.pdf", false),
            ("srv/**", "srv/x/a", true),
            ("srv/**", "srv", false),
            ("srv/**/*.pdf", "srv/a.pdf", true),
            ("**/a", "a", true),
            ("{,usr/}lib/a", "lib/a", true),
            ("{,usr/}lib/a", "usr/lib/a", true),
            ("srv/[!a]*", "srv/bc", true),
            ("srv/[!a]*", "srv/ab", false),
            (r"srv/\*", "srv/*", true),
            (r"srv/\*", "srv/a", false),
        ] {
            assert_eq!(named(glob, path.as_bytes()), names, "{glob} {path}");
        }
    }

    #[test]
    fn names_are_bytes() {
        assert!(named("srv/?\u{e9}*", b"srv/\xffx") == named("srv/zz", b"srv/\xffx"));
        assert!(named("srv/?x", b"srv/\xffx"));
        assert!(named("srv/*", b"srv/a\nb"));
        assert!(named("srv/é", "srv/é".as_bytes()));
    }

    #[test]
    fn a_bad_glob_is_named_by_its_place() {
        let (place, fault) = Sieve::new(vec![("a".into(), ()), ("b[".into(), ())]).unwrap_err();
        assert_eq!(place, 1);
        assert!(fault.contains("class"), "{fault}");
    }
}
