//! What left and what stays as two bills of materials: CycloneDX 1.6 JSON, without times or serial numbers.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::error::Result;
use crate::rules::Decisions;
use crate::tree::NodeId;

use super::inventory::Inventory;
use super::npm;
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

/// Writes what stays: of the databases, of what npm and its like, and of what pip and its like installed.
///
/// # Errors
/// When a manifest cannot be read.
pub fn stays(
    inventory: &Inventory<'_>,
    report: &PackageReport,
    decisions: &Decisions,
) -> Result<String> {
    let mut components = Vec::new();
    let gone: HashSet<&str> = report.removed.iter().map(|row| &row.purl[..]).collect();
    for database in &inventory.databases {
        for package in database.packages() {
            let purl = purl(database, package);
            if !gone.contains(&purl[..]) {
                components.push(component(&package.name, &package.version, &purl));
            }
        }
    }
    // What a package of the system owns is that package's.
    let counts = |node: NodeId| decisions.removed(node).is_none() && !inventory.is_owned(node);
    for (name, version) in npm::installed(inventory.tree, inventory.contents, &counts)? {
        components.push(component(&name, &version, &npm_purl(&name, &version)));
    }
    let distributions = inventory.distributions()?.iter();
    for one in distributions.filter(|one| counts(one.file)) {
        let purl = python_purl(&one.name, &one.version);
        components.push(component(&one.name, &one.version, &purl));
    }
    Ok(document(components))
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

/// The package URL (purl-spec, PURL-TYPES: deb, apk, rpm, npm, pypi).
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
        Manager::Python => return python_purl(name, version),
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

/// The package URL of a distribution of Python; `name` is normalised.
pub(crate) fn python_purl(name: &str, version: &str) -> String {
    format!("pkg:pypi/{}@{}", escape(name), escape(version))
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
    use super::super::PackageOptions;
    use super::super::testing::Image;
    use super::*;
    use crate::rules::{Facts, Origin};

    #[test]
    fn names_are_escaped() {
        assert_eq!(escape("1:2.36-9+deb12u10"), "1:2.36-9%2Bdeb12u10");
        assert_eq!(
            npm_purl("@types/node", "20.1.0"),
            "pkg:npm/%40types/node@20.1.0"
        );
    }

    #[test]
    fn what_stays_is_listed_whoever_installed_it() {
        let status = "Package: npm\nStatus: install ok installed\nVersion: 9\nArchitecture: all\n";
        let image = Image::new(&[
            ("var/lib/dpkg/status", "f", status),
            (
                "var/lib/dpkg/info/npm.list",
                "f",
                "/usr/share/node_modules/npm/package.json\n",
            ),
            (
                "usr/share/node_modules/npm/package.json",
                "f",
                r#"{"version": "9.2"}"#,
            ),
            (
                "a/package.json",
                "f",
                r#"{"devDependencies": {"gone": "1"}}"#,
            ),
            (
                "a/node_modules/gone/package.json",
                "f",
                r#"{"version": "1"}"#,
            ),
            (
                "a/node_modules/@s/stays/package.json",
                "f",
                r#"{"version": "2"}"#,
            ),
            (
                "b/node_modules/.pnpm/p@3/node_modules/p/package.json",
                "f",
                r#"{"version": "3"}"#,
            ),
            (
                "lib/python3/x-1.dist-info/METADATA",
                "f",
                "Name: X_y\nVersion: 1\n",
            ),
        ]);
        let databases = Database::read(&image.tree, &image).unwrap();
        let options = PackageOptions {
            dev_dependencies: Some(Origin::BuiltIn),
            ..PackageOptions::default()
        };
        let (report, decisions) = image.remove(&options, &Facts::default());
        let inventory = Inventory::new(&image.tree, &image, Facts::default(), databases);
        let text = stays(&inventory, &report, &decisions).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        let components = document["components"].as_array().unwrap().iter();
        let purls: Vec<&str> = components
            .map(|one| one["purl"].as_str().unwrap())
            .collect();
        assert_eq!(
            purls,
            [
                "pkg:deb/debian/npm@9?arch=all",
                "pkg:npm/%40s/stays@2",
                "pkg:npm/p@3",
                "pkg:pypi/x-y@1",
            ]
        );
        assert!(left(&report).contains("pkg:npm/gone@1"));
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
