//! Proof (b): the result's documents and new layers are read back from where they wait to be published.
//!
//! Blobs that are the source's were verified when they were scanned and are not read again. New layers are read while they
//! are written ([`ReadBack::follow`]), gzip by another library than the one that splices.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::{Mutex, PoisonError};

use flate2::bufread::MultiGzDecoder;
use serde_json::Value;
use zstd::zstd_safe::{DCtx, ResetDirective};

use crate::digest::{Digest, Hasher};
use crate::error::{Error, Result};
use crate::image::{Document, Image};
use crate::largest::largest_first;
use crate::layer::{CHUNK, Claim, Codec, Layer, relay};
use crate::source::Blob;
use crate::spares::Spares;
use crate::write::{Growing, How, Listed, Output, Pairing, ReadsBack, Run, Seen, Staging};

use super::follow::{self, Followed};
use super::segments;
use super::typed;

/// Inflated bytes of a zstd layer above which it may need as many in memory: 32 MiB.
const WIDE: u64 = 32 << 20;

/// What is to be found in the place of a layer.
#[derive(Clone, Debug)]
pub struct Promise {
    /// Digest and size of its blob, and its diff ID.
    pub claim: Claim,
    /// How its blob is compressed.
    pub codec: Codec,
    /// The size of the inflated layer in bytes.
    pub inflated: u64,
    /// The source layer whose inflated bytes it has; `None` where it has others.
    pub same_as: Option<usize>,
    /// Whether the blob was written in this run.
    pub is_new: bool,
}

impl Promise {
    /// What the writer says of a layer.
    pub fn of(output: &Output) -> Self {
        let claim = Claim {
            digest: output.digest.clone(),
            size: output.size,
            diff_id: output.diff_id.clone(),
        };
        Self {
            claim,
            codec: output.codec,
            inflated: output.inflated,
            same_as: match output.written {
                Some(_) => None,
                None => output.from.first().copied(),
            },
            is_new: output.how != How::Reused,
        }
    }
}

/// What was read back already.
#[derive(Debug)]
pub struct ReadBack {
    followed: Mutex<Vec<Followed>>,
    /// How many threads read a gzip layer.
    readers: usize,
    /// What zstd layers were read with, used again from layer to layer: 64 MiB and more.
    contexts: Spares<DCtx<'static>>,
}

impl Default for ReadBack {
    /// Nothing was read yet. Where the thread pool that this is called in has one thread, a layer has one reader.
    fn default() -> Self {
        Self {
            followed: Mutex::default(),
            // Whoever follows is in no pool.
            readers: segments::READERS.min(rayon::current_num_threads()),
            contexts: Spares::default(),
        }
    }
}

impl ReadsBack for ReadBack {
    fn follow(
        &self,
        file: Growing<'_>,
        codec: Codec,
        layers: &[Layer],
        runs: &[Run],
        pairing: &Pairing,
    ) -> Result<Seen> {
        let mut context = self.contexts.take().unwrap_or_default();
        let readers = self.readers;
        let (seen, followed) =
            follow::follow(file, codec, layers, runs, readers, &mut context, pairing)?;
        if context.reset(ResetDirective::SessionAndParameters).is_ok() {
            self.contexts.keep(context);
        }
        let mut all = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(followed);
        Ok(seen)
    }
}

impl ReadBack {
    /// Proof (b): shows that what was staged for `image` is what was promised: the documents list exactly these layers, and
    /// each new blob has its digest and inflates to its diff ID. What was followed while it was written is not read again.
    ///
    /// # Errors
    /// [`Error::Proof`] with the first blob or document that is not as it must be; [`Error::Blob`] when one is not staged.
    pub fn check(
        &self,
        image: &Image,
        promised: &[Promise],
        staging: &Staging,
        fate: &Listed,
    ) -> Result<()> {
        let (digest, size) = match fate {
            Listed::Same => (&image.manifest.digest, image.manifest.raw.len() as u64),
            Listed::Now(digest, size) => (digest, *size),
            Listed::Gone => return Ok(()),
        };
        let manifest = document(staging, digest, size, "manifest")?;
        let (config_digest, config_size) = listed(&manifest.value["config"])
            .ok_or_else(|| fault(digest, "the manifest names no config"))?;
        let config = document(staging, &config_digest, config_size, "config")?;
        let pairs = image.layers.iter().all(|layer| layer.history.is_some());
        check_documents(&manifest.value, &config.value, promised, pairs)
            .and_then(|()| {
                typed::check(raw(&image.manifest, &image.config), raw(&manifest, &config))
            })
            .map_err(|text| fault(digest, &text))?;
        for promise in promised {
            let source = promise.same_as.map(|number| &image.layers[number]);
            if source.is_some_and(|source| source.diff_id != promise.claim.diff_id) {
                return Err(fault(
                    &promise.claim.digest,
                    "its diff ID is not that of the layer it stands for",
                ));
            }
        }
        let check = |promise: &Promise| {
            let blob = staging.blob(&promise.claim.digest, promise.claim.size)?;
            if promise.is_new && !self.has_followed(&blob, promise) {
                check_blob(&blob, promise)
            } else {
                Ok(())
            }
        };
        let (alone, others): (Vec<&Promise>, Vec<&Promise>) =
            promised.iter().partition(|promise| takes_memory(promise));
        alone.into_iter().try_for_each(check)?;
        let checked = largest_first(others, |promise| promise.inflated, check);
        checked.map(drop)
    }

    /// Whether the blob is a file that was read while it was written, and held what was promised.
    pub(super) fn has_followed(&self, blob: &Blob, promise: &Promise) -> bool {
        let followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        followed
            .iter()
            .any(|followed| followed.is(blob) && followed.holds(promise))
    }
}

