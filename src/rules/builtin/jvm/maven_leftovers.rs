//! Takes Maven's notes of failed downloads and what its wrapper has downloaded.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "maven-leftovers",
    level: Level::Safe,
    summary: "Takes Maven's notes of failed downloads and what its wrapper has downloaded.",
    caveat: "The next build downloads the wrapper's Maven again.",
    source: "Maven resolver documentation",
    remove: &["~/.m2/repository/**/*.lastUpdated", "~/.m2/wrapper/dists"],
    when: &[When::RunsNone(&[
        "mvn", "mvnw", "mvnd", "mvnDebug", "gradle", "gradlew", "jbang", "sbt", "lein", "clojure",
        "clj",
    ])],
    reach: Reach::Owned,
    fires: &[
        "root/.m2/repository/a/b/1/b-1.jar.lastUpdated",
        "root/.m2/wrapper/dists/apache-maven-3.9/a",
    ],
    spares: &["root/.m2/repository/a/b/1/b-1.jar", "root/.m2/settings.xml"],
    ..Rule::PLAIN
};
