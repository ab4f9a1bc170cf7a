//! Takes the sources from which `localedef` makes locales.

use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "i18n",
    level: Level::Aggressive,
    summary: "Takes the sources from which `localedef` makes locales.",
    caveat: "`localedef` and `locale-gen` no longer work.",
    source: "debuerreotype .slimify-excludes",
    remove: &["usr/share/i18n/"],
    when: &[When::RunsNone(&["localedef", "locale-gen"])],
    fires: &["usr/share/i18n/locales/de_DE"],
    spares: &["usr/share/locale/locale.alias"],
    ..Rule::PLAIN
};
