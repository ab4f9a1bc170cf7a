//! Image references: where an image comes from, in the words of containers-transports(5).
//!
//! A path may hold colons, and so may a name (`localhost:5000/app:1`), so a colon alone does not say where the path ends.
//! What exists decides, and this is all that is looked up here:
//! 1. Colons in the directories that lead to the path are its own where those directories exist.
//! 2. After that the longest part that exists is the path, be it all of it; the rest, after a colon, is the tag or name.
//! 3. Where nothing exists the first colon ends the path, as in skopeo.
//!
//! A reference that starts with a transport is that transport's, even if a file of that name exists: write `./oci:dir`.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// What a path holds, or is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// An OCI image layout directory.
    Layout,
    /// An OCI image layout in one tar.
    OciArchive,
    /// The tar of `docker save`.
    DockerArchive,
}

/// Where an image comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// As the user wrote it.
    pub reference: String,
    /// What is there; `None` to look.
    pub form: Option<Form>,
    /// The directory or file; `None` for standard input.
    pub path: Option<PathBuf>,
    /// The tag or name of one image there; never empty.
    pub name: Option<String>,
}

impl Location {
    /// Parses a reference to an image that is to be read.
    ///
    /// # Errors
    /// [`Error::Reference`] for a transport that is not known or not supported, and for an empty path or tag.
    pub fn parse(reference: &OsStr) -> Result<Self> {
        let parsed = split(reference, |path| path.symlink_metadata().is_ok())?;
        let location = |form, path, name| Self {
            reference: text(reference),
            form,
            path,
            name,
        };
        Ok(match parsed {
            Parsed::Stream => location(None, None, None),
            Parsed::Bare(path) => location(None, Some(path), None),
            Parsed::Named { form, path, name } => location(Some(form), path, name),
        })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reference)
    }
}

/// A reference in its parts, the same for a source and a destination.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Parsed {
    /// `-`
    Stream,
    /// A path and nothing else.
    Bare(PathBuf),
    /// A transport with its path (`None` for `-`).
    Named {
        form: Form,
        path: Option<PathBuf>,
        name: Option<String>,
    },
}

/// Splits a reference by the rules in the module's docs.
pub(crate) fn split(reference: &OsStr, exists: impl Fn(&Path) -> bool) -> Result<Parsed> {
    let refuse = |fault: String| {
        Err(Error::Reference {
            reference: text(reference),
            fault,
        })
    };
    let bytes = reference.as_bytes();
    if bytes == b"-" {
        return Ok(Parsed::Stream);
    }
    if bytes.is_empty() {
        return refuse("it is empty".into());
    }
    let forms = [
        ("oci:", Form::Layout),
        ("oci-archive:", Form::OciArchive),
        ("docker-archive:", Form::DockerArchive),
    ];
    let named = forms
        .iter()
        .find_map(|(prefix, form)| Some((bytes.strip_prefix(prefix.as_bytes())?, *form)));
    let Some((rest, form)) = named else {
        return match unsupported(bytes).filter(|_| !exists(Path::new(reference))) {
            Some(fault) => refuse(fault),
            None => Ok(Parsed::Bare(reference.into())),
        };
    };
    let (path, name) = split_name(rest, exists);
    let Ok(name) = name
        .map(|name| String::from_utf8(name.to_vec()))
        .transpose()
    else {
        return refuse("the tag is not UTF-8".into());
    };
    if path.is_empty() {
        return refuse("it has no path".into());
    }
    if name.as_deref() == Some("") {
        return refuse("there is no tag after the last colon".into());
    }
    let stream = path == b"-" && form != Form::Layout;
    let path = (!stream).then(|| OsString::from_vec(path.to_vec()).into());
    Ok(Parsed::Named { form, path, name })
}

/// Says why a text that is no path of ours starts as a transport does.
fn unsupported(reference: &[u8]) -> Option<String> {
    if reference.starts_with(b"docker://") {
        return Some("registries are not supported yet".into());
    }
    if reference.starts_with(b"docker-daemon:") {
        return Some("engines are not supported yet; `docker save` it and name the file".into());
    }
    let others = [
        "containers-storage",
        "dir",
        "docker",
        "ostree",
        "sif",
        "tarball",
        "atomic",
    ];
    let name = others.iter().find(|name| {
        reference
            .strip_prefix(name.as_bytes())
            .is_some_and(|rest| rest.starts_with(b":"))
    })?;
    Some(format!("transport `{name}` is not supported"))
}

