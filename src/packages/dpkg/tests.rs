//! A database with alternatives, diversions and an unowned program.

use super::super::PackageReport;
use super::super::testing::{Image, bytes};
use crate::closure::elf::tests::library;
use crate::rules::Facts;

const STATUS: &str = "\
Package: base
Essential: yes
Status: install ok installed
Architecture: amd64
Version: 1
Depends: libc

Package: libc
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Version: 2.36-9
Conffiles:
 /etc/libc.conf 00000000000000000000000000000000

Package: gcc
Status: install ok installed
Architecture: amd64
Version: 12
Depends: libc (>= 2.36~), cpp (= 12) | clang, libomp, binutils
Conffiles:
 /etc/gcc.conf 900150983cd24fb0d6963f7d28e17f72

Package: cpp
Status: install ok installed
Architecture: amd64
Version: 12

Package: libomp
Status: install ok installed
Architecture: amd64
Version: 12

Package: binutils
Status: install ok installed
Architecture: amd64
Version: 2
Recommends: docs

Package: docs
Status: install ok installed
Architecture: all
Version: 1

Package: npm
Status: install ok installed
Architecture: all
Version: 9
Depends: gcc

Package: removed-before
Status: deinstall ok config-files
Architecture: amd64
Version: 1
";

/// gcc and what it brought, an alternative, a trigger, byte-code, and a program that nobody owns.
fn image(program: &[u8]) -> Image {
    let marks = ["cpp", "libomp", "binutils", "docs", "libc"]
        .map(|name| format!("Package: {name}\nArchitecture: amd64\nAuto-Installed: 1\n\n"));
    let marks = marks.concat();
    let text: &[(&str, &str, &str)] = &[
        ("lib", "->usr/lib", ""),
        ("usr/lib/x86_64-linux-gnu/libomp.so.1", "f", "omp"),
        ("usr/lib/gcc/12/cc1", "x", "cc1"),
        ("usr/lib/gcc/12/own", "d", ""),
        ("usr/bin/gcc", "->gcc-12", ""),
        ("usr/bin/gcc-12", "x", "gcc"),
        ("usr/bin/cpp", "x", "cpp"),
        ("usr/bin/ld", "x", "ld"),
        ("usr/bin/npm", "x", "#!/usr/bin/env node"),
        ("usr/bin/cc", "->/etc/alternatives/cc", ""),
        ("usr/bin/tcc", "x", "tcc"),
        ("etc/alternatives/cc", "->/usr/bin/gcc", ""),
        ("etc/gcc.conf", "f", "changed"),
        ("etc/rc2.d/S01gcc", "->../init.d/gcc", ""),
        ("etc/init.d/gcc", "x", ""),
        ("usr/share/gcc/x.py", "f", "x"),
        ("usr/share/gcc/__pycache__/x.cpython-311.pyc", "f", "x"),
        ("usr/share/docs/a", "f", "a"),
        ("var/lib/dpkg/status", "f", STATUS),
        ("var/lib/dpkg/status-old", "f", STATUS),
        ("var/lib/dpkg/info/format", "f", "1\n"),
        (
            "var/lib/dpkg/info/base.list",
            "f",
            "/.\n/usr\n/usr/bin\n/usr/share\n/lib\n/etc\n",
        ),
        (
            "var/lib/dpkg/info/libc:amd64.list",
            "f",
            "/.\n/lib\n/lib/x86_64-linux-gnu\n",
        ),
        (
            "var/lib/dpkg/info/gcc.list",
            "f",
            "/.\n/usr\n/usr/bin\n/usr/bin/gcc\n/usr/bin/gcc-12\n/usr/lib\n/lib/gcc\n/lib/gcc/12\n/lib/gcc/12/cc1\n/etc/gcc.conf\n/etc/init.d\n/etc/init.d/gcc\n/usr/share/gcc\n/usr/share/gcc/x.py\n",
        ),
        ("var/lib/dpkg/info/gcc.postinst", "x", "#!/bin/sh"),
        ("var/lib/dpkg/info/cpp.list", "f", "/.\n/usr/bin/cpp\n"),
        (
            "var/lib/dpkg/info/libomp.list",
            "f",
            "/.\n/lib/x86_64-linux-gnu\n/lib/x86_64-linux-gnu/libomp.so.1\n",
        ),
        (
            "var/lib/dpkg/info/binutils.list",
            "f",
            "/.\n/usr/bin\n/usr/bin/ld\n",
        ),
        (
            "var/lib/dpkg/info/docs.list",
            "f",
            "/.\n/usr/share/docs\n/usr/share/docs/a\n",
        ),
        ("var/lib/dpkg/info/npm.list", "f", "/.\n/usr/bin/npm\n"),
        (
            "var/lib/dpkg/triggers/File",
            "f",
            "/usr/lib/gcc gcc\n/usr/share/x base\n",
        ),
        ("var/lib/dpkg/triggers/relink", "f", "gcc/noawait\n"),
        (
            "var/lib/dpkg/alternatives/cc",
            "f",
            "manual\n/usr/bin/cc\n\n/usr/bin/gcc\n20\n/usr/bin/tcc\n10\n\n",
        ),
        ("var/lib/apt/extended_states", "f", &marks),
    ];
    let mut paths = bytes(text);
    paths.push(("app/omp".into(), "x".into(), program.to_vec()));
    Image::of_bytes(&paths)
}

