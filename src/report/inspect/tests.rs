//! An inspection of layers that were really scanned.

use super::super::example::{layer, merge};
use super::*;
use crate::report::{Document, Paint};
use crate::rules::{Decisions, Origin, Reason};

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
    let image = InspectedImage::new(
        facts,
        Found {
            layers: &layers,
            tree: &tree,
            databases: &[],
            twins: &Twins::new(),
            rules: vec![saving],
            runs: vec![RunSaving::new("--profile lean", &tree, &decisions, 5000)],
            secrets: vec![Secret {
                path: "bin/tool".into(),
                what: "private key",
                layer: 0,
                by: 1,
                bytes: 5000,
            }],
            files: Vec::new(),
        },
    );
    let wasted: Vec<u64> = image.layers.iter().map(|layer| layer.wasted).collect();
    assert_eq!(wasted, [5000, 0]);
    let inspection = Inspection::new(vec![image], Vec::new());
    insta::assert_snapshot!(inspection.text(Paint(false)), @r#"
    app (linux/amd64)
    3.02 MB stored uncompressed, efficiency 99.83 %
    a container sees 3 files, 4 directories and 0 links

      registry  unpacked  visible   wasted  efficiency  dive: wasted  dive: efficiency
             -   3.02 MB  3.01 MB  5.00 kB     99.83 %       10.0 kB           99.83 %

    What to do, the most bytes first
        bytes  with              what
      3.00 MB  slim.toml, below  pdf files in srv: 1 file of 1 MiB and more, the largest 3.00 MB
      5.00 kB  shrink            drop 1 file that upper layers hide: every run of shrink does
         20 B  --enable cache    cache: Caches

    Layers, base layer first
      #  registry  unpacked   wasted  added  changed  removed  instruction
      0         -   3.01 MB  5.00 kB      3        -        -  COPY / /
      1         -   6.66 kB        -      -        1        -  RUN chmod +x /bin/tool

    Wasted: 5.00 kB in 1 copy that upper layers hide
        bytes  copies  path      how               instruction
      5.00 kB       2  bin/tool  overwritten by 1  RUN chmod +x /bin/tool

    Lower layers still hold what looks like secrets: change them, whoever pulled the image has them
      layer  hidden by  looks like   path
          0          1  private key  bin/tool

    What shrink would make of it
      unpacked  change  visible  paths gone  shrink with
       5.00 kB   -99 %  3.01 MB           2  --profile lean

    What each rule would save alone (unpacked bytes)
      bytes  paths  rule   profile  what it takes
       20 B      2  cache  lean     Caches

    Largest files
        bytes  layer  package  path
      3.00 MB      0  -        srv/press/kit.pdf
      5.00 kB      1  -        bin/tool
         20 B      0  -        cache/a

    Largest directories
        bytes  files  directory
      3.00 MB      1  srv
      3.00 MB      1  srv/press
      5.00 kB      1  bin
         20 B      1  cache

    By ecosystem
        bytes  files  ecosystem
      3.01 MB      3  no package

    By kind, told by names
        bytes  files  kind
      3.00 MB      1  documents
      5.02 kB      2  other files

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
