//! A small image to browse, made in memory.

use std::sync::Arc;

use crate::digest::Digest;
use crate::layer::Indexer;
use crate::report::Totals;
use crate::report::inspect::dive;
use crate::study::{Browsed, BrowsedLayer};
use crate::tree::Tree;

/// Three layers: files, one of them changed and one deleted, and one more.
pub(super) fn browsed() -> Browsed {
    let layers: [&[(&str, &str)]; 3] = [
        &[
            ("etc/a", "1234567890"),
            ("etc/b", "12345"),
            ("usr/lib/big", "123456789012345"),
        ],
        &[("etc/a", "123"), ("etc/.wh.b", ""), ("opt/new", "1234")],
        &[("opt/more", "12")],
    ];
    let digest = Digest::of(b"");
    let entries = layers.iter().map(|files| {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, content) in *files {
            let mut header = tar::Header::new_gnu();
            header.set_mode(0o644);
            header.set_size(content.len() as u64);
            archive
                .append_data(&mut header, path, content.as_bytes())
                .unwrap();
        }
        let mut indexer = Indexer::new(digest.clone());
        indexer.feed(&archive.into_inner().unwrap()).unwrap();
        Arc::new(indexer.finish().unwrap().0)
    });
    let tree = Tree::merge(entries.collect(), &vec![digest.clone(); 3]).unwrap();
    let layer = |number: u64| BrowsedLayer {
        digest: digest.to_string(),
        compressed: 100 * number,
        uncompressed: 1000 * number,
        instruction: Some(format!("RUN step {number}")),
    };
    Browsed {
        name: Some("app:1".into()),
        platform: "linux/amd64".into(),
        layers: (1..4).map(layer).collect(),
        totals: Totals::of(&tree, [(100, 1000), (200, 2000), (300, 3000)]),
        dive: dive(tree.layers().iter().map(|entries| &**entries)),
        tree,
    }
}
