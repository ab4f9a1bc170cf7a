//! Which files of an image hold the same: digests of those that have the size of another.
//!
//! A file that no other equals in size and first bytes is not read.

use std::collections::HashMap;

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::error::Result;
use crate::layer::{CHUNK, Kind, Layer};
use crate::report::inspect::Twins;
use crate::tree::EntryRef;

/// The first bytes, which tell most files apart.
const HEAD: u64 = 4096;

/// A file by its size and the digest of its first bytes.
type Likeness = (u64, [u8; 32]);

/// Digests the files of all layers that could have a twin; sparse files have none.
///
/// # Errors
/// When a layer cannot be read.
pub(super) fn twins(layers: &[Layer]) -> Result<Twins> {
    let mut sizes: HashMap<u64, Vec<EntryRef>> = HashMap::new();
    for (layer, scanned) in (0_u16..).zip(layers) {
        for (entry, record) in (0_u32..).zip(scanned.entries.list()) {
            if record.kind == Kind::File && !record.sparse && record.size > 0 {
                let at = EntryRef { layer, entry };
                sizes.entry(record.size).or_default().push(at);
            }
        }
    }
    let alike = sizes.into_values().filter(|files| files.len() > 1);
    let mut alike: Vec<EntryRef> = alike.flatten().collect();
    // In the order of the layers, so that they are read from front to back.
    alike.sort_unstable();
    let heads: Vec<(EntryRef, [u8; 32])> = digest(layers, &alike, HEAD)?;
    let mut groups: HashMap<Likeness, Vec<EntryRef>> = HashMap::new();
    for &(at, head) in &heads {
        let size = layers[usize::from(at.layer)].entries.list()[at.entry as usize].size;
        groups.entry((size, head)).or_default().push(at);
    }
    let (mut twins, mut large) = (Twins::new(), Vec::new());
    for ((size, head), files) in groups {
        match size {
            _ if files.len() == 1 => {}
            ..=HEAD => twins.extend(files.into_iter().map(|at| (at, head))),
            _ => large.extend(files),
        }
    }
    large.sort_unstable();
    twins.extend(digest(layers, &large, u64::MAX)?);
    Ok(twins)
}

/// Digests the first `limit` bytes of files.
fn digest(layers: &[Layer], files: &[EntryRef], limit: u64) -> Result<Vec<(EntryRef, [u8; 32])>> {
    let one = |at: &EntryRef| {
        let layer = &layers[usize::from(at.layer)];
        let entry = &layer.entries.list()[at.entry as usize];
        let (mut from, end) = (entry.data, entry.data + entry.size.min(limit));
        let mut hasher = Sha256::new();
        let mut chunk = vec![0; usize::try_from(end - from).unwrap_or(CHUNK).min(CHUNK)];
        while from < end {
            let left = usize::try_from(end - from).unwrap_or(CHUNK).min(CHUNK);
            layer.inflated.read_exact_at(&mut chunk[..left], from)?;
            hasher.update(&chunk[..left]);
            from += left as u64;
        }
        Ok((*at, hasher.finalize().into()))
    };
    files.par_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::layer::{Claim, Spool};
    use crate::source::Blob;

    fn layer(files: &[(&str, &str)]) -> Layer {
        let mut archive = tar::Builder::new(tempfile::tempfile().unwrap());
        for (path, content) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            let content = content.as_bytes();
            archive.append_data(&mut header, path, content).unwrap();
        }
        let blob = Blob::whole(archive.into_inner().unwrap(), "layer".into()).unwrap();
        let digest = Digest::of(&blob.read_all().unwrap());
        let claim = Claim {
            size: blob.len(),
            diff_id: digest.clone(),
            digest,
        };
        Layer::scan(blob, claim, &Spool::new(std::env::temp_dir())).unwrap()
    }

    #[test]
    fn only_files_that_could_be_equal_are_digested() {
        let big = "a".repeat(9000);
        let other = format!("{}b", "a".repeat(8999));
        let layers = [
            layer(&[("one", &big), ("alone", "xyz"), ("small", "12")]),
            layer(&[
                ("two", &big),
                ("three", &other),
                ("less", "12"),
                ("none", ""),
            ]),
        ];
        let twins = twins(&layers).unwrap();
        let of = |layer, entry| twins.get(&EntryRef { layer, entry });
        assert_eq!(of(0, 0), of(1, 0));
        assert!(of(0, 0).is_some() && of(0, 0) != of(1, 1));
        assert_eq!((of(0, 1), of(1, 3)), (None, None));
        assert_eq!(of(0, 2), of(1, 2));
        assert!(of(0, 2).is_some());
    }
}
