//! Blobs that are not what their descriptor says: other bytes, other lengths, other kinds of file.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Arena, assert_refused};
use crate::support::codec::Codec;
use crate::support::image::image;
use crate::support::layout::{amend_manifest, blob_path, config, layer_digests, replace_layer};

fn good() -> Arena {
    let arena = Arena::new();
    image()
        .layer(|l| l.dir("etc").file("etc/a", vec![b'a'; 3000]))
        .layer(|l| l.file("b", b"2"))
        .write(&arena.image());
    arena
}

fn blobs(layout: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(layout.join("blobs/sha256")).unwrap();
    let mut blobs: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    blobs.sort();
    blobs
}

fn name(blob: &Path) -> String {
    format!("sha256:{}", blob.file_name().unwrap().to_str().unwrap())
}

/// Does something to each blob of a good image in turn; each is refused by its name.
#[track_caller]
fn refuse_each(what: &str, harm: impl Fn(&Arena, &Path)) {
    let count = blobs(&good().image()).len();
    assert_eq!(count, 4);
    for at in 0..count {
        let arena = good();
        let blob = &blobs(&arena.image())[at];
        harm(&arena, blob);
        assert_refused(what, &arena, &[&name(blob)]);
    }
}

#[test]
fn a_bit_is_flipped() {
    refuse_each("a bit", |_, blob| {
        let mut bytes = fs::read(blob).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(blob, bytes).unwrap();
    });
}

#[test]
fn a_byte_is_appended() {
    refuse_each("a byte more", |_, blob| {
        let bytes = [&fs::read(blob).unwrap()[..], b"\n"].concat();
        fs::write(blob, bytes).unwrap();
    });
}

#[test]
fn a_byte_is_missing() {
    refuse_each("a byte less", |_, blob| {
        let mut bytes = fs::read(blob).unwrap();
        bytes.pop();
        fs::write(blob, bytes).unwrap();
    });
}

#[test]
fn a_blob_is_missing() {
    refuse_each("missing", |_, blob| fs::remove_file(blob).unwrap());
}

#[test]
fn a_blob_is_empty() {
    refuse_each("empty", |_, blob| fs::write(blob, b"").unwrap());
}

#[test]
fn a_blob_is_a_directory() {
    refuse_each("a directory", |_, blob| {
        fs::remove_file(blob).unwrap();
        fs::create_dir(blob).unwrap();
    });
}

#[test]
fn a_blob_is_a_fifo() {
    refuse_each("a FIFO", |_, blob| {
        fs::remove_file(blob).unwrap();
        assert!(Command::new("mkfifo").arg(blob).status().unwrap().success());
    });
}

#[test]
fn a_blob_is_a_link_without_end_of_bytes() {
    refuse_each("/dev/zero", |_, blob| {
        fs::remove_file(blob).unwrap();
        symlink("/dev/zero", blob).unwrap();
    });
}

#[test]
fn a_blob_is_a_link_to_the_victim() {
    refuse_each("the victim", |arena, blob| {
        fs::remove_file(blob).unwrap();
        symlink(arena.victim(), blob).unwrap();
    });
}

#[test]
fn a_layer_compressed_anew_has_another_digest() {
    let arena = good();
    let digest = layer_digests(&arena.image()).remove(0);
    let blob = blob_path(&arena.image(), &digest);
    let tar = crate::support::codec::decompress(&fs::read(&blob).unwrap());
    fs::write(&blob, Codec::gzip(1).compress(&tar)).unwrap();
    assert_refused("compressed anew", &arena, &[&digest]);
}

#[test]
fn a_layer_is_another_one_than_its_diff_id_says() {
    let other = image().layer(|l| l.file("other", b"1")).tars().remove(0);
    for codec in [Codec::gzip(6), Codec::Plain, Codec::zstd(3)] {
        let arena = good();
        let diff_id = config(&arena.image())["rootfs"]["diff_ids"][1].clone();
        replace_layer(&arena.image(), 1, &codec.compress(&other));
        let kind = format!("application/vnd.oci.image.layer.v1.tar{}", codec.suffix());
        amend_manifest(&arena.image(), |manifest| {
            manifest["layers"][1]["mediaType"] = kind.into();
        });
        let digest = layer_digests(&arena.image()).remove(1);
        assert_refused(
            "another layer",
            &arena,
            &[&digest, diff_id.as_str().unwrap()],
        );
    }
}

#[test]
fn bytes_after_the_end_count_for_the_diff_id() {
    let arena = good();
    let mut tar = image().layer(|l| l.file("b", b"2")).tars().remove(0);
    tar.extend([0; 512]);
    replace_layer(&arena.image(), 1, &Codec::gzip(6).compress(&tar));
    assert_refused("a block more", &arena, &[&layer_digests(&arena.image())[1]]);
}

#[test]
fn streams_that_are_damaged() {
    let tar = image().layer(|l| l.file("b", b"2")).tars().remove(0);
    let gzip = Codec::gzip(6).compress(&tar);
    let end = gzip.len();
    let changed = |at: usize| {
        let mut bytes = gzip.clone();
        bytes[at] ^= 0x55;
        bytes
    };
    let cases = [
        ("a wrong CRC-32", changed(end - 8)),
        ("a wrong length", changed(end - 1)),
        ("no trailer", gzip[..end - 8].to_vec()),
        ("half a trailer", gzip[..end - 4].to_vec()),
        ("half a stream", gzip[..end / 2].to_vec()),
        ("a header alone", gzip[..10].to_vec()),
        ("half a header", gzip[..5].to_vec()),
        (
            "a second member that is cut",
            [&gzip[..], &gzip[..20]].concat(),
        ),
        ("an unknown method", changed(2)),
    ];
    for (what, bytes) in cases {
        let arena = good();
        replace_layer(&arena.image(), 1, &bytes);
        assert_refused(what, &arena, &[&layer_digests(&arena.image())[1]]);
    }
}

#[test]
fn frames_that_are_damaged() {
    let tar = image().layer(|l| l.file("b", b"2")).tars().remove(0);
    let zstd = Codec::zstd(3).compress(&tar);
    let cut_skippable = [
        &crate::support::codec::skippable(b"12345678")[..12],
        &zstd[..],
    ]
    .concat();
    let cases = [
        ("half a frame", zstd[..zstd.len() / 2].to_vec()),
        ("a magic alone", zstd[..4].to_vec()),
        (
            "a second frame that is cut",
            [&zstd[..], &zstd[..9]].concat(),
        ),
        ("a skippable frame that is cut", cut_skippable),
        ("junk after the frame", [&zstd[..], b"junk"].concat()),
    ];
    for (what, bytes) in cases {
        let arena = good();
        replace_layer(&arena.image(), 1, &bytes);
        let kind = "application/vnd.oci.image.layer.v1.tar+zstd";
        amend_manifest(&arena.image(), |manifest| {
            manifest["layers"][1]["mediaType"] = kind.into();
        });
        assert_refused(what, &arena, &[&layer_digests(&arena.image())[1]]);
    }
}
