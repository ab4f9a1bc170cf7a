//! Empties the machine's ID, so that containers of the image do not share one.

use crate::rules::rule::{Action, Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "machine-id",
    level: Level::Aggressive,
    summary: "Empties the machine's ID, so that containers of the image do not share one.",
    caveat: "Programs that use D-Bus or read `/etc/machine-id` fail until something writes one.",
    source: "machine-id(5)",
    remove: &["etc/machine-id", "var/lib/dbus/machine-id"],
    action: Action::Truncate,
    reach: Reach::Owned,
    fires: &["etc/machine-id", "var/lib/dbus/machine-id"],
    spares: &["etc/hostname"],
    ..Rule::PLAIN
};
