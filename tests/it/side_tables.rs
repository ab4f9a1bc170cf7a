//! Tables that a layer keeps of its own bytes: they stay while the layer does, and go when it is rewritten.

use serde_json::json;

use crate::support::compare::assert_same;
use crate::support::flatten::flatten;
use crate::support::image::image;
use crate::support::layout::{amend_manifest, layer_digests, manifest};
use crate::support::program::{scratch, shrink};

const TABLES: [&[u8]; 2] = [b"stargz.index.json", b".no.prefetch.landmark"];

#[test]
fn an_estargz_table_goes_with_the_bytes_it_tells_of() {
    for has_annotation in [true, false] {
        let dir = scratch();
        let image = image().layer(|l| {
            l.file("a", vec![b'a'; 4000])
                .file("gone", vec![b'g'; 9000])
                .file(".no.prefetch.landmark", b"\x0f")
                .file("stargz.index.json", br#"{"version":1,"entries":[]}"#)
        });
        let before = image.write(&dir.path().join("before"));
        if has_annotation {
            amend_manifest(&before, |manifest| {
                manifest["layers"][0]["annotations"] = json!({
                    "containerd.io/snapshot/stargz/toc.digest": "sha256:00",
                    "io.containers.estargz.uncompressed-size": "1",
                    "kept": "yes",
                });
            });
        }
        for layers in ["keep", "squash"] {
            let arguments = ["--disable", "*", "--layers", layers];
            let same = shrink(&before, dir.path(), &format!("{layers}-same"), &arguments);
            assert_eq!(layer_digests(&same.layout), layer_digests(&before));
            let arguments = [&arguments[..], &["--remove", "gone"]].concat();
            let slim = shrink(&before, dir.path(), layers, &arguments);
            let mut gone = vec![b"gone".to_vec()];
            if has_annotation {
                gone.extend(TABLES.map(<[u8]>::to_vec));
                let annotations = manifest(&slim.layout)["layers"][0]["annotations"].take();
                assert_eq!(annotations, json!({"kept": "yes"}));
            }
            gone.sort();
            assert_eq!(slim.removed(), gone);
            let mut expected = flatten(&before);
            expected.retain(|path, _| !gone.contains(path));
            assert_same(&flatten(&slim.layout), &expected);
        }
    }
}
