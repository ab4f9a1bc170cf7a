//! Explanations of paths in layers that were really scanned.

use super::super::example::{layer, merge};
use super::*;
use crate::report::value::Descriptor;
use crate::report::{Document, Paint};
use crate::rules::{Kept, Origin};

fn explain(asked: &str) -> Option<String> {
    let dir = tempfile::tempdir().unwrap();
    let layers = [
        layer(
            dir.path(),
            &[
                ("usr/bin/tool", "5000"),
                ("usr/bin/alias", "-> usr/bin/tool"),
                ("cache/a", "20"),
                ("secret", "300"),
                ("bin", "=> usr/bin"),
            ],
        ),
        layer(
            dir.path(),
            &[
                ("usr/bin/tool", "6000"),
                (".wh.secret", "0"),
                (".wh.cache", "0"),
                ("cache/a", "21"),
            ],
        ),
    ];
    let tree = merge(&layers);
    let mut decisions = Decisions::default();
    let cache = decisions.reason(Reason {
        rule: "cache".into(),
        origin: Origin::BuiltIn,
    });
    let node = |path: &str| tree.find(path.as_bytes()).unwrap();
    decisions.remove(node("cache/a"), cache);
    decisions.kept.push(Kept {
        node: node("usr/bin/alias"),
        asked: cache,
        because: "the entrypoint".into(),
    });
    let mut docs = Decisions::default();
    let reason = docs.reason(Reason {
        rule: "docs".into(),
        origin: Origin::BuiltIn,
    });
    docs.remove(node("usr/bin/tool"), reason);
    let docs_rule = WouldTake {
        rule: "docs".into(),
        profile: "lean".into(),
    };
    let descriptor = Descriptor {
        digest: "sha256:aa".into(),
        media_type: "m".into(),
        size: 1,
    };
    let facts = Facts {
        platform: "linux/amd64".into(),
        name: None,
        source: descriptor.clone(),
        result: descriptor,
        instructions: vec![Some("COPY . /".into()), Some("RUN make".into())],
        warnings: Vec::new(),
    };
    let alone = [(docs_rule, docs)];
    let report = PackageReport::default();
    let packages = Packages {
        distroless: None,
        databases: &[],
        report: &report,
    };
    let explained = ExplainedPath::new(
        &facts,
        &tree,
        asked.as_bytes(),
        packages,
        &decisions,
        &alone,
    )?;
    Some(Explanation::new(vec![explained], Vec::new()).text(Paint(false)))
}

#[test]
fn a_file_with_an_older_version_behind_a_link() {
    insta::assert_snapshot!(explain("bin/tool").unwrap(), @r"
    usr/bin/tool in linux/amd64
    stays: no rule that acts asks for it
    the way leads through the link bin
    file, 6.00 kB, mode 0644, owner 0:0, from layer 1

    Life, base layer first
      layer  what happened                     instruction
          0  wrote a file, 5.00 kB, mode 0644  COPY . /
          1  wrote a file, 6.00 kB, mode 0644  RUN make

    rule docs would take it: profile lean has it
    ");
}

#[test]
fn a_file_that_a_rule_takes() {
    insta::assert_snapshot!(explain("cache/a").unwrap(), @r"
    cache/a in linux/amd64
    goes: rule cache (built-in) removes it
    file, 21 B, mode 0644, owner 0:0, from layer 1
    20 B of older versions lie hidden in lower layers

    Life, base layer first
      layer  what happened                  instruction
          0  wrote a file, 20 B, mode 0644  COPY . /
          1  deleted cache (whiteout)       RUN make
          1  wrote a file, 21 B, mode 0644  RUN make
    ");
}

#[test]
fn a_directory_from_which_something_goes() {
    insta::assert_snapshot!(explain("cache").unwrap(), @r"
    cache in linux/amd64
    stays: rules take only what is under it
    directory, 21 B in 1 file

    Life, base layer first
      layer  what happened                   instruction
          0  made it for what lies under it  COPY . /
          1  deleted it (whiteout)           RUN make
          1  made it for what lies under it  RUN make

    What goes from under it
      bytes  paths  rule   from
       21 B      1  cache  built-in
    ");
}

#[test]
fn a_path_that_was_deleted() {
    insta::assert_snapshot!(explain("secret").unwrap(), @r"
    secret in linux/amd64
    goes: no container sees it, what is left of it in layers is dropped
    a container sees nothing there
    300 B of older versions lie hidden in lower layers

    Life, base layer first
      layer  what happened                   instruction
          0  wrote a file, 300 B, mode 0644  COPY . /
          1  deleted it (whiteout)           RUN make
    ");
}

#[test]
fn a_name_that_something_keeps() {
    insta::assert_snapshot!(explain("usr/bin/alias").unwrap(), @r"
    usr/bin/alias in linux/amd64
    stays: rule cache (built-in) asks for it, kept by the entrypoint
    file, 5.00 kB, mode 0644, owner 0:0, from layer 0

    Life, base layer first
      layer  what happened                   instruction
          0  made it a name of usr/bin/tool  COPY . /
    ");
}

#[test]
fn a_path_that_never_was() {
    assert_eq!(explain("usr/bin/other"), None);
}
