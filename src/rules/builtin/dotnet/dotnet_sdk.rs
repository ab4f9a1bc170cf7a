//! Takes the .NET SDK where the image starts a compiled program.

use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "dotnet-sdk",
    level: Level::Standard,
    summary: "Takes the .NET SDK where the image starts a compiled program.",
    caveat: "`dotnet build` and its like no longer work; the run time stays.",
    source: "learn.microsoft.com, .NET runtime and SDK images",
    remove: &[
        "usr/{share,lib,lib64}/dotnet/{sdk,sdk-manifests,templates,packs,library-packs,metadata}",
    ],
    when: &[
        When::Runs(&["dotnet *.dll"]),
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
    ],
    reach: Reach::Owned,
    fires: &["usr/share/dotnet/sdk/8.0.100/dotnet.dll"],
    spares: &[
        "usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.0/System.dll",
        "usr/share/dotnet/dotnet",
    ],
    ..Rule::PLAIN
};
