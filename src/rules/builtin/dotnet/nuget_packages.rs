//! Takes the packages that NuGet has unpacked, where the image starts a program of its own.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "nuget-packages",
    level: Level::Standard,
    summary: "Takes the packages that NuGet has unpacked, where the image starts a program of its own.",
    caveat: "The next build downloads them again. It does not act where a development build runs from them.",
    source: "learn.microsoft.com, NuGet global packages and cache folders",
    remove: &["~/.nuget/packages", "$NUGET_PACKAGES/"],
    when: &[
        When::Serves,
        When::RunsNone(&[
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
        ]),
        When::Lacks(&["**/*.runtimeconfig.dev.json"]),
    ],
    reach: Reach::Owned,
    fires: &[
        "root/.nuget/packages/newtonsoft.json/13/lib/a.dll",
        "opt/x/pk/a",
    ],
    spares: &["root/.nuget/NuGet/NuGet.Config"],
    beside: &["$NUGET_PACKAGES=/opt/x/pk"],
    ..Rule::PLAIN
};
