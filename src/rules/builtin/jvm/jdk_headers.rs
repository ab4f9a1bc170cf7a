//! Takes the headers of JDKs where no compiler is.

use crate::rules::builtin::COMPILERS;
use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "jdk-headers",
    level: Level::Standard,
    summary: "Takes the headers of JDKs where no compiler is.",
    caveat: "Native modules for the JVM can no longer be compiled.",
    source: "JDK directory layout",
    remove: &[
        "{usr/lib/jvm/*,usr/java/*,usr/local/openjdk-*,usr/local/jdk*,opt/java/*,opt/jdk*,opt/openjdk*,opt/graalvm*,opt/java}/include",
    ],
    when: &[When::Lacks(COMPILERS)],
    reach: Reach::Everywhere,
    fires: &["opt/java/openjdk/include/jni.h"],
    spares: &["opt/java/openjdk/lib/modules"],
    ..Rule::PLAIN
};
