//! Images: what a source offers, as documents kept byte for byte beside their meaning.
//!
//! No layer is opened here.

mod document;
mod load;
mod platform;
mod select;
#[cfg(test)]
mod tests;

use crate::digest::Digest;
use crate::error::Warning;
use crate::source::{Descriptor, IMAGE_NAME, REF_NAME};

pub use crate::source::media::has_annotations;
pub use document::Document;
pub use platform::{NotAPlatform, Platform};
use serde_json::Value;

/// All that a reference leads to: a tree of indexes whose leaves are images and things that are none.
#[derive(Debug)]
pub struct Offer {
    /// The source, as the user named it.
    pub place: String,
    /// `index.json`, or what stands for it.
    pub index: Document,
    /// What was chosen of it, in its order.
    pub roots: Vec<Node>,
    /// The images, each once, in the order in which the roots lead to them.
    pub images: Vec<Image>,
    /// Whether `docker save` wrote the source, so that plain layers are its format's doing.
    pub is_docker_save: bool,
    /// What the user should know of what was found.
    pub warnings: Vec<Warning>,
}

impl Offer {
    /// The full name or tag of an image by its place in [`Offer::images`]: its own, or that of the index it is in.
    pub fn name(&self, image: usize) -> Option<&str> {
        fn find<'n>(nodes: &'n [Node], wanted: usize, above: Option<&'n str>) -> Option<&'n str> {
            nodes.iter().find_map(|node| {
                let name = node.name().or(above);
                match node {
                    Node::Image { image, .. } if *image == wanted => name,
                    Node::Index { children, .. } => find(children, wanted, name),
                    Node::Image { .. } | Node::Other(_) => None,
                }
            })
        }
        find(&self.roots, image, None)
    }
}

/// Something that a descriptor in an index leads to.
#[derive(Debug)]
pub enum Node {
    /// A nested index.
    Index {
        /// As the parent lists it.
        descriptor: Descriptor,
        /// Its content.
        document: Document,
        /// What it lists, in its order.
        children: Vec<Node>,
    },
    /// An image.
    Image {
        /// As the parent lists it.
        descriptor: Descriptor,
        /// Its place in [`Offer::images`].
        image: usize,
    },
    /// Something that is no image, or none that can be changed.
    Other(Other),
}

impl Node {
    /// As the parent lists it.
    pub fn descriptor(&self) -> &Descriptor {
        match self {
            Self::Index { descriptor, .. } | Self::Image { descriptor, .. } => descriptor,
            Self::Other(other) => &other.descriptor,
        }
    }

    /// Whether it is an image, or an index of images.
    pub fn is_image(&self) -> bool {
        !matches!(self, Self::Other(_))
    }

    /// The full name, or else the tag, that the parent gives it.
    pub fn name(&self) -> Option<&str> {
        let descriptor = self.descriptor();
        descriptor
            .annotation(IMAGE_NAME)
            .or_else(|| descriptor.annotation(REF_NAME))
    }
}

/// An attestation, artefact, image with foreign layers, or unknown thing: passed on whole or not at all.
#[derive(Debug)]
pub struct Other {
    /// As the parent lists it.
    pub descriptor: Descriptor,
    /// Why it is no image that can be changed.
    pub why: String,
    /// The manifest that it speaks of; when that changes it speaks of nothing.
    pub subject: Option<Digest>,
    /// Digests and sizes (bytes) of its blobs; `None` when one is missing, so that it cannot be passed on.
    pub blobs: Option<Vec<(Digest, u64)>>,
}

/// An image: a manifest, its config, and its layers, base layer first.
#[derive(Debug)]
pub struct Image {
    /// The manifest's descriptor, as first met.
    pub descriptor: Descriptor,
    /// The manifest.
    pub manifest: Document,
    /// The config.
    pub config: Document,
    /// The layers as the manifest lists them, paired with what the config says of them.
    pub layers: Vec<LayerSource>,
    /// What it runs on.
    pub platform: Platform,
}

/// A layer as manifest and config describe it.
#[derive(Clone, Debug)]
pub struct LayerSource {
    /// As the manifest has it.
    pub descriptor: Value,
    /// The descriptor's media type.
    pub media_type: String,
    /// The blob's digest, not verified yet.
    pub digest: Digest,
    /// The blob's length in bytes.
    pub size: u64,
    /// The digest of the uncompressed layer, not verified yet.
    pub diff_id: Digest,
    /// The instruction that made it (`created_by` of its history row).
    pub instruction: Option<String>,
    /// The place of its row in the config's history; `None` when history and layers do not pair.
    pub history: Option<usize>,
}
