//! What counts as a finding.

use super::*;
use crate::layer::Kind;
use crate::report::{Document, Paint};

fn row_of(path: &str, size: u64) -> Row {
    Row {
        path: path.into(),
        kind: Kind::File,
        size,
        is_implied: false,
    }
}

fn changed_path(path: &str, fields: Vec<Field>) -> Changed {
    Changed {
        before: row_of(path, 20),
        after: row_of(path, 0),
        fields,
    }
}

fn verify(comparison: Comparison, is_complete: bool) -> Verification {
    let compared = vec![ComparedImage::new(
        "linux/amd64".into(),
        comparison,
        Vec::new(),
    )];
    Verification::new(Vec::new(), compared, is_complete, Vec::new())
}

#[test]
fn removals_and_edits_are_no_findings() {
    let comparison = Comparison {
        removed: vec![row_of("usr/share/doc/a", 7)],
        removed_bytes: 7,
        changed: vec![changed_path("var/log/x", vec![Field::Size, Field::Content])],
        ..Comparison::default()
    };
    let verification = verify(comparison.clone(), true);
    assert!(verification.holds);
    insta::assert_snapshot!(verification.text(Paint(false)), @r"
    What a container sees on linux/amd64
    the second is the first less what is listed

    Edited
      before  after  path       what
        20 B    0 B  var/log/x  size, content

    Removed: 1 path, 7 B
      bytes  type  path
        7 B  file  usr/share/doc/a
    ");
    assert!(!verify(comparison, false).holds, "an image is missing");
}

#[test]
fn what_slimming_never_does_is_a_finding() {
    let mode = Comparison {
        changed: vec![changed_path("bin/su", vec![Field::Mode, Field::Content])],
        ..Comparison::default()
    };
    let added = Comparison {
        added: vec![row_of("bin/new", 1)],
        ..Comparison::default()
    };
    assert!(!verify(mode, true).holds);
    assert!(!verify(added, true).holds);
}
