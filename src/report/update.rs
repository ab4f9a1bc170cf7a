//! What a node pulls for an image when it has another: the bytes of the blobs that the other does not have.
//!
//! How layers should be laid out for that is not decided here.

use std::collections::HashSet;

use serde::Serialize;

use super::words::{counted, size};

/// The cost of an update, in bytes as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Update {
    /// The image that the node has, as the user named it.
    pub from: String,
    /// The platform of both: `OS/ARCHITECTURE[/VARIANT]`.
    pub platform: String,
    /// Bytes of layers that are pulled.
    pub bytes: u64,
    /// How many they are.
    pub layers: usize,
    /// Bytes of all layers.
    pub all_bytes: u64,
    /// How many there are.
    pub all_layers: usize,
}

impl Update {
    /// Counts the blobs of `layers`, by digest and size, that are not among those `there`. A blob that is named twice is
    /// pulled once.
    pub fn new<'a>(
        from: &str,
        platform: &str,
        layers: impl IntoIterator<Item = (&'a str, u64)>,
        there: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let there: HashSet<&str> = there.into_iter().collect();
        let mut update = Self {
            from: from.to_owned(),
            platform: platform.to_owned(),
            bytes: 0,
            layers: 0,
            all_bytes: 0,
            all_layers: 0,
        };
        let mut seen = HashSet::new();
        for (digest, size) in layers {
            if !seen.insert(digest) {
                continue;
            }
            update.all_bytes += size;
            update.all_layers += 1;
            if !there.contains(digest) {
                update.bytes += size;
                update.layers += 1;
            }
        }
        update
    }

    /// The sentence for people.
    pub(super) fn line(&self) -> String {
        let all = counted(self.all_layers as u64, "layer", "layers");
        format!(
            "a node that has {} pulls {} of {}: {} of {all}",
            self.from,
            size(self.bytes),
            size(self.all_bytes),
            self.layers,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_that_are_there_are_not_pulled() {
        let layers = [("a", 5_000), ("b", 7), ("c", 1_000), ("b", 7)];
        let update = Update::new("old", "linux/amd64", layers, ["a", "x"]);
        assert_eq!((update.bytes, update.layers), (1_007, 2));
        assert_eq!((update.all_bytes, update.all_layers), (6_007, 3));
        assert_eq!(
            update.line(),
            "a node that has old pulls 1.01 kB of 6.01 kB: 2 of 3 layers"
        );
    }
}
