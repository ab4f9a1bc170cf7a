//! A report made by hand, for the tests of the renderings, and small layers to count in.

use std::path::Path;
use std::sync::Arc;

use crate::digest::Digest;
use crate::error::Warning;
use crate::layer::{Claim, Indexer, Layer, Spool, index};
use crate::packages::{KeptPackage, Manager, PackageReport, PartialPackage, RemovedPackage};
use crate::source::Blob;
use crate::tree::Tree;

use super::*;

/// Two layers of four changed, one dropped; a name that Markdown and a terminal would read.
pub(super) fn report() -> Report {
    let mut report = Report::new(
        vec![image()],
        vec![warning("no-image", "`x` is no image")],
        false,
    );
    report.tool.version = "0.0.0".into();
    report
}

pub(super) fn image() -> Image {
    Image {
        platform: "linux/amd64".into(),
        name: Some("app:1.2".into()),
        source: descriptor("sha256:aa"),
        result: descriptor("sha256:bb"),
        before: Totals {
            compressed: 1_834_567_890,
            uncompressed: 4_100_000_000,
            visible: 3_600_000_000,
            wasted: 400_000_000,
            layers: 4,
            files: 45_210,
            directories: 3_000,
            symlinks: 1_200,
            others: 1,
            ..Totals::default()
        }
        .rated(),
        after: Totals {
            compressed: 412_000_000,
            uncompressed: 1_200_000_000,
            visible: 1_190_000_000,
            layers: 3,
            files: 20_101,
            directories: 2_000,
            symlinks: 1_100,
            others: 1,
            ..Totals::default()
        }
        .rated(),
        groups: Vec::new(),
        update: None,
        clamped: 0,
        forecast: None,
        layers: layer_rows(),
        rules: rules(),
        hidden: HiddenBytes {
            files: 2,
            bytes: 400_000_000,
            freed: 300_000_000,
            paths: vec![
                hidden("usr/local/bin/kubectl", 300_000_000, "overwritten", true),
                hidden("root/secret", 100_000_000, "deleted", false),
            ],
        },
        removed: vec![RemovedRow {
            path: "srv/press/a|b.pdf".into(),
            kind: "file",
            bytes: 9_000_000,
            rule: "press material".into(),
            origin: "slim.toml:12".into(),
        }],
        edited: vec![EditedRow {
            path: "var/log/apt/term.log".into(),
            rule: "logs".into(),
            origin: "built-in".into(),
            before: 81,
            after: 0,
        }],
        kept: vec![
            kept(
                "usr/share/doc/a/copyright",
                "docs",
                "protected: licence texts",
            ),
            kept(
                "usr/share/doc/b/copyright",
                "docs",
                "protected: licence texts",
            ),
            kept(
                "srv/logo.pdf",
                "press material",
                "slim.toml:20 srv/logo.pdf",
            ),
        ],
        packages: packages(),
        distroless: None,
        bills: None,
        findings: Vec::new(),
        withdrawn: vec![WithdrawnRow {
            rule: "docs".into(),
            origin: "built-in".into(),
            paths: 3,
            bytes: 700,
        }],
        warnings: vec![warning(
            "would-grow",
            "layer 0 would grow, so it stays as it is",
        )],
        files: Vec::new(),
    }
}

fn packages() -> PackageReport {
    let removed = |name: &str, why: &str, bytes| RemovedPackage {
        manager: Manager::Dpkg,
        name: name.into(),
        version: "12-1".into(),
        architecture: "amd64".into(),
        place: String::new(),
        rule: "build-tools".into(),
        why: why.into(),
        files: 20,
        bytes,
        purl: format!("pkg:deb/debian/{name}@12-1?arch=amd64"),
    };
    PackageReport {
        removed: vec![
            removed("gcc", "asked for", 1_000_000),
            removed("libisl23", "left over from `gcc`", 2_000_000),
        ],
        kept: vec![KeptPackage {
            manager: Manager::Dpkg,
            name: "libgomp1".into(),
            rule: "build-tools".into(),
            because: vec!["`libgomp1` stays: `/app/omp` needs `libgomp.so.1`".into()],
        }],
        partial: vec![PartialPackage {
            manager: Manager::Dpkg,
            name: "tzdata".into(),
            removed: 20,
            of: 1800,
        }],
        warnings: Vec::new(),
    }
}

