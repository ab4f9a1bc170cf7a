//! What became of the packages, as one value that serialises.

use serde::Serialize;

use crate::error::Warning;

use super::package::Manager;

/// What left, what stayed although it was asked for, and what is there in part only. All lists are in a fixed order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PackageReport {
    /// By manager and name.
    pub removed: Vec<RemovedPackage>,
    /// By manager and name.
    pub kept: Vec<KeptPackage>,
    /// Packages that stay listed though other rules took some of their files; by manager and name.
    pub partial: Vec<PartialPackage>,
    /// What a user should know.
    #[serde(skip)]
    pub warnings: Vec<Warning>,
}

/// A package that left with its files and its rows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RemovedPackage {
    /// Whose database it left.
    pub manager: Manager,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its architecture.
    pub architecture: String,
    /// Where an application's package lay; empty for the system's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// The rule or option that asked for it, or for the package that it left with.
    pub rule: String,
    /// Why: asked for, in need of one that left, or left over.
    pub why: String,
    /// Files and links that left with it, directories not counted.
    pub files: u64,
    /// The bytes of those files, uncompressed; a file with several names counts once.
    pub bytes: u64,
    /// The package URL.
    pub purl: String,
}

/// A package that was asked for and stays.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct KeptPackage {
    /// Whose it is.
    pub manager: Manager,
    /// Its name.
    pub name: String,
    /// The rule or option that asked for it.
    pub rule: String,
    /// What keeps it, from the cause to the package itself.
    pub because: Vec<String>,
}

/// A package that stays without all of its files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PartialPackage {
    /// Whose it is.
    pub manager: Manager,
    /// Its name.
    pub name: String,
    /// Files and links of it that go.
    pub removed: u64,
    /// Files and links that it has.
    pub of: u64,
}

impl PackageReport {
    /// Takes in what another database's removal reported.
    pub(crate) fn extend(&mut self, other: Self) {
        self.removed.extend(other.removed);
        self.kept.extend(other.kept);
        self.partial.extend(other.partial);
        self.warnings.extend(other.warnings);
    }

    pub(crate) fn sort(&mut self) {
        self.removed.sort();
        self.kept.sort();
        self.partial.sort();
    }
}
