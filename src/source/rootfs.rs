//! The diff_ids of a config: the digests of its layers when they are not compressed.
//!
//! Nothing here reads another part of a config.

use serde_json::{Map, Value};

use super::json;
use crate::digest::Digest;

/// Reads `rootfs` of a config, base layer first; none when it is absent.
///
/// # Errors
/// What is wrong with it: another type than `layers`, or what is no digest.
pub(crate) fn diff_ids(config: &Map<String, Value>) -> Result<Vec<Digest>, String> {
    let Some(rootfs) = json::member(config, "rootfs") else {
        return Ok(Vec::new());
    };
    let rootfs =
        json::object(rootfs, &["type", "diff_ids"]).map_err(|fault| format!("rootfs: {fault}"))?;
    if json::text(rootfs, "type")? != Some("layers") {
        return Err("`rootfs.type` is not `layers`".into());
    }
    let parse = |(at, value): (usize, &Value)| {
        let text = value
            .as_str()
            .ok_or_else(|| format!("diff_ids[{at}] is not a string"))?;
        text.parse()
            .map_err(|fault| format!("diff_ids[{at}] `{}`: {fault}", text.escape_debug()))
    };
    json::list(rootfs, "diff_ids")?
        .iter()
        .enumerate()
        .map(parse)
        .collect()
}
