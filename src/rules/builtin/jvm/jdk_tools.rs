//! Takes the JDK's tools for developers.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "jdk-tools",
    level: Level::Aggressive,
    summary: "Takes the JDK's tools for developers.",
    caveat: "`jcmd`, `jstack` and `jmap` stay; tools that compile or document at run time fail without the others.",
    source: "JDK tool reference",
    remove: &[
        "{usr/lib/jvm/*,usr/java/*,usr/local/openjdk-*,usr/local/jdk*,opt/java/*,opt/jdk*,opt/openjdk*,opt/graalvm*,opt/java}/bin/{jshell,jconsole,javadoc,jdeps,jdeprscan,jimage,jlink,jmod,jpackage,jarsigner,jdb,jstatd,jwebserver,javap,javah,rmic,serialver}",
    ],
    when: &[When::RunsNone(&[
        "jshell",
        "jconsole",
        "javadoc",
        "jdeps",
        "jlink",
        "jarsigner",
        "jdb",
        "javap",
        "jpackage",
        "mvn",
        "gradle",
    ])],
    reach: Reach::Everywhere,
    fires: &["opt/java/openjdk/bin/jshell"],
    spares: &["opt/java/openjdk/bin/java", "opt/java/openjdk/bin/jcmd"],
    ..Rule::PLAIN
};
