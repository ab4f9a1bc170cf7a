//! An OCI image layout, in a directory or in an archive (image-spec `image-layout.md`).
//!
//! Nothing here knows what the index holds.

use std::path::Path;

use super::archive::Archive;
use super::directory::Directory;
use super::{Blob, Files, MANIFEST_LIMIT, Source, json, read_file, sized};
use crate::digest::Digest;
use crate::error::{Error, Result};

/// An opened image layout.
#[derive(Debug)]
pub struct Layout {
    place: String,
    files: Box<dyn Files>,
    wanted: Option<String>,
    docker_save: bool,
}

impl Layout {
    /// Opens the layout in directory `dir`, named `place` in messages; `wanted` is the tag of one image in it.
    ///
    /// # Errors
    /// When it is not there, or not a layout of version 1.
    pub fn open(dir: &Path, place: &str, wanted: Option<&str>) -> Result<Self> {
        Self::new(Box::new(Directory::open(dir)?), place, wanted, false)
    }

    /// Opens the layout in an archive; `docker_save` where Docker made it.
    pub(super) fn in_archive(
        archive: Archive,
        place: &str,
        wanted: Option<&str>,
        docker_save: bool,
    ) -> Result<Self> {
        Self::new(Box::new(archive), place, wanted, docker_save)
    }

    fn new(
        files: Box<dyn Files>,
        place: &str,
        wanted: Option<&str>,
        docker_save: bool,
    ) -> Result<Self> {
        let marker = read_file(&*files, place, "oci-layout", MANIFEST_LIMIT)?;
        let fault = |fault| Error::Layout {
            place: place.to_owned(),
            file: "oci-layout".into(),
            fault,
        };
        check_version(&marker).map_err(fault)?;
        Ok(Self {
            place: place.to_owned(),
            files,
            wanted: wanted.map(str::to_owned),
            docker_save,
        })
    }
}

impl Source for Layout {
    fn place(&self) -> &str {
        &self.place
    }

    fn index(&self) -> Result<Vec<u8>> {
        read_file(&*self.files, &self.place, "index.json", MANIFEST_LIMIT)
    }

    fn wanted(&self) -> Option<&str> {
        self.wanted.as_deref()
    }

    fn find(&self, digest: &Digest, size: u64) -> Result<Option<Blob>> {
        let fault = |fault| Error::Blob {
            digest: digest.to_string(),
            fault,
        };
        let blob = self
            .files
            .find(&format!("blobs/sha256/{}", digest.hex()))
            .map_err(fault)?;
        sized(blob, digest, size)
    }

    fn is_docker_save(&self) -> bool {
        self.docker_save
    }
}

/// Accepts what is compatible with 1.0.0, the only version there is.
fn check_version(marker: &[u8]) -> Result<(), String> {
    let value = json::parse(marker)?;
    let version = json::text(
        json::object(&value, &["imageLayoutVersion"])?,
        "imageLayoutVersion",
    )?;
    match version {
        Some(version) if version.starts_with("1.") => Ok(()),
        Some(version) => Err(format!(
            "layout version `{}` is not known",
            version.escape_debug()
        )),
        None => Err("no `imageLayoutVersion`".into()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_marker_must_be_of_version_1() {
        assert_eq!(check_version(br#"{"imageLayoutVersion": "1.0.0"}"#), Ok(()));
        for bad in [
            "",
            "{}",
            "[]",
            r#"{"imageLayoutVersion":"2.0.0"}"#,
            r#"{"imageLayoutVersion":1}"#,
        ] {
            assert!(check_version(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn blobs_are_found_by_digest_and_size() {
        let dir = tempfile::tempdir().unwrap();
        assert!(
            Layout::open(dir.path(), "p", None)
                .unwrap_err()
                .to_string()
                .contains("`oci-layout` in `p`: missing")
        );
        fs::write(
            dir.path().join("oci-layout"),
            r#"{"imageLayoutVersion":"1.0.0"}"#,
        )
        .unwrap();
        fs::create_dir_all(dir.path().join("blobs/sha256")).unwrap();
        let digest = Digest::of(b"abc");
        fs::write(dir.path().join("blobs/sha256").join(digest.hex()), "abc").unwrap();
        let layout = Layout::open(dir.path(), "p", Some("v1")).unwrap();
        assert_eq!(layout.blob(&digest, 3).unwrap().read_all().unwrap(), b"abc");
        assert!(
            layout
                .blob(&digest, 4)
                .unwrap_err()
                .to_string()
                .contains("3 bytes instead of 4")
        );
        assert!(
            layout
                .blob(&Digest::of(b""), 0)
                .unwrap_err()
                .to_string()
                .contains("missing in `p`")
        );
        assert!(layout.find(&Digest::of(b""), 0).unwrap().is_none());
        assert!(
            layout
                .index()
                .unwrap_err()
                .to_string()
                .contains("`index.json` in `p`: missing")
        );
        assert_eq!(layout.wanted(), Some("v1"));
    }
}
