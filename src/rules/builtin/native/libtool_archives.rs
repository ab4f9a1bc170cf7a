//! Takes libtool's descriptions of libraries, but for those by which programs load modules.

use crate::rules::builtin::COMPILERS;
use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "libtool-archives",
    level: Level::Standard,
    summary: "Takes libtool's descriptions of libraries, but for those by which programs load modules.",
    caveat: "Linking with libtool against these libraries finds less.",
    source: "Debian wiki, la files",
    remove: &["{usr/,usr/local/,}lib{,32,64}/{,*/}lib*.la"],
    keep: &[
        "usr/{,local/}lib{,64}/{,*/}{ldap,openldap,collectd,freeradius,proftpd,pulse*,sane,graphviz,libgphoto2*}",
    ],
    when: &[When::Lacks(COMPILERS)],
    fires: &["usr/lib/libz.la", "usr/local/lib/libx.la"],
    spares: &[
        "usr/lib/x86_64-linux-gnu/ImageMagick-6.9.11/modules-Q16/coders/png.la",
        "usr/lib/ldap/back_mdb.la",
    ],
    ..Rule::PLAIN
};
