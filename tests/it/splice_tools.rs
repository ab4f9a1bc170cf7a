//! Spliced blobs and the tools of others: all that read gzip read ours, and what they write is
//! spliced.
//!
//! A tool that is not installed is named and skipped, unless `OCI_SLIM_REQUIRE_TOOLS=1` is set.

#![allow(clippy::print_stderr, reason = "a skipped tool must be seen")]

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Stdio};

use flate2::{Decompress, FlushDecompress};
use oci_slim::digest::Digest;
use oci_slim::error::Result;
use oci_slim::gzip::{BlockIndex, Out, Run, Spliced, Stream, compress, inflate, splice};
use oci_slim::source::Blob;

/// Decoders that write what a file inflates to.
const DECODERS: [(&str, &[&str]); 6] = [
    ("gzip", &["-dc"]),
    ("pigz", &["-dc"]),
    ("igzip", &["-dc"]),
    ("libdeflate-gunzip", &["-c"]),
    (
        "python3",
        &[
            "-c",
            "import gzip,sys; sys.stdout.buffer.write(gzip.open(sys.argv[1]).read())",
        ],
    ),
    (
        "node",
        &[
            "-e",
            "process.stdout.write(require('zlib').gunzipSync(require('fs').readFileSync(process.argv[1])))",
        ],
    ),
];

/// Encoders to standard output; all but [`ZOPFLI`] take standard input.
const ENCODERS: [(&str, &[&str]); 11] = [
    ("gzip", &["-1", "-c"]),
    ("gzip", &["-6", "-c"]),
    ("gzip", &["-9", "-c"]),
    ("pigz", &["-6", "-p", "2", "-c"]),
    ("pigz", &["-6", "-i", "-b", "128", "-c"]),
    ("pigz", &["-R", "-c"]),
    ("igzip", &["-0", "-c"]),
    ("igzip", &["-3", "-c"]),
    ("libdeflate-gzip", &["-12", "-c"]),
    (ZOPFLI, &["--i1", "-c"]),
    (
        "python3",
        &[
            "-c",
            "import zlib,sys; d=sys.stdin.buffer.read(); c=zlib.compressobj(6,8,31,1,4); sys.stdout.buffer.write(c.compress(d)+c.flush())",
        ],
    ),
];

/// It reads files alone.
const ZOPFLI: &str = "zopfli";

#[test]
fn every_encoder_is_spliced_and_every_decoder_reads_it() {
    let layer = layer();
    let kept = kept(&layer);
    for (name, arguments) in ENCODERS {
        // A tenth of the speed of the others: it gets a part of the layer.
        let len = if name == ZOPFLI { 800_000 } else { layer.len() };
        let kept: Vec<_> = kept
            .iter()
            .filter(|range| range.end <= len)
            .cloned()
            .collect();
        let expected: Vec<u8> = kept
            .iter()
            .flat_map(|range| layer[range.clone()].to_vec())
            .collect();
        let Some(gzip) = run(name, arguments, &layer[..len]) else {
            continue;
        };
        let (spliced, counts) = spliced(&gzip, &kept);
        // How much can be copied depends on how large an encoder's blocks are; at its level 0 igzip makes but one.
        let in_one_block = (name, arguments[0]) == ("igzip", "-0");
        assert!(
            counts.copied > 0 || in_one_block,
            "{name} {arguments:?}: {counts:?}"
        );
        check(&spliced, &expected);
    }
}

#[test]
fn every_decoder_reads_what_is_compressed_anew() {
    let layer = layer();
    let file = file(&layer);
    let mut out = Vec::new();
    let runs = [Run::Copy {
        stream: 0,
        range: 0..layer.len() as u64,
    }];
    compress(&[&file], &runs, 6, |bytes: &[u8]| {
        out.extend_from_slice(bytes);
        Ok(())
    })
    .expect("memory takes all");
    check(&out, &layer);
}

#[test]
fn umoci_unpacks_a_spliced_layer() {
    let (directory, kept) = layout();
    let bundle = directory.path().join("bundle");
    let image = format!("{}:latest", directory.path().display());
    let arguments = [
        "unpack",
        "--rootless",
        "--image",
        &image,
        &bundle.display().to_string(),
    ];
    let Some(_) = run("umoci", &arguments, &[]) else {
        return;
    };
    for (name, content) in kept {
        assert!(
            fs::read(bundle.join("rootfs").join(&name)).expect("it is unpacked") == content,
            "{name}"
        );
    }
}

