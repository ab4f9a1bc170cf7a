//! apk's database: `lib/apk/db` with `installed`, `triggers` and `scripts.tar`, and `etc/apk/world`.
//!
//! apk keeps what is reached from world and nothing else, so a package leaves by leaving world. Versions in relations
//! are not compared: each name is installed once, and what is installed fits together.

mod read;
mod rewrite;
mod scripts;
mod world;

pub(crate) use read::read;
pub(crate) use rewrite::rewrite;

use std::ops::Range;

use crate::tree::NodeId;

/// What the database's own files hold.
#[derive(Debug)]
pub(crate) struct Apk {
    /// The directory of `installed`.
    directory: NodeId,
    pub(crate) installed: NodeId,
    /// What `installed` holds.
    bytes: Vec<u8>,
    /// By package: where its stanza stands.
    stanzas: Vec<Range<usize>>,
    /// By package: its checksum, by which triggers and scripts name it.
    checksums: Vec<String>,
    /// `etc/apk/world` and what it holds.
    world: Option<(NodeId, Vec<u8>)>,
}

/// The name in a relation: `so:libc.so=1` means `so:libc.so`, `a>=1`, `a~2` and `a@edge` mean `a`.
fn relation_name(word: &str) -> &str {
    let end = word.find(['=', '<', '>', '~', '@']).unwrap_or(word.len());
    &word[..end]
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::super::PackageReport;
    use super::super::testing::{Image, bytes};
    use super::*;
    use crate::rules::Facts;

    #[test]
    fn relations_have_names() {
        for (word, name) in [
            ("so:libc.musl-x86_64.so.1", "so:libc.musl-x86_64.so.1"),
            ("gcc=13.2-r0", "gcc"),
            ("g++>=1", "g++"),
            ("python3~3.11", "python3"),
            ("app@testing", "app"),
        ] {
            assert_eq!(relation_name(word), name);
        }
    }

    const INSTALLED: &str = "\
C:Q1musl=
P:musl
V:1.2
A:x86_64
p:so:libc.musl-x86_64.so.1=1
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
Z:Q1x=

C:Q1gcc/=
P:gcc
V:13
A:x86_64
D:libgcc=13 so:libc.musl-x86_64.so.1
F:usr
F:usr/bin
R:gcc
F:usr/libexec
F:usr/libexec/gcc
R:cc1

C:Q1libgcc=
P:libgcc
V:13
A:x86_64
D:so:libc.musl-x86_64.so.1
p:so:libgcc_s.so.1=1
F:usr
F:usr/lib
R:libgcc_s.so.1

C:Q1make=
P:make
V:4
A:x86_64
F:usr
F:usr/bin
R:make

C:Q1doc=
P:gcc-doc
V:13
A:x86_64
i:docs gcc=13
F:usr
F:usr/share
R:gcc.1

C:Q1docs=
P:docs
V:1
A:x86_64

C:Q1isl=
P:isl
V:1
A:x86_64
F:usr
F:usr/lib
R:libisl.so

C:Q1deps=
P:.build-deps
V:2024
A:noarch
D:gcc make isl !clang

C:Q1app=
P:app
V:1
A:x86_64
D:so:libgcc_s.so.1 so:libc.musl-x86_64.so.1
F:usr
F:usr/bin
R:app
";

    fn image() -> Image {
        image_with(None)
    }

    fn image_with(scripts: Option<&[u8]>) -> Image {
        Image::of_bytes(&paths(scripts))
    }

    fn paths(scripts: Option<&[u8]>) -> Vec<(String, String, Vec<u8>)> {
        let mut archive = tar::Builder::new(Vec::new());
        for name in [
            "make-4.Q1make=.post-install",
            "app-1.Q1app=.post-install",
            "gcc-13.X182079c.trigger",
        ] {
            let mut header = tar::Header::new_ustar();
            header.set_size(3);
            header.set_mode(0o755);
            archive.append_data(&mut header, name, &b"#!x"[..]).unwrap();
        }
        let whole = archive.into_inner().unwrap();
        let scripts = scripts.map_or(whole, <[u8]>::to_vec);
        let text: &[(&str, &str, &str)] = &[
            ("lib/ld-musl-x86_64.so.1", "x", "musl"),
            ("usr/bin/gcc", "x", "gcc"),
            ("usr/bin/make", "x", "make"),
            ("usr/bin/app", "x", "app"),
            ("usr/libexec/gcc/cc1", "x", "cc1"),
            ("usr/lib/libgcc_s.so.1", "f", "libgcc"),
            ("usr/lib/libisl.so", "f", "isl"),
            ("usr/share/gcc.1", "f", "man"),
            ("etc/apk/world", "f", ".build-deps=2024\napp\ndocs\n"),
            ("lib/apk/db/installed", "f", INSTALLED),
            (
                "lib/apk/db/triggers",
                "f",
                "Q1gcc/= /usr/lib\nQ1app= /usr/share\n",
            ),
        ];
        let mut paths = bytes(text);
        paths.push(("lib/apk/db/scripts.tar".into(), "f".into(), scripts));
        paths
    }

    fn names(report: &PackageReport) -> Vec<&str> {
        report.removed.iter().map(|row| &row.name[..]).collect()
    }

    #[test]
    fn a_virtual_package_leaves_world_with_all_that_it_alone_brought() {
        let image = image();
        let (report, decisions) = image.drop_packages(&[".build-deps"], &Facts::default());
        assert_eq!(
            names(&report),
            [".build-deps", "gcc", "gcc-doc", "isl", "make"]
        );
        let left = image.after(&decisions);
        assert_eq!(left["etc/apk/world"], "app\ndocs\n");
        assert_eq!(left["lib/apk/db/triggers"], "Q1app= /usr/share\n");
        let rows: Vec<&str> = left["lib/apk/db/installed"]
            .lines()
            .filter_map(|line| line.strip_prefix("P:"))
            .collect();
        assert_eq!(rows, ["musl", "libgcc", "docs", "app"]);
        assert!(!left.contains_key("usr/libexec") && !left.contains_key("usr/share"));
        assert!(left.contains_key("usr/lib/libgcc_s.so.1"));
        let scripts = left["lib/apk/db/scripts.tar"].as_bytes();
        let mut archive = tar::Archive::new(scripts);
        let members: Vec<(String, String)> = archive
            .entries()
            .unwrap()
            .map(|entry| {
                let mut entry = entry.unwrap();
                let mut text = String::new();
                entry.read_to_string(&mut text).unwrap();
                (entry.path().unwrap().display().to_string(), text)
            })
            .collect();
        assert_eq!(
            members,
            [("app-1.Q1app=.post-install".into(), "#!x".into())]
        );
    }

    #[test]
    fn what_stays_though_world_would_reach_it_no_more_joins_world() {
        let mut paths = paths(None);
        paths.push(("app/isl.so".into(), "->/usr/lib/libisl.so".into(), vec![]));
        let image = Image::of_bytes(&paths);
        let (report, decisions) = image.drop_packages(&[".build-deps"], &Facts::default());
        assert_eq!(names(&report), [".build-deps", "gcc", "gcc-doc", "make"]);
        let left = image.after(&decisions);
        assert_eq!(left["etc/apk/world"], "app\ndocs\nisl\n");
        assert_eq!(
            report.kept[0].because,
            ["`isl` stays: the link `/app/isl.so` leads to it"]
        );
    }

    #[test]
    fn a_database_that_cannot_be_written_again_holds_its_packages() {
        let image = image_with(Some(&[b'x'; 600]));
        let (report, decisions) = image.drop_packages(&[".build-deps"], &Facts::default());
        assert!(report.removed.is_empty() && decisions.is_empty());
        assert_eq!(report.warnings[0].code, "packages-unread");
        let text = &report.warnings[0].text;
        assert!(text.contains("lib/apk/db/scripts.tar"), "{text}");
    }

    #[test]
    fn what_something_in_world_needs_is_refused() {
        let image = image();
        let (report, decisions) = image.drop_packages(&["libgcc", "make"], &Facts::default());
        assert!(report.removed.is_empty() && decisions.is_empty());
        let because: Vec<&[String]> = report.kept.iter().map(|kept| &kept.because[..]).collect();
        assert_eq!(
            because,
            [
                [
                    "`app` stays: it was installed by hand",
                    "`app` needs `libgcc`"
                ],
                [
                    "`.build-deps` stays: it was installed by hand",
                    "`.build-deps` needs `make`"
                ],
            ]
        );
    }
}
