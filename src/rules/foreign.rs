//! Whether a name such as `sharp-linuxmusl-x64` or `darwin-arm64` is for another platform than the image's.
//!
//! Only words that are known count: a name that says nothing of a platform is for each.

use crate::rules::facts::Facts;

const SYSTEMS: &[&str] = &[
    "linux", "darwin", "macos", "osx", "win32", "windows", "freebsd", "openbsd", "netbsd",
    "android", "sunos", "aix", "ios",
];

/// Each architecture's names, the image config's first.
const ARCHITECTURES: &[&[&str]] = &[
    &["amd64", "x64", "x86_64"],
    &["arm64", "aarch64"],
    &["arm", "armv6", "armv7", "armhf", "armv7l"],
    &["386", "ia32", "x86", "i686"],
    &["ppc64le", "ppc64"],
    &["s390x"],
    &["riscv64"],
    &["loong64", "loongarch64"],
    &["mips64le", "mips64el"],
    &["mipsle", "mipsel"],
];

const GLIBC: &[&str] = &["gnu", "glibc", "gnueabihf"];
const MUSL: &[&str] = &["musl", "musleabihf", "musleabi"];

/// Whether the name's last words say a system and an architecture, and either or the C library is not the image's.
/// For a file with two dots, such as `node.napi.musl.node`, the words before its extension may say the C library alone.
pub(super) fn is_foreign(name: &[u8], facts: &Facts) -> bool {
    let Ok(name) = std::str::from_utf8(name) else {
        return false;
    };
    if facts.os != "linux"
        || !ARCHITECTURES
            .iter()
            .any(|names| names[0] == facts.architecture)
    {
        return false;
    }
    if let Some(stem) = name.strip_suffix(".node") {
        return stem.split('.').any(|word| library_is_absent(word, facts));
    }
    // pnpm's store has the version behind the name: `@esbuild+darwin-arm64@0.21.5`.
    let name = name.rsplit_once('@').map_or(
        name,
        |(name, version)| if name.is_empty() { version } else { name },
    );
    let words: Vec<&str> = name.split(['-', '+', '/']).collect();
    platform(&words).is_some_and(|platform| !platform.fits(facts))
}

#[derive(Debug)]
struct Platform<'a> {
    system: &'a str,
    architectures: Vec<&'a str>,
    library: Option<&'a str>,
}

/// Reads `…-SYSTEM[LIBRARY]-ARCHITECTURE[+ARCHITECTURE][-LIBRARY]` from the end, or `SYSTEM-LIBRARY-ARCHITECTURE`.
fn platform<'a>(words: &[&'a str]) -> Option<Platform<'a>> {
    let (mut words, mut library) = (words, None);
    if let Some((last, rest)) = words
        .split_last()
        .filter(|(last, _)| is_library(last) || **last == "msvc" || **last == "eabi")
    {
        (words, library) = (rest, Some(*last));
    }
    let known = words
        .iter()
        .rev()
        .take_while(|word| canonical(word).is_some())
        .count();
    let (rest, architectures) = words.split_at(words.len() - known);
    let (mut system, rest) = rest.split_last().filter(|_| known > 0)?;
    if is_library(system) {
        library = Some(*system);
        system = rest.last()?;
    }
    for suffix in [GLIBC, MUSL].concat() {
        if let Some(before) = system
            .strip_suffix(suffix)
            .filter(|before| SYSTEMS.contains(before))
        {
            return Some(Platform {
                system: before,
                architectures: architectures.to_vec(),
                library: Some(suffix),
            });
        }
    }
    SYSTEMS.contains(system).then(|| Platform {
        system,
        architectures: architectures.to_vec(),
        library,
    })
}

impl Platform<'_> {
    fn fits(&self, facts: &Facts) -> bool {
        self.system == facts.os
            && self
                .architectures
                .iter()
                .any(|name| canonical(name) == Some(facts.architecture.as_str()))
            && !self
                .library
                .is_some_and(|library| library_is_absent(library, facts))
    }
}

fn canonical(name: &str) -> Option<&'static str> {
    ARCHITECTURES
        .iter()
        .find(|names| names.contains(&name))
        .map(|names| names[0])
}

fn is_library(word: &str) -> bool {
    GLIBC.contains(&word) || MUSL.contains(&word)
}

/// Whether the image has the other C library and not this one; an image with neither or both has use for each.
fn library_is_absent(library: &str, facts: &Facts) -> bool {
    let absent = |wanted: bool, other: bool| !wanted && other;
    (GLIBC.contains(&library) && absent(facts.glibc, facts.musl))
        || (MUSL.contains(&library) && absent(facts.musl, facts.glibc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_their_platform() {
        let facts = |architecture: &str, glibc, musl| Facts {
            os: "linux".into(),
            architecture: architecture.into(),
            glibc,
            musl,
            ..Facts::default()
        };
        let (debian, alpine, arm) = (
            facts("amd64", true, false),
            facts("amd64", false, true),
            facts("arm64", true, false),
        );
        let (both, neither) = (facts("amd64", true, true), facts("amd64", false, false));
        for (name, facts, foreign) in [
            ("linux-x64", &debian, false),
            ("linux-x64", &arm, true),
            ("darwin-arm64", &arm, true),
            ("darwin-x64+arm64", &debian, true),
            ("win32-x64-msvc", &debian, true),
            ("sharp-linuxmusl-x64", &debian, true),
            ("sharp-linuxmusl-x64", &alpine, false),
            ("sharp-libvips-linux-x64", &debian, false),
            ("sharp-libvips-darwin-arm64", &debian, true),
            ("sharp-wasm32", &debian, false),
            ("swc-linux-x64-gnu", &debian, false),
            ("swc-linux-x64-gnu", &alpine, true),
            ("core-linux-x64-musl", &debian, true),
            ("core-linux-x64-musl", &both, false),
            ("core-linux-x64-musl", &neither, false),
            ("sass-embedded-linux-musl-x64", &debian, true),
            ("sass-embedded-linux-musl-x64", &alpine, false),
            ("rollup-linux-arm-gnueabihf", &debian, true),
            ("@esbuild+darwin-arm64@0.21.5", &debian, true),
            ("@esbuild+linux-x64@0.21.5", &debian, false),
            ("esbuild@0.21.5", &debian, false),
            ("node.napi.musl.node", &debian, true),
            ("node.napi.glibc.node", &debian, false),
            ("node.napi.node", &debian, false),
            ("is-arm", &debian, false),
            ("linux-arm-tools", &debian, false),
            ("x64", &debian, false),
            ("detect-libc", &debian, false),
        ] {
            assert_eq!(
                is_foreign(name.as_bytes(), facts),
                foreign,
                "{name} on {} {} {}",
                facts.architecture,
                facts.glibc,
                facts.musl
            );
        }
        assert!(!is_foreign(b"darwin-arm64", &Facts::default()));
    }
}
