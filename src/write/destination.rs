//! Destinations: where a result goes, and by which name.
//!
//! Nothing here is written.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::image::Offer;
use crate::source::Form;
use crate::source::location::{Parsed, split, text};

/// Where a result goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// As the user wrote it.
    pub reference: String,
    /// What is written.
    pub form: Form,
    /// The directory or file; `None` for standard output.
    pub path: Option<PathBuf>,
    /// The tag or name that the result gets; `None` to keep the source's.
    pub name: Option<String>,
}

impl Destination {
    /// Parses a reference to a place that is to be written: as for a source, but a bare path is a directory unless it ends in `.tar`.
    ///
    /// # Errors
    /// [`Error::Reference`] for what is no reference, or none that can be written.
    pub fn parse(reference: &OsStr) -> Result<Self> {
        let parsed = split(reference, |path| path.symlink_metadata().is_ok())?;
        let (form, path, name) = match parsed {
            Parsed::Stream => (Form::OciArchive, None, None),
            Parsed::Named { form, path, name } => (form, path, name),
            Parsed::Bare(path) => (bare(reference, &path)?, Some(path), None),
        };
        // Other programs are told to write to standard output by this name.
        let path = path.filter(|path| form == Form::Layout || path != Path::new("/dev/stdout"));
        Ok(Self {
            reference: text(reference),
            form,
            path,
            name,
        })
    }

    /// Whether it is a docker-archive, in which plain layers are usual.
    pub fn is_docker_archive(&self) -> bool {
        self.form == Form::DockerArchive
    }

    /// Refuses what the destination cannot hold, before any work is done.
    ///
    /// # Errors
    /// [`Error::NoImage`] for several platforms in a docker-archive, or several images under one name.
    pub fn accept(&self, offer: &Offer) -> Result<()> {
        let refuse = |fault: &str| {
            let offered = offer
                .images
                .iter()
                .map(|image| image.platform.to_string())
                .collect();
            Err(Error::NoImage {
                place: offer.place.clone(),
                fault: fault.into(),
                offered,
            })
        };
        if self.is_docker_archive() && offer.images.len() > 1 {
            return refuse("more platforms than the one that a docker-archive holds");
        }
        let mut roots: Vec<_> = offer
            .roots
            .iter()
            .filter(|root| root.is_image())
            .map(|root| &root.descriptor().digest)
            .collect();
        roots.dedup();
        if self.name.is_some() && roots.len() > 1 {
            return refuse("more images than the one that a name is for");
        }
        Ok(())
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reference)
    }
}

fn bare(reference: &OsStr, path: &Path) -> Result<Form> {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    if let Some(end) = [".gz", ".tgz", ".zst", ".tzst"]
        .iter()
        .find(|end| name.ends_with(*end))
    {
        let fault = format!(
            "archives are written plain, as their layers are compressed already: leave out `{end}`"
        );
        return Err(Error::Reference {
            reference: text(reference),
            fault,
        });
    }
    Ok(if name.ends_with(".tar") {
        Form::OciArchive
    } else {
        Form::Layout
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_say_what_is_written() {
        for (reference, form, path, name) in [
            ("-", Form::OciArchive, None, None),
            ("new", Form::Layout, Some("new"), None),
            ("new.tar", Form::OciArchive, Some("new.tar"), None),
            ("./new.TAR", Form::OciArchive, Some("./new.TAR"), None),
            ("oci:new.tar:v1", Form::Layout, Some("new.tar"), Some("v1")),
            (
                "oci-archive:new:v1",
                Form::OciArchive,
                Some("new"),
                Some("v1"),
            ),
            (
                "docker-archive:new.tar:app:v1",
                Form::DockerArchive,
                Some("new.tar"),
                Some("app:v1"),
            ),
            ("docker-archive:-", Form::DockerArchive, None, None),
            (
                "docker-archive:/dev/stdout:app:v1",
                Form::DockerArchive,
                None,
                Some("app:v1"),
            ),
        ] {
            let parsed = Destination::parse(OsStr::new(reference)).unwrap();
            assert_eq!(
                (parsed.form, parsed.path.as_deref(), parsed.name.as_deref()),
                (form, path.map(Path::new), name),
                "{reference}"
            );
        }
        for reference in [
            "new.tar.gz",
            "new.tgz",
            "new.tar.zst",
            "docker://app",
            "",
            "oci:",
        ] {
            assert!(
                Destination::parse(OsStr::new(reference))
                    .unwrap_err()
                    .is_usage(),
                "{reference}"
            );
        }
    }
}
