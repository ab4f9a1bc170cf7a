//! Splicing: what is spliced inflates to the runs, by inflaters that share no code with the program.

mod raw;
mod streams;

use std::io::{self, Read, Write as _};
use std::ops::Range;
use std::sync::OnceLock;

use oci_slim::digest::Digest;
use oci_slim::gzip::{
    BlockIndex, InflateError, Run, Spliced, Stream, compress, inflate, inflate_and_hash, splice,
};
use oci_slim::source::Blob;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

/// `OCI_SLIM_SPLICE_CASES` random cases a property; few by default, 20,000 in CI.
fn config() -> ProptestConfig {
    let cases = std::env::var("OCI_SLIM_SPLICE_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok());
    ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::with_cases(cases.unwrap_or(256))
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn spliced_streams_inflate_to_their_runs((blobs, cuts) in blobs_and_cuts(), level in 0..=9_u32) {
        check(&blobs, &cuts, level);
    }

    #[test]
    fn arbitrary_bytes_are_refused_or_right(mut bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        bytes.splice(0..0, [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
        let _ = inflated(&bytes);
    }

    #[test]
    fn damaged_streams_are_refused(blob in streams::blob(), place in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let mut damaged = blob.gzip.clone();
        damaged[place.index(blob.gzip.len())] ^= 1 << bit;
        // A bit of the time, the name or the padding may change without harm; and one of the length of a header's extra
        // field may make another whole stream: nothing checks a header (RFC 1952), which is why layers have digests.
        if let Ok((_, content)) = inflated(&damaged) {
            prop_assert!(content == blob.content || by_zlib(&damaged).is_ok_and(|same| same == content));
        }
        let cut = &blob.gzip[..place.index(blob.gzip.len())];
        if let Ok((_, content)) = inflated(cut) {
            prop_assert!(blob.ends.contains(&cut.len()) && blob.content.starts_with(&content));
        }
    }
}

/// A piece of the stream to be made.
#[derive(Clone, Debug)]
enum Cut {
    Copy { stream: usize, range: Range<usize> },
    Made(Vec<u8>),
}

fn blobs_and_cuts() -> impl Strategy<Value = (Vec<streams::Blob>, Vec<Cut>)> {
    prop::collection::vec(streams::blob(), 1..4).prop_flat_map(|blobs| {
        let lens: Vec<usize> = blobs.iter().map(|blob| blob.content.len()).collect();
        let of = move |stream: usize, start: prop::sample::Index, len: usize| {
            let start = start.index(lens[stream] + 1);
            Cut::Copy {
                stream,
                range: start..lens[stream].min(start + len),
            }
        };
        let lens = prop_oneof![
            Just(0),
            1..600_usize,
            1..200_000_usize,
            Just(usize::MAX / 2)
        ];
        let copy = (0..blobs.len(), any::<prop::sample::Index>(), lens)
            .prop_map(move |(stream, start, len)| of(stream, start, len));
        let whole: Vec<Cut> = (0..blobs.len())
            .map(|stream| Cut::Copy {
                stream,
                range: 0..blobs[stream].content.len(),
            })
            .collect();
        let made = prop_oneof![
            prop::collection::vec(any::<u8>(), 0..600),
            (any::<u8>(), 0..70_000_usize).prop_map(|(seed, len)| raw::noise(seed, len)),
        ];
        let cut = prop_oneof![
            4 => copy,
            1 => prop::sample::select(whole),
            1 => made.prop_map(Cut::Made),
        ];
        (Just(blobs), prop::collection::vec(cut, 0..12))
    })
}

/// Splices and compresses the cuts, and inflates both with two independent inflaters.
fn check(blobs: &[streams::Blob], cuts: &[Cut], level: u32) {
    let files: Vec<(Blob, Blob, BlockIndex)> = blobs
        .iter()
        .map(|blob| {
            let (index, content) = inflated(&blob.gzip).expect("the stream is sound");
            assert!(content == blob.content, "it inflates to its content");
            (file(&blob.gzip), file(&blob.content), index)
        })
        .collect();
    let streams: Vec<Stream<'_>> = files
        .iter()
        .map(|(blob, inflated, index)| Stream {
            blob,
            index,
            inflated,
        })
        .collect();
    let mut expected = Vec::new();
    let runs: Vec<Run<'_>> = cuts
        .iter()
        .map(|cut| match cut {
            Cut::Made(bytes) => {
                expected.extend_from_slice(bytes);
                Run::Made(bytes)
            }
            Cut::Copy { stream, range } => {
                expected.extend_from_slice(&blobs[*stream].content[range.clone()]);
                Run::Copy {
                    stream: *stream,
                    range: range.start as u64..range.end as u64,
                }
            }
        })
        .collect();
    let (spliced, counts) = written(|out| splice(&streams, &runs, level, out));
    proven(&spliced, &expected);
    let by_one_thread = one_thread().install(|| written(|out| splice(&streams, &runs, level, out)));
    assert!(
        by_one_thread == (spliced.clone(), counts),
        "the number of threads changes nothing"
    );
    assert!(counts.copied + counts.compressed <= spliced.len() as u64);
    let inflated: Vec<&Blob> = files.iter().map(|(_, inflated, _)| inflated).collect();
    let (anew, counts) = written(|out| compress(&inflated, &runs, level, out));
    proven(&anew, &expected);
    assert_eq!(counts.copied, 0);
}

/// Checks a gzip member with libdeflate, miniz and the program's own inflater.
fn proven(gzip: &[u8], expected: &[u8]) {
    let mut content = vec![0; expected.len()];
    let len = libdeflater::Decompressor::new().gzip_decompress(gzip, &mut content);
    assert_eq!(len, Ok(expected.len()));
    assert!(content == expected, "libdeflate inflates it to the runs");
    let deflate = &gzip[10..gzip.len() - 8];
    let content = miniz_oxide::inflate::decompress_to_vec(deflate).expect("miniz inflates it");
    assert!(content == expected, "miniz inflates it to the runs");
    let (_, content) = inflated(gzip).expect("it is sound");
    assert!(content == expected, "it inflates to the runs");
}

fn written<'a>(
    write: impl FnOnce(
        Box<dyn FnMut(&[u8]) -> oci_slim::error::Result<()> + Send + 'a>,
    ) -> oci_slim::error::Result<Spliced>,
) -> (Vec<u8>, Spliced) {
    let (sender, receiver) = std::sync::mpsc::channel();
    let out = move |bytes: &[u8]| {
        sender.send(bytes.to_vec()).expect("the receiver waits");
        Ok(())
    };
    let counts = write(Box::new(out)).expect("memory takes all");
    (receiver.into_iter().flatten().collect(), counts)
}

fn one_thread() -> &'static rayon::ThreadPool {
    static POOL: OnceLock<rayon::ThreadPool> = OnceLock::new();
    POOL.get_or_init(|| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .expect("a thread")
    })
}

