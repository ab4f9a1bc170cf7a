//! Paths that stand in a program's texts: each is followed through the tree as far as it leads.
//!
//! Go keeps its texts without ends, one behind the other, so a name counts where the bytes begin with it; elsewhere a name
//! has to end where the text does.

use crate::layer::Kind;
use crate::tree::{NodeId, Tree};

use super::pieces::{BEHIND, Piece};

/// How deep a path is followed.
const DEPTH_MAX: usize = 32;
/// The longest name of a file, in bytes (Linux's `NAME_MAX`).
const NAME_MAX: usize = 255;
const _: () = assert!(DEPTH_MAX * (1 + NAME_MAX) <= BEHIND);

/// Calls `found` for each path in a text that leads into the image, with what it leads to: as deep as it is there.
///
/// Nothing is told of paths whose first component is not there.
pub fn paths(tree: &Tree, text: &[u8], found: &mut dyn FnMut(&[u8], NodeId)) {
    Literals::new(tree, false).take(&Piece::whole(text), found);
}

/// Looks for paths in the pieces of a file.
#[derive(Debug)]
pub struct Literals<'a> {
    tree: &'a Tree,
    loose: bool,
    /// How the names in the root begin: by their first byte, a bit for what the second one may be, by its lowest six bits.
    beginnings: [u64; 256],
    /// Where in the file the last path ends.
    past: u64,
}

impl<'a> Literals<'a> {
    /// Before the first piece; `loose` is for texts without ends.
    pub fn new(tree: &'a Tree, loose: bool) -> Self {
        let mut beginnings = [0; 256];
        for (name, _) in tree.children(NodeId::ROOT) {
            beginnings[usize::from(name[0])] |= name.get(1).map_or(u64::MAX, second);
        }
        Self {
            tree,
            loose,
            beginnings,
            past: 0,
        }
    }

    /// Calls `found` for each path that begins in a piece, as [`paths`] does.
    pub fn take(&mut self, piece: &Piece<'_>, found: &mut dyn FnMut(&[u8], NodeId)) {
        let bytes = piece.bytes;
        for from in memchr::memchr_iter(b'/', piece.finds(1)) {
            let from = piece.fresh.start + from;
            // `PATH=/opt/bin`, `--prefix=/opt`.
            let is_start =
                from == 0 || self.loose || bytes[from - 1] == b'=' || !is_of_name(bytes[from - 1]);
            let is_there = match bytes[from + 1..] {
                [] => false,
                [only] => self.beginnings[usize::from(only)] != 0,
                [first, next, ..] => self.beginnings[usize::from(first)] & second(&next) != 0,
            };
            if piece.at + (from as u64) < self.past || !is_start || !is_there {
                continue;
            }
            if let Some((end, node)) = follow(self.tree, bytes, from, self.loose) {
                found(&bytes[from..end], node);
                self.past = piece.at + end as u64;
            }
        }
    }
}

fn second(byte: &u8) -> u64 {
    1 << (byte & 63)
}

/// The end of the path that starts at `from`, and the deepest node on it.
fn follow(tree: &Tree, bytes: &[u8], from: usize, loose: bool) -> Option<(usize, NodeId)> {
    let (mut at, mut deepest) = (from, None);
    for _ in 0..DEPTH_MAX {
        let dir = deepest.unwrap_or(NodeId::ROOT);
        if bytes.get(at) != Some(&b'/') || tree.kind(dir) != Kind::Dir {
            break;
        }
        let Some(child) = child(tree, dir, &bytes[at + 1..], loose) else {
            break;
        };
        let Some(next) = tree.leads_to(child) else {
            break;
        };
        at += 1 + tree.name(child).len();
        deepest = Some(next);
    }
    deepest.map(|node| (at, node))
}

/// The child of `dir` with whose name `rest` begins.
fn child(tree: &Tree, dir: NodeId, rest: &[u8], loose: bool) -> Option<NodeId> {
    let rest = &rest[..rest.len().min(NAME_MAX)];
    if loose {
        return tree.longest_child(dir, rest);
    }
    let ends = rest.iter().position(|&byte| !is_of_name(byte));
    tree.child(dir, &rest[..ends.unwrap_or(rest.len())])
}

/// Whether a byte may stand in the name of a file that a program names.
fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-+@,~=".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::closure::pieces::tests::both;
    use crate::path;
    use crate::rules::example;

    fn found(text: &str, loose: bool) -> Vec<String> {
        let (tree, _) = example::image(&[
            ("etc/ssl/certs/ca-certificates.crt", "x"),
            ("etc/mime.types", "x"),
            ("usr/share/zoneinfo/UTC", "x"),
        ]);
        both(text.as_bytes(), |pieces| {
            let mut all = Vec::new();
            let mut literals = Literals::new(&tree, loose);
            let each = pieces.each(|piece| {
                literals.take(piece, &mut |text, node| {
                    let (text, to) = (path::display(text), path::display(&tree.path(node)));
                    all.push(format!("{text} {to}"));
                });
            });
            each.unwrap();
            all
        })
    }

    #[test]
    fn texts_of_go_run_into_each_other() {
        assert_eq!(
            found(
                "/etc/ssl/certs/ca-certificates.crt/etc/mime.typesgo/usr/share/zoneinfo/",
                true
            ),
            [
                "/etc/ssl/certs/ca-certificates.crt etc/ssl/certs/ca-certificates.crt",
                "/etc/mime.types etc/mime.types",
                "/usr/share/zoneinfo usr/share/zoneinfo",
            ]
        );
    }

    #[test]
    fn texts_with_ends_name_whole_paths() {
        assert_eq!(
            found(
                "\0/etc/mime.types\0x/etc/mime.types\0/etc/mime.typesx\0/nowhere\0",
                false
            ),
            ["/etc/mime.types etc/mime.types", "/etc etc"]
        );
        assert_eq!(
            found("\"/usr/share/zoneinfo/%s\"", false),
            ["/usr/share/zoneinfo usr/share/zoneinfo"]
        );
    }

    #[test]
    fn values_are_paths_too() {
        assert_eq!(
            found("PATH=/usr/share:$PATH --with=/etc/mime.types a-/etc", false),
            ["/usr/share usr/share", "/etc/mime.types etc/mime.types"]
        );
    }

    #[test]
    fn a_path_may_lie_across_pieces() {
        for before in 12_300..12_500 {
            let text = format!("{}\0/etc/mime.types\0/etc\0", "x".repeat(before));
            let (strict, loose) = (found(&text, false), found(&text, true));
            assert_eq!(strict, ["/etc/mime.types etc/mime.types", "/etc etc"]);
            assert_eq!(loose, strict);
        }
    }

    #[test]
    fn a_name_may_be_one_byte_long() {
        let (tree, _) = example::image(&[("a", "x"), ("bc", "x")]);
        for text in ["/a", "/a/x", "\0/a\0", "/bc", "/bc\n"] {
            let mut count = 0;
            paths(&tree, text.as_bytes(), &mut |_, _| count += 1);
            assert_eq!(count, 1, "{text:?}");
        }
        for text in ["/", "/b", "/ac", "/cb"] {
            paths(&tree, text.as_bytes(), &mut |text, _| panic!("{text:?}"));
        }
    }

    #[test]
    fn the_end_of_a_file_ends_a_path() {
        assert_eq!(
            found("/etc/mime.types", false),
            ["/etc/mime.types etc/mime.types"]
        );
        assert!(found("/", true).is_empty() && found("", true).is_empty());
    }
}