fn rows(report: &PackageReport) -> Vec<String> {
    let row = |row: &super::super::RemovedPackage| format!("{}: {}", row.name, row.why);
    report.removed.iter().map(row).collect()
}

#[test]
fn a_package_leaves_with_files_rows_links_and_leftovers() {
    let image = image(b"static");
    let (report, decisions) = image.drop_packages(&["gcc"], &Facts::default());
    assert_eq!(
        rows(&report),
        [
            "binutils: left over from `gcc`",
            "cpp: left over from `gcc`",
            "docs: left over from `binutils`",
            "gcc: asked for",
            "libomp: left over from `gcc`",
            "npm: needs `gcc`",
        ]
    );
    let texts: Vec<&str> = report.warnings.iter().map(|w| &w.text[..]).collect();
    assert_eq!(
        texts,
        [
            "`/etc/gcc.conf`, a configuration of `gcc` that was changed, leaves with it",
            "`npm`, which was installed by hand, leaves with `gcc`, which it needs",
        ]
    );
    let left = image.after(&decisions);
    let mut paths: Vec<&str> = left.keys().map(|path| &path[..]).collect();
    paths.sort_unstable();
    assert_eq!(
        paths,
        [
            "app",
            "app/omp",
            "etc",
            "etc/alternatives",
            "etc/alternatives/cc",
            "etc/rc2.d",
            "lib",
            "usr",
            "usr/bin",
            "usr/bin/cc",
            "usr/bin/tcc",
            "usr/lib",
            "usr/lib/gcc",
            "usr/lib/gcc/12",
            "usr/lib/gcc/12/own",
            "usr/lib/x86_64-linux-gnu",
            "usr/share",
            "var",
            "var/lib",
            "var/lib/apt",
            "var/lib/apt/extended_states",
            "var/lib/dpkg",
            "var/lib/dpkg/alternatives",
            "var/lib/dpkg/alternatives/cc",
            "var/lib/dpkg/info",
            "var/lib/dpkg/info/base.list",
            "var/lib/dpkg/info/format",
            "var/lib/dpkg/info/libc:amd64.list",
            "var/lib/dpkg/status",
            "var/lib/dpkg/triggers",
            "var/lib/dpkg/triggers/File",
        ]
    );
    assert_eq!(left["etc/alternatives/cc"], "/usr/bin/tcc");
    assert_eq!(
        left["var/lib/dpkg/alternatives/cc"],
        "auto\n/usr/bin/cc\n\n/usr/bin/tcc\n10\n\n"
    );
    assert_eq!(left["var/lib/dpkg/triggers/File"], "/usr/share/x base\n");
    assert_eq!(
        left["var/lib/apt/extended_states"],
        "Package: libc\nArchitecture: amd64\nAuto-Installed: 1\n\n"
    );
    let names: Vec<&str> = left["var/lib/dpkg/status"]
        .lines()
        .filter_map(|line| line.strip_prefix("Package: "))
        .collect();
    assert_eq!(names, ["base", "libc", "removed-before"]);
}

