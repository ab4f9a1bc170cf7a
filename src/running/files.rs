//! What programs open by name: certificates, time zones, locales, users, and paths in their texts.

use std::collections::BTreeSet;

use crate::distroless::{AUTHORITIES, Reached, is_interpreter};
use crate::layer::Kind;
use crate::path;
use crate::tree::Tree;

use super::finding::Finding;
use super::{Pair, View};

pub(super) fn check(pair: &Pair<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(authorities(pair));
    findings.extend(time_zone(pair));
    findings.extend(environment(pair));
    findings.extend(services(pair));
    findings.extend(literals(pair));
    findings
}

/// TLS without a single authority to trust.
fn authorities(pair: &Pair<'_>) -> Option<Finding> {
    let has = |tree: &Tree| {
        AUTHORITIES.iter().any(|at| {
            let node = tree.resolve(at.as_bytes());
            node.is_some_and(|node| tree.kind(node) == Kind::File && tree.size(node) > 0)
        })
    };
    if !has(pair.before.tree) || has(pair.after.tree) {
        return None;
    }
    let name = |program: &Reached| pair.before.tree.name(program.node);
    // A client that trusts the system's authorities; servers and interpreters may never ask for one.
    let is_client = |program: &&Reached| {
        let mut literals = program.literals.iter();
        literals.any(|text| text.starts_with(b"/etc/ssl/c") || text.starts_with(b"/etc/pki/tls"))
            || name(program).starts_with(b"libcurl")
    };
    let may_speak = |program: &&Reached| {
        let imports = |stem: &[u8]| program.imports.iter().any(|name| name.starts_with(stem));
        imports(b"SSL_CTX_") || imports(b"gnutls_certificate_") || is_interpreter(name(program))
    };
    let programs = &pair.found.programs;
    let client = programs.iter().find(is_client);
    let speaks = client.or_else(|| programs.iter().find(may_speak))?;
    let text = format!(
        "`/{}` speaks TLS, and no bundle of certificate authorities is there any more",
        pair.show(speaks.node)
    );
    Some(match client {
        Some(_) => Finding::error("certificates", text),
        None => Finding::warning("certificates", text),
    })
}

/// `TZ` names a zone that is not there: libc takes UTC without a word.
fn time_zone(pair: &Pair<'_>) -> Option<Finding> {
    let zone = pair.before.facts.variable("TZ")?.trim_start_matches(':');
    let at = path::join(b"usr/share/zoneinfo", zone.as_bytes());
    pair.lost(&at).then(|| {
        let text = format!("TZ is `{zone}`, and the time zone is not there any more");
        Finding::error("time-zone", text)
    })
}

/// Locales that the environment names, users, temporary files.
fn environment(pair: &Pair<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in ["LANG", "LC_ALL", "LC_CTYPE"] {
        let Some(locale) = pair.before.facts.variable(name) else {
            continue;
        };
        let spelt = [
            locale.to_owned(),
            locale.replace("UTF-8", "utf8").replace("utf-8", "utf8"),
        ];
        let dir = |locale: &String| path::join(b"usr/lib/locale", locale.as_bytes());
        if spelt.iter().any(|locale| pair.lost(&dir(locale))) {
            let text = format!("{name} is `{locale}`, and the locale is not there any more");
            findings.push(Finding::warning("locale", text));
        }
    }
    const PLACES: [(&str, &str); 7] = [
        ("etc/passwd", "users"),
        ("etc/group", "users"),
        ("etc/nsswitch.conf", "names"),
        ("usr/lib/locale/locale-archive", "locale"),
        ("usr/lib/locale/C.utf8", "locale"),
        ("tmp", "temporary"),
        ("bin/sh", "shell"),
    ];
    for (at, code) in PLACES {
        if !pair.lost(at.as_bytes()) || !is_asked(pair, code) {
            continue;
        }
        let text = format!("`/{at}` is not there any more");
        findings.push(Finding::warning(code, text));
    }
    for file in ["etc/passwd", "etc/group"] {
        if is_asked(pair, "users") {
            findings.extend(rows(pair, file));
        }
    }
    let mode = |tree: &Tree| {
        let node = tree.resolve(b"tmp")?;
        Some(tree.attributes(node)?.mode & 0o7777)
    };
    if let (Some(before), Some(after)) = (mode(pair.before.tree), mode(pair.after.tree))
        && before != after
    {
        let text = format!("`/tmp` had mode {before:04o} and has {after:04o}");
        findings.push(Finding::warning("temporary", text));
    }
    findings
}