/// Splits `PATH[:NAME]`.
fn split_name(rest: &[u8], exists: impl Fn(&Path) -> bool) -> (&[u8], Option<&[u8]>) {
    let there = |end: usize| exists(Path::new(OsStr::from_bytes(&rest[..end])));
    if rest.is_empty() || there(rest.len()) {
        return (rest, None);
    }
    let places = |c: u8| (0..rest.len()).filter(move |&at| rest[at] == c);
    let leaf = places(b'/')
        .map(|slash| slash + 1)
        .rfind(|&end| there(end))
        .unwrap_or(0);
    let mut colons = places(b':').filter(|&colon| colon >= leaf);
    let first = colons.next();
    let end = colons.rfind(|&colon| there(colon)).or(first);
    end.map_or((rest, None), |end| (&rest[..end], Some(&rest[end + 1..])))
}

/// A reference for people.
pub(crate) fn text(reference: &OsStr) -> String {
    crate::path::display(reference.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(form: Form, path: &str, name: &str) -> Parsed {
        let path = (path != "-").then(|| path.into());
        Parsed::Named {
            form,
            path,
            name: (!name.is_empty()).then(|| name.into()),
        }
    }

    #[test]
    fn references_are_split_where_the_path_ends() {
        use Form::{DockerArchive as Docker, Layout, OciArchive as Oci};
        let there = [
            "/tmp/a:b/",
            "/tmp/a:b",
            "/tmp/a",
            "/tmp/",
            "/",
            "x",
            "x:1",
            "dir/",
            "dir",
            "ci:7/",
            "oci:x",
            "odd:name",
        ];
        let cases = [
            ("-", Parsed::Stream),
            ("app", Parsed::Bare("app".into())),
            ("./oci:x", Parsed::Bare("./oci:x".into())),
            ("odd:name", Parsed::Bare("odd:name".into())),
            ("oci:new", named(Layout, "new", "")),
            ("oci:new:v1", named(Layout, "new", "v1")),
            ("oci:/tmp/new:v1", named(Layout, "/tmp/new", "v1")),
            ("oci:x", named(Layout, "x", "")),
            ("oci:x:1", named(Layout, "x:1", "")),
            ("oci:x:1:2", named(Layout, "x:1", "2")),
            ("oci:x:2", named(Layout, "x", "2")),
            ("oci:/tmp/a:b", named(Layout, "/tmp/a:b", "")),
            ("oci:/tmp/a:c", named(Layout, "/tmp/a", "c")),
            ("oci:/tmp/a:b/new:v1", named(Layout, "/tmp/a:b/new", "v1")),
            ("oci:ci:7/new", named(Layout, "ci:7/new", "")),
            ("oci:ci:8/new", named(Layout, "ci", "8/new")),
            ("oci:dir/:v1", named(Layout, "dir/", "v1")),
            (
                "oci:dir:docker.io/lib/x:v1",
                named(Layout, "dir", "docker.io/lib/x:v1"),
            ),
            ("oci-archive:new.tar", named(Oci, "new.tar", "")),
            ("oci-archive:-", named(Oci, "-", "")),
            ("oci-archive:-:v1", named(Oci, "-", "v1")),
            (
                "docker-archive:new.tar:localhost:5000/a/b:v1",
                named(Docker, "new.tar", "localhost:5000/a/b:v1"),
            ),
            (
                "docker-archive:/tmp/a:localhost:5000/a/b:v1",
                named(Docker, "/tmp/a", "localhost:5000/a/b:v1"),
            ),
            ("docker-archive:-:a:v1", named(Docker, "-", "a:v1")),
        ];
        for (reference, parsed) in cases {
            let exists = |path: &Path| {
                there
                    .iter()
                    .any(|known| Path::new(known).as_os_str() == path.as_os_str())
            };
            assert_eq!(
                split(OsStr::new(reference), exists).unwrap(),
                parsed,
                "{reference}"
            );
        }
    }

    #[test]
    fn what_is_no_reference_says_why() {
        for (reference, fault) in [
            ("", "empty"),
            ("oci:", "no path"),
            ("oci::v1", "no path"),
            ("oci:a:", "no tag"),
            ("docker-archive:a.tar:", "no tag"),
            ("docker://debian", "registries are not supported yet"),
            ("docker-daemon:debian", "engines are not supported yet"),
            (
                "containers-storage:debian",
                "transport `containers-storage`",
            ),
            ("dir:a", "transport `dir`"),
        ] {
            let said = split(OsStr::new(reference), |_| false).unwrap_err();
            assert!(
                said.is_usage() && said.to_string().contains(fault),
                "{reference}: {said}"
            );
        }
        let odd = split(OsStr::from_bytes(b"oci:a:\xff"), |_| false).unwrap_err();
        assert!(odd.to_string().contains("not UTF-8"), "{odd}");
        assert_eq!(
            split(OsStr::new("dir:a"), |_| true).unwrap(),
            Parsed::Bare("dir:a".into())
        );
    }
}
