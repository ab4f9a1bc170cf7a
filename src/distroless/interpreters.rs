//! Programs that run other programs' texts: with one that is started, its whole library and all installed modules stay,
//! as what a text loads by name is not known.

use crate::layer::Kind;
use crate::path;
use crate::tree::{NodeId, Tree};

/// An interpreter and where it keeps what it loads.
pub(super) struct Interpreter {
    /// What its file's name is, without a version.
    names: &'static [&'static str],
    /// Directories and files; `*` stands for any part of a name, `^` for the directory above the one that holds it.
    library: &'static [&'static str],
}

const ALL: &[Interpreter] = &[
    Interpreter {
        names: &["python", "pypy"],
        library: &[
            "^/lib/python*",
            "^/lib64/python*",
            "^/lib/pypy*",
            "usr/lib/python3",
            "usr/lib/python2*",
            "usr/local/lib/python*",
            "usr/lib/*/libpython*",
            "etc/python*",
            "usr/share/python*",
            "usr/share/zoneinfo",
            "etc/mime.types",
            "etc/ld.so.cache",
        ],
    },
    Interpreter {
        names: &["node", "nodejs"],
        library: &[
            "^/lib/node_modules",
            "usr/share/nodejs",
            "usr/lib/*/nodejs",
            "usr/lib/nodejs",
        ],
    },
    Interpreter {
        names: &["perl"],
        library: &[
            "etc/perl",
            "usr/local/lib/*/perl",
            "usr/local/share/perl",
            "usr/lib/*/perl5",
            "usr/share/perl5",
            "usr/lib/*/perl",
            "usr/lib/*/perl-base",
            "usr/share/perl",
            "usr/lib/perl5",
            "usr/local/lib/perl5",
            "usr/lib64/perl5",
            "usr/local/lib64/perl5",
            "usr/local/share/perl5",
        ],
    },
    Interpreter {
        names: &["ruby", "irb", "jruby", "truffleruby"],
        library: &[
            "^/lib/ruby",
            "usr/lib/ruby",
            "usr/lib/*/ruby",
            "usr/share/ruby*",
            "usr/lib/*/rubygems-integration",
            "var/lib/gems",
            "usr/local/bundle",
            "usr/share/gems",
            "usr/lib64/ruby",
            "usr/lib64/gems",
        ],
    },
    Interpreter {
        names: &["php", "php-fpm", "php-cgi", "phpdbg", "frankenphp"],
        library: &[
            "^/lib/php",
            "usr/lib/php*",
            "usr/share/php*",
            "etc/php*",
            "var/lib/php",
            "usr/local/etc/php",
            "usr/lib64/php*",
        ],
    },
    Interpreter {
        names: &["java", "jshell", "jwebserver"],
        library: &[
            "^",
            "etc/java*",
            "etc/ssl/certs/java",
            "etc/pki/java",
            "usr/share/java",
            "etc/fonts",
            "usr/share/fontconfig",
        ],
    },
    Interpreter {
        names: &["R", "Rscript"],
        library: &[
            "^/lib/R",
            "usr/lib/R",
            "usr/share/R",
            "etc/R",
            "usr/local/lib/R",
            "usr/lib64/R",
        ],
    },
    Interpreter {
        names: &["lua", "luajit"],
        library: &[
            "usr/share/lua",
            "usr/lib/*/lua",
            "usr/local/share/lua",
            "usr/local/lib/lua",
            "usr/lib/lua",
        ],
    },
    Interpreter {
        names: &["tclsh", "wish"],
        library: &[
            "usr/share/tcltk",
            "usr/lib/tcltk",
            "usr/lib/tcl*",
            "usr/share/tcl*",
            "usr/lib/*/tcl*",
        ],
    },
    Interpreter {
        names: &["guile"],
        library: &["usr/share/guile", "usr/lib/*/guile"],
    },
    Interpreter {
        names: &["erl", "beam.smp", "erlexec", "elixir", "iex"],
        library: &[
            "usr/lib/erlang",
            "usr/local/lib/erlang",
            "usr/lib/elixir",
            "usr/local/lib/elixir",
        ],
    },
    Interpreter {
        names: &["mono", "mono-sgen", "dotnet"],
        library: &[
            "usr/lib/mono",
            "etc/mono",
            "usr/share/dotnet",
            "usr/lib/dotnet",
            "usr/lib64/dotnet",
        ],
    },
    Interpreter {
        names: &["octave", "octave-cli"],
        library: &["usr/share/octave", "usr/lib/*/octave"],
    },
];

