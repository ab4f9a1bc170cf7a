//! What a path alone tells of a file: that every build writes it anew, or which package of a language it belongs to.
//!
//! Nothing here looks at the image.

/// Whether package managers, loaders and loggers write the file anew in every build.
pub(super) fn is_record(path: &[u8]) -> bool {
    const TREES: [&[u8]; 17] = [
        b"var/log/",
        b"var/cache/",
        b"var/lib/dpkg/",
        b"var/lib/apt/",
        b"var/lib/rpm/",
        b"var/lib/dnf/",
        b"var/lib/yum/",
        b"var/lib/ucf/",
        b"var/lib/pam/",
        b"var/lib/systemd/",
        b"var/lib/shells.state",
        b"usr/lib/sysimage/",
        b"lib/apk/db/",
        b"usr/lib/apk/db/",
        b"tmp/",
        b"run/",
        b"root/.",
    ];
    const FILES: [&[u8]; 4] = [
        b"etc/ld.so.cache",
        b"etc/apk/world",
        b"usr/share/info/dir",
        b"usr/lib/locale/locale-archive",
    ];
    TREES.iter().any(|tree| path.starts_with(tree)) || FILES.contains(&path)
}

/// The package whose own file in dpkg's database this is; lists of paths are not among them, as dpkg dates them anew.
pub(super) fn dpkg_package(path: &[u8]) -> Option<&[u8]> {
    if let Some(name) = path.strip_prefix(b"var/lib/dpkg/status.d/") {
        return Some(name.strip_suffix(b".md5sums").unwrap_or(name));
    }
    let name = path.strip_prefix(b"var/lib/dpkg/info/")?;
    let dot = name.iter().rposition(|&b| b == b'.')?;
    if &name[dot..] == b".list" {
        return None;
    }
    name[..dot].split(|&b| b == b':').next()
}

/// Whether the path is of the system, where a base image puts its files, and not where an application lies.
pub(super) fn is_of_the_system(path: &[u8]) -> bool {
    const APPLICATIONS: [&[u8]; 3] = [b"usr/src/", b"usr/share/nginx/html/", b"var/www/"];
    const SYSTEM: [&[u8]; 9] = [
        b"usr", b"lib", b"lib32", b"lib64", b"libx32", b"bin", b"sbin", b"boot", b"var",
    ];
    let first = path.split(|&b| b == b'/').next().unwrap_or_default();
    SYSTEM.contains(&first) && !APPLICATIONS.iter().any(|tree| path.starts_with(tree))
}

/// The name of the language package that a path belongs to, without its version, and what kind of package it is.
pub(super) fn language_package(path: &[u8]) -> Option<Vec<u8>> {
    let parts: Vec<&[u8]> = path.split(|&b| b == b'/').collect();
    let after = |name: &[u8]| {
        let at = parts.iter().position(|part| *part == name)?;
        Some(&parts[at + 1..])
    };
    let named = |kind: &str, name: &[u8]| Some([kind.as_bytes(), name].concat());
    if let Some(rest) = after(b"node_modules") {
        return match rest {
            [scope, name, _, ..] if scope.starts_with(b"@") => {
                named("npm:", &[*scope, b"/", name].concat())
            }
            [name, _, ..] if !name.starts_with(b".") => named("npm:", name),
            _ => None,
        };
    }
    if let Some([top, ..]) = after(b"site-packages").or_else(|| after(b"dist-packages")) {
        return named("pypi:", python_name(top));
    }
    if let Some(name) = gem(&parts) {
        return named("gem:", name);
    }
    if let Some(rest) = after(b"mod").filter(|_| path.windows(8).any(|w| w == b"pkg/mod/")) {
        return go_module(rest);
    }
    let last = parts.last()?;
    let jar = last
        .strip_suffix(b".jar")
        .or_else(|| last.strip_suffix(b".war"));
    jar.and_then(|name| named("jar:", unversioned(name)))
}

