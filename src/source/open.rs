//! Opening what a reference names.
//!
//! Nothing here knows what is inside.

use std::path::Path;

use super::archive::Archive;
use super::{Form, Layout, Location, Source, docker, spool};
use crate::error::{Error, Result};

/// Opens the place that `location` names. An archive that is compressed or comes through a pipe is inflated into a file
/// without a name in `temp_dir`; any other is read in place.
///
/// # Errors
/// When nothing is there, or it is not of the form that the reference says.
pub fn open(location: &Location, temp_dir: &Path) -> Result<Box<dyn Source>> {
    let (place, wanted) = (location.reference.as_str(), location.name.as_deref());
    let is_dir = location.path.as_deref().is_some_and(Path::is_dir);
    if let (None | Some(Form::Layout), Some(dir)) = (location.form, &location.path)
        && (is_dir || location.form.is_some())
    {
        return Ok(Box::new(Layout::open(dir, place, wanted)?));
    }
    let archive = Archive::index(spool::open(location.path.as_deref(), temp_dir)?, place)?;
    let form = location.form.or_else(|| {
        let docker = archive
            .contains("manifest.json")
            .then_some(Form::DockerArchive);
        docker.or_else(|| archive.contains("oci-layout").then_some(Form::OciArchive))
    });
    match form {
        Some(Form::DockerArchive)
            if !archive.contains("manifest.json") && archive.contains("repositories") =>
        {
            let fault = "missing: Docker before 1.10 saved this; load it and save it anew".into();
            Err(Error::Layout {
                place: place.to_owned(),
                file: "manifest.json".into(),
                fault,
            })
        }
        Some(Form::DockerArchive) => docker::open(archive, place, wanted),
        Some(_) => Ok(Box::new(Layout::in_archive(archive, place, wanted, false)?)),
        None => {
            let fault = "neither `oci-layout` nor `manifest.json`".into();
            Err(Error::NoImage {
                place: place.to_owned(),
                fault,
                offered: Vec::new(),
            })
        }
    }
}
