//! Measures what packages cost: reading the databases of an image, then closing and taking what `build-tools` asks for.
//!
//! `cargo bench --bench packages -- LAYOUT`. Prints milliseconds, the least of five rounds, and by how much the peak
//! of the resident memory rose over what the image's index takes.

#![allow(clippy::print_stdout, reason = "a bench reports on stdout")]

use std::ffi::OsStr;
use std::time::Instant;

use oci_slim::error::Result;
use oci_slim::image::Offer;
use oci_slim::layer::{Claim, Layer, Spool};
use oci_slim::packages::{Database, Inventory, Limits, PackageOptions, partial, remove};
use oci_slim::rules::{Contents, Decisions, Facts, Origin};
use oci_slim::source::{Location, open};
use oci_slim::tree::{NodeId, Tree};

const ROUNDS: usize = 5;

struct Files<'a> {
    tree: &'a Tree,
    layers: &'a [Layer],
}

impl Contents for Files<'_> {
    fn read(&self, file: NodeId, limit: usize) -> Result<Vec<u8>> {
        let Some(at) = self.tree.data(file) else {
            return Ok(Vec::new());
        };
        let entry = self.tree.entry(at);
        let stored = usize::try_from(entry.stored).unwrap_or(usize::MAX);
        let mut bytes = vec![0; stored.min(limit)];
        let layer = &self.layers[usize::from(at.layer)];
        layer.inflated.read_exact_at(&mut bytes, entry.data)?;
        Ok(bytes)
    }
}

fn main() -> Result<()> {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench");
    let Some(layout) = arguments.next() else {
        println!("usage: cargo bench --bench packages -- LAYOUT");
        return Ok(());
    };
    let temporary = std::env::temp_dir();
    let source = open(&Location::parse(OsStr::new(&layout))?, &temporary)?;
    let offer = Offer::load(&*source, &[])?;
    let image = &offer.images[0];
    let spool = Spool::new(temporary);
    let mut layers = Vec::new();
    for layer in &image.layers {
        let claim = Claim::of(layer);
        let blob = source.blob(&layer.digest, layer.size)?;
        layers.push(Layer::scan(blob, claim, &spool)?);
    }
    let entries = layers.iter().map(|layer| layer.entries.clone()).collect();
    let blobs: Vec<_> = layers
        .iter()
        .map(|layer| layer.claim.digest.clone())
        .collect();
    let tree = Tree::merge(entries, &blobs)?;
    let files = Files {
        tree: &tree,
        layers: &layers,
    };
    let before = peak();
    let mut reading = f64::MAX;
    let mut once = f64::MAX;
    let mut both = f64::MAX;
    let mut said = String::new();
    let options = PackageOptions {
        build_tools: Some(Origin::BuiltIn),
        ..PackageOptions::default()
    };
    let limits = Limits {
        frozen: &|_| false,
        keep: &|_| None,
    };
    for _ in 0..ROUNDS {
        let facts = Facts::gather(&image.config.value, &tree, &files)?;
        let start = Instant::now();
        let databases = Database::read(&tree, &files)?;
        reading = reading.min(start.elapsed().as_secs_f64());
        let inventory = Inventory::new(&tree, &files, facts, databases);
        let start = Instant::now();
        let mut decisions = Decisions::default();
        let report = remove(&inventory, &options, limits, &mut decisions)?;
        once = once.min(start.elapsed().as_secs_f64());
        // A decision asks twice: without the other rules, then with them.
        let mut decisions = Decisions::default();
        remove(&inventory, &options, limits, &mut decisions)?;
        both = both.min(start.elapsed().as_secs_f64());
        let partial = partial(&tree, &inventory.databases, &report, &decisions);
        let databases = inventory.databases.iter();
        let installed: usize = databases.map(|one| one.packages().len()).sum();
        said = format!(
            "{installed} packages, {} paths; {} leave, {} stay in part",
            tree.walk().count(),
            report.removed.len(),
            partial.len()
        );
    }
    println!("{said}");
    println!("read          {:8.1} ms", reading * 1e3);
    println!("remove        {:8.1} ms", once * 1e3);
    println!("remove twice  {:8.1} ms", both * 1e3);
    println!("memory        {:8.1} MiB", (peak() - before) / 1024.0);
    Ok(())
}

/// The most memory that the process had, in KiB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or_default()
}
