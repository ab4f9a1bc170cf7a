//! The size of an image.

use serde::Serialize;

/// The size of an image.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Totals {
    /// The layers' blobs as a registry holds them.
    pub compressed: u64,
    /// The inflated layers: what is unpacked, hidden files and tar headers included.
    pub uncompressed: u64,
    /// The files that a container sees, each once however many names it has; holes of sparse files count nothing.
    pub visible: u64,
    /// The files of all layers that no container sees.
    pub wasted: u64,
    /// `visible / (visible + wasted)`, rounded down to four places; 1 for an image without files.
    pub efficiency: f64,
    /// Layers.
    pub layers: usize,
    /// Visible regular files, each once however many names it has.
    pub files: u64,
    /// Visible directories but the root.
    pub directories: u64,
    /// Visible symbolic links.
    pub symlinks: u64,
    /// Visible devices and FIFOs.
    pub others: u64,
}

impl Totals {
    /// Sets the efficiency from the bytes.
    pub(super) fn rated(mut self) -> Self {
        self.efficiency = efficiency(self.visible, self.wasted);
        self
    }

    pub(super) fn plus(mut self, other: &Self) -> Self {
        self.compressed += other.compressed;
        self.uncompressed += other.uncompressed;
        self.visible += other.visible;
        self.wasted += other.wasted;
        self.layers += other.layers;
        self.files += other.files;
        self.directories += other.directories;
        self.symlinks += other.symlinks;
        self.others += other.others;
        self.rated()
    }
}

/// Ten-thousandths, rounded down: 1 means that nothing is wasted.
fn efficiency(visible: u64, wasted: u64) -> f64 {
    let (visible, all) = (
        u128::from(visible),
        u128::from(visible) + u128::from(wasted),
    );
    let parts = (visible * 10_000).checked_div(all).unwrap_or(10_000);
    f64::from(u32::try_from(parts).unwrap_or(10_000)) / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn efficiency_is_one_only_when_nothing_is_wasted() {
        for (visible, wasted, rate) in [
            (0, 0, 1.0),
            (1, 0, 1.0),
            (0, 1, 0.0),
            (1, 1, 0.5),
            (u64::MAX, 1, 0.9999),
            (2, 1, 0.6666),
        ] {
            assert_eq!(efficiency(visible, wasted), rate, "{visible} {wasted}");
        }
    }
}
