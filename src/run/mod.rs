//! Runs commands of two images, of which one was made of the other, and compares what they say.
//!
//! Each image is unpacked once; its commands run one after another in the same files, in the network of this machine.
//! Nothing here writes an image.

mod bundle;
mod engine;
mod outcome;
mod process;
mod stop;
mod unpack;
mod watch;
mod words;

use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::image::{Image, Offer, Platform};
use crate::layer::Spool;
use crate::progress::Silent;
use crate::shrink::scan;
use crate::source::Source;
use crate::tree::Tree;

pub use outcome::{Ending, Outcome};
pub use stop::stop_all;
pub use words::split;

use engine::Engine;
use process::Process;

/// Commands to run in both images.
#[derive(Clone, Debug)]
pub struct Commands {
    /// Lines of words, quoted as in a shell; an empty one stands for the image's own Entrypoint and Cmd, another for
    /// the whole command, in place of both.
    pub lines: Vec<String>,
    /// How long each may take. One that is still running then, in both images, counts as the same.
    pub timeout: Duration,
    /// Where the images are unpacked.
    pub dir: PathBuf,
    /// What is to run them: `crun`, `runc`, `podman`, `docker` or `chroot`; the first of these that works for `None`.
    pub engine: Option<String>,
}

impl Commands {
    /// How long a command may take where nothing else was said.
    pub const TIMEOUT: Duration = Duration::from_secs(60);
}

/// A command and what it came to in both images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The platform of the images.
    pub platform: String,
    /// The line as it was written.
    pub line: String,
    /// What ran it: `crun`, `runc`, `podman`, `docker` or `chroot`.
    pub engine: &'static str,
    /// In the source.
    pub before: Outcome,
    /// In the result.
    pub after: Outcome,
}

/// Runs the commands in each image of `before` that this machine can run, and in its counterpart of `after`.
///
/// # Errors
/// When a source is damaged, an image has no counterpart, no command was given and the image has none, or nothing on
/// this machine runs containers.
pub fn compare(
    before: &dyn Source,
    after: &dyn Source,
    platforms: &[Platform],
    commands: &Commands,
) -> Result<Vec<Compared>> {
    let [before_offer, after_offer] = [
        Offer::load(before, platforms)?,
        Offer::load(after, platforms)?,
    ];
    let alone = before_offer.images.len() == 1 && after_offer.images.len() == 1;
    let mut compared = Vec::new();
    for image in before_offer.images.iter().filter(|image| runs_here(image)) {
        let other = after_offer
            .images
            .iter()
            .find(|other| alone || other.platform == image.platform)
            .ok_or_else(|| Error::NoImage {
                place: after.place().to_owned(),
                fault: format!("no image for {}", image.platform),
                offered: Vec::new(),
            })?;
        let engine = Engine::find(commands.engine.as_deref(), &commands.dir)?;
        let ran = run(before, image, &engine, commands)?;
        let again = run(after, other, &engine, commands)?;
        let pairs = commands.lines.iter().zip(ran).zip(again);
        compared.extend(pairs.map(|((line, before), after)| Compared {
            platform: image.platform.to_string(),
            line: line.clone(),
            engine: engine.name(),
            before,
            after,
        }));
    }
    Ok(compared)
}

/// Whether this machine's processor runs the image's programs.
fn runs_here(image: &Image) -> bool {
    let here = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let platform = image.platform.to_string();
    platform.split('/').nth(1) == Some(here)
}

/// Runs all commands in one image.
fn run(
    source: &dyn Source,
    image: &Image,
    engine: &Engine,
    commands: &Commands,
) -> Result<Vec<Outcome>> {
    let spool = Spool::new(commands.dir.clone());
    let layers = scan(source, image, &spool, &Silent)?;
    let entries = layers.iter().map(|layer| layer.entries.clone()).collect();
    let digests: Vec<_> = image
        .layers
        .iter()
        .map(|layer| layer.digest.clone())
        .collect();
    let tree = Tree::merge(entries, &digests)?;
    let root = unpack::unpack(&tree, &layers, &commands.dir)?;
    let lines = commands.lines.iter();
    lines
        .map(|line| {
            let process = Process::new(&image.config.value, line, root.path())?;
            engine.run(&root, &process, commands.timeout)
        })
        .collect()
}
