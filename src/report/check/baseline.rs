//! The sizes that an earlier report in JSON tells: of `inspect`, `check`, `diff` or `shrink`.

use serde_json::Value;

/// The sizes of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// The layers as they are stored.
    pub compressed: u64,
    /// The layers inflated.
    pub uncompressed: u64,
}

/// The sizes of the images of an earlier report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline(Vec<(String, Sizes)>);

impl Baseline {
    /// Reads a report: `totals` of each image, or `after` of what `shrink` made.
    ///
    /// # Errors
    /// For what is no such report.
    pub fn parse(text: &str) -> Result<Self, String> {
        let document: Value = serde_json::from_str(text).map_err(|fault| fault.to_string())?;
        let images = document["images"].as_array();
        let sizes = images.into_iter().flatten().map(|image| {
            let totals = if image["totals"].is_object() {
                &image["totals"]
            } else {
                &image["after"]
            };
            let platform = image["platform"].as_str()?.to_owned();
            let sizes = Sizes {
                compressed: totals["compressed"].as_u64()?,
                uncompressed: totals["uncompressed"].as_u64()?,
            };
            Some((platform, sizes))
        });
        let sizes: Option<Vec<_>> = sizes.collect();
        match sizes {
            Some(sizes) if !sizes.is_empty() => Ok(Self(sizes)),
            _ => Err("is no report of oci-slim in JSON with images and their sizes".into()),
        }
    }

    /// The sizes of the image of a platform.
    pub fn of(&self, platform: &str) -> Option<Sizes> {
        let mut sizes = self.0.iter();
        let found = sizes.find(|(known, _)| known == platform);
        found.map(|(_, sizes)| *sizes)
    }
}