#[test]
fn what_an_unowned_program_needs_stays() {
    let image = image(&library(&["libomp.so.1"], "", 0));
    let (report, decisions) = image.drop_packages(&["gcc", "libomp"], &Facts::default());
    assert!(!rows(&report).iter().any(|row| row.starts_with("libomp")));
    assert_eq!(report.kept.len(), 1);
    assert_eq!(
        report.kept[0].because,
        ["`libomp` stays: `/app/omp` needs `libomp.so.1`"]
    );
    let library = image.at("usr/lib/x86_64-linux-gnu/libomp.so.1");
    assert_eq!(decisions.removed(library), None);
}

#[test]
fn what_the_entry_names_stays_with_all_that_it_needs() {
    let image = image(b"static");
    let facts = Facts {
        command: vec!["npm".into(), "start".into()],
        ..Facts::default()
    };
    let (report, decisions) = image.drop_packages(&["gcc", "docs"], &facts);
    assert_eq!(rows(&report), ["docs: asked for"]);
    assert_eq!(
        report.kept[0].because,
        ["`npm` stays: CMD runs `npm`", "`npm` needs `gcc`"]
    );
    assert!(decisions.removed(image.at("usr/bin/gcc-12")).is_none());
}

#[test]
fn essential_packages_and_their_needs_are_refused() {
    let image = image(b"static");
    let (report, decisions) = image.drop_packages(&["base", "lib?"], &Facts::default());
    assert!(report.removed.is_empty() && decisions.is_empty());
    let because: Vec<&[String]> = report.kept.iter().map(|kept| &kept.because[..]).collect();
    assert_eq!(because[0], ["`base` stays: it is Essential"]);
    assert_eq!(
        because[1],
        ["`base` stays: it is Essential", "`base` needs `libc`"]
    );
}

#[test]
fn status_d_is_a_database_too() {
    let image = Image::new(&[
        ("usr/lib/libssl.so.3", "f", "ssl"),
        ("usr/lib/libc.so.6", "f", "c"),
        (
            "var/lib/dpkg/status.d/libssl3",
            "f",
            "Package: libssl3\nVersion: 3\nArchitecture: amd64\nDepends: libc6\n",
        ),
        (
            "var/lib/dpkg/status.d/libssl3.md5sums",
            "f",
            "00  usr/lib/libssl.so.3\n",
        ),
        (
            "var/lib/dpkg/status.d/libc6",
            "f",
            "Package: libc6\nVersion: 2\nArchitecture: amd64\n",
        ),
        (
            "var/lib/dpkg/status.d/libc6.md5sums",
            "f",
            "00  ./usr/lib/libc.so.6\n",
        ),
    ]);
    let (report, decisions) = image.drop_packages(&["libssl3"], &Facts::default());
    assert_eq!(rows(&report), ["libssl3: asked for"]);
    let mut files: Vec<String> = image.after(&decisions).into_keys().collect();
    files.retain(|path| !image.tree.children(image.at(path)).any(|_| true));
    files.sort_unstable();
    assert_eq!(
        files,
        [
            "usr/lib/libc.so.6",
            "var/lib/dpkg/status.d/libc6",
            "var/lib/dpkg/status.d/libc6.md5sums",
        ]
    );
}
