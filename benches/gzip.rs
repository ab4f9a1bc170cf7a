//! Measures inflate, splice and compress on the largest gzip layer of an OCI layout.
//!
//! `cargo bench --bench gzip -- LAYOUT [LEVEL]`, or a gzip blob in place of the layout. It drops
//! documentation, manual pages, translations, package archives and lists, headers and static
//! libraries. Speeds are in MB (10^6 bytes) of inflated bytes a second: those of the layer for
//! inflate, those that are kept for splice and compress.

#![allow(clippy::print_stdout, reason = "a bench reports on stdout")]

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Instant;

use oci_slim::digest::Hasher;
use oci_slim::gzip::{BlockIndex, Run, Stream, compress, inflate, inflate_and_hash, splice};
use oci_slim::source::Blob;

const ROUNDS: usize = 3;

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench");
    let Some(path) = arguments.next().map(PathBuf::from) else {
        println!("usage: cargo bench --bench gzip -- LAYOUT [LEVEL]");
        return;
    };
    let level = arguments
        .next()
        .and_then(|level| level.parse().ok())
        .unwrap_or(6);
    let path = if path.is_dir() {
        largest_layer(&path)
    } else {
        path
    };
    let blob = Blob::whole(File::open(&path).expect("the blob exists"), path).expect("a file");
    let (index, spilled) = spill(&blob);
    let len = index.inflated_len();
    let stream = Stream {
        blob: &blob,
        index: &index,
        inflated: &spilled,
    };
    println!(
        "blob {} bytes, inflated {len}, {} blocks",
        blob.len(),
        index.block_count()
    );
    report("inflate with flate2", len, || {
        let mut reader = flate2::read::MultiGzDecoder::new(blob.reader(0));
        let mut buffer = vec![0; 256 << 10];
        while reader.read(&mut buffer).expect("it inflates") > 0 {}
    });
    report("inflate and index", len, || {
        inflate(blob.reader(0), |_| Ok::<_, ()>(())).expect("it inflates");
    });
    report("and hash apart", len, || {
        let mut hasher = Hasher::default();
        let sink = |bytes: &[u8]| {
            hasher.update(bytes);
            Ok::<_, ()>(())
        };
        inflate(blob.reader(0), sink).expect("it inflates");
        let stored = blob.hash().expect("a readable blob");
        std::hint::black_box((stored, hasher.finish()));
    });
    report("and hash beside", len, || {
        let hashed = inflate_and_hash(blob.reader(0), |_| Ok::<_, ()>(()));
        std::hint::black_box(hashed.expect("it inflates"));
    });

    let kept = kept(&spilled);
    let runs: Vec<Run<'_>> = kept
        .iter()
        .map(|range| Run::Copy {
            stream: 0,
            range: range.clone(),
        })
        .collect();
    let kept_len = kept.iter().map(|range| range.end - range.start).sum();
    println!("kept {kept_len} bytes in {} runs", kept.len());
    let mut written = 0;
    report("splice", kept_len, || {
        written = 0;
        let counts = splice(&[stream], &runs, level, |bytes: &[u8]| {
            written += bytes.len();
            Ok(())
        });
        counts.expect("the sources are readable");
    });
    let counts =
        splice(&[stream], &runs, level, |_: &[u8]| Ok(())).expect("the sources are readable");
    let share = 100.0 * counts.copied as f64 / (counts.copied + counts.compressed) as f64;
    println!("spliced: {written} bytes, {counts:?}, {share:.2} % copied");
    report("compress", kept_len, || {
        written = 0;
        let counts = compress(&[&spilled], &runs, level, |bytes: &[u8]| {
            written += bytes.len();
            Ok(())
        });
        counts.expect("the sources are readable");
    });
    println!("compressed: {written} bytes");
}

/// Prints the fastest of some rounds, in wall time and in time of all threads.
fn report(name: &str, bytes: u64, mut round: impl FnMut()) {
    let mut best = (f64::MAX, f64::MAX);
    for _ in 0..ROUNDS {
        let (wall, cpu) = (Instant::now(), cpu_seconds());
        round();
        best.0 = best.0.min(wall.elapsed().as_secs_f64());
        best.1 = best.1.min(cpu_seconds() - cpu);
    }
    let speed = bytes as f64 / 1e6 / best.1;
    println!(
        "{name:20} {:7.3} s, {:7.3} s of CPU, {speed:6.0} MB/s of CPU",
        best.0, best.1
    );
}

fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let of_main: f64 = stat
        .split(' ')
        .next()
        .and_then(|ns| ns.parse().ok())
        .unwrap_or(0.0);
    let tasks = std::fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    let all: f64 = tasks
        .filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok())
        .filter_map(|stat| stat.split(' ').next()?.parse::<f64>().ok())
        .sum();
    of_main.max(all) / 1e9
}

fn largest_layer(layout: &Path) -> PathBuf {
    let blob = |descriptor: &serde_json::Value| {
        let digest = descriptor["digest"]
            .as_str()
            .expect("a digest")
            .replace(':', "/");
        layout.join("blobs").join(digest)
    };
    let json = |path: &Path| -> serde_json::Value {
        serde_json::from_reader(File::open(path).expect("it exists")).expect("it is JSON")
    };
    let manifest = json(&blob(&json(&layout.join("index.json"))["manifests"][0]));
    let layers = manifest["layers"].as_array().expect("layers");
    blob(
        layers
            .iter()
            .max_by_key(|layer| layer["size"].as_u64())
            .expect("a layer"),
    )
}

fn spill(blob: &Blob) -> (BlockIndex, Blob) {
    let file = tempfile::tempfile().expect("a temp file");
    let mut writer = BufWriter::new(&file);
    let index = inflate(blob.reader(0), |bytes| writer.write_all(bytes)).expect("it inflates");
    drop(writer);
    (
        index,
        Blob::whole(file, "the inflated layer".into()).expect("a file"),
    )
}

/// The ranges of a tar that stay.
fn kept(tar: &Blob) -> Vec<Range<u64>> {
    let mut archive = tar::Archive::new(tar.reader(0));
    let mut kept = vec![];
    let mut start = 0;
    for entry in archive.entries().expect("a tar") {
        let entry = entry.expect("a tar entry");
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let end = entry.raw_file_position() + entry.size().next_multiple_of(512);
        if !is_junk(&path) {
            kept.push(start..end);
        }
        start = end;
    }
    kept.push(start..tar.len());
    kept.dedup_by(|next, before| {
        let joins = before.end == next.start;
        if joins {
            before.end = next.end;
        }
        joins
    });
    kept
}

fn is_junk(path: &str) -> bool {
    let directories = [
        "usr/share/doc/",
        "usr/share/man/",
        "usr/share/locale/",
        "usr/share/info/",
        "var/lib/apt/lists/",
        "var/cache/apt/",
        "usr/include/",
    ];
    let path = path.trim_start_matches("./");
    directories
        .iter()
        .any(|directory| path.starts_with(directory))
        || [".a", ".deb", ".pyc", ".md", ".map"]
            .iter()
            .any(|suffix| path.ends_with(suffix))
}
