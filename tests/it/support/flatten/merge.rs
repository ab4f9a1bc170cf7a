//! Layers laid over each other, as image-spec `layer.md` says: whiteouts first, as they act on lower layers only.

use std::collections::BTreeMap;

use super::node::{Kind, Node, Tree};
use super::parse::Item;

/// What an entry under a symbolic link of a lower layer does; runtimes differ and both are right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LowerLinks {
    /// It is written where the link leads (umoci, containerd's native snapshotter).
    Followed,
    /// A directory takes the link's place (overlay).
    Hidden,
}

/// A file system in memory.
#[derive(Clone, Debug)]
pub(crate) struct Fs {
    inodes: Vec<Inode>,
    lower_links: LowerLinks,
    layer: usize,
}

#[derive(Clone, Debug)]
struct Inode {
    node: Node,
    children: BTreeMap<Vec<u8>, usize>,
    layer: usize,
}

const ROOT: usize = 0;

impl Fs {
    pub(crate) fn new(lower_links: LowerLinks) -> Self {
        let mut fs = Self {
            inodes: Vec::new(),
            lower_links,
            layer: 0,
        };
        fs.make(implied());
        fs
    }

    /// The same with another view of links.
    pub(crate) fn with(self, lower_links: LowerLinks) -> Self {
        Self {
            lower_links,
            ..self
        }
    }

    /// Lays a whole layer over what is there.
    pub(crate) fn apply(&mut self, items: &[Item]) -> Result<(), String> {
        self.begin(items);
        for item in items.iter().filter(|item| deletion(&item.name).is_none()) {
            self.write(item)
                .map_err(|fault| format!("{}: {fault}", item.name.escape_ascii()))?;
        }
        Ok(())
    }

    /// Starts a layer: does what its whiteouts say.
    pub(crate) fn begin(&mut self, items: &[Item]) {
        self.layer += 1;
        for (dir, name) in items.iter().filter_map(|item| deletion(&item.name)) {
            let Some(dir) = self.find(&dir) else { continue };
            if name.is_empty() {
                self.inodes[dir].children.clear();
            } else {
                self.inodes[dir].children.remove(&name);
            }
        }
    }

    /// Writes one entry of the layer that was begun.
    pub(crate) fn write(&mut self, item: &Item) -> Result<(), String> {
        let path = components(&item.name)?;
        let kind = match item.typeflag {
            b'0' => Kind::File(item.content.clone()),
            b'1' => return self.link(&path, &components(&item.link)?),
            b'2' => Kind::Symlink(item.link.clone()),
            b'3' => Kind::Char(item.device.0, item.device.1),
            b'4' => Kind::Block(item.device.0, item.device.1),
            b'5' => Kind::Dir,
            b'6' => Kind::Fifo,
            other => return Err(format!("typeflag {other}")),
        };
        let node = Node {
            kind,
            mode: item.mode,
            uid: item.uid,
            gid: item.gid,
            mtime: Some(item.mtime),
            xattrs: item.xattrs.clone(),
            names: Vec::new(),
        };
        let Some((name, dir)) = path.split_last() else {
            self.inodes[ROOT].node = node;
            return Ok(());
        };
        let dir = self.parent(dir)?;
        let there = self.inodes[dir].children.get(name).copied();
        match there {
            Some(there) if node.kind == Kind::Dir && self.is_dir(there) => {
                self.inodes[there].node = node;
            }
            _ => {
                let inode = self.make(node);
                self.inodes[dir].children.insert(name.clone(), inode);
            }
        }
        Ok(())
    }

    fn link(&mut self, path: &[Vec<u8>], target: &[Vec<u8>]) -> Result<(), String> {
        let (name, dir) = path.split_last().ok_or("the root is no link")?;
        let dir = self.parent(dir)?;
        if path == target {
            return Err("a link to itself".into());
        }
        self.inodes[dir].children.remove(name);
        let (last, target) = target.split_last().ok_or("a link to the root")?;
        let target = self.parent_of_target(target)?;
        let inode = self.inodes[target].children.get(last).copied();
        let inode = inode.ok_or("a link to what is not there")?;
        if self.is_dir(inode) {
            return Err("a link to a directory".into());
        }
        self.inodes[dir].children.insert(name.clone(), inode);
        Ok(())
    }

    /// The directory at a path without following links, for whiteouts.
    fn find(&self, path: &[Vec<u8>]) -> Option<usize> {
        path.iter().try_fold(ROOT, |dir, name| {
            let child = *self.inodes[dir].children.get(name)?;
            self.is_dir(child).then_some(child)
        })
    }

