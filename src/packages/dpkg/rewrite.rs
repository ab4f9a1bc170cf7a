//! Writes dpkg's database again without the packages that leave, so that dpkg, apt and scanners see what is there.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use md5::{Digest as _, Md5};

use crate::error::{Result, Warning};
use crate::layer::Kind;
use crate::path;
use crate::rules::{Decisions, Edit};
use crate::tree::NodeId;

use super::super::alternatives;
use super::super::paths::Paths;
use super::super::read_file;
use super::super::removal::{Leaving, Subject};
use super::super::stanza::without;
use super::diversions::{self, Diversion};
use super::paragraph::paragraphs;
use super::{Dpkg, read};

/// Takes the leaving packages' rows out of everything.
pub(crate) fn rewrite(
    subject: &Subject<'_>,
    records: &Dpkg,
    leaving: &Leaving,
    decisions: &mut Decisions,
    warnings: &mut Vec<Warning>,
) -> Result<()> {
    let any = leaving.values().next().copied().unwrap_or_default();
    let mut rewrite = Rewrite {
        subject,
        records,
        leaving,
        any,
        decisions,
        warnings,
    };
    rewrite.warn_of_changed_conffiles()?;
    rewrite.status();
    rewrite.info();
    rewrite.marks();
    rewrite.triggers()?;
    rewrite.diversions()?;
    rewrite.statoverride()?;
    rewrite.alternatives();
    rewrite.copies();
    Ok(())
}

struct Rewrite<'a> {
    subject: &'a Subject<'a>,
    records: &'a Dpkg,
    leaving: &'a Leaving,
    /// A reason for what belongs to no one package.
    any: usize,
    decisions: &'a mut Decisions,
    warnings: &'a mut Vec<Warning>,
}

