//! An inspection of layers that were really scanned.

use super::super::example::{layer, merge};
use super::*;
use crate::report::{Document, Paint};
use crate::rules::{Origin, Reason};

#[test]
fn an_inspection() {
    let dir = tempfile::tempdir().unwrap();
    let layers = [
        layer(
            dir.path(),
            &[
                ("cache/a", "20"),
                ("bin/tool", "5000"),
                ("srv/press/kit.pdf", "3000000"),
            ],
        ),
        layer(dir.path(), &[("bin/tool", "5000")]),
    ];
    let tree = merge(&layers);
    let mut decisions = Decisions::default();
    let nothing = RuleSaving::new("logs", "safe", "Logs", &tree, &decisions);
    assert_eq!(nothing, None);
    let reason = decisions.reason(Reason {
        rule: "cache".into(),
        origin: Origin::BuiltIn,
    });
    decisions.remove_subtree(&tree, tree.find(b"cache").unwrap(), reason);
    let saving = RuleSaving::new("cache", "lean", "Caches", &tree, &decisions).unwrap();
    let descriptor = Descriptor {
        digest: "sha256:aa".into(),
        media_type: "m".into(),
        size: 1,
    };
    let facts = Facts {
        platform: "linux/amd64".into(),
        name: Some("app".into()),
        source: descriptor.clone(),
        result: descriptor,
        instructions: vec![
            Some("COPY / /".into()),
            Some("RUN chmod +x /bin/tool".into()),
        ],
        warnings: Vec::new(),
    };
    let image = InspectedImage::new(facts, &layers, &tree, &[], vec![saving]);
    let wasted: Vec<u64> = image.layers.iter().map(|layer| layer.wasted).collect();
    assert_eq!(wasted, [5000, 0]);
    let inspection = Inspection::new(vec![image], Vec::new());
    insta::assert_snapshot!(inspection.text(Paint(false)), @r#"
    app (linux/amd64)
    3.02 MB stored uncompressed, efficiency 99.83 %
    a container sees 3.01 MB in 3 files, 4 directories and 0 links; 5.00 kB more are hidden by upper
      layers

    Layers, base layer first
      #  compressed  unpacked  files   hidden  instruction
      0           -   3.01 MB      3  5.00 kB  COPY / /
      1           -   6.66 kB      1        -  RUN chmod +x /bin/tool

    What each rule would save alone (unpacked bytes)
      bytes  paths  rule   profile  what it takes
       20 B      2  cache  lean     Caches

    Hidden by upper layers: 5.00 kB in 1 file
        bytes  layer  how               path
      5.00 kB      0  overwritten by 1  bin/tool

    Static files that only you can judge
        bytes  files  what              the largest
      3.00 MB      1  pdf files in srv  srv/press/kit.pdf

    These lines of slim.toml would remove them:

      [[remove]]
      name = "pdf files in srv"
      globs = ["srv/**/*.pdf"]
      larger-than = "1MiB"

    1 MB is 1,000,000 bytes.
    "#);
}