#[test]
fn skopeo_decompresses_a_spliced_layer() {
    let (directory, _) = layout();
    let source = format!("oci:{}:latest", directory.path().display());
    let copy = directory.path().join("copy");
    let destination = format!("dir:{}", copy.display());
    let arguments = [
        "--insecure-policy",
        "copy",
        "-q",
        "--dest-decompress",
        &source,
        &destination,
    ];
    let Some(_) = run("skopeo", &arguments, &[]) else {
        return;
    };
    let layer = layer();
    let expected: Vec<u8> = kept(&layer)
        .into_iter()
        .flat_map(|range| layer[range].to_vec())
        .collect();
    let digest = Digest::of(&expected).to_string();
    let name = digest.strip_prefix("sha256:").expect("it is computed so");
    assert!(fs::read(copy.join(name)).expect("the layer is named for its content") == expected);
}

/// Has every decoder inflate a blob.
fn check(gzip: &[u8], expected: &[u8]) {
    let mut file = tempfile::Builder::new()
        .suffix(".gz")
        .tempfile()
        .expect("a temp file");
    file.write_all(gzip).expect("it is writable");
    for (name, arguments) in DECODERS {
        let path = file.path().display().to_string();
        let arguments: Vec<&str> = arguments.iter().copied().chain([path.as_str()]).collect();
        let Some(content) = run(name, &arguments, &[]) else {
            continue;
        };
        assert!(content == expected, "{name} inflates it to other bytes");
    }
}

/// Runs a tool and returns what it wrote; nothing when it is not installed.
fn run(name: &str, arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    let mut command = Command::new(name);
    let mut file = tempfile::NamedTempFile::new().expect("a temp file");
    if name == ZOPFLI {
        file.write_all(input).expect("it is writable");
        command.arg(file.path());
    }
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        eprintln!("skipped: {name} not installed");
        assert!(
            std::env::var_os("OCI_SLIM_REQUIRE_TOOLS").is_none_or(|value| value != "1"),
            "{name} is required"
        );
        return None;
    };
    let mut stdin = child.stdin.take().expect("it is piped");
    let mut out = Vec::new();
    std::thread::scope(|scope| {
        // A tool that reads a file closes it.
        scope.spawn(move || stdin.write_all(input));
        child
            .stdout
            .take()
            .expect("it is piped")
            .read_to_end(&mut out)
            .expect("a pipe");
    });
    assert!(
        child.wait().expect("it was started").success(),
        "{name} {arguments:?} fails"
    );
    Some(out)
}

/// The names of the files of a layer, of which every third goes.
fn names() -> impl Iterator<Item = (bool, String)> {
    (0..60).map(|at| (at % 3 != 1, format!("file{at}")))
}

/// A tar of files that compress well and badly, small and large.
fn layer() -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (at, (_, name)) in names().enumerate() {
        let content = content(at);
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(&mut header, name, &content[..])
            .expect("memory takes all");
    }
    builder.into_inner().expect("memory takes all")
}

fn content(at: usize) -> Vec<u8> {
    let len = [0, 100, 5000, 70_000, 300_000][at % 5];
    let mut state = at as u64 + 1;
    let random = std::iter::repeat_with(move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state
    });
    match at % 4 {
        0 => random
            .map(|number| number.to_le_bytes()[7])
            .take(len)
            .collect(),
        1 => vec![7; len],
        _ => random
            .flat_map(|number| format!("{} of {}\n", number >> 61, number >> 56).into_bytes())
            .take(len)
            .collect(),
    }
}

/// The ranges of [`layer`] that stay: the entries that are kept, and its end.
fn kept(layer: &[u8]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    for (at, (is_kept, _)) in names().enumerate() {
        let end = start + 512 + content(at).len().next_multiple_of(512);
        if is_kept {
            ranges.push(start..end);
        }
        start = end;
    }
    ranges.push(start..layer.len());
    ranges
}

fn spliced(gzip: &[u8], kept: &[Range<usize>]) -> (Vec<u8>, Spliced) {
    let mut content = Vec::new();
    let index: BlockIndex = inflate(gzip, |bytes| {
        content.extend_from_slice(bytes);
        Ok::<_, ()>(())
    })
    .expect("it is sound");
    let (blob, inflated) = (file(gzip), file(&content));
    let stream = Stream {
        blob: &blob,
        index: &index,
        inflated: &inflated,
    };
    let runs: Vec<Run<'_>> = kept
        .iter()
        .map(|range| Run::Copy {
            stream: 0,
            range: range.start as u64..range.end as u64,
        })
        .collect();
    let mut out = Marked::default();
    let counts = splice(&[stream], &runs, 6, &mut out);
    let expected: Vec<u8> = kept
        .iter()
        .flat_map(|range| &content[range.clone()])
        .copied()
        .collect();
    out.check(&expected);
    (out.bytes, counts.expect("memory takes all"))
}

