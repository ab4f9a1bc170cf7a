//! Diversions: a package's file that lies under another name because a second package has a file of the same name.

use crate::path;

/// One diversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Diversion {
    /// The name that others' files lose, without the leading slash.
    pub(crate) from: Vec<u8>,
    /// The name that they get.
    pub(crate) to: Vec<u8>,
    /// Whose own file keeps the name; `:` for the administrator, who has none.
    pub(crate) by: Vec<u8>,
}

/// Parses `diversions`: three lines each.
pub(crate) fn parse(file: &[u8]) -> Vec<Diversion> {
    let lines: Vec<&[u8]> = file.split(|&b| b == b'\n').collect();
    let path = |line: &[u8]| path::clean(line).ok();
    lines
        .chunks_exact(3)
        .filter_map(|lines| {
            Some(Diversion {
                from: path(lines[0])?,
                to: path(lines[1])?,
                by: lines[2].to_vec(),
            })
        })
        .collect()
}

/// Writes `diversions` with those that stay.
pub(crate) fn write<'a>(diversions: impl Iterator<Item = &'a Diversion>) -> Vec<u8> {
    let mut file = Vec::new();
    for diversion in diversions {
        for line in [
            &[b"/", &diversion.from[..]].concat(),
            &[b"/", &diversion.to[..]].concat(),
            &diversion.by,
        ] {
            file.extend_from_slice(line);
            file.push(b'\n');
        }
    }
    file
}

/// The name under which a file of `package` really lies.
pub(crate) fn divert<'a>(diversions: &'a [Diversion], package: &str, path: &'a [u8]) -> &'a [u8] {
    diversions
        .iter()
        .find(|diversion| diversion.from == path && diversion.by != package.as_bytes())
        .map_or(path, |diversion| &diversion.to)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] = b"/bin/sh\n/bin/sh.distrib\ndash\n/sbin/initctl\n/sbin/initctl.off\n:\n";

    #[test]
    fn the_file_is_written_as_it_was_read() {
        let diversions = parse(FILE);
        assert_eq!(diversions.len(), 2);
        assert_eq!(write(diversions.iter()), FILE);
    }

    #[test]
    fn only_the_diverter_keeps_the_name() {
        let diversions = parse(FILE);
        assert_eq!(divert(&diversions, "dash", b"bin/sh"), b"bin/sh");
        assert_eq!(divert(&diversions, "bash", b"bin/sh"), b"bin/sh.distrib");
        assert_eq!(
            divert(&diversions, "upstart", b"sbin/initctl"),
            b"sbin/initctl.off"
        );
        assert_eq!(divert(&diversions, "bash", b"bin/bash"), b"bin/bash");
    }
}
