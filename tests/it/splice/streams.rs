//! Random gzip blobs by many encoders, and what they inflate to.

use flate2::{Compress, Compression, FlushCompress};
use proptest::prelude::*;

use super::raw;

/// A gzip blob and its content.
#[derive(Clone)]
pub(super) struct Blob {
    pub gzip: Vec<u8>,
    pub content: Vec<u8>,
    /// Where the members end.
    pub ends: Vec<usize>,
}

impl std::fmt::Debug for Blob {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{} bytes inflated, gzip {:02x?}",
            self.content.len(),
            self.gzip
        )
    }
}

/// A blob of a few members.
pub(super) fn blob() -> impl Strategy<Value = Blob> {
    prop::collection::vec((member(), 0..16_u8), 1..4).prop_map(|members| {
        let mut blob = Blob {
            gzip: Vec::new(),
            content: Vec::new(),
            ends: Vec::new(),
        };
        for ((deflate, content), flags) in members {
            blob.gzip.extend(wrap(&deflate, &content, flags << 1));
            blob.content.extend(content);
            blob.ends.push(blob.gzip.len());
        }
        blob
    })
}

/// Raw deflate and what it inflates to.
fn member() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let flushes = prop::collection::vec((0..60_000_usize, 0..3_u8), 0..6);
    prop_oneof![
        3 => raw::blocks().prop_map(|blocks| raw::write(&blocks)),
        3 => (content(), 0..=9_u32, flushes.clone()).prop_map(|(content, level, flushes)| {
            (zlib(&content, level, &flushes), content)
        }),
        2 => (content(), 0..=10_u8, 0..5_i32, flushes).prop_map(|(content, level, strategy, flushes)| {
            (miniz(&content, level, strategy, &flushes), content)
        }),
        1 => (content(), 0..=12_i32).prop_map(|(content, level)| (libdeflate(&content, level), content)),
    ]
}

/// Bytes with matches near and far, long and short, and stretches without any.
fn content() -> impl Strategy<Value = Vec<u8>> {
    #[derive(Clone, Debug)]
    enum Part {
        Noise(u8, usize),
        Same(u8, usize),
        Text(usize, usize),
        Again(usize, usize),
    }
    let part = prop_oneof![
        (any::<u8>(), 0..9_000_usize).prop_map(|(seed, len)| Part::Noise(seed, len)),
        (any::<u8>(), 0..9_000_usize).prop_map(|(byte, len)| Part::Same(byte, len)),
        (0..9_usize, 0..20_000_usize).prop_map(|(word, len)| Part::Text(word, len)),
        (1..40_000_usize, 0..9_000_usize).prop_map(|(back, len)| Part::Again(back, len)),
    ];
    prop::collection::vec(part, 0..10).prop_map(|parts| {
        let mut content: Vec<u8> = Vec::new();
        for part in parts {
            match part {
                Part::Noise(seed, len) => content.extend(raw::noise(seed, len)),
                Part::Same(byte, len) => content.resize(content.len() + len, byte),
                Part::Text(word, len) => {
                    let words = [
                        "usr/share",
                        "lib",
                        ".so.6",
                        "\0\0\0\0\0\0\0",
                        "0000644",
                        "ustar",
                        "root",
                        "bin/",
                        "\n",
                    ];
                    let text = (0..).map(|at| words[(word + at * at / 7) % words.len()].as_bytes());
                    content.extend(text.flatten().take(len));
                }
                Part::Again(back, len) => {
                    let start = content.len().saturating_sub(back);
                    let end = content.len().min(start + len);
                    content.extend_from_within(start..end);
                }
            }
        }
        content
    })
}

fn zlib(content: &[u8], level: u32, flushes: &[(usize, u8)]) -> Vec<u8> {
    let mut compress = Compress::new(Compression::new(level), false);
    let mut out = Vec::with_capacity(2 * content.len() + 4096);
    let mut rest = content;
    for (after, kind) in flushes {
        let (part, next) = rest.split_at((*after).min(rest.len()));
        let flush = [
            FlushCompress::Sync,
            FlushCompress::Full,
            FlushCompress::Partial,
        ][usize::from(*kind)];
        compress
            .compress_vec(part, &mut out, flush)
            .expect("it compresses");
        rest = next;
    }
    compress
        .compress_vec(rest, &mut out, FlushCompress::Finish)
        .expect("it compresses");
    out
}

fn miniz(content: &[u8], level: u8, strategy: i32, flushes: &[(usize, u8)]) -> Vec<u8> {
    use miniz_oxide::deflate::core::{
        CompressorOxide, TDEFLFlush, compress, create_comp_flags_from_zip_params,
    };
    let flags = create_comp_flags_from_zip_params(level.into(), -15, strategy);
    let mut compressor = CompressorOxide::new(flags);
    let mut out = vec![0; 2 * content.len() + 4096];
    let (mut start, mut at) = (0_usize, 0);
    let ends = flushes.iter().map(|(after, kind)| {
        (
            *after,
            if *kind == 0 {
                TDEFLFlush::Full
            } else {
                TDEFLFlush::Sync
            },
        )
    });
    for (after, flush) in ends.chain([(usize::MAX, TDEFLFlush::Finish)]) {
        let end = content.len().min(start.saturating_add(after));
        let (_, taken, made) =
            compress(&mut compressor, &content[start..end], &mut out[at..], flush);
        assert_eq!(taken, end - start, "the output has room");
        start = end;
        at += made;
    }
    out.truncate(at);
    out
}

fn libdeflate(content: &[u8], level: i32) -> Vec<u8> {
    let level = libdeflater::CompressionLvl::new(level).expect("0 to 12");
    let mut compressor = libdeflater::Compressor::new(level);
    let mut out = vec![0; compressor.deflate_compress_bound(content.len())];
    let len = compressor
        .deflate_compress(content, &mut out)
        .expect("it fits");
    out.truncate(len);
    out
}

/// A gzip member with the optional header fields that `flags` ask for.
pub(super) fn wrap(deflate: &[u8], content: &[u8], flags: u8) -> Vec<u8> {
    let mut gzip = vec![0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 3];
    if flags & 4 != 0 {
        gzip.extend([5, 0, 0, 1, 2, 3, 0]);
    }
    if flags & 8 != 0 {
        gzip.extend(b"layer.tar\0");
    }
    if flags & 16 != 0 {
        gzip.extend(b"a comment\0");
    }
    if flags & 2 != 0 {
        let crc = crc32fast::hash(&gzip).to_le_bytes();
        gzip.extend([crc[0], crc[1]]);
    }
    gzip.extend(deflate);
    gzip.extend(crc32fast::hash(content).to_le_bytes());
    gzip.extend(u32::try_from(content.len()).expect("small").to_le_bytes());
    gzip
}
