//! Takes the packages that Maven has downloaded, where the image starts a program of its own.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "maven-repository",
    level: Level::Standard,
    summary: "Takes the packages that Maven has downloaded, where the image starts a program of its own.",
    caveat: "Programs that are started by Maven, or whose class path lies in there without the command saying so, no longer start.",
    source: "Maven documentation, local repository",
    remove: &["~/.m2/repository/"],
    when: &[
        When::Serves,
        When::RunsNone(&[
            "mvn", "mvnw", "mvnd", "mvnDebug", "gradle", "gradlew", "jbang", "sbt", "lein",
            "clojure", "clj",
        ]),
    ],
    reach: Reach::Owned,
    fires: &["root/.m2/repository/a/b/1/b-1.jar"],
    spares: &["root/.m2/settings.xml", "app/lib/b-1.jar"],
    ..Rule::PLAIN
};