/// Whether whoever inflates the layer needs so much memory for repeats that one at a time is enough.
fn takes_memory(promise: &Promise) -> bool {
    promise.codec == Codec::Zstd && promise.inflated > WIDE
}

fn raw<'a>(manifest: &'a Document, config: &'a Document) -> typed::Documents<'a> {
    typed::Documents {
        manifest: &manifest.raw,
        config: &config.raw,
    }
}

fn document(staging: &Staging, digest: &Digest, size: u64, kind: &'static str) -> Result<Document> {
    let raw = staging.blob(digest, size)?.read_all()?;
    let document = Document::parse(raw, kind, digest.as_str())?;
    if document.digest != *digest {
        return Err(fault(
            digest,
            &format!("the {kind} stored has digest `{}`", document.digest),
        ));
    }
    Ok(document)
}

/// Digest and size of a descriptor.
fn listed(descriptor: &Value) -> Option<(Digest, u64)> {
    let digest = descriptor["digest"].as_str()?.parse().ok()?;
    Some((digest, descriptor["size"].as_u64()?))
}

/// Checks that manifest and config tell of exactly the `promised` layers; `pairs` tells that history rows are to agree too.
fn check_documents(
    manifest: &Value,
    config: &Value,
    promised: &[Promise],
    pairs: bool,
) -> Result<(), String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let layers = list(&manifest["layers"]);
    let diff_ids = list(&config["rootfs"]["diff_ids"]);
    if (layers.len(), diff_ids.len()) != (promised.len(), promised.len()) {
        return Err(format!(
            "{} layers and {} diff IDs are listed, and there are {}",
            layers.len(),
            diff_ids.len(),
            promised.len()
        ));
    }
    for ((promise, layer), diff_id) in promised.iter().zip(&layers).zip(&diff_ids) {
        let claim = &promise.claim;
        if listed(layer) != Some((claim.digest.clone(), claim.size)) {
            return Err(format!(
                "layer `{}` is not listed in its place",
                claim.digest
            ));
        }
        if diff_id.as_str() != Some(claim.diff_id.as_str()) {
            return Err(format!(
                "the diff ID of layer `{}` is not listed in its place",
                claim.digest
            ));
        }
        let media_type = layer["mediaType"].as_str().unwrap_or_default();
        if promise.is_new && !promise.codec.is_told_by(media_type) {
            return Err(format!(
                "layer `{}` is listed as `{media_type}` and is {}",
                claim.digest,
                promise.codec.name()
            ));
        }
    }
    if config["rootfs"]["type"] != "layers" {
        return Err("the config's rootfs is of another type than `layers`".into());
    }
    let rows = list(&config["history"]);
    let carrying = rows.iter().filter(|row| row["empty_layer"] != true).count();
    if pairs && carrying != promised.len() {
        return Err(format!(
            "{carrying} history rows have a layer, and there are {}",
            promised.len()
        ));
    }
    Ok(())
}

/// Reads a new blob: digest, then compression, diff ID and length.
fn check_blob(blob: &Blob, promise: &Promise) -> Result<()> {
    let claim = &promise.claim;
    let mut head = [0; 4];
    let known = usize::try_from(blob.len().min(4)).unwrap_or(4);
    blob.read_exact_at(&mut head[..known], 0)?;
    let codec = Codec::of(&head[..known]);
    if codec != promise.codec {
        return Err(fault(
            &claim.digest,
            &format!(
                "it was to be {} and is {}",
                promise.codec.name(),
                codec.name()
            ),
        ));
    }
    // Both at once: hashing what is stored takes a third of the time that inflating takes.
    let (stored, inflated) = rayon::join(|| blob.hash(), || inflate(blob, codec, claim));
    let (digest, _) = stored?;
    if digest != claim.digest {
        return Err(fault(
            &claim.digest,
            &format!("its content has digest `{digest}`"),
        ));
    }
    let (diff_id, len) = inflated?;
    if diff_id != claim.diff_id || len != promise.inflated {
        return Err(fault(
            &claim.digest,
            &format!("it inflates to {len} bytes with digest `{diff_id}`"),
        ));
    }
    Ok(())
}

/// Inflates here and hashes on another thread.
fn inflate(blob: &Blob, codec: Codec, claim: &Claim) -> Result<(Digest, u64)> {
    let mut hasher = Hasher::default();
    let reader = BufReader::with_capacity(CHUNK, blob.reader(0));
    relay(
        |sink| {
            let mut context = DCtx::default();
            let inflated = inflater(reader, codec, &mut context);
            inflated
                .and_then(|mut inflated| sink.put_all(&mut inflated))
                .map_err(|error| fault(&claim.digest, &format!("it does not inflate: {error}")))
        },
        |chunk| {
            hasher.update(chunk);
            Ok(())
        },
    )?;
    Ok(hasher.finish())
}

/// Reads what a stream in `codec` holds.
pub(super) fn inflater<'a>(
    reader: impl BufRead + 'a,
    codec: Codec,
    context: &'a mut DCtx<'static>,
) -> io::Result<Box<dyn Read + 'a>> {
    Ok(match codec {
        Codec::Plain => Box::new(reader),
        Codec::Gzip => Box::new(MultiGzDecoder::new(reader)),
        Codec::Zstd => Box::new(zstd::Decoder::with_context(reader, context)),
    })
}

fn fault(digest: &Digest, text: &str) -> Error {
    Error::Proof {
        path: digest.to_string(),
        fault: text.into(),
    }
}
