//! Random layer stacks: small names, so that layers collide, and nothing on which real runtimes disagree.
//!
//! What is drawn is legalised against the oracle: an entry that no runtime would unpack, or that two would unpack
//! differently, is left out.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::codec::{Codec, Gzip, Zstd};
use super::entry::{Dialect, Entry};
use super::flatten::{Fs, Kind, LowerLinks, Node, Tree, parse};
use super::image::{Image, image};
use super::layer::{End, Layer};
use super::sparse;

/// One step of a layer, as drawn.
#[derive(Clone, Debug)]
struct Step {
    what: What,
    path: Vec<&'static [u8]>,
    attributes: Attributes,
    /// How the name is written: `a`, `./a`, `/a`, `x/../a`.
    style: u8,
}

#[derive(Clone, Debug)]
enum What {
    File(Vec<u8>),
    Sparse(u8),
    Dir,
    Symlink(&'static [u8]),
    /// To one of the things that are there, by this number.
    HardLink(usize),
    Char,
    Block,
    Fifo,
    Whiteout,
    Opaque,
}

#[derive(Clone, Debug)]
struct Attributes {
    mode: u32,
    uid: i64,
    mtime: (i64, u32),
    xattr: Option<(&'static [u8], &'static [u8])>,
    gnu: bool,
}

const LONG: &[u8] = &[b'l'; 120];
const NAMES: [&[u8]; 9] = [
    b"a",
    b"b",
    b"c",
    b"d",
    b"ab",
    b".e",
    b"\xff\xfe",
    b"x y",
    LONG,
];
const TARGETS: [&[u8]; 7] = [b"a", b"b", b"/a", b"../b", b"/a/b", b"c/../d", b"nowhere"];

/// Images of one to five layers.
pub(crate) fn stacks() -> impl Strategy<Value = Image> {
    vec((vec(step(), 0..14), end(), codec()), 1..=5).prop_map(|layers| legal(&layers))
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![
        8 => Just(End::TwoBlocks),
        1 => Just(End::Raw(Vec::new())),
        1 => Just(End::Unpadded),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    (what(), path(), attributes(), 0..12_u8).prop_map(|(what, path, attributes, style)| Step {
        what,
        path,
        attributes,
        style,
    })
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        8 => content().prop_map(What::File),
        6 => Just(What::Dir),
        3 => select(&TARGETS[..]).prop_map(What::Symlink),
        4 => any::<usize>().prop_map(What::HardLink),
        4 => Just(What::Whiteout),
        2 => Just(What::Opaque),
        1 => (0..4_u8).prop_map(What::Sparse),
        1 => prop_oneof![Just(What::Char), Just(What::Block), Just(What::Fifo)],
    ]
}

/// Short, or a few blocks, so that padding and whole blocks both occur.
fn content() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(Vec::new()),
        vec(any::<u8>(), 1..40),
        (any::<u8>(), 500..3000_usize).prop_map(|(byte, length)| vec![byte; length]),
    ]
}

fn path() -> impl Strategy<Value = Vec<&'static [u8]>> {
    let name = prop_oneof![6 => select(&NAMES[..4]), 1 => select(&NAMES[4..])];
    prop_oneof![19 => vec(name, 1..4), 1 => Just(Vec::new())]
}

fn attributes() -> impl Strategy<Value = Attributes> {
    let mode = select(&[0o644, 0o755, 0o600, 0o4755, 0o2711, 0o1777, 0o000][..]);
    let uid = select(&[0, 1000, 65_534, 2_097_152][..]);
    let mtime = select(
        &[
            (0, 0),
            (1_600_000_000, 0),
            (1_700_000_000, 123_456_789),
            (-2, 500_000_000),
        ][..],
    );
    let xattr = prop_oneof![
        6 => Just(None),
        1 => Just(Some((&b"user.note"[..], &b"line\nline=2\0"[..]))),
        1 => Just(Some((&b"user.tag"[..], &b"\xff"[..]))),
    ];
    (mode, uid, mtime, xattr, prop::bool::weighted(0.15)).prop_map(
        |(mode, uid, mtime, xattr, gnu)| Attributes {
            mode,
            uid,
            mtime,
            xattr,
            gnu,
        },
    )
}

fn codec() -> impl Strategy<Value = Codec> {
    prop_oneof![
        6 => (1..=9_u32).prop_map(Codec::gzip),
        1 => (1..4_usize, any::<bool>()).prop_map(|(members, fields)| {
            Codec::Gzip(Gzip { level: 6, members, fields })
        }),
        1 => Just(Codec::Plain),
        2 => (1..3_usize, any::<bool>()).prop_map(|(frames, skippable)| {
            Codec::Zstd(Zstd { level: 3, frames, skippable })
        }),
    ]
}

