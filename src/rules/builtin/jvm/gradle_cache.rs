//! Takes what Gradle has downloaded and built in its home.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "gradle-cache",
    level: Level::Safe,
    summary: "Takes what Gradle has downloaded and built in its home.",
    caveat: "The next build downloads all again.",
    source: "Gradle user manual, the directories Gradle uses",
    remove: &[
        "~/.gradle/{caches,daemon,native,wrapper/dists,notifications,.tmp,jdks,kotlin-profile,workers}",
        "$GRADLE_USER_HOME/{caches,daemon,native,wrapper/dists,notifications,.tmp}",
    ],
    when: &[When::RunsNone(&["gradle", "gradlew"])],
    reach: Reach::Owned,
    fires: &[
        "root/.gradle/caches/modules-2/a.jar",
        "root/.gradle/wrapper/dists/gradle-8/a",
        "opt/x/caches/8/a",
    ],
    spares: &[
        "root/.gradle/gradle.properties",
        "root/.gradle/init.d/a.gradle",
    ],
    beside: &["$GRADLE_USER_HOME=/opt/x"],
    ..Rule::PLAIN
};