/// `numpy`, `numpy.libs` and `numpy-1.2.dist-info` are one.
fn python_name(top: &[u8]) -> &[u8] {
    let end = top.iter().position(|&b| b == b'-' || b == b'.');
    &top[..end.unwrap_or(top.len())]
}

/// Of `gems/3.1.0/gems/rack-3.0.1/…` and of `specifications/rack-3.0.1.gemspec` the gem.
fn gem<'a>(parts: &[&'a [u8]]) -> Option<&'a [u8]> {
    let own = match parts {
        [.., b"specifications", file] => file,
        _ => {
            let at = parts.iter().rposition(|part| *part == b"gems")?;
            parts.get(at + 1)?
        }
    };
    Some(unversioned(own)).filter(|name| name != own)
}

/// A name without the version that ends it: `rack-3.0.1` is `rack`.
fn unversioned(name: &[u8]) -> &[u8] {
    let is_start = |at: usize| name[at] == b'-' && name.get(at + 1).is_some_and(u8::is_ascii_digit);
    let end = (0..name.len()).find(|&at| is_start(at));
    &name[..end.unwrap_or(name.len())]
}

/// Of `golang.org/x/sys@v0.1/…` and of `cache/download/golang.org/x/sys/@v/…` the module.
fn go_module(parts: &[&[u8]]) -> Option<Vec<u8>> {
    let parts = match parts {
        [b"cache", b"download", rest @ ..] => rest,
        parts => parts,
    };
    let at = parts.iter().position(|part| part.contains(&b'@'))?;
    let module = parts[..=at].join(&b'/');
    let end = module.iter().position(|&b| b == b'@')?;
    let name = module[..end].strip_suffix(b"/").unwrap_or(&module[..end]);
    Some([b"go:", name].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_packages_are_told_by_paths() {
        for (path, name) in [
            ("app/node_modules/express/lib/a.js", Some("npm:express")),
            (
                "app/node_modules/@types/node/a.d.ts",
                Some("npm:@types/node"),
            ),
            ("app/node_modules/a/node_modules/b/i.js", Some("npm:a")),
            ("app/node_modules/.bin/tsc", None),
            ("app/node_modules/.package-lock.json", None),
            ("usr/lib/python3/dist-packages/yaml/a.py", Some("pypi:yaml")),
            ("v/site-packages/numpy.libs/a.so", Some("pypi:numpy")),
            (
                "v/site-packages/numpy-1.2.dist-info/RECORD",
                Some("pypi:numpy"),
            ),
            (
                "var/lib/gems/3.1.0/gems/rack-3.0.1/lib/r.rb",
                Some("gem:rack"),
            ),
            (
                "go/pkg/mod/golang.org/x/sys@v0.1.0/a.go",
                Some("go:golang.org/x/sys"),
            ),
            (
                "go/pkg/mod/cache/download/golang.org/x/sys/@v/v0.1.0.zip",
                Some("go:golang.org/x/sys"),
            ),
            ("opt/lib/guava-31.1-jre.jar", Some("jar:guava")),
            ("app/main.js", None),
        ] {
            let found = language_package(path.as_bytes());
            assert_eq!(found.as_deref(), name.map(str::as_bytes), "{path}");
        }
    }

    #[test]
    fn what_every_build_writes_anew() {
        for (path, is) in [
            ("var/lib/dpkg/status", true),
            ("etc/ld.so.cache", true),
            ("etc/passwd", false),
            ("usr/bin/env", false),
        ] {
            assert_eq!(is_record(path.as_bytes()), is, "{path}");
        }
        assert_eq!(
            dpkg_package(b"var/lib/dpkg/info/libc6:amd64.md5sums"),
            Some(&b"libc6"[..])
        );
        assert_eq!(dpkg_package(b"var/lib/dpkg/info/libc6:amd64.list"), None);
        assert_eq!(
            dpkg_package(b"var/lib/dpkg/status.d/base.md5sums"),
            Some(&b"base"[..])
        );
    }
}
