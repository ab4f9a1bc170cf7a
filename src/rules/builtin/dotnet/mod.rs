//! What .NET leaves.

pub(super) mod dotnet_obj;
pub(super) mod dotnet_satellites;
pub(super) mod dotnet_sdk;
pub(super) mod dotnet_symbols;
pub(super) mod dotnet_xml;
pub(super) mod nuget_cache;
pub(super) mod nuget_packages;
