//! The file with the layer that puts back what went.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::error::{Error, Result};
use crate::image::Offer;

/// Checks that a pack can be written to `file`.
///
/// # Errors
/// When the image is several, or the file is there and `force` does not replace it.
pub(super) fn accept(file: &Path, offer: &Offer, force: bool) -> Result<()> {
    if offer.images.len() != 1 {
        let fault = "a pack is of one image: choose it with `--platform`";
        return Err(Error::Setting {
            name: "--restore-pack",
            fault: fault.into(),
        });
    }
    if file.exists() && !force {
        let path = file.to_owned();
        return Err(Error::DestinationExists { path });
    }
    Ok(())
}

/// Puts a pack in its place and publishes the result; where that fails no pack stays.
pub(super) fn publish(file: &Path, pack: &Path, result: impl FnOnce() -> Result<()>) -> Result<()> {
    // The pack's own permissions are those of a temporary file, which nobody else may read.
    let copied = File::open(pack).and_then(|mut pack| {
        let mut file = File::create(file)?;
        io::copy(&mut pack, &mut file)
    });
    copied.map_err(|source| Error::Write {
        path: file.to_owned(),
        source,
    })?;
    result().inspect_err(|_| {
        // The fault to tell is the one that came first.
        let _ = fs::remove_file(file);
    })
}
