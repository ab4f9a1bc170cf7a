//! The archive forms: an image layout as one tar, with a `manifest.json` where Docker is to load it.
//!
//! Headers hold nothing of this machine or this moment. Layers stay compressed: `docker load` of every version inflates
//! them by their first bytes (moby `image/tarexport/load.go`), and engines that keep compressed layers keep these.

use std::io::{self, Write};

use serde_json::{Value, json};
use tar::{EntryType, Header};

use crate::digest::Digest;
use crate::error::Result;
use crate::image::{Node, Offer};
use crate::source::{Blob, IMAGE_NAME, REF_NAME, Source};

use super::copy;
use super::naming::repo_tag;

/// The marker of an image layout.
pub(super) const MARKER: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;

/// Returns the `manifest.json` that says of the images in `source` what `docker load` reads.
///
/// # Errors
/// When what was staged is not whole.
pub(super) fn docker_manifest(source: &dyn Source) -> Result<Vec<u8>> {
    let offer = Offer::load(source, &[])?;
    let mut tags: Vec<Vec<String>> = vec![Vec::new(); offer.images.len()];
    for root in &offer.roots {
        let descriptor = root.descriptor();
        let tag = repo_tag(
            descriptor.annotation(IMAGE_NAME),
            descriptor.annotation(REF_NAME),
        );
        for image in images(root) {
            tags[image].extend(tag.clone());
        }
    }
    let path = |digest: &Digest| format!("blobs/sha256/{}", digest.hex());
    let items = offer.images.iter().zip(tags).map(|(image, tags)| {
        let layers: Vec<String> = image
            .layers
            .iter()
            .map(|layer| path(&layer.digest))
            .collect();
        let tags = if tags.is_empty() {
            Value::Null
        } else {
            tags.into()
        };
        json!({ "Config": path(&image.config.digest), "RepoTags": tags, "Layers": layers })
    });
    Ok(items.collect::<Value>().to_string().into_bytes())
}

fn images(node: &Node) -> Vec<usize> {
    match node {
        Node::Image { image, .. } => vec![*image],
        Node::Index { children, .. } => children.iter().flat_map(images).collect(),
        Node::Other(_) => Vec::new(),
    }
}

/// Writes the documents, which come first, so that a reader of a stream knows what follows.
pub(super) fn begin(stream: &mut impl Write, documents: &[(&str, &[u8])]) -> io::Result<()> {
    for (name, bytes) in documents {
        stream.write_all(header(EntryType::Regular, name, bytes.len() as u64)?.as_bytes())?;
        stream.write_all(bytes)?;
        pad(stream, bytes.len() as u64)?;
    }
    for dir in ["blobs/", "blobs/sha256/"] {
        stream.write_all(header(EntryType::Directory, dir, 0)?.as_bytes())?;
    }
    Ok(())
}

/// Writes a blob.
pub(super) fn blob(stream: &mut impl Write, digest: &Digest, blob: &Blob) -> io::Result<()> {
    let name = format!("blobs/sha256/{}", digest.hex());
    stream.write_all(header(EntryType::Regular, &name, blob.len())?.as_bytes())?;
    copy::to_stream(blob, 0, stream)?;
    pad(stream, blob.len())
}

/// Writes the end of the tar.
pub(super) fn end(stream: &mut impl Write) -> io::Result<()> {
    stream.write_all(&[0; 1024])?;
    stream.flush()
}

/// A GNU header, as only that one has sizes of 8 GiB and more.
fn header(kind: EntryType, name: &str, size: u64) -> io::Result<Header> {
    let mut header = Header::new_gnu();
    header.set_path(name)?;
    header.set_entry_type(kind);
    header.set_mode(if kind == EntryType::Directory {
        0o755
    } else {
        0o644
    });
    header.set_size(size);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_cksum();
    Ok(header)
}

fn pad(stream: &mut impl Write, len: u64) -> io::Result<()> {
    let padding =
        usize::try_from(len.next_multiple_of(512) - len).expect("padding is less than a block");
    stream.write_all(&[0; 512][..padding])
}
