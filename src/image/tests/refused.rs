//! Documents that do not say what they must.

use super::*;

#[test]
fn bad_documents_are_refused() {
    let (good, plain) = (manifest(), config());
    let bad_manifests = [
        ("/schemaVersion", json!(1), "`schemaVersion` is not 2"),
        ("/schemaVersion", Value::Null, "`schemaVersion` is not 2"),
        ("/schemaVersion", json!("2"), "`schemaVersion` is not 2"),
        ("/mediaType", json!(INDEX), "its descriptor says"),
        ("/manifests", json!([]), "`manifests` does not belong"),
        ("/fsLayers", json!([]), "`fsLayers` does not belong"),
        ("/Manifests", json!([]), "only in case"),
        ("/layers", json!({}), "`layers` is not a list"),
        ("/layers", json!([layer("a")]), "2 diff_ids for 1 layers"),
        (
            "/layers/0/digest",
            json!("sha256:../../etc/passwd"),
            "layers[0]: digest `sha256:../../etc/passwd`",
        ),
        ("/layers/1/size", json!(-1), "layers[1]: the size"),
        ("/layers/1/size", json!("10"), "layers[1]: the size"),
        (
            "/layers/0/data",
            json!("AAAA"),
            "layers[0]: the embedded data",
        ),
        ("/config", json!({}), "config: no `mediaType`"),
        ("/config", json!([]), "config: not a JSON object"),
        ("/subject", json!("x"), "subject: not a JSON object"),
        ("/annotations", json!([]), "`annotations` is not an object"),
    ];
    for (at, value, fault) in bad_manifests {
        let said = load(&with(&good, at, value), &plain).unwrap_err();
        assert!(
            matches!(&said, Error::Document { kind: "manifest" | "config", fault: found, .. } if found.contains(fault)),
            "{at}: {said}"
        );
    }
    let bad_configs = [
        ("/rootfs", Value::Null, "0 diff_ids for 2 layers"),
        ("/rootfs/type", json!("layers+base"), "`rootfs.type` is not"),
        ("/rootfs/type", Value::Null, "`rootfs.type` is not"),
        (
            "/rootfs/diff_ids/0",
            json!("sha256:xyz"),
            "diff_ids[0] `sha256:xyz`",
        ),
        (
            "/rootfs/diff_ids/1",
            json!(1),
            "diff_ids[1] is not a string",
        ),
        ("/rootfs/Diff_IDs", json!([]), "only in case"),
        ("/RootFS", json!({}), "only in case"),
        ("/history", json!({}), "`history` is not a list"),
        (
            "/history/0/empty_layer",
            json!("no"),
            "history[0]: `empty_layer`",
        ),
        ("/os", json!(7), "`os` is not a string"),
    ];
    for (at, value, fault) in bad_configs {
        let bad = if at.contains("diff_ids/") {
            let mut bad = plain.clone();
            *bad.pointer_mut(at).unwrap() = value;
            bad
        } else {
            with(&plain, at, value)
        };
        let said = load(&good, &bad).unwrap_err();
        assert!(
            matches!(&said, Error::Document { kind: "config", fault: found, .. } if found.contains(fault)),
            "{at}: {said}"
        );
    }
}

#[test]
fn bad_indexes_are_refused() {
    let mut source = Memory::default();
    let root = source.image(&manifest(), &config());
    let good = index(std::slice::from_ref(&root));
    for (at, value, fault) in [
        ("/schemaVersion", json!(1), "`schemaVersion` is not 2"),
        ("/mediaType", json!(MANIFEST), "its descriptor says"),
        ("/layers", json!([]), "`layers` does not belong"),
        ("/config", json!({}), "`config` does not belong"),
        ("/manifests", json!([1]), "manifests[0]: not a JSON object"),
        (
            "/manifests",
            json!([with(&root, "/size", json!(5_000_000))]),
            "no more than 4194304 are read",
        ),
        (
            "/manifests",
            json!([with(&root, "/size", json!(5))]),
            "its content has digest",
        ),
        (
            "/manifests",
            json!([with(&root, "/mediaType", json!(INDEX))]),
            "its descriptor says",
        ),
        (
            "/manifests",
            json!([with(&root, "/digest", json!(digest("x")))]),
            "missing in `memory`",
        ),
        (
            "/manifests",
            json!([with(&root, "/platform", json!({ "os": 1 }))]),
            "`os` is not a string",
        ),
        ("/manifests", json!([]), "no image"),
        ("/manifests", Value::Null, "no image"),
    ] {
        source.index = with(&good, at, value);
        let said = source.load().unwrap_err().to_string();
        assert!(said.contains(fault), "{at}: {said}");
    }
}

#[test]
fn a_deep_nest_and_a_crowd_are_refused() {
    let mut source = Memory::default();
    let mut root = source.image(&manifest(), &config());
    for _ in 0..12 {
        root = source.put(INDEX, &index(&[root]));
    }
    source.index = index(&[root]);
    assert!(
        source
            .load()
            .unwrap_err()
            .to_string()
            .contains("nested deeper")
    );

    let mut root = source.image(&manifest(), &config());
    for _ in 0..6 {
        root = source.put(INDEX, &index(&vec![root; 20]));
    }
    source.index = index(&[root]);
    assert!(
        source
            .load()
            .unwrap_err()
            .to_string()
            .contains("more than 4096")
    );
}