/// Reads bytes in pieces of uneven size.
struct Dribble<'a>(&'a [u8]);

impl Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let piece = 1 + self.0.len() % 7 * (self.0.len() % 1001);
        let len = piece.min(buffer.len());
        self.0.read(&mut buffer[..len])
    }
}

fn by_zlib(gzip: &[u8]) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    flate2::read::MultiGzDecoder::new(gzip).read_to_end(&mut content)?;
    Ok(content)
}

/// Inflates with the program's two inflaters, which must agree.
fn inflated(gzip: &[u8]) -> Result<(BlockIndex, Vec<u8>), InflateError<()>> {
    let mut content = Vec::new();
    let alone = inflate(Dribble(gzip), |bytes| {
        content.extend_from_slice(bytes);
        Ok(())
    });
    let mut same = Vec::new();
    let hashed = inflate_and_hash(Dribble(gzip), |bytes| {
        same.extend_from_slice(bytes);
        Ok::<_, ()>(())
    });
    assert!(same == content);
    let (index, hashed) = match (alone, hashed) {
        (Ok(index), Ok(hashed)) => (index, hashed),
        (Err(error), Err(same)) => {
            assert_eq!(same.to_string(), error.to_string());
            return Err(error);
        }
        (alone, hashed) => panic!("{alone:?} and {hashed:?}"),
    };
    assert_eq!(hashed.index, index);
    assert_eq!(hashed.stored, Digest::of(gzip));
    assert_eq!(hashed.content, Some(Digest::of(&content)));
    assert_eq!(index.inflated_len(), content.len() as u64);
    Ok((index, content))
}

fn file(bytes: &[u8]) -> Blob {
    let mut file = tempfile::tempfile().expect("a temp file");
    file.write_all(bytes).expect("it is writable");
    Blob::whole(file, "a temp file".into()).expect("it has a length")
}
