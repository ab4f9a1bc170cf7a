//! Takes what NuGet has downloaded to look into, and what the `dotnet` command notes of its use.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "nuget-cache",
    level: Level::Safe,
    summary: "Takes what NuGet has downloaded to look into, and what the `dotnet` command notes of its use.",
    caveat: "The next restore asks the servers again.",
    source: "learn.microsoft.com, NuGet global packages and cache folders",
    remove: &[
        "~/.local/share/NuGet/{v3-cache,http-cache,plugins-cache}",
        "tmp/NuGetScratch*",
        "~/.dotnet/{.workloadAdvertisingManifestBackups,TelemetryStorageService}",
        "$NUGET_HTTP_CACHE_PATH/",
    ],
    reach: Reach::Owned,
    fires: &[
        "root/.local/share/NuGet/v3-cache/a",
        "tmp/NuGetScratch/a",
        "root/.dotnet/TelemetryStorageService/a",
        "opt/x/nu/a",
    ],
    spares: &["root/.nuget/NuGet/NuGet.Config", "root/.dotnet/tools/a"],
    beside: &["$NUGET_HTTP_CACHE_PATH=/opt/x/nu"],
    ..Rule::PLAIN
};
