//! Takes what Maven and Scala builds note beside their result: reports, compiled tests, generated sources.

use crate::rules::rule::{Level, Only, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "maven-build",
    level: Level::Safe,
    summary: "Takes what Maven and Scala builds note beside their result: reports, compiled tests, generated sources.",
    caveat: "The next build makes it again.",
    source: "Maven documentation, standard directory layout",
    remove: &[
        "**/target/{maven-status,maven-archiver,surefire-reports,failsafe-reports,test-classes,generated-sources,generated-test-sources}",
        "**/.scala-build",
        "**/.bloop",
    ],
    only: &[Only::Near(&[
        "../{pom.xml,build.sbt,build.gradle}",
        "{project.scala,build.sbt,build.sc,maven-archiver,classes}",
        "*.{scala,sc}",
    ])],
    when: &[When::RunsNone(&["mvn", "mvnw", "scala-cli", "bloop"])],
    reach: Reach::Owned,
    fires: &[
        "app/target/maven-status/a.lst",
        "app/target/test-classes/a.class",
        "app/.scala-build/a",
        "app/.bloop/a.json",
    ],
    spares: &[
        "app/target/classes/a.class",
        "app/target/app.jar",
        "srv/target/test-classes/a",
    ],
    beside: &["app/pom.xml", "app/build.sbt"],
    ..Rule::PLAIN
};