/// The users or groups that are gone from a file which is still there.
fn rows(pair: &Pair<'_>, file: &str) -> Option<Finding> {
    let names = |view: View<'_>| -> Option<BTreeSet<Vec<u8>>> {
        let node = view.tree.resolve(file.as_bytes());
        let node = node.filter(|&node| view.tree.kind(node) == Kind::File)?;
        let bytes = view.contents.read(node, 1 << 20).unwrap_or_default();
        let rows = bytes.split(|&b| b == b'\n').filter(|row| !row.is_empty());
        let name = |row: &[u8]| row.split(|&b| b == b':').next().map(<[u8]>::to_vec);
        Some(rows.filter_map(name).collect())
    };
    let (before, after) = (names(pair.before)?, names(pair.after)?);
    let mut lost = before.difference(&after);
    let first = path::display(lost.next()?);
    let text = format!(
        "`/{file}` has {} names less, such as `{first}`",
        lost.count() + 1
    );
    Some(Finding::warning("users", text))
}

/// Whether something that runs asks for a thing of that kind.
fn is_asked(pair: &Pair<'_>, code: &str) -> bool {
    let stems: &[&[u8]] = match code {
        "users" => &[b"getpw", b"getgr"],
        "names" => &[b"getaddrinfo", b"gethostby", b"getpw"],
        "locale" => &[b"setlocale", b"newlocale"],
        "shell" => &[b"system", b"popen", b"wordexp"],
        _ => return true,
    };
    pair.found.programs.iter().any(|program| {
        let mut imports = program.imports.iter();
        imports.any(|name| stems.iter().any(|stem| name.starts_with(stem)))
            || (code == "users" && program.literals.iter().any(|text| text == b"/etc/passwd"))
    })
}

/// Modules that nsswitch.conf asks for (nsswitch.conf(5)).
fn services(pair: &Pair<'_>) -> Vec<Finding> {
    let tree = pair.before.tree;
    let file = tree.resolve(b"etc/nsswitch.conf");
    let Some(file) = file.filter(|&node| tree.kind(node) == Kind::File) else {
        return Vec::new();
    };
    if !is_asked(pair, "names") {
        return Vec::new();
    }
    let text = pair
        .before
        .contents
        .read(file, 64 << 10)
        .unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let words = text.lines().filter(|line| !line.starts_with('#'));
    let words = words.flat_map(|line| line.split_ascii_whitespace().skip(1));
    let is_there = |tree: &Tree, service: &str| {
        let name = format!("libnss_{service}.so.2");
        tree.walk().any(|node| tree.name(node) == name.as_bytes())
    };
    let mut services: Vec<&str> = words
        .filter(|word| word.bytes().all(|b| b.is_ascii_alphanumeric()))
        .collect();
    services.sort_unstable();
    services.dedup();
    // Both are part of libc itself since glibc 2.34.
    services.retain(|service| !matches!(*service, "files" | "dns"));
    let lost = services
        .into_iter()
        .filter(|service| is_there(tree, service) && !is_there(pair.after.tree, service));
    lost.map(|service| {
        let text = format!(
            "`/etc/nsswitch.conf` asks for `{service}`, whose library is not there any more"
        );
        Finding::warning("names", text)
    })
    .collect()
}

/// Modules of Node's own that Debian keeps as files: Node does not start without one.
fn literals(pair: &Pair<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for program in &pair.found.programs {
        let names = program.literals.iter();
        let modules = names.filter(|text| text.starts_with(b"/usr/share/nodejs/"));
        for text in modules.filter(|text| pair.lost(text)) {
            let (node, shown) = (pair.show(program.node), path::display(text));
            let text = format!("`/{node}` names `{shown}`, which is not there any more");
            findings.push(Finding::error("module", text));
        }
    }
    findings
}
