//! A small image and a good result of it, both made by hand.

use super::stack::{Tar, index};
use crate::layer::Entries;
use crate::write::{Run, Written};

/// A part of a written layer.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// A source entry as it is: layer and path.
    Copy(usize, &'static str),
    /// The headers of this one entry, with the stored bytes of a source entry from this offset on.
    Headers(Tar, usize, &'static str, u64),
    /// Bytes that no source layer has.
    Made(Tar),
}
use Part::{Copy, Headers, Made};

pub(super) fn base() -> Tar {
    Tar::new()
        .mtime(7)
        .owner(1, 2)
        .dir("etc")
        .file("etc/a", b"first a")
        .file("etc/b", b"the content of b")
        .dir("bin")
        .record("SCHILY.xattr.security.capability", b"\x01\n\0")
        .mode(0o4755)
        .file("bin/x", b"a program")
        .link("bin/y", "bin/x")
        .link("bin/z", "bin/x")
        .file("bin/w", b"a program")
        .symlink("l", "etc/a")
        .device("null", 1, 3)
        .dir("cache")
        .file("cache/1", b"1")
        .file("cache/2", b"2")
        .file("new/implied", b"i")
        .record("GNU.sparse.map", b"0,3,100,2")
        .record("GNU.sparse.size", b"200")
        .file("holes", b"12345")
        .file("db", b"old rows")
        .file("left/alone", b"x")
}

pub(super) fn upper() -> Tar {
    Tar::new()
        .mtime(8)
        .file("etc/a", b"second a")
        .whiteout("etc/b")
}

pub(super) const REMOVED: [&str; 5] = ["cache", "cache/1", "cache/2", "bin/x", "left/alone"];

/// `bin/y` with the attributes of `bin/x`, which goes.
pub(super) fn promoted() -> Tar {
    Tar::new()
        .mtime(7)
        .owner(1, 2)
        .record("SCHILY.xattr.security.capability", b"\x01\n\0")
        .mode(0o4755)
        .file("bin/y", b"a program")
}

pub(super) fn database() -> Tar {
    Tar::new()
        .mtime(7)
        .owner(1, 2)
        .file("db", b"new rows, more of them")
}

/// The good result: the lower layer written anew, the upper one without its whiteout.
pub(super) fn good() -> [Vec<Part>; 2] {
    let lower = vec![
        Copy(0, "etc"),
        Copy(0, "bin"),
        Headers(promoted(), 0, "bin/x", 0),
        Made(Tar::new().link("bin/z", "bin/y")),
        Copy(0, "bin/w"),
        Copy(0, "l"),
        Copy(0, "null"),
        Copy(0, "new/implied"),
        Copy(0, "holes"),
        Made(database()),
    ];
    [lower, vec![Copy(1, "etc/a")]]
}

pub(super) fn write(source: &[Vec<u8>], parts: &[Part]) -> Written {
    let layers: Vec<Entries> = source.iter().map(|bytes| index(bytes)).collect();
    let find = |layer: usize, path: &str| {
        let entries = &layers[layer];
        let is_it = |entry: &&crate::layer::Entry| entries.path(entry) == path.as_bytes();
        *entries.list().iter().rfind(is_it).unwrap()
    };
    let mut runs = Vec::new();
    for part in parts {
        match part {
            Copy(layer, path) => runs.push(Run::Copy {
                layer: *layer,
                range: find(*layer, path).span(),
            }),
            Headers(tar, layer, path, offset) => {
                let bytes = tar.bytes();
                let made = index(&bytes).list()[0];
                runs.push(Run::Made(
                    bytes[..usize::try_from(made.data).unwrap()].to_vec(),
                ));
                let from = find(*layer, path).data + offset;
                let len = made.data_span().end - made.data;
                runs.push(Run::Copy {
                    layer: *layer,
                    range: from..from + len,
                });
            }
            Made(tar) => {
                let bytes = tar.bytes();
                runs.push(Run::Made(bytes[..bytes.len() - 1024].to_vec()));
            }
        }
    }
    runs.push(Run::Made(vec![0; 1024]));
    let bytes: Vec<u8> = runs
        .iter()
        .flat_map(|run| match run {
            Run::Made(bytes) => bytes.clone(),
            Run::Copy { layer, range } => {
                let bound = |at: u64| usize::try_from(at).unwrap();
                source[*layer][bound(range.start)..bound(range.end)].to_vec()
            }
        })
        .collect();
    Written {
        entries: index(&bytes),
        runs,
    }
}
