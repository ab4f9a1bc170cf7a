//! Reads dpkg's database from the tree.

use std::collections::{BTreeMap, HashSet};

use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules::Contents;
use crate::tree::{NodeId, Tree};

use super::super::alternatives;
use super::super::package::{Database, Manager, Package, Records};
use super::super::paths::Paths;
use super::super::read_file;
use super::diversions;
use super::listing::{Listing, Lists};
use super::paragraph::{Paragraph, paragraphs};
use super::relation::{self, Index, Offer};
use super::{Dpkg, Stored};

/// Reads the database; `None` where the image has none.
///
/// # Errors
/// When a file of it cannot be read.
pub(crate) fn read(
    tree: &Tree,
    contents: &dyn Contents,
    distribution: &str,
) -> Result<Option<Database>> {
    let Some(directory) = tree.resolve(b"var/lib/dpkg") else {
        return Ok(None);
    };
    let mut found = Found::new(stored(tree, contents, directory, b"status")?);
    if let Some(folder) = tree.child(directory, b"status.d") {
        found.add_folder(tree, contents, folder)?;
    }
    if found.rows.is_empty() {
        return Ok(None);
    }
    let native = found.native(tree, contents, directory)?;
    let marks = stored_at(tree, contents, b"var/lib/apt/extended_states")?;
    let diversions = stored(tree, contents, directory, b"diversions")?
        .map(|file| (file.node, diversions::parse(&file.bytes)));
    let diverted = diversions.as_ref().map_or(&[][..], |(_, list)| list);
    let lists = Lists::new(tree, directory);
    let mut paths = Paths::new(tree);
    let (mut packages, mut owned) = (Vec::new(), Vec::new());
    let mut records = Dpkg {
        directory,
        native: native.clone(),
        status: None,
        paragraphs: Vec::new(),
        info: Vec::new(),
        unlisted: Vec::new(),
        extended_states: None,
        diversions: None,
        alternatives: match tree.child(directory, b"alternatives") {
            Some(folder) => alternatives::read(tree, contents, folder)?,
            None => Vec::new(),
        },
    };
    let automatic = marks.as_ref().map(|marks| automatic(marks, &native));
    let automatic = automatic.unwrap_or_default();
    let needs = found.relations(&native);
    for (row, (needs, wants)) in found.rows.iter().zip(needs) {
        let own_info = match &row.place {
            Place::Status(_) => lists.of(&row.name, &row.architecture),
            Place::Folder(files) => files.clone(),
        };
        let listing = Listing {
            tree,
            contents,
            files: &own_info,
        };
        let mut own = listing.owned(&row.name, diverted, &mut paths)?;
        records.unlisted.push(own.is_none());
        for conffile in &row.conffiles {
            let place = diversions::divert(diverted, &row.name, conffile);
            own.get_or_insert_default().extend(paths.locate(place));
        }
        owned.push(own.unwrap_or_default());
        records.info.push(own_info);
        records.paragraphs.push(match &row.place {
            Place::Status(range) => Some(range.clone()),
            Place::Folder(_) => None,
        });
        packages.push(Package {
            name: row.name.clone(),
            source: row.source.clone(),
            version: row.version.clone(),
            architecture: row.architecture.clone(),
            automatic: automatic.contains(&mark(&row.name, &row.architecture, &native)),
            essential: row.essential,
            needs,
            wants,
            joins: Vec::new(),
            files: (0, 0),
        });
    }
    records.status = found.status;
    records.extended_states = marks;
    records.diversions = diversions;
    Ok(Some(Database::new(
        Manager::Dpkg,
        distribution.to_owned(),
        packages,
        owned,
        paths.aliases(),
        Records::Dpkg(Box::new(records)),
    )))
}

/// Where a package's paragraph stands.
#[derive(Debug)]
enum Place {
    Status(std::ops::Range<usize>),
    /// Its own files in `status.d`.
    Folder(Vec<NodeId>),
}

/// What a paragraph says of an installed package.
#[derive(Debug)]
struct Row {
    place: Place,
    name: String,
    source: String,
    version: String,
    architecture: String,
    multi_arch: String,
    essential: Option<&'static str>,
    depends: String,
    recommends: String,
    provides: String,
    conffiles: Vec<Vec<u8>>,
}

impl Row {
    fn new(paragraph: &Paragraph<'_>, place: Place) -> Self {
        let depends = [paragraph.text("Pre-Depends"), paragraph.text("Depends")];
        let essential = ["Essential", "Protected", "Important"];
        Self {
            place,
            name: paragraph.text("Package"),
            source: source(paragraph),
            version: paragraph.text("Version"),
            architecture: paragraph.text("Architecture"),
            multi_arch: paragraph.text("Multi-Arch"),
            essential: essential
                .into_iter()
                .find(|field| paragraph.says_yes(field)),
            depends: depends.join(","),
            recommends: paragraph.text("Recommends"),
            provides: paragraph.text("Provides"),
            conffiles: conffiles(paragraph).map(|(path, _)| path).collect(),
        }
    }
}

/// The source package: the field names it where it is another, with its version in parentheses where that is.
fn source(paragraph: &Paragraph<'_>) -> String {
    let field = paragraph.text("Source");
    let named = field.split_ascii_whitespace().next();
    named.map_or_else(|| paragraph.text("Package"), str::to_owned)
}