/// A stream with its marks: how many bytes of it, and of its content, lie before each.
#[derive(Default)]
struct Marked {
    bytes: Vec<u8>,
    marks: Vec<(usize, usize)>,
}

impl Out for &mut Marked {
    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn mark(&mut self, content: u64) {
        let content = usize::try_from(content).expect("it is small");
        self.marks.push((self.bytes.len(), content));
    }
}

impl Marked {
    /// Inflates from each mark to the next, with nothing but the content before.
    fn check(&self, expected: &[u8]) {
        assert_eq!(self.marks[0], (10, 0));
        let end = (self.bytes.len() - 8, expected.len());
        assert_eq!(self.marks.last(), Some(&end));
        assert!(self.marks.len() > expected.len() >> 21);
        for marks in self.marks.windows(2) {
            let [(start, from), (end, to)] = [marks[0], marks[1]];
            let mut inflater = Decompress::new(false);
            let window = &expected[from.saturating_sub(32 << 10)..from];
            inflater
                .set_dictionary(window)
                .expect("a raw stream takes it");
            let mut content = Vec::with_capacity(to - from + 1);
            let stored = &self.bytes[start..end];
            let inflated = inflater.decompress_vec(stored, &mut content, FlushDecompress::Sync);
            inflated.expect("a mark is where a block begins");
            assert_eq!(inflater.total_in(), stored.len() as u64);
            assert!(content == expected[from..to], "content {from} to {to}");
        }
    }
}

fn file(bytes: &[u8]) -> Blob {
    let mut file: File = tempfile::tempfile().expect("a temp file");
    file.write_all(bytes).expect("it is writable");
    Blob::whole(file, "a temp file".into()).expect("it has a length")
}

/// An OCI layout whose one layer is spliced, and the files that it must make.
fn layout() -> (tempfile::TempDir, Vec<(String, Vec<u8>)>) {
    let layer = layer();
    let kept = kept(&layer);
    let mut plain = flate2::read::GzEncoder::new(&layer[..], flate2::Compression::new(6));
    let mut gzip = Vec::new();
    plain.read_to_end(&mut gzip).expect("memory");
    let (spliced, _) = spliced(&gzip, &kept);
    let remains: Vec<u8> = kept
        .iter()
        .flat_map(|range| layer[range.clone()].to_vec())
        .collect();

    let directory = tempfile::tempdir().expect("a temp dir");
    let blobs = directory.path().join("blobs/sha256");
    fs::create_dir_all(&blobs).expect("it is writable");
    let descriptor = |kind: &str, bytes: &[u8]| descriptor(&blobs, kind, bytes);
    let config = serde_json::json!({
        "architecture": "amd64", "os": "linux", "config": {},
        "rootfs": { "type": "layers", "diff_ids": [Digest::of(&remains).to_string()] },
    });
    let manifest = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": descriptor("config.v1+json", config.to_string().as_bytes()),
        "layers": [descriptor("layer.v1.tar+gzip", &spliced)],
    });
    let mut entry = descriptor("manifest.v1+json", manifest.to_string().as_bytes());
    entry["annotations"] = serde_json::json!({ "org.opencontainers.image.ref.name": "latest" });
    let index = serde_json::json!({ "schemaVersion": 2, "manifests": [entry] });
    let write = |name: &str, text: String| {
        fs::write(directory.path().join(name), text).expect("it is writable");
    };
    write("index.json", index.to_string());
    write("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#.into());
    let files = names().enumerate().filter(|(_, (is_kept, _))| *is_kept);
    let files = files.map(|(at, (_, name))| (name, content(at))).collect();
    (directory, files)
}

/// Stores a blob and describes it.
fn descriptor(blobs: &Path, kind: &str, bytes: &[u8]) -> serde_json::Value {
    let digest = Digest::of(bytes).to_string();
    let name = digest.strip_prefix("sha256:").expect("it is computed so");
    fs::write(blobs.join(name), bytes).expect("it is writable");
    serde_json::json!({
        "mediaType": format!("application/vnd.oci.image.{kind}"),
        "digest": digest,
        "size": bytes.len(),
    })
}