/// The interpreter that a program is, by the name of its file.
pub(super) fn of(name: &[u8]) -> Option<&'static Interpreter> {
    let name = std::str::from_utf8(name).ok()?;
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    let is = |known: &&str| *known == name || *known == plain;
    ALL.iter().find(|one| one.names.iter().any(&is))
}

impl Interpreter {
    /// What there is of its library.
    pub(super) fn library(&self, tree: &Tree, program: NodeId) -> Vec<NodeId> {
        let above = tree.path(tree.parent(tree.parent(program)));
        let mut found = Vec::new();
        for pattern in self.library {
            // A program in `/bin` has the root above it, all of which no library is.
            match pattern.strip_prefix('^') {
                Some("") if above.is_empty() || above == b"usr" || above == b"usr/local" => {}
                Some(rest) => {
                    let rest = rest.trim_start_matches('/');
                    found.extend(matching(tree, &path::join(&above, rest.as_bytes())));
                }
                None => found.extend(matching(tree, pattern.as_bytes())),
            }
        }
        found
    }
}

/// The paths that a pattern names; `*` stands for any part of one name, links on the way are followed.
pub(crate) fn matching(tree: &Tree, pattern: &[u8]) -> Vec<NodeId> {
    let mut at = vec![NodeId::ROOT];
    for part in path::components(pattern) {
        let mut next = Vec::new();
        for dir in at.into_iter().filter(|&dir| tree.kind(dir) == Kind::Dir) {
            let inside = tree.path(dir);
            let fits = tree.children(dir).filter(|(name, _)| fits(part, name));
            let found = fits.filter_map(|(name, _)| tree.resolve(&path::join(&inside, name)));
            next.extend(found);
        }
        at = next;
    }
    at.dedup();
    at
}

/// Whether a name fits a pattern in which `*` stands for any bytes.
pub(super) fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let mut parts = pattern.split(|&b| b == b'*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut parts: Vec<&[u8]> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match memchr::memmem::find(rest, part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::example;

    #[test]
    fn interpreters_are_known_by_name_without_version() {
        for (name, known) in [
            ("python3.11", true),
            ("node", true),
            ("php-fpm8.2", true),
            ("ruby3.1", true),
            ("beam.smp", true),
            ("pythonista", false),
            ("R", true),
            ("rsync", false),
        ] {
            assert_eq!(of(name.as_bytes()).is_some(), known, "{name}");
        }
    }

    #[test]
    fn a_star_is_any_part_of_a_name() {
        for (pattern, name, fit) in [
            ("python*", "python3.11", true),
            ("python*", "perl", false),
            ("*", "x", true),
            ("lib*.so*", "libz.so.1", true),
            ("a*a", "a", false),
            ("abc", "abc", true),
            ("abc", "abcd", false),
        ] {
            assert_eq!(
                fits(pattern.as_bytes(), name.as_bytes()),
                fit,
                "{pattern} {name}"
            );
        }
    }

    #[test]
    fn gems_with_extensions_are_installed_modules() {
        let (tree, _) = example::image(&[
            ("usr/bin/ruby3.1", "x"),
            (
                "usr/lib/x86_64-linux-gnu/rubygems-integration/3.1.0/gems/a-1/lib/a.rb",
                "x",
            ),
            ("usr/share/rubygems-integration/all/gems/b-1/lib/b.rb", "x"),
            ("usr/share/perl5/A.pm", "x"),
        ]);
        let ruby = tree.find(b"usr/bin/ruby3.1").unwrap();
        let library = of(tree.name(ruby)).unwrap().library(&tree, ruby);
        let library: Vec<String> = library
            .iter()
            .map(|&node| path::display(&tree.path(node)))
            .collect();
        assert_eq!(
            library,
            [
                "usr/share/rubygems-integration",
                "usr/lib/x86_64-linux-gnu/rubygems-integration"
            ]
        );
    }
}
