//! What left and what stays as two bills of materials: CycloneDX 1.6 JSON, without times or serial numbers.

use serde_json::{Value, json};

use super::package::{Database, Manager, Package};
use super::report::{PackageReport, RemovedPackage};

/// Writes what left.
pub fn left(report: &PackageReport) -> String {
    let components = report.removed.iter().map(|package| {
        let RemovedPackage {
            name,
            version,
            purl,
            ..
        } = package;
        component(name, version, purl)
    });
    document(components.collect())
}

/// Writes what stays of `databases`.
pub fn stays(databases: &[Database], report: &PackageReport) -> String {
    let mut components = Vec::new();
    for database in databases {
        for package in database.packages() {
            let purl = purl(database, package);
            if !report.removed.iter().any(|removed| removed.purl == purl) {
                components.push(component(&package.name, &package.version, &purl));
            }
        }
    }
    document(components)
}

fn component(name: &str, version: &str, purl: &str) -> (String, Value) {
    let value = json!({
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
    });
    (purl.to_owned(), value)
}

fn document(mut components: Vec<(String, Value)>) -> String {
    components.sort_by(|a, b| a.0.cmp(&b.0));
    components.dedup_by(|a, b| a.0 == b.0);
    let components: Vec<Value> = components.into_iter().map(|(_, value)| value).collect();
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": {
                "components": [{
                    "type": "application",
                    "name": "oci-slim",
                    "version": env!("CARGO_PKG_VERSION"),
                }],
            },
        },
        "components": components,
    });
    format!("{document:#}\n")
}

/// The package URL (purl-spec, PURL-TYPES: deb, apk, rpm, npm).
pub fn purl(database: &Database, package: &Package) -> String {
    let Package {
        name,
        version,
        architecture,
        ..
    } = package;
    let (kind, namespace) = match database.manager {
        Manager::Dpkg => ("deb", fallback(&database.distribution, "debian")),
        Manager::Apk => ("apk", fallback(&database.distribution, "alpine")),
        Manager::Rpm => ("rpm", fallback(&database.distribution, "redhat")),
        Manager::Npm => return npm_purl(name, version),
    };
    let (epoch, version) = match (database.manager, version.split_once(':')) {
        (Manager::Rpm, Some((epoch, version))) => (Some(epoch), version),
        _ => (None, &version[..]),
    };
    let mut qualifiers = Vec::new();
    if !architecture.is_empty() {
        qualifiers.push(format!("arch={}", escape(architecture)));
    }
    if let Some(epoch) = epoch.filter(|&epoch| epoch != "0") {
        qualifiers.push(format!("epoch={}", escape(epoch)));
    }
    let mut purl = format!(
        "pkg:{kind}/{}/{}@{}",
        escape(namespace),
        escape(name),
        escape(version)
    );
    if !qualifiers.is_empty() {
        purl.push('?');
        purl.push_str(&qualifiers.join("&"));
    }
    purl
}

/// The package URL of an npm package: a scope is its namespace.
pub(crate) fn npm_purl(name: &str, version: &str) -> String {
    let name: Vec<String> = name.split('/').map(escape).collect();
    format!("pkg:npm/{}@{}", name.join("/"), escape(version))
}

fn fallback<'a>(distribution: &'a str, family: &'a str) -> &'a str {
    if distribution.is_empty() {
        family
    } else {
        distribution
    }
}

/// Percent-encodes all but unreserved characters; the colon stays as it is, as the specification says.
fn escape(text: &str) -> String {
    use std::fmt::Write as _;
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped() {
        assert_eq!(escape("1:2.36-9+deb12u10"), "1:2.36-9%2Bdeb12u10");
        assert_eq!(
            npm_purl("@types/node", "20.1.0"),
            "pkg:npm/%40types/node@20.1.0"
        );
    }

    #[test]
    fn documents_are_sorted_and_the_same_each_time() {
        let rows = vec![
            component("b", "1", "pkg:deb/debian/b@1"),
            component("a", "1", "pkg:deb/debian/a@1"),
            component("a", "1", "pkg:deb/debian/a@1"),
        ];
        let text = document(rows.clone());
        assert_eq!(text, document(rows));
        let value: Value = serde_json::from_str(&text).unwrap();
        let names: Vec<&str> = value["components"]
            .as_array()
            .unwrap()
            .iter()
            .map(|component| component["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["a", "b"]);
    }
}
