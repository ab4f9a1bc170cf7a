//! Takes the translations of messages, but for English and the languages that the image's environment names.

use crate::rules::rule::{Level, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "locale",
    level: Level::Standard,
    summary: "Takes the translations of messages, but for English and the languages that the image's environment names.",
    caveat: "Programs speak English in all other languages.",
    source: "debuerreotype .slimify-excludes",
    remove: &["usr/share/locale/*"],
    keep: &[
        "usr/share/locale/{locale.alias,languages,all_languages,currency,l10n,default,C*,en,en[_@.]*}",
        "usr/share/locale/{<locale>,<locale>[_@.]*}",
    ],
    fires: &["usr/share/locale/fr/LC_MESSAGES/bash.mo"],
    spares: &[
        "usr/share/locale/locale.alias",
        "usr/share/locale/en_GB/LC_MESSAGES/bash.mo",
        "usr/share/locale/de_AT/LC_MESSAGES/bash.mo",
    ],
    beside: &["$LANG=de_DE.UTF-8"],
    ..Rule::PLAIN
};
