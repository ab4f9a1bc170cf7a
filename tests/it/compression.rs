//! Every framing that real tools write is read; what is written is what `--compress` says and never bigger.

use std::fs;
use std::path::Path;

use crate::support::codec::{Codec, Gzip, Zstd};
use crate::support::compare::assert_same;
use crate::support::entry::{Entry, pax};
use crate::support::flatten::flatten;
use crate::support::image::{Image, image};
use crate::support::layer::End;
use crate::support::layout::{blob_path, layer_digests, manifest, replace_layer};
use crate::support::program::{scratch, shrink};

/// Two layers, of which the first loses a file.
fn stack() -> Image {
    let text: String = (0..3000).map(|n| format!("line {n}\n")).collect();
    image()
        .layer(|l| {
            l.dir("etc")
                .file("etc/a", &text)
                .file("gone", text.repeat(3))
                .file("z", &text)
        })
        .layer(|l| l.whiteout("gone").file("b", b"2"))
}

fn framings() -> Vec<Codec> {
    let gzip = |members, fields| {
        Codec::Gzip(Gzip {
            level: 6,
            members,
            fields,
        })
    };
    let zstd = |frames, skippable| {
        Codec::Zstd(Zstd {
            level: 3,
            frames,
            skippable,
        })
    };
    vec![
        Codec::Plain,
        Codec::gzip(0),
        Codec::gzip(1),
        Codec::gzip(9),
        gzip(1, true),
        gzip(7, false),
        gzip(7, true),
        zstd(1, false),
        zstd(5, false),
        zstd(1, true),
        zstd(5, true),
    ]
}

#[test]
fn every_framing_is_read_and_keeps_its_codec() {
    for codec in framings() {
        for docker in [false, true] {
            let image = stack().codec(codec.clone());
            let image = if docker {
                image.docker_media_types()
            } else {
                image
            };
            let dir = scratch();
            let before = image.write(&dir.path().join("before"));
            let slim = shrink(&before, dir.path(), "after", &["--disable", "*"]);
            assert_same(&flatten(&slim.layout), &flatten(&before));
            let kinds = |layout: &Path| -> Vec<String> {
                let layers = manifest(layout)["layers"].take();
                layers
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|l| l["mediaType"].to_string())
                    .collect()
            };
            assert_eq!(kinds(&slim.layout), kinds(&before), "{codec:?}");
            assert_no_layer_grew(&before, &slim.layout, &format!("{codec:?}"));
        }
    }
}

#[test]
fn a_layer_from_which_nothing_goes_keeps_its_blob() {
    for codec in framings() {
        let dir = scratch();
        let before = stack()
            .codec(codec.clone())
            .write(&dir.path().join("before"));
        let slim = shrink(
            &before,
            dir.path(),
            "after",
            &["--disable", "*", "--remove", "b"],
        );
        let (old, new) = (layer_digests(&before), layer_digests(&slim.layout));
        assert_ne!(new[0], old[0], "{codec:?}");
        let unchanged = shrink(&slim.layout, dir.path(), "again", &["--disable", "*"]);
        assert_eq!(layer_digests(&unchanged.layout), new, "{codec:?}");
        let top = image()
            .layer(|l| l.file("a", b"1"))
            .layer(|l| l.file("b", b"2"));
        let before = top.codec(codec.clone()).write(&dir.path().join("top"));
        let slim = shrink(
            &before,
            dir.path(),
            "slim",
            &["--disable", "*", "--remove", "b"],
        );
        assert_eq!(
            layer_digests(&slim.layout)[0],
            layer_digests(&before)[0],
            "{codec:?}"
        );
    }
}

#[test]
fn an_image_from_which_nothing_goes_keeps_its_manifest() {
    for codec in framings() {
        let image = image()
            .layer(|l| l.file("a", b"1"))
            .layer(|l| l.file("b", b"2"));
        let dir = scratch();
        let before = image.codec(codec.clone()).write(&dir.path().join("before"));
        let slim = shrink(&before, dir.path(), "after", &[]);
        let manifest =
            |layout| crate::support::layout::index(layout)["manifests"][0]["digest"].take();
        assert_eq!(manifest(&slim.layout), manifest(&before), "{codec:?}");
    }
}

#[test]
fn what_is_asked_for_is_written() {
    for (asked, suffix, magic) in [
        ("gzip", "+gzip", &[0x1f, 0x8b][..]),
        ("gzip:1", "+gzip", &[0x1f, 0x8b]),
        ("zstd", "+zstd", &[0x28, 0xb5, 0x2f, 0xfd]),
        ("zstd:19", "+zstd", &[0x28, 0xb5, 0x2f, 0xfd]),
        ("none", "", b"etc/"),
    ] {
        for codec in [Codec::Plain, Codec::gzip(6), Codec::zstd(3)] {
            // gzip in place of zstd is larger, and then the old blob stays.
            if suffix == "+gzip" && codec == Codec::zstd(3) {
                continue;
            }
            let dir = scratch();
            let before = stack()
                .codec(codec.clone())
                .write(&dir.path().join("before"));
            let arguments = ["--disable", "*", "--compress", asked, "--layers", "squash"];
            let slim = shrink(&before, dir.path(), "after", &arguments);
            assert_same(&flatten(&slim.layout), &flatten(&before));
            let layer = &manifest(&slim.layout)["layers"][0];
            let kind = format!("application/vnd.oci.image.layer.v1.tar{suffix}");
            assert_eq!(layer["mediaType"], kind, "{codec:?} to {asked}");
            let blob = blob_path(&slim.layout, layer["digest"].as_str().unwrap());
            let bytes = fs::read(blob).unwrap();
            assert!(bytes.starts_with(magic), "{codec:?} to {asked}");
        }
    }
}

