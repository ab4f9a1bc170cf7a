//! Arbitrary deflate streams and arbitrary cuts: what is spliced inflates to the cuts.
//!
//! `cargo +nightly fuzz run splice`

#![no_main]

use std::io::Write as _;

use libfuzzer_sys::fuzz_target;
use oci_slim::gzip::{Run, Stream, splice};
use oci_slim::source::Blob;
use oci_slim_fuzz::{gzip, inflate, reference};

fuzz_target!(|input: (Vec<(u32, u32)>, Vec<u8>, Vec<u8>)| {
    let (cuts, made, deflate) = input;
    let Some((content, len)) = reference(&deflate) else {
        return;
    };
    let gzip = gzip(&deflate[..len], &content);
    let (index, _) = inflate(&gzip).expect("zlib takes it");
    let (blob, inflated) = (file(&gzip), file(&content));
    let stream = Stream {
        blob: &blob,
        index: &index,
        inflated: &inflated,
    };
    let mut expected = Vec::new();
    let mut runs = Vec::new();
    for (start, len) in cuts.into_iter().take(20) {
        let start = start as usize % (content.len() + 1);
        let end = content.len().min(start + len as usize);
        expected.extend_from_slice(&content[start..end]);
        runs.push(Run::Copy {
            stream: 0,
            range: start as u64..end as u64,
        });
        expected.extend_from_slice(&made);
        runs.push(Run::Made(&made));
    }
    let mut spliced = Vec::new();
    let counts = splice(&[stream], &runs, 1, |bytes: &[u8]| {
        spliced.extend_from_slice(bytes);
        Ok(())
    });
    counts.expect("memory takes all");
    let (ours, _) = reference(&spliced[10..spliced.len() - 8]).expect("zlib takes it");
    assert!(ours == expected);
    assert!(inflate(&spliced).expect("it is sound").1 == expected);
});

fn file(bytes: &[u8]) -> Blob {
    let mut file = tempfile::tempfile().expect("a temp file");
    file.write_all(bytes).expect("it is writable");
    Blob::whole(file, "a temp file".into()).expect("it has a length")
}
