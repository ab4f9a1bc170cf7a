//! `RECORD`: which files are a distribution's.

use crate::error::Result;
use crate::layer::Kind;
use crate::path;
use crate::rules::Contents;
use crate::tree::{NodeId, Tree};

use super::super::paths::Paths;
use super::super::read_file;
use super::Distribution;

/// The files of a distribution that are there, and all in its own directory, by node; `None` where no RECORD tells.
///
/// # Errors
/// When RECORD cannot be read.
pub(crate) fn files(
    tree: &Tree,
    contents: &dyn Contents,
    one: &Distribution,
) -> Result<Option<Vec<NodeId>>> {
    let record = tree.child(one.node, b"RECORD");
    let Some(record) = record.filter(|&record| tree.kind(record) == Kind::File) else {
        return Ok(None);
    };
    let bytes = read_file(tree, contents, record)?;
    let site = tree.path(one.site);
    let mut paths = Paths::new(tree);
    let mut found: Vec<NodeId> = bytes
        .split(|&b| b == b'\n')
        .map(first_field)
        .filter(|written| !written.is_empty())
        .filter_map(|written| match written.starts_with(b"/") {
            true => paths.locate(&written),
            false => paths.locate(&path::join(&site, &written)),
        })
        .collect();
    let mut directories = vec![one.node];
    while let Some(directory) = directories.pop() {
        for (_, child) in tree.children(directory) {
            match tree.kind(child) {
                Kind::Dir => directories.push(child),
                _ => found.push(child),
            }
        }
    }
    found.retain(|&node| tree.kind(node) != Kind::Dir);
    found.sort_unstable();
    found.dedup();
    Ok(Some(found))
}

/// The first field of a line of comma-separated values.
fn first_field(line: &[u8]) -> Vec<u8> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let Some(quoted) = line.strip_prefix(b"\"") else {
        let field = line.split(|&b| b == b',').next();
        return field.unwrap_or_default().to_vec();
    };
    let mut field = Vec::new();
    let mut rest = quoted.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'"' {
            field.push(byte);
        } else if rest.next_if_eq(&b'"').is_some() {
            field.push(b'"');
        } else {
            break;
        }
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_may_be_quoted() {
        for (line, field) in [
            (&b"a/b.py,sha256=x,3\r"[..], &b"a/b.py"[..]),
            (b"\"a,\"\"b\"\".py\",,", b"a,\"b\".py"),
            (b"\"open", b"open"),
            (b"", b""),
        ] {
            assert_eq!(first_field(line), field);
        }
    }
}
