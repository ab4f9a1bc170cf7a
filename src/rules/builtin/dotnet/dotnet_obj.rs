//! Takes the intermediate files beside a project.

use crate::rules::rule::{Level, Only, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "dotnet-obj",
    level: Level::Safe,
    summary: "Takes the intermediate files beside a project.",
    caveat: "The next build makes them again.",
    source: "learn.microsoft.com, MSBuild common properties",
    remove: &["**/obj"],
    only: &[Only::Near(&["*.{csproj,fsproj,vbproj}"])],
    when: &[When::RunsNone(&[
        "dotnet run",
        "dotnet watch",
        "dotnet test",
        "dotnet build",
        "dotnet publish",
        "dotnet restore",
        "dotnet ef",
        "dotnet fsi",
        "dotnet exec",
        "dotnet msbuild",
        "msbuild",
    ])],
    reach: Reach::Owned,
    fires: &["app/obj/project.assets.json"],
    spares: &["app/bin/Release/net8.0/app.dll", "srv/obj/a"],
    beside: &["app/app.csproj"],
    ..Rule::PLAIN
};
