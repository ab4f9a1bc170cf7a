//! Puts the result into the staging area: blobs, documents, and the indexes that lead to them.

use crate::digest::Digest;
use crate::error::{Error, Result, Warning};
use crate::image::{Document, Image, Node, Offer};
use crate::layer::Layer;
use crate::source::{Descriptor, Source};
use crate::write::{ImageDocuments, Listed, Output, Staging, index_document};

/// What the manifest of each image became, by its place in the offer.
pub(super) type Published = Vec<Listed>;

/// Stages one image and returns what became of its manifest.
pub(super) fn image(
    image: &Image,
    layers: &[Layer],
    outputs: &mut [Output],
    documents: Option<&ImageDocuments>,
    staging: &Staging,
) -> Result<Listed> {
    for output in outputs {
        match output.file.take() {
            Some(file) => staging.adopt(file, &output.digest)?,
            None => {
                let layer = output.from.last().copied().unwrap_or_default();
                staging.copy(&layers[layer].blob, &output.digest)?;
            }
        }
    }
    let Some(documents) = documents else {
        staging.put(&image.config.digest, &image.config.raw)?;
        staging.put(&image.manifest.digest, &image.manifest.raw)?;
        return Ok(Listed::Same);
    };
    self::documents(documents, staging)
}

/// Stages config and manifest of a changed image.
pub(super) fn documents(documents: &ImageDocuments, staging: &Staging) -> Result<Listed> {
    staging.put(&Digest::of(&documents.config), &documents.config)?;
    let digest = Digest::of(&documents.manifest);
    staging.put(&digest, &documents.manifest)?;
    Ok(Listed::Now(digest, documents.manifest.len() as u64))
}

/// Stages all that leads to the images and returns the `index.json` of the result.
pub(super) fn indexes(
    source: &dyn Source,
    offer: &Offer,
    published: &Published,
    staging: &Staging,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<u8>> {
    let mut publisher = Publisher {
        source,
        offer,
        published,
        staging,
        warnings,
    };
    let children = publisher.children(&offer.roots)?;
    Ok(index_document(&offer.index, &children).unwrap_or_else(|| offer.index.raw.clone()))
}

struct Publisher<'a> {
    source: &'a dyn Source,
    offer: &'a Offer,
    published: &'a Published,
    staging: &'a Staging,
    warnings: &'a mut Vec<Warning>,
}

impl<'a> Publisher<'a> {
    fn children(&mut self, nodes: &'a [Node]) -> Result<Vec<(&'a Descriptor, Listed)>> {
        nodes
            .iter()
            .map(|node| Ok((node.descriptor(), self.node(node)?)))
            .collect()
    }

    fn node(&mut self, node: &'a Node) -> Result<Listed> {
        match node {
            Node::Image { image, .. } => Ok(self.published[*image].clone()),
            Node::Index {
                descriptor,
                document,
                children,
            } => self.index(descriptor, document, children),
            Node::Other(_) => self.other(node),
        }
    }

    fn index(
        &mut self,
        descriptor: &Descriptor,
        document: &Document,
        children: &'a [Node],
    ) -> Result<Listed> {
        let children = self.children(children)?;
        let Some(bytes) = index_document(document, &children) else {
            self.staging.put(&descriptor.digest, &document.raw)?;
            return Ok(Listed::Same);
        };
        let digest = Digest::of(&bytes);
        self.staging.put(&digest, &bytes)?;
        Ok(Listed::Now(digest, bytes.len() as u64))
    }

    /// Passes on whole what is no image, or leaves it out with a word why.
    fn other(&mut self, node: &'a Node) -> Result<Listed> {
        let Node::Other(other) = node else {
            return Ok(Listed::Same);
        };
        let name = format!("`{}`, {},", other.descriptor.digest, other.why);
        if other
            .subject
            .as_ref()
            .is_some_and(|subject| self.changed(subject))
        {
            self.warn(
                "dropped",
                format!(
                    "{name} was left out: it speaks of `{}`, which changed",
                    other.subject.as_ref().map_or("", Digest::as_str)
                ),
            );
            return Ok(Listed::Gone);
        }
        let Some(blobs) = &other.blobs else {
            self.warn(
                "dropped",
                format!("{name} was left out: a blob of it is missing"),
            );
            return Ok(Listed::Gone);
        };
        for (digest, size) in blobs {
            let blob = self.source.blob(digest, *size)?;
            let found = blob.hash()?.0;
            if found != *digest {
                return Err(Error::Blob {
                    digest: digest.to_string(),
                    fault: format!("its content has digest `{found}`"),
                });
            }
            self.staging.copy(&blob, digest)?;
        }
        self.warn("passed-on", format!("{name} was passed on as it is"));
        Ok(Listed::Same)
    }

    fn changed(&self, manifest: &Digest) -> bool {
        let images = self.offer.images.iter().zip(self.published);
        images
            .into_iter()
            .any(|(image, fate)| image.manifest.digest == *manifest && *fate != Listed::Same)
    }

    fn warn(&mut self, code: &'static str, text: String) {
        self.warnings.push(Warning { code, text });
    }
}