impl Rewrite<'_> {
    fn file(&self, name: &[u8]) -> Option<NodeId> {
        let node = self.subject.tree.child(self.records.directory, name)?;
        (self.subject.tree.kind(node) == Kind::File).then_some(node)
    }

    fn read(&self, node: NodeId) -> Result<Vec<u8>> {
        read_file(self.subject.tree, self.subject.contents, node)
    }

    /// A removal that an earlier rule said keeps its reason.
    fn remove(&mut self, node: NodeId, reason: usize) {
        if self.decisions.removed(node).is_none() {
            self.decisions.remove(node, reason);
        }
    }

    fn write(&mut self, node: NodeId, content: Vec<u8>) {
        if self.decisions.removed(node).is_none() {
            let content = Edit::Content(Arc::from(content));
            self.decisions.edit(node, self.any, content);
        }
    }

    /// The leaving packages' names without and with the architecture, as the database's files may write them.
    fn names(&self) -> HashSet<String> {
        let database = self.subject.database;
        let staying: HashSet<&str> = (0u32..)
            .zip(database.packages())
            .filter(|(number, _)| !self.leaving.contains_key(number))
            .map(|(_, package)| &package.name[..])
            .collect();
        let mut names = HashSet::new();
        for &number in self.leaving.keys() {
            let package = database.package(number);
            names.insert(format!("{}:{}", package.name, package.architecture));
            if !staying.contains(&package.name[..]) {
                names.insert(package.name.clone());
            }
        }
        names
    }

    fn warn_of_changed_conffiles(&mut self) -> Result<()> {
        let Some(status) = &self.records.status else {
            return Ok(());
        };
        let mut paths = Paths::new(self.subject.tree);
        for &number in self.leaving.keys() {
            let Some(range) = &self.records.paragraphs[number as usize] else {
                continue;
            };
            for paragraph in paragraphs(&status.bytes[range.clone()]) {
                for (conffile, sum) in read::conffiles(&paragraph) {
                    let node = paths.locate(&conffile);
                    let file = node.filter(|&node| self.subject.tree.kind(node) == Kind::File);
                    if let Some(file) = file
                        && hexadecimal(&Md5::digest(self.read(file)?)).as_bytes() != sum
                    {
                        let text = format!(
                            "`/{}`, a configuration of `{}` that was changed, leaves with it",
                            path::display(&conffile),
                            self.subject.database.label(number)
                        );
                        let code = "conffile-changed";
                        self.warnings.push(Warning { code, text });
                    }
                }
            }
        }
        Ok(())
    }

    fn status(&mut self) {
        let Some(status) = &self.records.status else {
            return;
        };
        let of = |number: &u32| self.records.paragraphs[*number as usize].clone();
        let mut ranges: Vec<_> = self.leaving.keys().filter_map(of).collect();
        ranges.sort_by_key(|range| range.start);
        if !ranges.is_empty() {
            self.write(status.node, without(&status.bytes, &ranges));
        }
    }

    /// Own files leave whole; the file that says how `info` is laid out stays, or dpkg would miss every list.
    fn info(&mut self) {
        for (&number, &reason) in self.leaving {
            for &file in &self.records.info[number as usize] {
                self.remove(file, reason);
            }
        }
    }

    fn marks(&mut self) {
        let Some(marks) = &self.records.extended_states else {
            return;
        };
        let native = &self.records.native;
        let gone: HashSet<(String, String)> = self
            .leaving
            .keys()
            .map(|&number| {
                let package = self.subject.database.package(number);
                read::mark(&package.name, &package.architecture, native)
            })
            .collect();
        let ranges: Vec<_> = paragraphs(&marks.bytes)
            .iter()
            .filter(|paragraph| gone.contains(&read::marked(paragraph, native)))
            .map(|paragraph| paragraph.range.clone())
            .collect();
        if !ranges.is_empty() {
            self.write(marks.node, without(&marks.bytes, &ranges));
        }
    }

    /// `triggers/File` and `Unincorp` name the trigger first, all others hold one package a line.
    fn triggers(&mut self) -> Result<()> {
        let tree = self.subject.tree;
        let Some(folder) = tree.child(self.records.directory, b"triggers") else {
            return Ok(());
        };
        let names = self.names();
        let files: Vec<NodeId> = tree.children(folder).map(|(_, node)| node).collect();
        for file in files.into_iter().filter(|&file| tree.size(file) > 0) {
            let is_first = !matches!(tree.name(file), b"File" | b"Unincorp");
            let before = self.read(file)?;
            let after = without_names(&before, is_first, &names);
            if after.is_empty() && is_first {
                self.remove(file, self.any);
            } else if after != before {
                self.write(file, after);
            }
        }
        Ok(())
    }

    /// A diversion leaves with its diverter; the diverted file gets its name back by its content.
    fn diversions(&mut self) -> Result<()> {
        let Some((file, list)) = &self.records.diversions else {
            return Ok(());
        };
        let names = self.names();
        let leaves =
            |diversion: &&Diversion| names.contains(&*String::from_utf8_lossy(&diversion.by));
        let mut paths = Paths::new(self.subject.tree);
        for diversion in list.iter().filter(leaves) {
            if let Some(to) = paths.locate(&diversion.to)
                && let Some(from) = paths.locate(&diversion.from)
                && self.decisions.removed(to).is_none()
            {
                let edit = match self.subject.tree.symlink_target(to) {
                    Some(target) => Edit::Target(target.to_vec()),
                    None => Edit::Content(Arc::from(self.read(to)?)),
                };
                self.decisions.edit(from, self.any, edit);
                self.decisions.remove(to, self.any);
            }
        }
        if list.iter().any(|diversion| leaves(&diversion)) {
            let staying = list.iter().filter(|diversion| !leaves(diversion));
            self.write(*file, diversions::write(staying));
        }
        Ok(())
    }

    /// Overrides of mode and owner leave with the path; dpkg's lines end with it.
    fn statoverride(&mut self) -> Result<()> {
        let Some(file) = self.file(b"statoverride") else {
            return Ok(());
        };
        let before = self.read(file)?;
        let mut paths = Paths::new(self.subject.tree);
        let mut after = Vec::with_capacity(before.len());
        for line in before.split_inclusive(|&b| b == b'\n') {
            let at = line.trim_ascii_end().rsplit(|&b| b == b' ').next();
            let at = at.and_then(|at| path::clean(at).ok()).unwrap_or_default();
            let node = paths.locate(&at);
            if node.is_none_or(|node| self.decisions.removed(node).is_none()) {
                after.extend_from_slice(line);
            }
        }
        if after != before {
            self.write(file, after);
        }
        Ok(())
    }

    fn alternatives(&mut self) {
        let folder = self
            .subject
            .tree
            .child(self.records.directory, b"alternatives");
        if let Some(folder) = folder {
            let list = &self.records.alternatives;
            alternatives::rewrite(self.subject.tree, folder, list, self.any, self.decisions);
        }
    }

    /// Older copies and derived lists still name what leaves.
    fn copies(&mut self) {
        let names: BTreeSet<&[u8]> = [
            &b"status-old"[..],
            b"available",
            b"available-old",
            b"diversions-old",
            b"statoverride-old",
        ]
        .into();
        for name in names {
            if let Some(node) = self.file(name) {
                self.remove(node, self.any);
            }
        }
    }
}

/// Takes lines, or names in lines, out of a file of triggers.
fn without_names(file: &[u8], is_first: bool, names: &HashSet<String>) -> Vec<u8> {
    let is_gone = |word: &str| {
        let name = word.split('/').next().unwrap_or(word);
        names.contains(name)
    };
    let mut kept = Vec::with_capacity(file.len());
    for line in file.split_inclusive(|&b| b == b'\n') {
        let text = String::from_utf8_lossy(line);
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let (lead, packages) = words.split_at(usize::from(!is_first).min(words.len()));
        let left: Vec<&str> = packages
            .iter()
            .copied()
            .filter(|word| !is_gone(word))
            .collect();
        if left.len() == packages.len() {
            kept.extend_from_slice(line);
        } else if !left.is_empty() {
            kept.extend_from_slice([lead, &left].concat().join(" ").as_bytes());
            kept.push(b'\n');
        }
    }
    kept
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triggers_lose_names_and_lines() {
        let names: HashSet<String> = ["man-db".to_owned(), "libc-bin:i386".to_owned()].into();
        let file = b"/usr/share/man man-db/noawait\n/etc/ld.so.conf.d libc-bin\n";
        assert_eq!(
            without_names(file, false, &names),
            b"/etc/ld.so.conf.d libc-bin\n"
        );
        let pending = b"ldconfig libc-bin man-db\n/usr/share/man man-db\n";
        assert_eq!(
            without_names(pending, false, &names),
            b"ldconfig libc-bin\n"
        );
        assert_eq!(
            without_names(b"libc-bin\nman-db\n", true, &names),
            b"libc-bin\n"
        );
    }
}
