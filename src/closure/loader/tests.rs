//! What the loaders of small images find, and where.

use std::collections::HashMap;

use super::*;
use crate::closure::elf::{self, tests::library};
use crate::rules::example;

/// What `app/main` would load: paths, `!` before names that are not found.
fn loaded(files: &[(&str, Vec<u8>)], settings: &Settings, musl: bool) -> Vec<String> {
    let names: Vec<(&str, &str)> = files.iter().map(|(path, _)| (*path, "x")).collect();
    let (tree, _) = example::image(&names);
    let bytes: HashMap<NodeId, &Vec<u8>> = files
        .iter()
        .map(|(path, bytes)| (tree.find(path.as_bytes()).unwrap(), bytes))
        .collect();
    let objects = |node| match elf::read(bytes.get(&node)?) {
        elf::Outcome::Read(mut elf) => {
            if tree.is_at(node, b"app/main") && musl {
                elf.interpreter = Some(b"/lib/ld-musl-x86_64.so.1".to_vec());
            }
            Some(Arc::from(elf))
        }
        _ => None,
    };
    let loader = Loader::new(&tree, &objects, settings);
    let outcome = loader.load(tree.find(b"app/main").unwrap());
    let found = outcome.loaded.iter().flat_map(|one| &one.hops);
    let found = found.map(|&node| path::display(&tree.path(node)));
    let missing = outcome.missing.iter();
    let missing = missing.map(|(_, name)| format!("!{}", path::display(name)));
    found.chain(missing).collect()
}

#[test]
fn a_runpath_is_for_the_object_that_has_it_and_with_musl_for_what_it_loads_too() {
    let files = [
        ("app/main", library(&["liba.so"], "$ORIGIN/lib", 0)),
        ("app/lib/liba.so", library(&["libb.so"], "", 0)),
        ("app/lib/libb.so", library(&[], "", 0)),
        ("lib/ld-musl-x86_64.so.1", library(&[], "", 0)),
    ];
    let settings = Settings::default();
    let glibc = loaded(&files, &settings, false);
    assert_eq!(glibc, ["app/lib/liba.so", "!libb.so"]);
    assert_eq!(
        loaded(&files, &settings, true),
        [
            "lib/ld-musl-x86_64.so.1",
            "app/lib/liba.so",
            "app/lib/libb.so",
        ]
    );
}

#[test]
fn all_builds_of_a_library_are_found_and_wrong_machines_passed_over() {
    let mut other = library(&[], "", 0);
    other[18] = 183;
    let files = [
        ("app/main", library(&["libz.so.1", "libq.so"], "", 0)),
        ("usr/lib/x86_64-linux-gnu/libz.so.1", library(&[], "", 0)),
        (
            "usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libz.so.1",
            library(&[], "", 0),
        ),
        ("opt/q/libq.so", other),
    ];
    let settings = Settings {
        configured: vec![b"/opt/q".to_vec()],
        ..Settings::default()
    };
    assert_eq!(
        loaded(&files, &settings, false),
        [
            "usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libz.so.1",
            "usr/lib/x86_64-linux-gnu/libz.so.1",
            "!libq.so",
        ]
    );
}

#[test]
fn musl_stands_for_libc_itself() {
    let files = [
        (
            "app/main",
            library(&["libc.so", "libpthread.so.0", "libx.so"], "", 0),
        ),
        ("lib/ld-musl-x86_64.so.1", library(&[], "", 0)),
        ("usr/local/lib/libx.so", library(&[], "", 0)),
    ];
    assert_eq!(
        loaded(&files, &Settings::default(), true),
        ["lib/ld-musl-x86_64.so.1", "usr/local/lib/libx.so"]
    );
    let elsewhere = Settings {
        musl: Some(vec![b"/opt/lib".to_vec()]),
        ..Settings::default()
    };
    assert_eq!(
        loaded(&files, &elsewhere, true),
        ["lib/ld-musl-x86_64.so.1", "!libx.so"]
    );
}

#[test]
fn dollars_are_put_in_place() {
    for (text, written) in [
        ("$ORIGIN/../lib", "/app/../lib"),
        ("${ORIGIN}x", "/appx"),
        ("$PLATFORM/$ORIGI", "$PLATFORM/$ORIGI"),
        ("/a/$LIB", "/a/lib64"),
    ] {
        let values: [(&str, &[u8]); 2] = [("ORIGIN", b"/app"), ("LIB", b"lib64")];
        assert_eq!(substitute(text.as_bytes(), &values), written.as_bytes());
    }
}

#[test]
fn a_directory_that_is_named_like_a_variable_is_left_as_it_is() {
    let values: [(&str, &[u8]); 1] = [("ORIGIN", b"/a/$ORIGIN")];
    assert_eq!(substitute(b"$ORIGIN/lib", &values), b"/a/$ORIGIN/lib");
}
