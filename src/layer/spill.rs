//! The inflated bytes of a layer on their way to the temp dir.
//!
//! The other way is to inflate what is kept of a rewritten layer a second time. Measured: inflating costs 1.72 s of CPU a
//! GB, writing to the page cache 0.31 and reading from it 0.14. With `--profile lean` that makes, for what is inflated and
//! what is kept of it:
//!
//! | image | inflated MB | kept MB | spilled | inflated again |
//! |---|---|---|---|---|
//! | go-web | 1,900 | 1,090 | 0.74 s | 1.87 s |
//! | node-app | 1,056 | 600 | 0.41 s | 1.03 s |
//! | go-sample | 1,337 | 947 | 0.55 s | 1.63 s |
//! | layers | 559 | 241 | 0.21 s | 0.41 s |
//!
//! The spill is written in pieces of 32 KiB, for which Linux takes eight pages at a time (ext4 since 6.16, XFS and others
//! before), the most that it keeps ready for each processor. For longer ones it takes larger blocks of free memory, and those
//! are what the host of a virtual machine has taken back and must give again page by page (free page reporting). Measured
//! there, ns a byte, written and given back again:
//!
//! | KiB a piece | 300 MB | 1.5 GB | 4 GB |
//! |---|---|---|---|
//! | 8 | 1.0 | 1.3 to 1.6 | 2.9 |
//! | 16 | 0.7 | 0.7 to 1.0 | |
//! | 32 | 0.6 | 0.5 to 0.9 | 1.7 |
//! | 64 | 0.5 | 1.0 to 1.1 | |
//! | 256 | 0.4 | 1.3 | |
//!
//! Memory of the program's own would not be cheaper: written and read once, 0.55 ns a byte against 0.46 for a file (240 MB,
//! on another machine than the table's), and 0.25 in huge pages, but 2.1 where the host had taken them back. Nor is a `tmpfs`:
//! runs with the temp dir there take the same time.
//!
//! Nor is room in the file asked for ahead. It would take 0.06 ns a byte less, but blocks that were given and not only promised
//! have to be taken back, and where the file system discards what is free (`mount -o discard`) a run ends when all of that is
//! done: 11 to 51 ms later with layers, and 6 to 16 so.
//!
//! Files that nobody is expected to read are left out, and the layer is inflated again if somebody does: of go-web 0.8 of 1.9
//! GB, of node-app 0.5 of 1.2. The same runs, seconds of CPU time in all (elsewhere): go-web 6.6 before and 5.9 now, node-app
//! 4.4 and 4.2, go-sample 4.8 and 4.6, layers 2.1 and 2.0.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::source::{Blob, Codec, Gaps};

use super::entry::{Entries, Kind};
use super::inflate::inflate;
use super::scan::{Claim, check_digests, worse};
use super::spool::Spool;

/// How many bytes are spilled at a time.
const PIECE: usize = 32 << 10;
/// Shorter files are spilled unasked: to leave them out saves nothing.
const LEAST: u64 = 64 << 10;

/// A spill in the making.
#[derive(Debug)]
pub(super) struct Spill<'a> {
    file: File,
    spool: &'a Spool,
    /// How many bytes have come.
    at: u64,
    /// How many entries have been looked at.
    seen: usize,
    /// What is left out, ascending.
    gaps: Vec<Range<u64>>,
}

impl<'a> Spill<'a> {
    pub(super) fn new(spool: &'a Spool) -> Result<Self> {
        Ok(Self {
            file: spool.file()?,
            spool,
            at: 0,
            seen: 0,
            gaps: Vec::new(),
        })
    }

    /// Takes the next bytes; `entries` are those that begin in them or before.
    pub(super) fn take(&mut self, bytes: &[u8], entries: &Entries) -> Result<()> {
        self.look_at(entries);
        let end = self.at + bytes.len() as u64;
        // All others lie before these bytes.
        let last = self.gaps.partition_point(|gap| gap.end <= self.at);
        let mut from = self.at;
        let gaps = self.gaps[last..].iter().map(|gap| (gap.start, gap.end));
        for (start, stop) in gaps.chain([(end, end)]) {
            write(&self.file, self.spool, bytes, self.at, from..start.min(end))?;
            from = stop.min(end);
        }
        self.at = end;
        Ok(())
    }

