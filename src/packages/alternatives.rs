//! update-alternatives' database, of Debian's and Red Hat's families: which files stand behind a generic name.
//!
//! Who leaves is decided elsewhere; a choice whose file goes is taken out here, and the links follow the best of the rest.

use std::sync::Arc;

use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules::{Contents, Decisions, Edit};
use crate::tree::{NodeId, Tree};

use super::paths::Paths;
use super::read_file;

/// One file of the database. Paths are without the leading slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alternative {
    /// The file's name: that of the link in `etc/alternatives`.
    name: Vec<u8>,
    is_automatic: bool,
    /// The generic path.
    link: Vec<u8>,
    /// Names and generic paths that go along, such as manual pages.
    slaves: Vec<(Vec<u8>, Vec<u8>)>,
    choices: Vec<Choice>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Choice {
    path: Vec<u8>,
    priority: i64,
    /// The line of the priority; Red Hat's may name a family before and a service behind it.
    rank: Vec<u8>,
    /// In the order of the slaves; empty for one that it lacks.
    slaves: Vec<Vec<u8>>,
}

/// Reads all files of the database in `directory`; those that are not as they must be are left alone.
pub(crate) fn read(
    tree: &Tree,
    contents: &dyn Contents,
    directory: NodeId,
) -> Result<Vec<Alternative>> {
    let mut found = Vec::new();
    for (name, node) in tree.children(directory) {
        if tree.kind(node) == Kind::File {
            let bytes = read_file(tree, contents, node)?;
            found.extend(Alternative::parse(name, &bytes));
        }
    }
    Ok(found)
}

/// Takes out the choices whose files go, in the database in `directory` and in the links.
pub(crate) fn rewrite(
    tree: &Tree,
    directory: NodeId,
    alternatives: &[Alternative],
    reason: usize,
    decisions: &mut Decisions,
) {
    let mut paths = Paths::new(tree);
    for alternative in alternatives {
        let mut left = alternative.clone();
        left.choices.retain(|choice| {
            let node = paths.locate(&choice.path);
            node.is_none_or(|node| decisions.removed(node).is_none())
        });
        if left.choices.len() < alternative.choices.len() {
            settle(&mut left, &mut paths, reason, decisions);
            if let Some(file) = tree.child(directory, &left.name) {
                if left.choices.is_empty() {
                    remove(file, reason, decisions);
                } else if decisions.removed(file).is_none() {
                    decisions.edit(file, reason, Edit::Content(Arc::from(left.write())));
                }
            }
        }
    }
}

/// Lets the links follow the best choice where the one they follow goes.
fn settle(left: &mut Alternative, paths: &mut Paths<'_>, reason: usize, decisions: &mut Decisions) {
    let tree = paths.tree;
    let switch =
        |name: &[u8], paths: &mut Paths<'_>| paths.locate(&path::join(b"etc/alternatives", name));
    let followed = switch(&left.name, paths)
        .and_then(|node| tree.symlink_target(node))
        .and_then(|target| path::clean(target).ok());
    let follows = |choice: &Choice| Some(&choice.path) == followed.as_ref();
    if left.choices.iter().any(follows) {
        return;
    }
    left.is_automatic = true;
    for (name, link, choice) in left.places() {
        let switch = switch(&name, paths);
        let there = choice.filter(|choice| {
            let node = paths.locate(choice);
            node.is_some_and(|node| decisions.removed(node).is_none())
        });
        if let Some(choice) = there {
            if let Some(switch) = switch {
                let target = [b"/", &choice[..]].concat();
                decisions.edit(switch, reason, Edit::Target(target));
            }
            continue;
        }
        let own = [b"/etc/alternatives/", &name[..]].concat();
        let generic = paths.locate(&link);
        let generic = generic.filter(|&node| tree.symlink_target(node) == Some(&own));
        for node in generic.into_iter().chain(switch) {
            remove(node, reason, decisions);
        }
    }
}

/// A removal that an earlier rule said keeps its reason.
fn remove(node: NodeId, reason: usize, decisions: &mut Decisions) {
    if decisions.removed(node).is_none() {
        decisions.remove(node, reason);
    }
}

