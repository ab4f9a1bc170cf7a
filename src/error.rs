//! The one error type: each variant names the thing that is wrong, [`Error::hint`] the next step.

use std::io;
use std::path::PathBuf;

use crate::digest::Digest;

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an image could not be read, changed or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file of this machine could not be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file of this machine could not be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// An image reference that cannot be understood.
    #[error("`{reference}` is no image reference: {fault}")]
    Reference {
        /// As the user wrote it.
        reference: String,
        /// What is wrong with it.
        fault: String,
    },
    /// The place holds no image, or none by the name asked for.
    #[error("{fault} in `{place}`")]
    NoImage {
        /// The source, as the user named it.
        place: String,
        /// What is missing.
        fault: String,
        /// What the source does hold.
        offered: Vec<String>,
    },
    /// A file that a layout or an archive must hold is not as it must be.
    #[error("`{file}` in `{place}`: {fault}")]
    Layout {
        /// The source, as the user named it.
        place: String,
        /// The file in it.
        file: String,
        /// What is wrong with it.
        fault: String,
    },
    /// A blob is missing, of the wrong size or kind, or does not have its digest.
    #[error("blob `{digest}`: {fault}")]
    Blob {
        /// The digest by which the blob is named.
        digest: String,
        /// What is wrong with it.
        fault: String,
    },
    /// A manifest, config or index that does not hold what it must.
    #[error("{kind} `{digest}`: {fault}")]
    Document {
        /// `manifest`, `config` or `index`.
        kind: &'static str,
        /// Its digest.
        digest: String,
        /// What is wrong with it.
        fault: String,
    },
    /// A layer whose tar stream is not one that a runtime would unpack.
    #[error("blob `{blob}`: entry `{entry}`: {fault}")]
    Entry {
        /// The layer's digest.
        blob: Digest,
        /// The entry's path, or where in the uncompressed layer it starts when it has none.
        entry: String,
        /// What is wrong with it.
        fault: String,
    },
    /// A package manager's database in the image that is not as it must be.
    #[error("package database `{path}`: {fault}")]
    Database {
        /// Its path in the image.
        path: String,
        /// What is wrong with it.
        fault: String,
    },
    /// A pattern that cannot be compiled.
    #[error("glob `{glob}` from {origin}: {fault}")]
    Glob {
        /// As written.
        glob: String,
        /// The flag, or file and line.
        origin: String,
        /// What is wrong with it.
        fault: String,
    },
    /// A rule, profile or other choice that does not exist.
    #[error("no {kind} `{name}` (from {origin})")]
    Unknown {
        /// `rule`, `profile`, …
        kind: &'static str,
        /// As written.
        name: String,
        /// The flag, or file and line.
        origin: String,
        /// The nearest that exists.
        nearest: Option<String>,
    },
    /// `slim.toml` is wrong.
    #[error("{}:{line}:{column}: {fault}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
        /// What is wrong there.
        fault: String,
        /// The nearest known key or value.
        nearest: Option<String>,
    },
    /// A recording of a run holds a line that no form explains.
    #[error("{}:{line}: {fault}", path.display())]
    Trace {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// A setting that means nothing here.
    #[error("`{name}`: {fault}")]
    Setting {
        /// The flag or key.
        name: &'static str,
        /// What is wrong with it.
        fault: String,
    },
    /// The destination is there already.
    #[error("`{}` exists", path.display())]
    DestinationExists {
        /// The file or directory.
        path: PathBuf,
    },
    /// What ran before would not run after.
    #[error("the result would not run as before: {first}{}", more(*.others))]
    Breaks {
        /// The first of the findings.
        first: String,
        /// How many there are besides.
        others: usize,
    },
    /// The result is not the source less what the report lists: a defect of this program.
    #[error("the result differs from the source at `{path}`: {fault}")]
    Proof {
        /// The path in the image, or the blob.
        path: String,
        /// How it differs.
        fault: String,
    },
}

/// Something that the user should know although the work goes on.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Warning {
    /// A word for programs that read the report.
    pub code: &'static str,
    /// A sentence that names the thing, in lower case without a final period.
    pub text: String,
}

/// `, and 3 more`.
fn more(others: usize) -> String {
    if others == 0 {
        String::new()
    } else {
        format!(", and {others} more")
    }
}

impl Error {
    /// Returns the next step for the user, where there is one.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoImage { offered, .. } if !offered.is_empty() => {
                Some(format!("it offers {}", offered.join(", ")))
            }
            Self::Reference { .. } => Some(
                "write `oci:DIR`, `oci-archive:FILE`, `docker-archive:FILE`, a path, or `-`".into(),
            ),
            Self::Unknown {
                nearest: Some(nearest),
                ..
            }
            | Self::Config {
                nearest: Some(nearest),
                ..
            } => Some(format!("did you mean `{nearest}`?")),
            Self::Breaks { .. } => {
                Some("`--keep GLOB` keeps a path; `--force` writes the image all the same".into())
            }
            Self::DestinationExists { .. } => Some("`--force` replaces it".into()),
            Self::Blob { .. } => {
                Some("the image is damaged or incomplete: copy or pull it again".into())
            }
            Self::Proof { .. } => {
                Some("nothing was written; this is a defect of oci-slim, please report it".into())
            }
            _ => None,
        }
    }

    /// Returns whether a check said no, where nothing failed.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Breaks { .. })
    }

    /// Returns whether the command line or `slim.toml` is at fault, not the image.
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Reference { .. }
                | Self::Glob { .. }
                | Self::Unknown { .. }
                | Self::Config { .. }
                | Self::Setting { .. }
        )
    }
}

/// Returns the `known` name that is nearest to `name`, if one is near enough to be meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let (distance, best) = known
        .into_iter()
        .map(|candidate| (edits(name, candidate), candidate))
        .min()?;
    (distance <= 2.max(name.chars().count() / 3)).then(|| best.to_owned())
}

/// The Levenshtein distance.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_only_when_near() {
        assert_eq!(
            nearest("apt-list", ["apt-lists", "docs"]).as_deref(),
            Some("apt-lists")
        );
        assert_eq!(nearest("zzzz", ["apt-lists", "docs"]), None);
    }
}
