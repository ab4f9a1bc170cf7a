//! Where images come from: references, and the places they name opened as a [`Source`] of documents and blobs.
//!
//! Nothing here knows what an image is made of; blobs are found and their sizes compared, but not hashed.

mod agreement;
mod archive;
mod base64;
mod blob;
mod codec;
mod descriptor;
mod directory;
mod docker;
mod gaps;
pub(crate) mod json;
mod layout;
pub(crate) mod location;
pub mod media;
pub(crate) mod name;
mod open;
mod rootfs;
mod spool;

use std::fmt;

use crate::digest::Digest;
use crate::error::{Error, Result, Warning};

pub use blob::{Blob, BlobReader};
pub use codec::Codec;
pub use descriptor::Descriptor;
pub use gaps::Gaps;
pub use layout::Layout;
pub use location::{Form, Location};
pub use open::open;
pub(crate) use rootfs::diff_ids;

/// The name of an image in `index.json` (image-spec `annotations.md`).
pub const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// The full name that Docker and containerd write beside it, and load by.
pub const IMAGE_NAME: &str = "io.containerd.image.name";

/// The largest manifest or index that is read, in bytes: the limit that registries set (distribution-spec).
pub const MANIFEST_LIMIT: u64 = 4 << 20;
/// The largest config that is read, in bytes.
pub const CONFIG_LIMIT: u64 = 8 << 20;

/// A place that holds images.
pub trait Source: fmt::Debug + Send + Sync {
    /// The place as the user named it, for messages.
    fn place(&self) -> &str;

    /// The index at the top: `index.json` as stored, or one made for a place that has none.
    ///
    /// # Errors
    /// When it cannot be read or is larger than [`MANIFEST_LIMIT`].
    fn index(&self) -> Result<Vec<u8>>;

    /// The tag or name of the one image that is asked for; `None` for all.
    fn wanted(&self) -> Option<&str> {
        None
    }

    /// Finds a blob and compares its length with `size` (bytes); its content is not hashed.
    ///
    /// # Errors
    /// When it is there but of another size, no regular file, or outside the place.
    fn find(&self, digest: &Digest, size: u64) -> Result<Option<Blob>>;

    /// Finds a blob that must be there.
    ///
    /// # Errors
    /// As [`Source::find`], and when it is missing.
    fn blob(&self, digest: &Digest, size: u64) -> Result<Blob> {
        self.find(digest, size)?.ok_or_else(|| Error::Blob {
            digest: digest.to_string(),
            fault: format!("missing in `{}`", self.place()),
        })
    }

    /// A document that is not stored but made for a place that has none of its kind.
    fn made(&self, _digest: &Digest) -> Option<&[u8]> {
        None
    }

    /// Whether `docker save` wrote the place: its layers may be plain because the format is, and an index may list
    /// platforms that were never pulled and so are not there.
    fn is_docker_save(&self) -> bool {
        false
    }

    /// What the user should know of how the place was read.
    fn warnings(&self) -> Vec<Warning> {
        Vec::new()
    }
}

/// Named files of a directory or an archive.
pub(crate) trait Files: fmt::Debug + Send + Sync {
    /// Finds the regular file `name`, a relative path without `.` and `..`.
    ///
    /// # Errors
    /// What is wrong with it, when it is there but is no regular file inside the place.
    fn find(&self, name: &str) -> Result<Option<Blob>, String>;
}

/// Reads the whole of a file that must be there and may have `limit` bytes at most.
fn read_file(files: &dyn Files, place: &str, name: &str, limit: u64) -> Result<Vec<u8>> {
    let fault = |fault: String| Error::Layout {
        place: place.to_owned(),
        file: name.to_owned(),
        fault,
    };
    let file = files
        .find(name)
        .map_err(fault)?
        .ok_or_else(|| fault("missing".into()))?;
    if file.len() > limit {
        return Err(fault(format!(
            "{} bytes; no more than {limit} are read",
            file.len()
        )));
    }
    file.read_all()
}

/// Compares the length of what was found.
pub(crate) fn sized(found: Option<Blob>, digest: &Digest, size: u64) -> Result<Option<Blob>> {
    match found {
        Some(blob) if blob.len() != size => {
            let fault = format!("{} bytes instead of {size}", blob.len());
            Err(Error::Blob {
                digest: digest.to_string(),
                fault,
            })
        }
        found => Ok(found),
    }
}