impl Alternative {
    /// Parses a file of that name; `None` for one that is not as it must be.
    fn parse(name: &[u8], file: &[u8]) -> Option<Self> {
        let mut lines = file
            .split_inclusive(|&b| b == b'\n')
            .map_while(|line| line.strip_suffix(b"\n"));
        let is_automatic = lines.next()? == b"auto";
        let link = path::clean(lines.next()?).ok()?;
        let mut slaves = Vec::new();
        loop {
            let slave = lines.next()?;
            if slave.is_empty() {
                break;
            }
            slaves.push((slave.to_vec(), path::clean(lines.next()?).ok()?));
        }
        let mut choices = Vec::new();
        loop {
            let choice = lines.next()?;
            if choice.is_empty() {
                break;
            }
            let rank = lines.next()?;
            let mut paths = Vec::with_capacity(slaves.len());
            for _ in &slaves {
                paths.push(path::clean(lines.next()?).ok()?);
            }
            choices.push(Choice {
                path: path::clean(choice).ok()?,
                priority: priority(rank)?,
                rank: rank.to_vec(),
                slaves: paths,
            });
        }
        Some(Self {
            name: name.to_vec(),
            is_automatic,
            link,
            slaves,
            choices,
        })
    }

    /// Writes the file.
    fn write(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let mut line = |text: &[u8], is_path: bool| {
            if is_path && !text.is_empty() {
                file.push(b'/');
            }
            file.extend_from_slice(text);
            file.push(b'\n');
        };
        line(
            if self.is_automatic {
                b"auto"
            } else {
                b"manual"
            },
            false,
        );
        line(&self.link, true);
        for (name, link) in &self.slaves {
            line(name, false);
            line(link, true);
        }
        line(b"", false);
        for choice in &self.choices {
            line(&choice.path, true);
            line(&choice.rank, false);
            for slave in &choice.slaves {
                line(slave, true);
            }
        }
        line(b"", false);
        file
    }

    /// The choice that automatic mode takes: the first of the highest priority.
    fn best(&self) -> Option<&Choice> {
        let highest = self.choices.iter().map(|choice| choice.priority).max()?;
        self.choices
            .iter()
            .find(|choice| choice.priority == highest)
    }

    /// Each link with its name, its generic path and what it leads to under the best choice.
    fn places(&self) -> Vec<Place> {
        let best = self.best();
        let own = best.map(|best| best.path.clone());
        let mut places = vec![(self.name.clone(), self.link.clone(), own)];
        for (number, (name, link)) in self.slaves.iter().enumerate() {
            let own = best.map(|best| best.slaves[number].clone());
            let own = own.filter(|own| !own.is_empty());
            places.push((name.clone(), link.clone(), own));
        }
        places
    }
}

type Place = (Vec<u8>, Vec<u8>, Option<Vec<u8>>);

/// The number in `20`, `@family@20` or `20 service`.
fn priority(rank: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(rank).ok()?;
    let text = text.rsplit('@').next().unwrap_or(text);
    text.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWK: &[u8] = b"auto\n/usr/bin/awk\nawk.1.gz\n/usr/share/man/man1/awk.1.gz\nnawk\n/usr/bin/nawk\n\n/usr/bin/gawk\n10\n/usr/share/man/man1/gawk.1.gz\n\n/usr/bin/mawk\n5\n/usr/share/man/man1/mawk.1.gz\n/usr/bin/mawk\n\n";

    #[test]
    fn the_file_is_written_as_it_was_read() {
        let awk = Alternative::parse(b"awk", AWK).unwrap();
        assert_eq!(awk.write(), AWK);
        assert_eq!(awk.best().unwrap().path, b"usr/bin/gawk");
        assert_eq!(awk.choices[0].slaves[1], b"");
        let none = Alternative::parse(b"none", b"manual\n/usr/bin/x\n\n/opt/x\n-3\n\n").unwrap();
        assert_eq!((none.is_automatic, none.choices[0].priority), (false, -3));
        let ld = b"auto\n/usr/bin/ld\n\n/usr/bin/ld.bfd\n@binutils@50\n/usr/bin/ld.gold\n30 x\n\n";
        let ld_read = Alternative::parse(b"ld", ld).unwrap();
        assert_eq!(ld_read.best().unwrap().priority, 50);
        assert_eq!(ld_read.write(), ld);
    }

    #[test]
    fn damaged_files_are_refused() {
        for length in 0..AWK.len() - 1 {
            assert_eq!(Alternative::parse(b"awk", &AWK[..length]), None, "{length}");
        }
    }
}
