//! Paths inside an image: bytes, relative to its root, without `.`, `..`, empty components or a slash at either end.
//!
//! The root itself is the empty path. Nothing here touches a file system.

/// Why an entry's name is no path inside the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathFault {
    /// `..` leads out of the root.
    #[error("the name leads out of the image's root")]
    Escapes,
    /// A NUL byte, which no file system stores.
    #[error("the name holds a NUL byte")]
    Nul,
}

/// Returns the path that a name in a layer means: cleaned lexically, as runtimes do before they join it to the root.
///
/// # Errors
/// A name that `..` would lead out of the root, or that holds a NUL byte.
pub fn clean(name: &[u8]) -> Result<Vec<u8>, PathFault> {
    if name.contains(&0) {
        return Err(PathFault::Nul);
    }
    let mut path: Vec<u8> = Vec::with_capacity(name.len());
    for component in name.split(|&b| b == b'/') {
        match component {
            b"" | b"." => {}
            b".." if path.is_empty() => return Err(PathFault::Escapes),
            b".." => path.truncate(parent(&path).len()),
            _ => {
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(component);
            }
        }
    }
    Ok(path)
}

/// Returns the directory that holds `path`; the root for a path of one component.
pub fn parent(path: &[u8]) -> &[u8] {
    path.iter()
        .rposition(|&b| b == b'/')
        .map_or(b"", |slash| &path[..slash])
}

/// Returns the last component of `path`.
pub fn name(path: &[u8]) -> &[u8] {
    path.iter()
        .rposition(|&b| b == b'/')
        .map_or(path, |slash| &path[slash + 1..])
}

/// Returns the components of `path`, outermost first; none for the root.
pub fn components(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    path.split(|&b| b == b'/')
        .filter(|component| !component.is_empty())
}

/// Returns `dir` and `name` as one path.
pub fn join(dir: &[u8], name: &[u8]) -> Vec<u8> {
    if dir.is_empty() {
        name.to_vec()
    } else {
        [dir, b"/", name].concat()
    }
}

/// Returns whether `path` is `dir` or lies under it; everything lies under the root.
pub fn is_under(path: &[u8], dir: &[u8]) -> bool {
    dir.is_empty()
        || path
            .strip_prefix(dir)
            .is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}

/// Returns `path` for people: as it is where it is UTF-8 without control characters, others as `\x0a`. A backslash that
/// would read as such an escape becomes one, `\x5c`, so that each text means one path.
pub fn display(path: &[u8]) -> String {
    // Nearly all paths are plain, and a report has many.
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'\\';
    if path.iter().all(is_plain) {
        return String::from_utf8_lossy(path).into_owned();
    }
    let mut text = String::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        let valid = chunk.valid();
        for (at, c) in valid.char_indices() {
            if c.is_control() || reads_as_escape(&valid.as_bytes()[at..]) {
                escape(&mut text, c.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                text.push(c);
            }
        }
        escape(&mut text, chunk.invalid());
    }
    text
}

fn reads_as_escape(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"\\x").and_then(|rest| rest.get(..2));
    digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

fn escape(text: &mut String, bytes: &[u8]) {
    use std::fmt::Write as _;
    for byte in bytes {
        let _ = write!(text, "\\x{byte:02x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_paths() {
        for (name, path) in [
            ("./etc/passwd", "etc/passwd"),
            ("/a//b/", "a/b"),
            ("./", ""),
            (".", ""),
            ("a/../b", "b"),
            ("a/b/../../c/.", "c"),
        ] {
            assert_eq!(clean(name.as_bytes()).unwrap(), path.as_bytes(), "{name}");
        }
        assert_eq!(clean(b"../etc"), Err(PathFault::Escapes));
        assert_eq!(clean(b"a/../../etc"), Err(PathFault::Escapes));
        assert_eq!(clean(b"a\0b"), Err(PathFault::Nul));
    }

    #[test]
    fn parts_of_a_path() {
        assert_eq!((parent(b"a/b/c"), name(b"a/b/c")), (&b"a/b"[..], &b"c"[..]));
        assert_eq!((parent(b"a"), name(b"a")), (&b""[..], &b"a"[..]));
        assert!(
            is_under(b"a/b", b"a")
                && is_under(b"a", b"a")
                && is_under(b"a", b"")
                && !is_under(b"ab", b"a")
        );
    }

    #[test]
    fn display_escapes_what_a_terminal_would_obey() {
        assert_eq!(display("naïve".as_bytes()), "naïve");
        assert_eq!(display(b"a\x1b[31m\xff\n"), r"a\x1b[31m\xff\x0a");
        assert_eq!(display(br"a\x2d\xg\"), r"a\x5cx2d\xg\");
        assert_eq!(display(b"a b~/c\x7f"), r"a b~/c\x7f");
    }
}