    /// The directory to write into: links are followed inside the root, missing directories are made.
    fn parent(&mut self, path: &[Vec<u8>]) -> Result<usize, String> {
        self.walk(path, true)
    }

    fn parent_of_target(&mut self, path: &[Vec<u8>]) -> Result<usize, String> {
        self.walk(path, false)
    }

    fn walk(&mut self, path: &[Vec<u8>], make: bool) -> Result<usize, String> {
        let mut left: Vec<Vec<u8>> = path.iter().rev().cloned().collect();
        let mut trail = vec![ROOT];
        let mut hops = 0;
        while let Some(name) = left.pop() {
            let dir = trail[trail.len() - 1];
            if name == b"." {
                continue;
            }
            if name == b".." {
                trail.truncate(trail.len().max(2) - 1);
                continue;
            }
            let child = self.inodes[dir].children.get(&name).copied();
            let child = child.filter(|&child| !self.is_hidden_link(child));
            let Some(child) = child else {
                if !make {
                    return Err("a parent is not there".into());
                }
                let child = self.make(implied());
                self.inodes[dir].children.insert(name, child);
                trail.push(child);
                continue;
            };
            match &self.inodes[child].node.kind {
                Kind::Dir => trail.push(child),
                Kind::Symlink(target) => {
                    hops += 1;
                    if hops > 40 {
                        return Err("links without end".into());
                    }
                    if target.starts_with(b"/") {
                        trail.truncate(1);
                    }
                    left.extend(split(target).rev());
                }
                _ => return Err("a parent is no directory".into()),
            }
        }
        Ok(trail[trail.len() - 1])
    }

    fn is_hidden_link(&self, inode: usize) -> bool {
        let inode = &self.inodes[inode];
        self.lower_links == LowerLinks::Hidden
            && inode.layer < self.layer
            && matches!(inode.node.kind, Kind::Symlink(_))
    }

    fn is_dir(&self, inode: usize) -> bool {
        self.inodes[inode].node.kind == Kind::Dir
    }

    fn make(&mut self, node: Node) -> usize {
        self.inodes.push(Inode {
            node,
            children: BTreeMap::new(),
            layer: self.layer,
        });
        self.inodes.len() - 1
    }

    /// What is there at last.
    pub(crate) fn tree(&self) -> Tree {
        let mut places: Vec<(Vec<u8>, usize)> = vec![(Vec::new(), ROOT)];
        let mut at = 0;
        while at < places.len() {
            let (path, inode) = places[at].clone();
            for (name, child) in &self.inodes[inode].children {
                let slash: &[u8] = if path.is_empty() { b"" } else { b"/" };
                places.push(([&path[..], slash, name].concat(), *child));
            }
            at += 1;
        }
        let mut names: BTreeMap<usize, Vec<Vec<u8>>> = BTreeMap::new();
        for (path, inode) in &places {
            names.entry(*inode).or_default().push(path.clone());
        }
        places
            .into_iter()
            .map(|(path, inode)| {
                let mut node = self.inodes[inode].node.clone();
                if names[&inode].len() > 1 {
                    node.names.clone_from(&names[&inode]);
                    node.names.sort();
                }
                (path, node)
            })
            .collect()
    }
}

fn implied() -> Node {
    Node {
        kind: Kind::Dir,
        mode: 0o755,
        uid: 0,
        gid: 0,
        mtime: None,
        xattrs: BTreeMap::new(),
        names: Vec::new(),
    }
}

/// The directory and the name that a whiteout deletes; no name for an opaque marker.
pub(crate) fn deletion(name: &[u8]) -> Option<(Vec<Vec<u8>>, Vec<u8>)> {
    let mut path: Vec<Vec<u8>> = split(name).collect();
    let last = path.pop()?;
    let deleted = last.strip_prefix(b".wh.")?;
    if deleted == b".wh..opq" {
        return Some((path, Vec::new()));
    }
    Some((path, deleted.to_vec()))
}

/// The components of a name, cleaned lexically.
pub(crate) fn components(name: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let mut path = Vec::new();
    for component in split(name) {
        match &component[..] {
            b"." => {}
            b".." => {
                path.pop().ok_or("out of the root")?;
            }
            _ => path.push(component),
        }
    }
    Ok(path)
}

fn split(name: &[u8]) -> impl DoubleEndedIterator<Item = Vec<u8>> {
    name.split(|&b| b == b'/')
        .filter(|component| !component.is_empty())
        .map(<[u8]>::to_vec)
}
