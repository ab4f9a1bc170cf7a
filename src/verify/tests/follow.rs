//! Layers that are read back while they are written: what holds, what does not, and that only their own file counts.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Mutex;

use flate2::read::MultiGzDecoder;

use super::stack::{self, Tar};
use crate::error::Result;
use crate::layer::{Codec, Layer, Spool};
use crate::plan::{Plan, PlannedLayer};
use crate::source::Blob;
use crate::verify::{Promise, ReadBack};
use crate::write::{
    Area, Compress, Contexts, Done, Growing, Manner, Output, Pairing, ReadsBack, Run, Seen,
    write_layers,
};

/// Expects other bytes than those that are written.
#[derive(Debug, Default)]
struct Misled {
    read_back: ReadBack,
    cut: u64,
    more: Vec<u8>,
}

impl ReadsBack for Misled {
    fn follow(
        &self,
        file: Growing<'_>,
        codec: Codec,
        layers: &[Layer],
        runs: &[Run],
        pairing: &Pairing,
    ) -> Result<Seen> {
        let [Run::Copy { layer, range }] = runs else {
            panic!("one run");
        };
        let (layer, range) = (*layer, range.start..range.end - self.cut);
        let runs = [Run::Copy { layer, range }, Run::Made(self.more.clone())];
        self.read_back.follow(file, codec, layers, &runs, pairing)
    }
}

const CODECS: [Compress; 2] = [Compress::Gzip(6), Compress::Zstd(3)];

/// A layer that has three segments where it is gzip.
fn tar() -> Vec<u8> {
    let content: Vec<u8> = (0..2_500_000_u32)
        .map(|n| (n / 700).to_le_bytes()[n as usize % 2])
        .collect();
    Tar::new().file("a", &content).file("b", b"").bytes()
}

/// Writes that layer, whose source is plain.
fn write(compress: Compress, reads_back: &dyn ReadsBack, dir: &Path) -> Result<Output> {
    let tar = tar();
    let (blob, claim) = stack::layer(&tar, &tar);
    let layers = [Layer::scan(blob, claim, &Spool::new(dir.to_owned())).unwrap()];
    let plan = Plan {
        layers: vec![PlannedLayer::Unchanged { layer: 0 }],
        emptied: Vec::new(),
    };
    let manner = Manner {
        compress,
        saved: false,
        splices: true,
        known: &[],
        reads_back: Some(reads_back),
        area: Area::new(dir),
        contexts: &Contexts::default(),
        pairing: &Pairing::default(),
        spent: None,
    };
    let written = write_layers(&layers, &plan, manner, Done::default());
    written.map(|mut outputs| outputs.remove(0))
}

#[test]
fn a_layer_is_read_back_while_it_is_written() {
    for compress in CODECS {
        let dir = tempfile::tempdir().unwrap();
        let read_back = ReadBack::default();
        let output = write(compress, &read_back, dir.path()).unwrap();
        let promise = Promise::of(&output);
        let whole = |path: &Path| Blob::whole(File::open(path).unwrap(), path.to_owned()).unwrap();
        let path = output.file.unwrap();
        assert!(read_back.has_followed(&whole(&path), &promise));
        let copy = dir.path().join("copy");
        std::fs::copy(&path, &copy).unwrap();
        assert!(!read_back.has_followed(&whole(&copy), &promise));
        let len = whole(&path).len();
        assert!(!read_back.has_followed(&whole(&path).part(1..len), &promise));
        let others = [
            Promise {
                inflated: promise.inflated + 1,
                ..promise.clone()
            },
            Promise {
                codec: Codec::Plain,
                ..promise
            },
        ];
        for other in others {
            assert!(!read_back.has_followed(&whole(&path), &other));
        }
    }
}

#[test]
fn other_bytes_are_told() {
    for compress in CODECS {
        let check = |cut: u64, more: Vec<u8>, fault: &str| {
            let dir = tempfile::tempdir().unwrap();
            let misled = Misled {
                cut,
                more,
                ..Misled::default()
            };
            let told = write(compress, &misled, dir.path()).unwrap_err();
            assert!(told.to_string().contains(fault), "{told}");
        };
        check(512, vec![], "it goes on behind its end");
        check(0, vec![0; 9], "it ends 9 bytes too early");
        check(512, vec![1; 512], "it holds other bytes, from byte ");
        let dir = tempfile::tempdir().unwrap();
        let same = Misled {
            cut: 512,
            more: vec![0; 512],
            ..Misled::default()
        };
        assert!(write(compress, &same, dir.path()).is_ok());
    }
}

/// Changes a bit of what was written, follows, and changes it back, for many bits.
#[derive(Debug, Default)]
struct Flipping {
    read_back: ReadBack,
    /// How many changes left it sound, and how many did not.
    told: Mutex<BTreeMap<bool, u32>>,
}

impl ReadsBack for Flipping {
    fn follow(
        &self,
        file: Growing<'_>,
        codec: Codec,
        layers: &[Layer],
        runs: &[Run],
        pairing: &Pairing,
    ) -> Result<Seen> {
        let tar = tar();
        let [_, trailer] = file.rims().unwrap();
        let mut whole = vec![0; usize::try_from(trailer.end).unwrap()];
        file.file().read_exact_at(&mut whole, 0).unwrap();
        for byte in telling_bytes(file) {
            for bit in 0..8 {
                let flip = |whole: &mut [u8]| {
                    whole[byte] ^= 1 << bit;
                    let flipped = file.file().write_all_at(&whole[byte..=byte], byte as u64);
                    flipped.unwrap();
                };
                flip(&mut whole);
                let followed = self.read_back.follow(file, codec, layers, runs, pairing);
                let is_sound = inflated(&whole).is_ok_and(|inflated| inflated == tar);
                flip(&mut whole);
                let place = format!("bit {bit} of byte {byte}");
                assert_eq!(followed.is_ok(), is_sound, "{place}: {followed:?}");
                *self.told.lock().unwrap().entry(is_sound).or_default() += 1;
            }
        }
        self.read_back.follow(file, codec, layers, runs, pairing)
    }
}

/// Those around which segments begin or end, the trailer, and some others.
fn telling_bytes(file: Growing<'_>) -> impl Iterator<Item = usize> {
    let [header, trailer] = file.rims().unwrap();
    let segments = (0..).map_while(|number| file.segment(number));
    let ends: Vec<u64> = segments.map(|segment| segment.bytes.end).collect();
    assert_eq!(ends.len(), 3);
    let ends = [header.end].into_iter().chain(ends);
    let near_ends = ends.flat_map(|end| end - 5..end + 4);
    let others = (1..11).map(move |n| n * trailer.end / 12);
    let all = near_ends.chain(trailer).chain(others);
    all.map(|byte| usize::try_from(byte).unwrap())
}

/// What one reader makes of a whole gzip file.
fn inflated(gzip: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut content = Vec::new();
    MultiGzDecoder::new(gzip).read_to_end(&mut content)?;
    Ok(content)
}

#[test]
fn segments_are_sound_where_the_whole_is() {
    let (flipping, dir) = (Flipping::default(), tempfile::tempdir().unwrap());
    write(Compress::Gzip(6), &flipping, dir.path()).unwrap();
    let told = flipping.told.into_inner().unwrap();
    assert!(told[&false] > 300 && told[&true] > 30, "{told:?}");
}