fn legal(layers: &[(Vec<Step>, End, Codec)]) -> Image {
    let mut stack = image();
    let mut followed = Fs::new(LowerLinks::Followed);
    for (steps, end, codec) in layers {
        let layer = Draft::of(steps, &followed).layer();
        followed.apply(&parse(&layer.tar())).unwrap();
        // Not all tools read a layer without a single byte.
        let end = match body(&layer)[..] {
            [] => End::TwoBlocks,
            _ => end.clone(),
        };
        stack = stack.add(layer.end(end).codec(codec.clone()));
    }
    stack
}

/// A layer that grows by the steps that are legal.
struct Draft {
    below: Tree,
    /// The markers and where they stand among the steps.
    markers: Vec<(usize, Layer)>,
    entries: Vec<(usize, Vec<u8>)>,
}

impl Draft {
    fn of(steps: &[Step], lower: &Fs) -> Self {
        let mut draft = Self {
            below: lower.tree(),
            markers: Vec::new(),
            entries: Vec::new(),
        };
        let mut deleted = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            draft.mark(at, step, &mut deleted);
        }
        let markers = draft.markers.iter();
        let markers: Vec<u8> = markers.flat_map(|(_, layer)| body(layer)).collect();
        let mut views = [lower.clone(), lower.clone().with(LowerLinks::Hidden)];
        for view in &mut views {
            view.begin(&parse(&markers));
        }
        for (at, step) in steps.iter().enumerate() {
            draft.write(at, step, &mut views);
        }
        draft
    }

    /// Takes a whiteout or an opaque marker if its directory is a plain one below and stays one.
    fn mark(&mut self, at: usize, step: &Step, deleted: &mut Vec<(Vec<u8>, Vec<u8>)>) {
        let path = step.path.join(&b'/');
        let (dir, layer) = match step.what {
            What::Whiteout if !path.is_empty() => {
                (parent(&path).to_vec(), Layer::new().whiteout(&path))
            }
            What::Opaque => (path.clone(), Layer::new().opaque(&path)),
            _ => return,
        };
        let is_plain = self.below.get(&dir).is_some_and(|n| n.kind == Kind::Dir);
        let crosses = deleted
            .iter()
            .any(|(other, gone)| is_under(&dir, gone) || is_under(other, &path));
        if is_plain && !crosses {
            deleted.push((dir, path));
            self.markers.push((at, layer));
        }
    }

    /// Takes an entry if all runtimes make the same of it.
    fn write(&mut self, at: usize, step: &Step, views: &mut [Fs; 2]) {
        let tree = views[0].tree();
        let Some(bytes) = self.entry(step, &tree) else {
            return;
        };
        let items = parse(&bytes);
        let mut next = views.clone();
        let written = next
            .iter_mut()
            .all(|view| items.iter().all(|item| view.write(item).is_ok()));
        let [followed, hidden] = [next[0].tree(), next[1].tree()];
        if written && followed == hidden && self.markers_stand(&followed) {
            self.entries.push((at, bytes));
            *views = next;
        }
    }

    fn markers_stand(&self, tree: &Tree) -> bool {
        self.markers.iter().all(|(_, layer)| {
            let name = &parse(&body(layer))[0].name;
            let dir = parent(name);
            tree.get(dir).is_some_and(|node| node.kind == Kind::Dir)
        })
    }

    fn entry(&self, step: &Step, tree: &Tree) -> Option<Vec<u8>> {
        let path = step.path.join(&b'/');
        let directory = parent(&path);
        let mut bytes = Vec::new();
        if !path.is_empty() && !reaches_directory(tree, directory) {
            bytes = self.parents(directory, tree)?;
        }
        let name = styled(&path, step.style);
        let entry = match &step.what {
            What::Whiteout | What::Opaque => return None,
            What::Dir => Entry::dir(name),
            _ if path.is_empty() => return None,
            What::File(content) => Entry::file(name, content),
            What::Symlink(target) => Entry::symlink(name, target),
            What::Char => Entry::char_device(name, 1, 3),
            What::Block => Entry::block_device(name, 7, 0),
            What::Fifo => Entry::fifo(name),
            What::Sparse(form) => return Some([bytes, sparse_file(&name, *form)?].concat()),
            What::HardLink(number) => {
                let targets: Vec<_> = tree.iter().filter(|(_, n)| n.kind != Kind::Dir).collect();
                let (target, node) = targets.get(number % targets.len().max(1))?;
                let link = Entry::hardlink(name, target);
                bytes.extend(as_target(link, node).bytes());
                return Some(bytes);
            }
        };
        bytes.extend(dressed(entry, &step.attributes).bytes());
        Some(bytes)
    }

    /// What must come before an entry in a directory that is not there: nothing, as parents are implied, unless
    /// something lay there that this layer deletes; then the directory is told, as runtimes differ in what they imply.
    fn parents(&self, directory: &[u8], tree: &Tree) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let ends = directory.iter().enumerate().filter(|(_, b)| **b == b'/');
        let ends: Vec<usize> = ends.map(|(at, _)| at).chain([directory.len()]).collect();
        for end in ends {
            let path = &directory[..end];
            match tree.get(path).map(|node| &node.kind) {
                Some(Kind::Dir) => {}
                Some(_) => return None,
                None if self.below.contains_key(path) => bytes.extend(Entry::dir(path).bytes()),
                None => {}
            }
        }
        Some(bytes)
    }

    fn layer(&self) -> Layer {
        let markers = self.markers.iter().map(|(at, layer)| (*at, body(layer)));
        let mut all: Vec<(usize, Vec<u8>)> = markers.chain(self.entries.clone()).collect();
        all.sort_by_key(|(at, _)| *at);
        all.iter()
            .fold(Layer::new(), |layer, (_, bytes)| layer.raw(bytes))
    }
}

