//! The kinds of things that change together, and the groups within them.

use sha2::{Digest as _, Sha256};

use super::places;

/// What kind of thing changes together, from what changes least to what changes most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in super::super) enum Class {
    /// Packages of the system, by what they were built from.
    Package,
    /// The rest of what base images hold.
    Base,
    /// Packages of languages.
    Language,
    /// What a step of the build dated, so that it is another file whenever the step runs.
    Built,
    /// What lies outside the system's directories.
    Application,
    /// `/etc`.
    Configuration,
    /// What package managers and the like write anew in every build.
    Record,
}

impl Class {
    const ALL: [Self; 7] = [
        Self::Package,
        Self::Base,
        Self::Language,
        Self::Built,
        Self::Application,
        Self::Configuration,
        Self::Record,
    ];

    /// The class by whose title a layer's title begins.
    pub(in super::super) fn of_title(title: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|class| title.starts_with(class.title()))
    }

    /// What a title of this class says beside the class.
    pub(super) fn name_in(self, title: &str) -> Option<&[u8]> {
        let name = title.strip_prefix(self.title())?;
        Some(name.strip_prefix(": ").unwrap_or(name).as_bytes())
    }

    /// Whether releases of an application seldom change it.
    pub(super) fn is_stable(self) -> bool {
        matches!(self, Self::Package | Self::Base | Self::Language)
    }

    /// The word by which titles of layers begin.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Package => "packages",
            Self::Base => "system",
            Self::Language => "language packages",
            Self::Built => "made by the build",
            Self::Application => "application",
            Self::Configuration => "configuration",
            Self::Record => "records and caches",
        }
    }
}

/// A group: its kind and its name within that.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Group {
    pub(super) class: Class,
    pub(super) name: Vec<u8>,
}

impl Group {
    pub(super) fn new(class: Class, name: &[u8]) -> Self {
        let name = name.to_vec();
        Self { class, name }
    }
}

/// A number that follows from a name alone.
pub(super) fn hash(name: &[u8]) -> u32 {
    let digest = Sha256::digest(name);
    let first = digest.first_chunk().expect("a digest has 32 bytes");
    u32::from_be_bytes(*first)
}

/// The class of a path and of its group, if it has one.
pub(super) fn class(group: Option<&Group>, path: &[u8]) -> Class {
    match group {
        Some(group) => group.class,
        None if places::is_record(path) => Class::Record,
        None if places::is_of_the_system(path) => Class::Base,
        None => Class::Application,
    }
}
