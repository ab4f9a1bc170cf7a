//! Takes compiled Python files whose source is there.

use crate::path;
use crate::rules::rule::{Level, Only, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "pycache",
    level: Level::Aggressive,
    summary: "Takes compiled Python files whose source is there.",
    caveat: "Python compiles each module again: where the files cannot be written, at each start. It saves about 30 MB in Python images and can double the time of an import.",
    source: "docker-library/python#615, cognee#3051, cloudnative-pg#385",
    remove: &["**/__pycache__/*.py[co]", "**/*.py[co]"],
    only: &[Only::Twin(source)],
    reach: Reach::Everywhere,
    fires: &[
        "usr/lib/python3/a/__pycache__/x.cpython-311.opt-1.pyc",
        "usr/lib/python3/a/x.pyc",
    ],
    spares: &["usr/lib/python3/a/only.pyc", "usr/lib/python3/a/x.py"],
    beside: &["usr/lib/python3/a/x.py"],
    ..Rule::PLAIN
};

/// The source of `__pycache__/x.cpython-311.pyc` or of `x.pyc`.
fn source(compiled: &[u8]) -> Option<Vec<u8>> {
    let (dir, name) = (path::parent(compiled), path::name(compiled));
    if path::name(dir) == b"__pycache__" {
        let module = name.split(|&byte| byte == b'.').next()?;
        return Some(path::join(path::parent(dir), &[module, b".py"].concat()));
    }
    Some(compiled[..compiled.len() - 1].to_vec())
}