/// The conffiles of a paragraph with their MD5 sums; paths without the leading slash.
pub(super) fn conffiles<'a>(
    paragraph: &Paragraph<'a>,
) -> impl Iterator<Item = (Vec<u8>, &'a [u8])> + use<'a> {
    let field = paragraph.field("Conffiles").unwrap_or_default();
    field.split(|&b| b == b'\n').filter_map(|line| {
        let mut words = line.trim_ascii().split(|&b| b == b' ');
        let (path, sum) = (words.next()?, words.next()?);
        Some((path::clean(path).ok()?, sum))
    })
}

/// All installed packages' rows.
#[derive(Debug)]
struct Found {
    status: Option<Stored>,
    rows: Vec<Row>,
}

impl Found {
    fn new(status: Option<Stored>) -> Self {
        let rows = status.as_ref().map_or(Vec::new(), |status| {
            paragraphs(&status.bytes)
                .iter()
                .filter(|paragraph| owns_files(paragraph))
                .map(|paragraph| Row::new(paragraph, Place::Status(paragraph.range.clone())))
                .collect()
        });
        Self { status, rows }
    }

    /// Adds the packages of `status.d`, as distroless images have it: one control file each, without a status.
    fn add_folder(&mut self, tree: &Tree, contents: &dyn Contents, folder: NodeId) -> Result<()> {
        for (name, node) in tree.children(folder) {
            if name.ends_with(b".md5sums") || tree.kind(node) != Kind::File {
                continue;
            }
            let bytes = read_file(tree, contents, node)?;
            let sums = tree.child(folder, &[name, b".md5sums"].concat());
            let files: Vec<NodeId> = std::iter::once(node).chain(sums).collect();
            if let Some(paragraph) = paragraphs(&bytes).first()
                && paragraph.field("Package").is_some()
            {
                self.rows.push(Row::new(paragraph, Place::Folder(files)));
            }
        }
        Ok(())
    }

    /// The system's own architecture: as dpkg was told, or that of most packages.
    fn native(&self, tree: &Tree, contents: &dyn Contents, directory: NodeId) -> Result<String> {
        let told = stored(tree, contents, directory, b"arch")?;
        let first = told.as_ref().and_then(|file| {
            let line = file.bytes.split(|&b| b == b'\n').next()?.trim_ascii();
            (!line.is_empty()).then(|| String::from_utf8_lossy(line).into_owned())
        });
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for row in self.rows.iter().filter(|row| row.architecture != "all") {
            *counts.entry(&row.architecture).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|&(_, count)| count);
        Ok(first
            .or_else(|| most.map(|(architecture, _)| architecture.to_owned()))
            .unwrap_or_default())
    }

    /// By package: who satisfies its needs and its recommendations.
    fn relations(&self, native: &str) -> Vec<(Vec<Vec<u32>>, Vec<u32>)> {
        let mut index = Index::new(native.to_owned());
        for row in &self.rows {
            let offer = Offer {
                architecture: row.architecture.clone(),
                multi_arch: row.multi_arch.clone(),
                version: row.version.clone(),
            };
            index.add(&row.name, offer, &relation::parse(&row.provides));
        }
        let satisfied = |field: &str, row: &Row| -> Vec<Vec<u32>> {
            relation::parse(field)
                .iter()
                .map(|group| index.satisfying(group, &row.architecture))
                .filter(|packages| !packages.is_empty())
                .collect()
        };
        self.rows
            .iter()
            .map(|row| {
                let wants = satisfied(&row.recommends, row).concat();
                (satisfied(&row.depends, row), wants)
            })
            .collect()
    }
}

/// Whether a paragraph of `status` is of a package whose files are there.
fn owns_files(paragraph: &Paragraph<'_>) -> bool {
    let status = paragraph.text("Status");
    let state = status.split_ascii_whitespace().last();
    !matches!(state, None | Some("not-installed" | "config-files"))
        && paragraph.field("Package").is_some()
}

/// The packages that apt marks as installed automatically.
fn automatic(file: &Stored, native: &str) -> HashSet<(String, String)> {
    paragraphs(&file.bytes)
        .iter()
        .filter(|paragraph| paragraph.field("Auto-Installed") == Some(b"1"))
        .map(|paragraph| marked(paragraph, native))
        .collect()
}

/// The package that a paragraph of apt's marks is of.
pub(super) fn marked(paragraph: &Paragraph<'_>, native: &str) -> (String, String) {
    mark(
        &paragraph.text("Package"),
        &paragraph.text("Architecture"),
        native,
    )
}

/// How apt marks a package: one for all architectures counts as one of the system's own.
pub(super) fn mark(name: &str, architecture: &str, native: &str) -> (String, String) {
    let architecture = match architecture {
        "all" => native,
        other => other,
    };
    (name.to_owned(), architecture.to_owned())
}

fn stored(
    tree: &Tree,
    contents: &dyn Contents,
    directory: NodeId,
    name: &[u8],
) -> Result<Option<Stored>> {
    match tree.child(directory, name) {
        Some(node) if tree.kind(node) == Kind::File => {
            let bytes = read_file(tree, contents, node)?;
            Ok(Some(Stored { node, bytes }))
        }
        _ => Ok(None),
    }
}

fn stored_at(tree: &Tree, contents: &dyn Contents, at: &[u8]) -> Result<Option<Stored>> {
    match tree.resolve(path::parent(at)) {
        Some(directory) => stored(tree, contents, directory, path::name(at)),
        None => Ok(None),
    }
}