    /// Leaves out the files among new entries that nobody is expected to read.
    fn look_at(&mut self, entries: &Entries) {
        let list = entries.list();
        for entry in &list[self.seen..] {
            let is_long = entry.kind == Kind::File && entry.stored >= LEAST;
            if is_long && self.spool.leaves_out(entries.path(entry), entry.size) {
                self.gaps.push(entry.data..entry.data + entry.stored);
            }
        }
        self.seen = list.len();
    }

    /// Returns the inflated bytes of a verified `blob`.
    pub(super) fn finish(self, blob: &Blob, codec: Codec, claim: &Claim) -> Result<Blob> {
        let Self {
            file, spool, gaps, ..
        } = self;
        let sized = file.set_len(self.at);
        sized.map_err(|source| fault(spool, source))?;
        let file = Arc::new(file);
        let whole = Blob::new(Arc::clone(&file), spool.dir().to_owned(), 0..self.at);
        let (blob, claim, spool) = (blob.clone(), claim.clone(), spool.clone());
        let fill = move |gaps: &[Range<u64>]| {
            let filled = fill(&file, &spool, gaps, &blob, codec, &claim);
            filled.map_err(|error| worse(&blob, &claim, error))
        };
        Ok(whole.with_gaps(Gaps::new(gaps, self.at, Box::new(fill))))
    }
}

/// Writes what was left out or given back. The blob is verified once more: it may have changed since it was read.
fn fill(
    file: &File,
    spool: &Spool,
    gaps: &[Range<u64>],
    blob: &Blob,
    codec: Codec,
    claim: &Claim,
) -> Result<()> {
    let (mut at, mut left) = (0, gaps);
    let inflated = inflate(blob, codec, claim, |chunk| {
        let end = at + chunk.len() as u64;
        for gap in left.iter().take_while(|gap| gap.start < end) {
            write(file, spool, chunk, at, gap.start.max(at)..gap.end.min(end))?;
        }
        left = &left[left.partition_point(|gap| gap.end <= end)..];
        at = end;
        Ok(())
    })?;
    check_digests(claim, &inflated.digest, Some(&inflated.diff_id))
}

/// Writes the part of the file at `range` out of `bytes`, which lie in the file from `start` on.
fn write(file: &File, spool: &Spool, bytes: &[u8], start: u64, range: Range<u64>) -> Result<()> {
    if range.is_empty() {
        return Ok(());
    }
    let within = |at: u64| usize::try_from(at - start).expect("it lies in the bytes");
    let mut at = range.start;
    for piece in bytes[within(range.start)..within(range.end)].chunks(PIECE) {
        let written = file.write_all_at(piece, at);
        written.map_err(|source| fault(spool, source))?;
        at += piece.len() as u64;
    }
    Ok(())
}

