//! Takes the cache by which ldconfig works faster.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "ldconfig-aux",
    level: Level::Safe,
    summary: "Takes the cache by which ldconfig works faster.",
    caveat: "None known. The loader reads `/etc/ld.so.cache`, which stays.",
    source: "bitnami/minideb mkimage",
    remove: &["var/cache/ldconfig/aux-cache"],
    reach: Reach::Owned,
    fires: &["var/cache/ldconfig/aux-cache"],
    spares: &["etc/ld.so.cache"],
    ..Rule::PLAIN
};
