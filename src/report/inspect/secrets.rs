//! Secrets that lower layers still hold although a container does not see them: anyone who pulls the image has them.
//!
//! Only told, never shown and never proof of absence: a few names and the beginnings of a few contents are known.

use serde::Serialize;

use crate::path;

/// A file that may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Secret {
    /// Its path.
    pub path: String,
    /// What it looks like.
    pub what: &'static str,
    /// The layer that holds it.
    pub layer: usize,
    /// The layer that hid it.
    pub by: usize,
    /// Its bytes.
    pub bytes: u64,
}

/// How much of a file is looked at.
pub const LOOKED_AT: usize = 64 << 10;

/// What a hidden file looks like by its path and its first bytes; `None` for what looks like no secret.
pub fn secret(at: &[u8], head: &[u8]) -> Option<&'static str> {
    by_content(head).or_else(|| by_name(at, head))
}

fn by_content(head: &[u8]) -> Option<&'static str> {
    let has = |needle: &[u8]| find(head, needle).is_some();
    if let Some(begin) = find(head, b"-----BEGIN ") {
        let line = head[begin..].split(|&byte| byte == b'\n').next();
        if line.is_some_and(|line| find(line, b"PRIVATE KEY-----").is_some()) {
            return Some("private key");
        }
    }
    let token = |prefix: &[u8], length: usize| {
        let mut rest = head;
        while let Some(at) = find(rest, prefix) {
            rest = &rest[at + prefix.len()..];
            let letters = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric());
            if letters.take(length).count() == length {
                return true;
            }
        }
        false
    };
    if has(b":_authToken=") && !has(b":_authToken=${") {
        Some("token of an npm registry")
    } else if token(b"AKIA", 16) || token(b"ASIA", 16) {
        Some("AWS access key")
    } else if token(b"ghp_", 36) || token(b"github_pat_", 22) || token(b"ghs_", 36) {
        Some("GitHub token")
    } else if token(b"glpat-", 20) {
        Some("GitLab token")
    } else if has(b"\"type\": \"service_account\"") && has(b"\"private_key\"") {
        Some("key of a Google service account")
    } else {
        None
    }
}

fn by_name(at: &[u8], head: &[u8]) -> Option<&'static str> {
    let name = str::from_utf8(path::name(at)).ok()?;
    let dir = str::from_utf8(path::name(path::parent(at))).unwrap_or_default();
    let is_filled = head.iter().any(|byte| !byte.is_ascii_whitespace());
    let assigns = || head.split(|&byte| byte == b'\n').any(assigns);
    match (dir, name) {
        _ if !is_filled => None,
        (_, ".netrc" | "_netrc") => Some("passwords of hosts"),
        (_, ".git-credentials") => Some("passwords of Git hosts"),
        (_, ".pgpass" | ".my.cnf") => Some("password of a database"),
        (_, ".htpasswd") => Some("password hashes"),
        (_, ".pypirc") => Some("password of a package index"),
        (".aws", "credentials") => Some("AWS credentials"),
        (".docker", "config.json") => find(head, b"\"auth\"").map(|_| "passwords of registries"),
        (".kube", "config") => Some("credentials of a cluster"),
        _ if is_environment(name) => assigns().then_some("file of environment variables"),
        _ => None,
    }
}

/// `.env`, `.env.local`, `build.env`; no examples.
fn is_environment(name: &str) -> bool {
    let is_example = ["example", "sample", "template", "dist"]
        .iter()
        .any(|word| name.ends_with(word));
    (name == ".env" || name.starts_with(".env.") || name.ends_with(".env")) && !is_example
}

/// Whether a line gives a variable that is named for a secret a value.
fn assigns(line: &[u8]) -> bool {
    const WORDS: [&str; 7] = [
        "PASS",
        "SECRET",
        "TOKEN",
        "KEY",
        "CREDENTIAL",
        "AUTH",
        "PRIVATE",
    ];
    let Ok(line) = str::from_utf8(line) else {
        return false;
    };
    let Some((name, value)) = line.split_once('=') else {
        return false;
    };
    let name = name.trim().to_ascii_uppercase();
    let value = value.trim().trim_matches(['"', '\'']);
    !name.starts_with('#') && !value.is_empty() && WORDS.iter().any(|word| name.contains(word))
}

fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|part| part == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret() {
        let token = format!("x = ghp_{}", "a1".repeat(18));
        for (at, head, expected) in [
            (
                "root/.ssh/id_rsa",
                "-----BEGIN OPENSSH PRIVATE KEY-----\n",
                Some("private key"),
            ),
            ("a.pem", "-----BEGIN CERTIFICATE-----\nx", None),
            (
                "root/.npmrc",
                "//r/:_authToken=abc",
                Some("token of an npm registry"),
            ),
            ("root/.npmrc", "//r/:_authToken=${TOKEN}", None),
            ("a", "key AKIAIOSFODNN7EXAMPLE", Some("AWS access key")),
            ("a", "AKIA is a prefix", None),
            ("a", &token, Some("GitHub token")),
            (
                "app/.env",
                "DB_PASSWORD=hunter2",
                Some("file of environment variables"),
            ),
            ("app/.env", "PORT=80", None),
            ("app/.env", "# SECRET=1", None),
            ("app/.env.example", "SECRET=1", None),
            (
                "srv/app/.env.build",
                "API_TOKEN='x'",
                Some("file of environment variables"),
            ),
            ("root/.netrc", "machine x", Some("passwords of hosts")),
            ("root/.netrc", " \n", None),
            (
                "root/.docker/config.json",
                "{\"auths\":{\"x\":{\"auth\":\"y\"}}}",
                Some("passwords of registries"),
            ),
            ("root/.docker/config.json", "{}", None),
            ("etc/passwd", "root:x:0:0", None),
        ] {
            assert_eq!(
                secret(at.as_bytes(), head.as_bytes()),
                expected,
                "{at} {head}"
            );
        }
    }
}