/// A layer's bytes without its end.
fn body(layer: &Layer) -> Vec<u8> {
    let mut tar = layer.tar();
    tar.truncate(tar.len() - 1024);
    tar
}

/// Whether a path leads to a directory that is there, through links or not.
fn reaches_directory(tree: &Tree, path: &[u8]) -> bool {
    let mut left: Vec<&[u8]> = path.split(|&b| b == b'/').rev().collect();
    let mut at: Vec<u8> = Vec::new();
    let mut steps = 0;
    while let Some(name) = left.pop() {
        steps += 1;
        match name {
            b"" | b"." => continue,
            b".." => at = parent(&at).to_vec(),
            _ => {
                let next = join(&at, name);
                match tree.get(&next).map(|node| &node.kind) {
                    Some(Kind::Dir) => at = next,
                    Some(Kind::Symlink(target)) if steps < 40 => {
                        if target.starts_with(b"/") {
                            at.clear();
                        }
                        left.extend(target.split(|&b| b == b'/').rev());
                    }
                    _ => return false,
                }
            }
        }
    }
    true
}

fn sparse_file(name: &[u8], form: u8) -> Option<Vec<u8>> {
    let name = str::from_utf8(name).ok()?;
    let fragments: [(u64, &[u8]); 2] = [(0, b"start"), (4096, &[b'z'; 512])];
    let size = 9000;
    (name.len() < 80).then(|| match form {
        0 => sparse::gnu(name, size, &fragments),
        1 => sparse::pax_0_0(name, size, &fragments).bytes(),
        2 => sparse::pax_0_1(name, size, &fragments).bytes(),
        _ => sparse::pax_1_0(name, size, &fragments).bytes(),
    })
}

/// A link's header repeats what its target has, as tars do.
fn as_target(link: Entry, target: &Node) -> Entry {
    let (seconds, nanos) = target.mtime.unwrap_or_default();
    link.mode(target.mode)
        .owner(target.uid, target.gid)
        .mtime(seconds, nanos)
}

fn dressed(entry: Entry, attributes: &Attributes) -> Entry {
    let is_link = entry.typeflag == b'2';
    // What is made in a directory with this bit has it too, on disk.
    let inherited = if entry.typeflag == b'5' { 0o2000 } else { 0 };
    let (seconds, nanos) = attributes.mtime;
    let mut entry = entry.owner(attributes.uid, 0).mtime(seconds, nanos);
    if !is_link {
        entry = entry.mode(attributes.mode & !inherited);
    }
    let takes_xattrs = matches!(entry.typeflag, b'0' | b'5');
    match attributes.xattr {
        Some((name, value)) if takes_xattrs && !attributes.gnu => entry.xattr(name, value),
        _ if attributes.gnu => entry.mtime(seconds, 0).dialect(Dialect::Gnu),
        _ => entry,
    }
}

fn styled(path: &[u8], style: u8) -> Vec<u8> {
    let prefix: &[u8] = match style {
        0..3 => b"./",
        3 => b"/",
        4 => b"x/../",
        _ if path.is_empty() => b"./",
        _ => b"",
    };
    [prefix, path].concat()
}

fn join(dir: &[u8], name: &[u8]) -> Vec<u8> {
    let slash: &[u8] = if dir.is_empty() { b"" } else { b"/" };
    [dir, slash, name].concat()
}

fn parent(path: &[u8]) -> &[u8] {
    let slash = path.iter().rposition(|&b| b == b'/');
    slash.map_or(b"", |slash| &path[..slash])
}

fn is_under(path: &[u8], dir: &[u8]) -> bool {
    let rest = path.strip_prefix(dir);
    dir.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}
