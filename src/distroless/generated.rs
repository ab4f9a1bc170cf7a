//! What no package owns and yet nobody put there: package managers and their scripts made it.

use crate::layer::Kind;
use crate::packages::Database;
use crate::path;
use crate::tree::{NodeId, Tree};

/// Files that installing makes and that no program of an application reads.
const FILES: &[&str] = &[
    "etc/.pwd.lock",
    "etc/ld.so.cache",
    "etc/mailname",
    "etc/motd",
    "etc/issue",
    "etc/issue.net",
    "etc/fstab",
    "etc/subuid",
    "etc/subgid",
    "etc/gshadow",
    "etc/shells",
    "etc/environment",
    "etc/securetty",
    "etc/adjtime",
];

/// Directories in which only installing writes.
const DIRECTORIES: &[&str] = &[
    "etc/apt",
    "etc/rc0.d",
    "etc/rc1.d",
    "etc/rc2.d",
    "etc/rc3.d",
    "etc/rc4.d",
    "etc/rc5.d",
    "etc/rc6.d",
    "etc/rcS.d",
    "etc/systemd",
    "etc/dpkg",
    "etc/kernel",
    "etc/init.d",
    "etc/cron.daily",
    "etc/profile.d",
    "etc/skel",
    "usr/share/info",
    "usr/share/man",
    "usr/share/binfmts",
    "usr/share/python3",
    "usr/lib/python3/dist-packages/__pycache__",
    "var/cache/apt",
    "var/cache/debconf",
    "var/cache/ldconfig",
    "var/cache/man",
    "var/lib/pam",
    "var/lib/ucf",
    "var/lib/systemd",
    "var/lib/shells.state",
    "var/lib/misc",
    "var/lib/polkit-1",
    "var/lib/python",
    "var/lib/emacsen-common",
    "var/lib/dbus",
    "var/lib/binfmts",
    "var/lib/private",
];

/// Whether installing made an unowned file.
pub(super) fn is_generated(tree: &Tree, databases: &[Database], node: NodeId) -> bool {
    let at = tree.path(node);
    let is =
        |known: &[&str], fits: &dyn Fn(&[u8]) -> bool| known.iter().any(|one| fits(one.as_bytes()));
    is(FILES, &|file| file == at)
        || is(DIRECTORIES, &|dir| path::is_under(&at, dir))
        || (path::parent(&at) == b"etc" && at.ends_with(b"-"))
        || is_byte_code(tree, databases, node)
}

/// Whether it is byte-code that installing a package of the system's made of a module of that package.
pub(super) fn is_byte_code(tree: &Tree, databases: &[Database], node: NodeId) -> bool {
    let cache = tree.parent(node);
    tree.kind(node) == Kind::File
        && tree.name(cache) == b"__pycache__"
        && tree.name(node).ends_with(b".pyc")
        && databases
            .iter()
            .any(|one| one.owner(tree.parent(cache)).is_some())
}

/// Whether it is byte-code whose module is not there any more: Python passes over it (PEP 3147).
pub(super) fn is_orphan(tree: &Tree, node: NodeId) -> bool {
    let module = tree
        .name(node)
        .split(|&b| b == b'.')
        .next()
        .unwrap_or_default();
    let above = tree.parent(tree.parent(node));
    tree.child(above, &[module, b".py"].concat()).is_none()
}
