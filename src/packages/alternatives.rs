//! update-alternatives' database: which files stand behind a generic name such as `awk`.

use crate::path;

/// One file of `var/lib/dpkg/alternatives`. Paths are without the leading slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alternative {
    /// The file's name: that of the link in `etc/alternatives`.
    pub(crate) name: Vec<u8>,
    pub(crate) is_automatic: bool,
    /// The generic path.
    pub(crate) link: Vec<u8>,
    /// Names and generic paths that go along, such as manual pages.
    pub(crate) slaves: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) choices: Vec<Choice>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) path: Vec<u8>,
    pub(crate) priority: i64,
    /// In the order of the slaves; empty for one that it lacks.
    pub(crate) slaves: Vec<Vec<u8>>,
}

impl Alternative {
    /// Parses a file of that name; `None` for one that is not as it must be.
    pub(crate) fn parse(name: &[u8], file: &[u8]) -> Option<Self> {
        let mut lines = file
            .split_inclusive(|&b| b == b'\n')
            .map_while(|line| line.strip_suffix(b"\n"));
        let is_automatic = lines.next()? == b"auto";
        let link = path::clean(lines.next()?).ok()?;
        let mut slaves = Vec::new();
        loop {
            let slave = lines.next()?;
            if slave.is_empty() {
                break;
            }
            slaves.push((slave.to_vec(), path::clean(lines.next()?).ok()?));
        }
        let mut choices = Vec::new();
        loop {
            let choice = lines.next()?;
            if choice.is_empty() {
                break;
            }
            let priority = std::str::from_utf8(lines.next()?).ok()?.parse().ok()?;
            let mut paths = Vec::with_capacity(slaves.len());
            for _ in &slaves {
                paths.push(path::clean(lines.next()?).ok()?);
            }
            choices.push(Choice {
                path: path::clean(choice).ok()?,
                priority,
                slaves: paths,
            });
        }
        Some(Self {
            name: name.to_vec(),
            is_automatic,
            link,
            slaves,
            choices,
        })
    }

    /// Writes the file.
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let mut line = |text: &[u8], is_path: bool| {
            if is_path && !text.is_empty() {
                file.push(b'/');
            }
            file.extend_from_slice(text);
            file.push(b'\n');
        };
        line(
            if self.is_automatic {
                b"auto"
            } else {
                b"manual"
            },
            false,
        );
        line(&self.link, true);
        for (name, link) in &self.slaves {
            line(name, false);
            line(link, true);
        }
        line(b"", false);
        for choice in &self.choices {
            line(&choice.path, true);
            line(choice.priority.to_string().as_bytes(), false);
            for slave in &choice.slaves {
                line(slave, true);
            }
        }
        line(b"", false);
        file
    }

    /// The choice that automatic mode takes: the first of the highest priority.
    pub(crate) fn best(&self) -> Option<&Choice> {
        let highest = self.choices.iter().map(|choice| choice.priority).max()?;
        self.choices
            .iter()
            .find(|choice| choice.priority == highest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWK: &[u8] = b"auto\n/usr/bin/awk\nawk.1.gz\n/usr/share/man/man1/awk.1.gz\nnawk\n/usr/bin/nawk\n\n/usr/bin/gawk\n10\n/usr/share/man/man1/gawk.1.gz\n\n/usr/bin/mawk\n5\n/usr/share/man/man1/mawk.1.gz\n/usr/bin/mawk\n\n";

    #[test]
    fn the_file_is_written_as_it_was_read() {
        let awk = Alternative::parse(b"awk", AWK).unwrap();
        assert_eq!(awk.write(), AWK);
        assert_eq!(awk.best().unwrap().path, b"usr/bin/gawk");
        assert_eq!(awk.choices[0].slaves[1], b"");
        let none = Alternative::parse(b"none", b"manual\n/usr/bin/x\n\n/opt/x\n-3\n\n").unwrap();
        assert_eq!((none.is_automatic, none.choices[0].priority), (false, -3));
    }

    #[test]
    fn damaged_files_are_refused() {
        for length in 0..AWK.len() - 1 {
            assert_eq!(Alternative::parse(b"awk", &AWK[..length]), None, "{length}");
        }
    }
}
