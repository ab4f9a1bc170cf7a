//! Measures what the profile `distroless` costs: the search for what an image needs, and the choice of what goes.
//!
//! `cargo bench --bench distroless -- LAYOUT`. Prints milliseconds, the least of five rounds, and by how much the peak
//! of the resident memory rose over what the image's index takes.

#![allow(clippy::print_stdout, reason = "a bench reports on stdout")]

use std::ffi::OsStr;
use std::time::Instant;

use oci_slim::distroless::{Options, Subject, TOOL_RULES, remove};
use oci_slim::error::Result;
use oci_slim::image::Offer;
use oci_slim::layer::{Claim, Layer, Spool};
use oci_slim::packages::{Database, Inventory, Limits, PackageReport};
use oci_slim::rules::{Contents, Decisions, Facts};
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
        println!("usage: cargo bench --bench distroless -- LAYOUT");
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
    let facts = Facts::gather(&image.config.value, &tree, &files)?;
    let databases = Database::read(&tree, &files)?;
    let inventory = Inventory::new(&tree, &files, facts, databases);
    let subject = Subject {
        inventory: &inventory,
        limits: Limits {
            frozen: &|_| false,
            keep: &|_| None,
        },
        tools: TOOL_RULES,
    };
    let before = peak();
    let mut least = f64::MAX;
    let mut said = String::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let mut decisions = Decisions::default();
        let none = PackageReport::default();
        let (outcome, _) = remove(&subject, &Options::default(), &none, &mut decisions)?;
        least = least.min(start.elapsed().as_secs_f64());
        let packages: usize = inventory
            .databases
            .iter()
            .map(|one| one.packages().len())
            .sum();
        said = format!(
            "{packages} packages, {} paths; depth {}, {} needed, {} paths go",
            tree.walk().count(),
            outcome.depth,
            outcome.needed.len(),
            decisions.removals().count()
        );
    }
    println!("{said}");
    println!("search and choice: {:.1} ms", least * 1000.0);
    println!("memory: {:.1} MiB", (peak() - before) / 1024.0);
    Ok(())
}

fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or_default()
}