#[test]
fn streams_with_bytes_after_the_tar() {
    let ends = [
        Vec::new(),
        vec![0; 512],
        vec![0; 20 * 1024],
        vec![0; 10_240 + 77],
        [vec![0; 1024], b"junk after the end".to_vec()].concat(),
        [
            vec![0; 1024],
            Entry::file("after", b"the end").bytes(),
            vec![0; 1024],
        ]
        .concat(),
    ];
    for (number, end) in ends.into_iter().enumerate() {
        for layers in ["keep", "squash"] {
            let image = image()
                .layer(|l| {
                    l.file("a", b"1")
                        .file("gone", vec![b'g'; 5000])
                        .end(End::Raw(end.clone()))
                })
                .layer(|l| l.whiteout("gone").end(End::Raw(end.clone())));
            let dir = scratch();
            let before = image.write(&dir.path().join("before"));
            let arguments = ["--disable", "*", "--layers", layers];
            let slim = shrink(&before, dir.path(), "after", &arguments);
            assert_same(&flatten(&slim.layout), &flatten(&before));
            assert_eq!(flatten(&slim.layout).len(), 2, "end {number}");
        }
    }
}

#[test]
fn a_layer_that_is_nothing() {
    for bytes in [vec![], vec![0; 512], vec![0; 1024], vec![0; 10_240]] {
        let image = image()
            .layer(|l| l.file("a", b"1"))
            .layer(|l| l.end(End::Raw(bytes.clone())))
            .layer(|l| l.file("b", b"2"));
        for codec in [Codec::Plain, Codec::gzip(6), Codec::zstd(3)] {
            let dir = scratch();
            let before = image.clone().codec(codec).write(&dir.path().join("before"));
            for layers in ["keep", "squash", "squash-above=1"] {
                let arguments = ["--disable", "*", "--layers", layers];
                let slim = shrink(&before, dir.path(), layers, &arguments);
                assert_same(&flatten(&slim.layout), &flatten(&before));
            }
        }
    }
}

#[test]
fn a_global_header_is_no_file() {
    let comment = pax(b'g', &[(b"comment".to_vec(), vec![b'0'; 40])]);
    let image = image()
        .layer(|l| {
            l.raw(&comment)
                .file("a", b"1")
                .file("gone", vec![b'g'; 5000])
                .raw(&comment)
        })
        .layer(|l| l.whiteout("gone").raw(&comment).file("b", b"2"));
    let dir = scratch();
    let before = image.write(&dir.path().join("before"));
    for layers in ["keep", "squash"] {
        let slim = shrink(
            &before,
            dir.path(),
            layers,
            &["--disable", "*", "--layers", layers],
        );
        assert_same(&flatten(&slim.layout), &flatten(&before));
    }
}

#[test]
fn a_global_header_that_says_something_is_not_applied_as_by_no_runtime() {
    let owner = pax(
        b'g',
        &[
            (b"uid".to_vec(), b"77".to_vec()),
            (b"mtime".to_vec(), b"5".to_vec()),
        ],
    );
    let image = image()
        .layer(|l| {
            l.file("before", b"1")
                .raw(&owner)
                .file("after", b"2")
                .file("gone", vec![b'g'; 5000])
        })
        .layer(|l| l.whiteout("gone").file("top", b"3"));
    let dir = scratch();
    let before = image.write(&dir.path().join("before"));
    assert_eq!(flatten(&before)[&b"after"[..]].uid, 0);
    for layers in ["keep", "squash"] {
        let slim = shrink(
            &before,
            dir.path(),
            layers,
            &["--disable", "*", "--layers", layers],
        );
        assert_same(&flatten(&slim.layout), &flatten(&before));
    }
}

#[test]
fn a_layer_that_real_tools_compressed() {
    let dir = scratch();
    let before = stack().write(&dir.path().join("before"));
    let expected = flatten(&before);
    let tar = dir.path().join("layer.tar");
    fs::write(&tar, &stack().tars()[0]).unwrap();
    for (tool, arguments) in [
        ("gzip", &["-9"][..]),
        ("gzip", &["-1", "-n"]),
        ("pigz", &["-p2", "-b32"]),
        ("pigz", &["-p2", "-i"]),
    ] {
        if !crate::support::judge::is_there(tool) {
            continue;
        }
        let output = std::process::Command::new(tool)
            .args(arguments)
            .arg("-c")
            .arg(&tar)
            .output()
            .unwrap();
        replace_layer(&before, 0, &output.stdout);
        let slim = shrink(
            &before,
            dir.path(),
            &format!("{tool}{}", arguments.concat()),
            &["--disable", "*"],
        );
        assert_same(&flatten(&slim.layout), &expected);
    }
}

fn assert_no_layer_grew(before: &Path, after: &Path, what: &str) {
    let sizes = |layout: &Path| -> Vec<u64> {
        let layers = manifest(layout)["layers"].take();
        layers
            .as_array()
            .unwrap()
            .iter()
            .map(|l| l["size"].as_u64().unwrap())
            .collect()
    };
    for (new, old) in sizes(after).iter().zip(sizes(before)) {
        assert!(*new <= old, "{what}: {new} > {old}");
    }
}
