//! Takes settings of forges and editors beside a project.

use crate::rules::builtin::SCAFFOLDS;
use crate::rules::rule::{Level, Only, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "project-settings",
    level: Level::Safe,
    summary: "Takes settings of forges and editors beside a project.",
    caveat: "None known. What sets up new projects keeps its templates.",
    source: "by many .dockerignore files",
    remove: &[
        "**/.{github,gitlab,circleci,idea,devcontainer}",
        "**/.vscode/{settings,launch,tasks}.json",
    ],
    keep: SCAFFOLDS,
    only: &[Only::Near(&[
        "{package.json,pyproject.toml,setup.py,setup.cfg,go.mod,Cargo.toml,composer.json,pom.xml,build.gradle,build.gradle.kts,Gemfile,mix.exs,CMakeLists.txt,Makefile,.git,.gitignore}",
        "*.{csproj,gemspec,sln}",
        "../{package.json,pyproject.toml,go.mod,Cargo.toml,pom.xml,CMakeLists.txt,.git}",
    ])],
    reach: Reach::Owned,
    fires: &[
        "app/.github/workflows/ci.yml",
        "app/.idea/a.xml",
        "app/.vscode/settings.json",
    ],
    spares: &[
        "home/x/.vscode/extensions/a/package.json",
        "app/templates/.github/a.yml",
        "srv/.github/a",
    ],
    beside: &[
        "app/package.json",
        "app/templates/package.json",
        "home/x/package.json",
    ],
    ..Rule::PLAIN
};
