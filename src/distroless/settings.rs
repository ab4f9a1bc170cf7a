//! Where the image's loaders look for libraries, as its files and its environment set them up.

use crate::closure::loader::Settings;
use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules::{Contents, Facts};
use crate::tree::{NodeId, Tree};

/// The bytes of a file that are read.
const FILE_MAX: usize = 4 << 20;

/// Reads them.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn read(tree: &Tree, contents: &dyn Contents, facts: &Facts) -> Result<Settings> {
    let mut settings = Settings {
        library_path: facts
            .variable("LD_LIBRARY_PATH")
            .unwrap_or_default()
            .to_owned(),
        ..Settings::default()
    };
    let Some(etc) = tree
        .resolve(b"etc")
        .filter(|&etc| tree.kind(etc) == Kind::Dir)
    else {
        return Ok(settings);
    };
    let mut files: Vec<NodeId> = tree.resolve(b"etc/ld.so.conf").into_iter().collect();
    let folder = tree.resolve(b"etc/ld.so.conf.d");
    files.extend(
        folder
            .into_iter()
            .flat_map(|dir| tree.children(dir).map(|(_, node)| node)),
    );
    for file in files
        .into_iter()
        .filter(|&file| tree.kind(file) == Kind::File)
    {
        settings
            .configured
            .extend(directories(&contents.read(file, FILE_MAX)?));
    }
    if let Some(cache) = tree
        .resolve(b"etc/ld.so.cache")
        .filter(|&node| tree.kind(node) == Kind::File)
    {
        let bytes = contents.read(cache, FILE_MAX)?;
        let texts = bytes
            .split(|&b| b == 0)
            .filter(|text| text.starts_with(b"/"));
        let mut known: Vec<Vec<u8>> = texts.map(|text| path::parent(text).to_vec()).collect();
        known.sort_unstable();
        known.dedup();
        settings.configured.extend(known);
    }
    let musl = tree
        .children(etc)
        .find(|(name, _)| name.starts_with(b"ld-musl-") && name.ends_with(b".path"));
    if let Some((_, file)) = musl.filter(|&(_, file)| tree.kind(file) == Kind::File) {
        settings.musl = Some(directories(&contents.read(file, FILE_MAX)?));
    }
    Ok(settings)
}

/// The libraries that `LD_PRELOAD` and `ld.so.preload` name (ld.so(8)): by path, or by a name that the loader looks for.
pub(crate) fn preloaded(tree: &Tree, contents: &dyn Contents, facts: &Facts) -> Vec<String> {
    let variable = facts.variable("LD_PRELOAD").unwrap_or_default();
    let file = tree.resolve(b"etc/ld.so.preload");
    let file = file.filter(|&file| tree.kind(file) == Kind::File);
    let bytes = file.and_then(|file| contents.read(file, FILE_MAX).ok());
    let listed = bytes.unwrap_or_default();
    let listed = String::from_utf8_lossy(&listed);
    let names = [variable, &listed]
        .into_iter()
        .flat_map(|names| names.split(|c: char| c == ':' || c.is_ascii_whitespace()));
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The directories of a file, line by line or between colons; comments and `include` name none.
fn directories(text: &[u8]) -> Vec<Vec<u8>> {
    let parts = text.split(|&b| b == b'\n' || b == b':' || b == b',');
    let parts = parts.map(<[u8]>::trim_ascii);
    parts
        .filter(|part| part.starts_with(b"/"))
        .map(<[u8]>::to_vec)
        .collect()
}
