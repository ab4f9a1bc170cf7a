//! The oracle: what a container sees of an image, told from image-spec `layer.md` alone.
//!
//! It holds whole layers in memory and panics on an image that is not sound: it judges results, it is not robust.

mod merge;
mod node;
mod parse;
mod read;

use std::collections::BTreeMap;
use std::path::Path;

pub(crate) use merge::{Fs, LowerLinks, deletion};
pub(crate) use node::{Kind, Node, Tree};
pub(crate) use parse::parse;
pub(crate) use read::images;

/// The tree of a layout that holds one image; checks every digest, size, diff_id and count on the way.
pub(crate) fn flatten(layout: &Path) -> Tree {
    let mut trees = flatten_all(layout);
    assert_eq!(trees.len(), 1, "one image is asked for");
    trees.pop_first().unwrap().1
}

/// The tree of each platform (`os/architecture`).
pub(crate) fn flatten_all(layout: &Path) -> BTreeMap<String, Tree> {
    images(layout)
        .into_iter()
        .map(|(platform, layers)| (platform, flatten_tars(&layers.tars, LowerLinks::Followed)))
        .collect()
}

/// The tree of uncompressed layers, base layer first.
pub(crate) fn flatten_tars(tars: &[Vec<u8>], lower_links: LowerLinks) -> Tree {
    let mut fs = Fs::new(lower_links);
    for tar in tars {
        fs.apply(&parse(tar)).unwrap();
    }
    fs.tree()
}