fn fault(spool: &Spool, source: std::io::Error) -> Error {
    Error::Write {
        path: spool.dir().to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::layer::{Layer, LeavesOut, testing};

    /// Leaves out what has an `x` in its name.
    #[derive(Debug)]
    struct Named;

    impl LeavesOut for Named {
        fn leaves_out(&self, path: &[u8], _: u64) -> bool {
            path.contains(&b'x')
        }
    }

    fn archive() -> Vec<u8> {
        let files = [
            ("x1", 300_000),
            ("x2", 65_536),
            ("a", 100),
            ("x-short", 65_535),
            ("b", 90_000),
            ("x3", 1_000_001),
            ("c", 0),
            ("x4", 70_000),
        ];
        let content = |size| (0..=250).cycle().take(size).collect();
        testing::archive(files.map(|(path, size)| (path, content(size))))
    }

    /// Scans a gzip layer of these bytes, which lies in `dir`.
    fn scanned(bytes: &[u8], dir: &Path) -> Layer {
        let spool = Spool::new(dir.to_owned()).without(Arc::new(Named));
        testing::scanned(bytes, &dir.join("layer"), &spool)
    }

    fn on_disk_len(layer: &Layer) -> u64 {
        layer.inflated.file().0.metadata().unwrap().len()
    }

    /// The bytes of the file as it is.
    fn on_disk(layer: &Layer) -> Vec<u8> {
        let (file, range) = layer.inflated.file();
        let mut bytes = vec![0; usize::try_from(range.end).unwrap()];
        file.read_exact_at(&mut bytes, 0).unwrap();
        bytes
    }

    #[test]
    fn what_is_left_out_is_not_there_until_it_is_read() {
        let (bytes, dir) = (archive(), tempfile::tempdir().unwrap());
        let layer = scanned(&bytes, dir.path());
        assert_eq!(layer.inflated.len(), bytes.len() as u64);
        let mut expected = bytes.clone();
        let entries = layer.entries.list();
        for entry in entries.iter().filter(|entry| entry.stored >= LEAST) {
            let is_left_out = layer.entries.path(entry)[0] == b'x';
            let range = entry.data..entry.data + entry.stored;
            let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
            if is_left_out {
                expected[range].fill(0);
            }
        }
        assert!(on_disk(&layer) == expected);
        let kept = &entries[4];
        let mut content = vec![0; 90_000];
        layer
            .inflated
            .read_exact_at(&mut content, kept.data)
            .unwrap();
        assert!(on_disk(&layer) == expected, "what is there is just read");
        let missing = &entries[5];
        let mut content = [0; 3];
        layer
            .inflated
            .read_exact_at(&mut content, missing.data + 251)
            .unwrap();
        assert_eq!(content, [0, 1, 2]);
        assert!(on_disk(&layer) == bytes, "one read fills all");
    }

    #[test]
    fn a_stream_over_a_gap_and_a_part_of_it_fill_it_too() {
        use std::io::Read as _;
        let (bytes, dir) = (archive(), tempfile::tempdir().unwrap());
        let layer = scanned(&bytes, dir.path());
        let mut read = Vec::new();
        layer.inflated.reader(7).read_to_end(&mut read).unwrap();
        assert!(read == bytes[7..]);
        let layer = scanned(&bytes, dir.path());
        let part = layer.inflated.part(600..900);
        assert!(part.read_all().unwrap() == bytes[600..900]);
    }

    #[test]
    fn what_was_given_back_is_there_again_for_whoever_reads_it() {
        let (bytes, dir) = (archive(), tempfile::tempdir().unwrap());
        let layer = scanned(&bytes, dir.path());
        layer.inflated.give_back();
        assert_eq!(on_disk_len(&layer), 0);
        let part = layer.inflated.part(600..900);
        assert!(part.read_all().unwrap() == bytes[600..900]);
        assert!(on_disk(&layer) == bytes);
    }

    #[test]
    fn nobody_reads_what_is_being_given_back() {
        let (bytes, dir) = (archive(), tempfile::tempdir().unwrap());
        let layer = scanned(&bytes, dir.path());
        let places: Vec<usize> = (0..bytes.len() - 5000).step_by(4999).collect();
        std::thread::scope(|scope| {
            let readers = [0, 1, 2].map(|from| {
                let (places, bytes, layer) = (&places[from..], &bytes, &layer);
                scope.spawn(move || {
                    for &at in places.iter().step_by(3) {
                        let mut read = [0; 5000];
                        layer.inflated.read_exact_at(&mut read, at as u64).unwrap();
                        assert!(read == bytes[at..at + 5000], "at {at}");
                    }
                })
            });
            while !readers
                .iter()
                .all(std::thread::ScopedJoinHandle::is_finished)
            {
                layer.inflated.give_back();
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        });
    }

    #[test]
    fn a_blob_that_changed_since_is_refused() {
        let (bytes, dir) = (archive(), tempfile::tempdir().unwrap());
        let layer = scanned(&bytes, dir.path());
        let mut other = testing::gzip(&bytes);
        let middle = other.len() / 2;
        other[middle] ^= 1;
        std::fs::write(dir.path().join("layer"), other).unwrap();
        let read = layer.inflated.read_exact_at(&mut [0; 9], 1000);
        let fault = read.unwrap_err().to_string();
        assert!(fault.contains("its content has digest"), "{fault}");
        let small = layer.inflated.read_exact_at(&mut [0; 9], 0);
        assert!(small.is_ok(), "what is there can be read");
    }
}