fn layer_rows() -> Vec<LayerRow> {
    let layer = |index, instruction: &str, fate, into, before, after: Option<u64>| LayerRow {
        index,
        instruction: Some(instruction.into()),
        fate,
        into,
        before: bytes(before),
        after: after.map(bytes),
        bytes: after.map(|after| Bytes::Spliced {
            copied: after - 1000,
            compressed: 1000,
        }),
    };
    let long = "RUN /bin/sh -c apt-get update && apt-get install -y --no-install-recommends build-essential curl # buildkit";
    vec![
        LayerRow {
            bytes: Some(Bytes::Reused),
            ..layer(
                0,
                "/bin/sh -c #(nop) ADD file:1 in / ",
                Fate::Unchanged,
                Some(0),
                28_000_000,
                Some(28_000_000),
            )
        },
        layer(
            1,
            long,
            Fate::Rewritten,
            Some(1),
            900_000_000,
            Some(300_000_000),
        ),
        layer(
            2,
            "RUN chmod +x /usr/local/bin/kubectl",
            Fate::Merged,
            Some(1),
            506_567_890,
            None,
        ),
        layer(
            3,
            "RUN rm -rf /root/.cache",
            Fate::Dropped,
            None,
            400_000_000,
            None,
        ),
    ]
}

fn rules() -> Vec<RuleRow> {
    let rule = |name: &str, origin: &str, bytes, hidden_bytes, path: &str| RuleRow {
        name: name.into(),
        origin: origin.into(),
        paths: 1234,
        files: 1200,
        bytes,
        hidden_files: u64::from(hidden_bytes > 0),
        hidden_bytes,
        largest: vec![PathBytes {
            path: path.into(),
            bytes: bytes / 2,
        }],
    };
    vec![
        rule("pip-cache", "built-in", 2_000_000_000, 0, "root/.cache/pip"),
        rule(
            "press material",
            "slim.toml:12",
            400_000_000,
            9_000,
            "srv/press/a|b.pdf",
        ),
    ]
}

fn bytes(compressed: u64) -> LayerBytes {
    LayerBytes {
        digest: "sha256:cc".into(),
        codec: "gzip".into(),
        compressed,
        uncompressed: compressed * 3,
    }
}

fn descriptor(digest: &str) -> Descriptor {
    Descriptor {
        digest: digest.into(),
        media_type: "application/vnd.oci.image.manifest.v1+json".into(),
        size: 1234,
    }
}

fn hidden(path: &str, bytes: u64, how: &'static str, freed: bool) -> HiddenRow {
    HiddenRow {
        path: path.into(),
        bytes,
        layer: 1,
        by: 2,
        how,
        freed,
    }
}

fn kept(path: &str, rule: &str, because: &str) -> KeptRow {
    KeptRow {
        path: path.into(),
        rule: rule.into(),
        origin: "built-in".into(),
        because: because.into(),
    }
}

fn warning(code: &'static str, text: &str) -> Warning {
    Warning {
        code,
        text: text.into(),
    }
}

/// A layer of `(path, content)`: a number is a file of so many `x`, `b8` of eight `b`, `-> x` a hard link, `=> x` a symbolic one.
pub(super) fn layer(dir: &Path, entries: &[(&str, &str)]) -> Layer {
    let file = tempfile::tempfile_in(dir).unwrap();
    let mut archive = tar::Builder::new(&file);
    for (path, content) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        if let Some(target) = content.strip_prefix("-> ") {
            header.set_entry_type(tar::EntryType::Link);
            archive.append_link(&mut header, path, target).unwrap();
        } else if let Some(target) = content.strip_prefix("=> ") {
            header.set_entry_type(tar::EntryType::Symlink);
            archive.append_link(&mut header, path, target).unwrap();
        } else {
            let letter = content.bytes().next().filter(u8::is_ascii_alphabetic);
            let count = content.trim_start_matches(char::is_alphabetic);
            let bytes = vec![letter.unwrap_or(b'x'); count.parse().unwrap()];
            header.set_size(bytes.len() as u64);
            archive.append_data(&mut header, path, &bytes[..]).unwrap();
        }
    }
    archive.finish().unwrap();
    drop(archive);
    let blob = Blob::whole(file, "layer".into()).unwrap();
    let digest = Digest::of(&blob.read_all().unwrap());
    let claim = Claim {
        size: blob.len(),
        diff_id: digest.clone(),
        digest,
    };
    Layer::scan(blob, claim, &Spool::new(dir.to_owned())).unwrap()
}

/// What a container sees of them.
pub(super) fn merge(layers: &[Layer]) -> Tree {
    let blobs: Vec<Digest> = layers
        .iter()
        .map(|layer| layer.claim.digest.clone())
        .collect();
    let entries = layers.iter().map(|layer| Arc::clone(&layer.entries));
    Tree::merge(entries.collect(), &blobs).unwrap()
}

/// As [`merge`], with digests of what the files hold.
pub(super) fn merge_with_contents(layers: &[Layer]) -> Tree {
    let blobs: Vec<Digest> = layers
        .iter()
        .map(|layer| layer.claim.digest.clone())
        .collect();
    let entries = layers.iter().map(|layer| {
        let indexer = Indexer::with_contents(layer.claim.digest.clone());
        Arc::new(index(&layer.blob, &layer.claim, indexer).unwrap().entries)
    });
    Tree::merge(entries.collect(), &blobs).unwrap()
}
