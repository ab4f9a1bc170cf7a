//! How deep the removal goes, and why: the deepest that what was found bears out.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::path;
use crate::tree::Tree;

use super::search::Found;

/// What is left of the packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Depth {
    /// Needed packages with all that they depend on, and the distribution's Essential ones, which programs start by name
    /// without saying so.
    Essential,
    /// Needed packages with all that they depend on.
    Packages,
    /// Needed files alone.
    Files,
}

impl Depth {
    /// All, with the words for them.
    pub const NAMES: [(&str, Self); 3] = [
        ("essential", Self::Essential),
        ("packages", Self::Packages),
        ("files", Self::Files),
    ];
}

impl fmt::Display for Depth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Self::NAMES.iter().find(|(_, depth)| depth == self);
        f.write_str(known.map_or("", |(name, _)| name))
    }
}

/// What the user says of the depth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// The deepest that the evidence supports.
    #[default]
    Auto,
    /// This one, whatever the evidence.
    Exactly(Depth),
}

impl FromStr for Wish {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        if word == "auto" {
            return Ok(Self::Auto);
        }
        let known = Depth::NAMES.iter().find(|(name, _)| *name == word);
        let known = known.map(|(_, depth)| Self::Exactly(*depth));
        known.ok_or_else(|| "there are auto, essential, packages, files".to_owned())
    }
}

/// Chooses, and says why.
pub(super) fn choose(wish: Wish, found: &Found, is_traced: bool, tree: &Tree) -> (Depth, String) {
    let evidence = evidence(found, is_traced, tree);
    match wish {
        Wish::Auto => evidence,
        Wish::Exactly(depth) if depth == evidence.0 => evidence,
        Wish::Exactly(depth) => (
            depth,
            format!("asked for; `auto` takes `{}`: {}", evidence.0, evidence.1),
        ),
    }
}

fn evidence(found: &Found, is_traced: bool, tree: &Tree) -> (Depth, String) {
    let shown = |node| path::display(&tree.path(node));
    if found.programs.is_empty() {
        let why = "nothing that the image starts was found".to_owned();
        return (Depth::Essential, why);
    }
    if is_traced {
        return (Depth::Files, "a trace tells what is opened".to_owned());
    }
    if let Some((node, how)) = found.starters.first() {
        let why = format!("`/{}` can start other programs ({how})", shown(*node));
        return (Depth::Essential, why);
    }
    if let Some(node) = found.silent.first() {
        let why = format!(
            "`/{}` is static and does not tell whether it starts other programs",
            shown(*node)
        );
        return (Depth::Essential, why);
    }
    if found.is_dynamic {
        let why = "nothing that runs can start another program".to_owned();
        return (Depth::Packages, why);
    }
    let why = "all that runs is static and cannot start another program".to_owned();
    (Depth::Files, why)
}
