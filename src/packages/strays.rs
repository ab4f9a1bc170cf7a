//! Sorts what no package owns: payload, which is somebody's program or text, and links that package managers make.

use crate::layer::Kind;
use crate::path;
use crate::tree::{NodeId, Tree};

/// What no package owns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Strays {
    /// Files and links that somebody put there.
    pub(crate) payload: Vec<NodeId>,
    /// Links that installing a package made: they go with what they name.
    pub(crate) made_links: Vec<NodeId>,
}

/// Directories whose unowned files say nothing of what is needed: databases, logs, switches of services.
const RECORDS: &[&str] = &[
    "var/lib/dpkg",
    "var/lib/apt",
    "var/log",
    "var/lib/rpm",
    "usr/lib/sysimage/rpm",
    "usr/lib/sysimage/libdnf5",
    "lib/apk",
    "usr/lib/apk",
    "etc/alternatives",
    "proc",
    "sys",
    "dev",
];

/// Directories in which installing makes links: start-up links of services, parts of configurations, certificates by hash.
const SWITCHES: &[&str] = &[
    "etc/rc0.d",
    "etc/rc1.d",
    "etc/rc2.d",
    "etc/rc3.d",
    "etc/rc4.d",
    "etc/rc5.d",
    "etc/rc6.d",
    "etc/rcS.d",
    "etc/apache2/conf-enabled",
    "etc/apache2/mods-enabled",
    "etc/fonts/conf.d",
    "etc/lighttpd/conf-enabled",
    "etc/nginx/modules-enabled",
    "etc/ssl/certs",
    "etc/systemd",
    "var/lib/systemd",
];

/// Sorts all visible paths that are neither owned nor gone already.
pub(crate) fn sort(tree: &Tree, is_owned: &dyn Fn(NodeId) -> bool) -> Strays {
    let under = |places: &[&str]| -> Vec<NodeId> {
        let found = places.iter().filter_map(|at| tree.find(at.as_bytes()));
        found.collect()
    };
    let (records, switches) = (under(RECORDS), under(SWITCHES));
    let mut strays = Strays::default();
    let mut stack = vec![(NodeId::ROOT, false)];
    while let Some((node, in_switches)) = stack.pop() {
        if records.contains(&node) {
            continue;
        }
        let in_switches = in_switches || switches.contains(&node);
        match tree.kind(node) {
            Kind::Dir => stack.extend(tree.children(node).map(|(_, child)| (child, in_switches))),
            _ if is_owned(node) => {}
            Kind::Symlink if in_switches || is_loader_link(tree, node) => {
                strays.made_links.push(node);
            }
            Kind::Symlink if is_alternative(tree, node) => {}
            _ if in_switches => {}
            _ => strays.payload.push(node),
        }
    }
    strays.payload.sort_unstable();
    strays.made_links.sort_unstable();
    strays
}

/// Whether update-alternatives made the link.
fn is_alternative(tree: &Tree, link: NodeId) -> bool {
    let target = tree.symlink_target(link).unwrap_or_default();
    target.starts_with(b"/etc/alternatives/")
}

/// Whether it looks like one of ldconfig's: `libx.so.1 -> libx.so.1.2` in one directory.
fn is_loader_link(tree: &Tree, link: NodeId) -> bool {
    let is_library =
        |name: &[u8]| name.starts_with(b"lib") && name.windows(4).any(|part| part == b".so.");
    let target = tree.symlink_target(link).unwrap_or_default();
    is_library(tree.name(link)) && path::parent(target).is_empty() && is_library(target)
}
