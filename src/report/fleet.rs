//! What saved bytes come to where an image runs and is pulled many times.

use serde::Serialize;

use super::block::{Block, Table};
use super::totals::Totals;
use super::words::{count, size};

/// How often an image is held and pulled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fleet {
    /// Nodes that hold it unpacked, each once.
    pub replicas: u64,
    /// Times that it is pulled whole.
    pub pulls: u64,
}

/// What a smaller image saves a fleet; below 0 where it is larger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FleetSaving {
    /// What the bytes were multiplied by.
    pub fleet: Fleet,
    /// What is compared: an image's name.
    pub name: String,
    /// Bytes on the nodes' disks: unpacked bytes for each replica.
    pub storage: i128,
    /// Bytes over the network: stored bytes for each pull. `None` where a side is stored plain, which no registry does.
    pub transfer: Option<i128>,
}

impl Fleet {
    /// Multiplies what lies between two images.
    pub fn saving(self, name: &str, before: &Totals, after: &Totals) -> FleetSaving {
        let less = |before: u64, after: u64| i128::from(before) - i128::from(after);
        let is_plain = before.is_plain() || after.is_plain();
        let transfer = less(before.compressed, after.compressed) * i128::from(self.pulls);
        FleetSaving {
            fleet: self,
            name: name.to_owned(),
            storage: less(before.uncompressed, after.uncompressed) * i128::from(self.replicas),
            transfer: (!is_plain).then_some(transfer),
        }
    }
}

/// The section that tells it; nothing where nobody asked.
pub(super) fn section(savings: &[FleetSaving]) -> Option<Block> {
    let fleet = savings.first()?.fleet;
    let mut table = Table::new(["on disks", "over the network", "image"], "rrl");
    for saving in savings {
        let transfer = saving.transfer.map_or("-".into(), signed);
        table.push([
            signed(saving.storage).into(),
            transfer.into(),
            saving.name[..].into(),
        ]);
    }
    table.section(format!(
        "Saved on {} that hold the image unpacked, and by {} of all of it",
        told(fleet.replicas, "node", "nodes"),
        told(fleet.pulls, "pull", "pulls")
    ))
}

fn told(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

fn signed(bytes: i128) -> String {
    let text = size(u64::try_from(bytes.unsigned_abs()).unwrap_or(u64::MAX));
    if bytes < 0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_times_nodes_and_pulls() {
        let totals = |compressed, uncompressed| Totals {
            compressed,
            uncompressed,
            ..Totals::default()
        };
        let fleet = Fleet {
            replicas: 268,
            pulls: 10,
        };
        let saving = fleet.saving(
            "app",
            &totals(30_000_000, 100_000_000),
            &totals(10_000_000, 38_000_000),
        );
        assert_eq!(
            (saving.storage, saving.transfer),
            (268 * 62_000_000, Some(200_000_000))
        );
        let larger = fleet.saving("app", &totals(1, 2), &totals(2, 3));
        assert_eq!((larger.storage, larger.transfer), (-268, Some(-10)));
        assert_eq!(
            fleet.saving("app", &totals(5, 5), &totals(1, 2)).transfer,
            None
        );
        assert_eq!(signed(-268), "-268 B");
        assert!(section(&[]).is_none());
    }
}
