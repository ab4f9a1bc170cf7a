//! Layers that are read back while they are written: what holds, what does not, and that only their own file counts.

use std::fs::File;
use std::path::Path;

use super::stack::{self, Tar};
use crate::error::Result;
use crate::layer::{Codec, Layer, Spool};
use crate::plan::{Plan, PlannedLayer};
use crate::source::Blob;
use crate::verify::{Promise, ReadBack};
use crate::write::{
    Compress, Contexts, Done, Growing, Manner, Output, ReadsBack, Run, Seen, write_layers,
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
    ) -> Result<Seen> {
        let [Run::Copy { layer, range }] = runs else {
            panic!("one run");
        };
        let (layer, range) = (*layer, range.start..range.end - self.cut);
        let runs = [Run::Copy { layer, range }, Run::Made(self.more.clone())];
        self.read_back.follow(file, codec, layers, &runs)
    }
}

const CODECS: [Compress; 2] = [Compress::Gzip(6), Compress::Zstd(3)];

/// Writes a plain layer of half a megabyte.
fn write(compress: Compress, reads_back: &dyn ReadsBack, dir: &Path) -> Result<Output> {
    let content: Vec<u8> = (0..500_000_u32)
        .map(|n| n.to_le_bytes()[n as usize % 3])
        .collect();
    let tar = Tar::new().file("a", &content).file("b", b"").bytes();
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
        dir,
        contexts: &Contexts::default(),
        spent: None,
    };
    let written = write_layers(&layers, &plan, manner, &|_| (), Done::default());
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
