//! Descriptors: what a document says of a blob (image-spec `descriptor.md`).
//!
//! A parsed descriptor keeps its JSON as it was; nothing here writes one.

use serde_json::Value;

use super::{base64, json};
use crate::digest::Digest;

/// The keys that decide what a descriptor means; others are passed on unread.
const KEYS: &[&str] = &[
    "mediaType",
    "digest",
    "size",
    "data",
    "urls",
    "annotations",
    "platform",
    "artifactType",
];

/// A descriptor whose grammar has been checked.
#[derive(Clone, Debug)]
pub struct Descriptor {
    /// As stored, unknown keys included.
    pub value: Value,
    /// What the blob is.
    pub media_type: String,
    /// The blob's name.
    pub digest: Digest,
    /// The blob's length in bytes.
    pub size: u64,
    /// The blob itself where it is embedded, compared with `size` and `digest`.
    pub embedded: Option<Vec<u8>>,
}

impl Descriptor {
    /// Reads a descriptor.
    ///
    /// # Errors
    /// What is wrong with it: a missing key, a wrong type, a digest that is not `sha256` by its grammar, a size that no
    /// file has, or embedded `data` that is not the blob.
    pub fn parse(value: &Value) -> Result<Self, String> {
        let object = json::object(value, KEYS)?;
        let media_type = json::text(object, "mediaType")?
            .filter(|text| !text.is_empty())
            .ok_or("no `mediaType`")?;
        let digest = json::text(object, "digest")?.ok_or("no `digest`")?;
        let digest: Digest = digest
            .parse()
            .map_err(|fault| format!("digest `{}`: {fault}", digest.escape_debug()))?;
        let size = json::member(object, "size").ok_or("no `size`")?;
        let size = size.as_u64().filter(|&size| i64::try_from(size).is_ok());
        let size =
            size.ok_or_else(|| format!("the size of `{digest}` is not a number of bytes"))?;
        json::list(object, "urls")?;
        json::map(object, "annotations")?;
        json::map(object, "platform")?;
        let embedded = json::text(object, "data")?
            .map(|data| embedded(data, &digest, size))
            .transpose()?;
        Ok(Self {
            value: value.clone(),
            media_type: media_type.to_owned(),
            digest,
            size,
            embedded,
        })
    }

    /// Returns a text member, such as `artifactType`.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.value.get(key)?.as_str()
    }

    /// Returns an annotation.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.value.get("annotations")?.get(key)?.as_str()
    }

    /// Returns whether the blob may be fetched from elsewhere, and so may be missing here.
    pub fn has_urls(&self) -> bool {
        self.value
            .get("urls")
            .and_then(Value::as_array)
            .is_some_and(|urls| !urls.is_empty())
    }
}

fn embedded(data: &str, digest: &Digest, size: u64) -> Result<Vec<u8>, String> {
    let bytes = base64::decode(data)
        .ok_or_else(|| format!("the embedded data of `{digest}` is not base64"))?;
    if bytes.len() as u64 != size || Digest::of(&bytes) != *digest {
        return Err(format!(
            "the embedded data of `{digest}` does not have that digest and size"
        ));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const EMPTY: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

    #[test]
    fn a_descriptor_keeps_what_it_does_not_know() {
        let value = json!({ "mediaType": "a/b", "digest": EMPTY, "size": 2, "data": "e30=", "x": [null], "urls": null });
        let descriptor = Descriptor::parse(&value).unwrap();
        assert_eq!(
            (descriptor.size, &descriptor.value, descriptor.has_urls()),
            (2, &value, false)
        );
        assert_eq!(descriptor.embedded.as_deref(), Some(&b"{}"[..]));
    }

    #[test]
    fn bad_descriptors_are_refused() {
        let good = json!({ "mediaType": "a/b", "digest": EMPTY, "size": 2 });
        for (key, value, fault) in [
            ("mediaType", json!(null), "no `mediaType`"),
            ("mediaType", json!(""), "no `mediaType`"),
            ("mediaType", json!(7), "`mediaType` is not a string"),
            ("digest", json!(null), "no `digest`"),
            (
                "digest",
                json!("sha256:../../../etc/passwd"),
                "not `sha256:`",
            ),
            ("digest", json!(EMPTY.to_uppercase()), "not `sha256:`"),
            ("digest", json!("sha512:00"), "not `sha256:`"),
            ("size", json!(null), "no `size`"),
            ("size", json!("2"), "not a number"),
            ("size", json!(-1), "not a number"),
            ("size", json!(2.0), "not a number"),
            ("size", json!(u64::MAX), "not a number"),
            ("data", json!("e30"), "not base64"),
            ("data", json!("e30K"), "does not have that digest"),
            ("data", json!("e3s="), "does not have that digest"),
            ("Digest", json!(EMPTY), "only in case"),
            ("urls", json!("https://example.org"), "not a list"),
            ("annotations", json!([]), "not an object"),
            ("platform", json!("linux"), "not an object"),
        ] {
            let mut bad = good.clone();
            bad[key] = value;
            let said = Descriptor::parse(&bad).unwrap_err();
            assert!(said.contains(fault), "{bad}: {said}");
        }
    }
}
