//! Takes sources, modules for `jlink`, demos and manuals of JDKs.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "jdk-sources",
    level: Level::Standard,
    summary: "Takes sources, modules for `jlink`, demos and manuals of JDKs.",
    caveat: "`jlink` and `javac --release` no longer work, and debuggers show no source of the library.",
    source: "JDK directory layout, JEP 220",
    remove: &[
        "{usr/lib/jvm/*,usr/java/*,usr/local/openjdk-*,usr/local/jdk*,opt/java/*,opt/jdk*,opt/openjdk*,opt/graalvm*,opt/java}/lib/{src.zip,ct.sym}",
        "{usr/lib/jvm/*,usr/java/*,usr/local/openjdk-*,usr/local/jdk*,opt/java/*,opt/jdk*,opt/openjdk*,opt/graalvm*,opt/java}/{jmods,demo,sample,man}",
        "{usr/lib/jvm/*,usr/java/*,usr/local/openjdk-*,usr/local/jdk*,opt/java/*,opt/jdk*,opt/openjdk*,opt/graalvm*,opt/java}/src.zip",
    ],
    when: &[When::RunsNone(&[
        "jlink",
        "javac",
        "mvn",
        "mvnw",
        "gradle",
        "gradlew",
        "jshell",
        "jbang",
        "sbt",
        "native-image",
    ])],
    reach: Reach::Everywhere,
    fires: &[
        "usr/lib/jvm/java-17-openjdk-amd64/lib/src.zip",
        "opt/java/openjdk/jmods/java.base.jmod",
        "usr/local/openjdk-8/src.zip",
    ],
    spares: &[
        "opt/java/openjdk/lib/modules",
        "opt/java/openjdk/lib/server/classes.jsa",
        "opt/java/openjdk/legal/java.base/LICENSE",
    ],
    ..Rule::PLAIN
};
