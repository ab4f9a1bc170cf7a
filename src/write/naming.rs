//! The name that a result gets: its tag in `index.json`, and beside it the full name by which engines load it.
//!
//! Nothing here changes what the names point to.

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::source::name::{familiar, full, tag};
use crate::source::{Form, IMAGE_NAME, REF_NAME, json};

/// Returns `index` with its one image named `name`; others in it, which are no images, stay as they are.
///
/// # Errors
/// When it is no index.
pub(super) fn named(index: &[u8], name: &str, form: Form) -> Result<Vec<u8>> {
    let fault = |fault| Error::Document {
        kind: "index",
        digest: "index.json".into(),
        fault,
    };
    let mut value = json::parse(index).map_err(fault)?;
    let roots = value.get_mut("manifests").and_then(Value::as_array_mut);
    let roots = roots.ok_or_else(|| fault("no `manifests`".into()))?;
    let before = roots.clone();
    let subject = before
        .iter()
        .find(|root| annotation(root, REF_NAME).is_some())
        .or(before.first());
    let Some(digest) = subject.map(|root| root["digest"].clone()) else {
        return Ok(index.to_vec());
    };
    let mut seen = false;
    // One image under several names becomes that image under one.
    roots.retain(|root| root["digest"] != digest || !std::mem::replace(&mut seen, true));
    for root in roots.iter_mut().filter(|root| root["digest"] == digest) {
        rename(root, name, form);
    }
    if *roots == before {
        Ok(index.to_vec())
    } else {
        Ok(value.to_string().into_bytes())
    }
}

fn rename(root: &mut Value, name: &str, form: Form) {
    let repository = annotation(root, IMAGE_NAME).map(|known| {
        let tag_len = tag(known).map_or(0, |tag| tag.len() + 1);
        known[..known.len() - tag_len].to_owned()
    });
    let is_full = form == Form::DockerArchive || name.contains(['/', ':']);
    let image_name = match repository {
        _ if is_full => Some(full(name)),
        Some(repository) => Some(format!("{repository}:{name}")),
        None => None,
    };
    let ref_name = if form == Form::DockerArchive {
        tag(&full(name)).unwrap_or(name).to_owned()
    } else {
        name.to_owned()
    };
    let annotations = &mut root["annotations"];
    if !annotations.is_object() {
        *annotations = Value::Object(Map::new());
    }
    if let Some(image_name) = image_name {
        annotations[IMAGE_NAME] = image_name.into();
    }
    annotations[REF_NAME] = ref_name.into();
}

/// Returns the name by which `docker load` would know a root of an index, where there is one.
pub(super) fn repo_tag(image_name: Option<&str>, ref_name: Option<&str>) -> Option<String> {
    let name = image_name.or(ref_name.filter(|name| name.contains(['/', ':'])))?;
    tag(&full(name)).is_some().then(|| familiar(name))
}

fn annotation<'a>(root: &'a Value, key: &str) -> Option<&'a str> {
    root.get("annotations")?.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn root(digest: &str, tag: &str, name: &str) -> Value {
        let mut annotations = Map::new();
        for (key, value) in [(REF_NAME, tag), (IMAGE_NAME, name)] {
            if !value.is_empty() {
                annotations.insert(key.into(), value.into());
            }
        }
        json!({ "digest": digest, "annotations": annotations })
    }

    #[test]
    fn one_image_gets_one_name() {
        let cases = [
            (
                vec![root("a", "", "")],
                "v1",
                Form::Layout,
                vec![root("a", "v1", "")],
            ),
            (
                vec![root("a", "v0", "")],
                "v1",
                Form::Layout,
                vec![root("a", "v1", "")],
            ),
            (
                vec![root("a", "1", ""), root("a", "2", "")],
                "v1",
                Form::Layout,
                vec![root("a", "v1", "")],
            ),
            (
                vec![root("b", "", ""), root("a", "1", "")],
                "v1",
                Form::Layout,
                vec![root("b", "", ""), root("a", "v1", "")],
            ),
            (
                vec![root("a", "1", "localhost:5000/x:1")],
                "v1",
                Form::OciArchive,
                vec![root("a", "v1", "localhost:5000/x:v1")],
            ),
            (
                vec![root("a", "1", "")],
                "ghcr.io/x/y:v1",
                Form::Layout,
                vec![root("a", "ghcr.io/x/y:v1", "ghcr.io/x/y:v1")],
            ),
            (
                vec![root("a", "1", "")],
                "app:v1",
                Form::DockerArchive,
                vec![root("a", "v1", "docker.io/library/app:v1")],
            ),
            (
                vec![root("a", "1", "")],
                "app",
                Form::DockerArchive,
                vec![root("a", "latest", "docker.io/library/app:latest")],
            ),
        ];
        for (before, name, form, after) in cases {
            let index = json!({ "schemaVersion": 2, "manifests": before, "x": [1] }).to_string();
            let renamed: Value =
                serde_json::from_slice(&named(index.as_bytes(), name, form).unwrap()).unwrap();
            assert_eq!(
                renamed,
                json!({ "schemaVersion": 2, "manifests": after, "x": [1] }),
                "{name}"
            );
        }
    }

    #[test]
    fn a_name_that_it_has_changes_no_byte() {
        let index = r#"{"manifests": [{"digest":"a","annotations":{"org.opencontainers.image.ref.name":"\u0076"}}]}"#;
        assert_eq!(
            named(index.as_bytes(), "v", Form::Layout).unwrap(),
            index.as_bytes()
        );
    }

    #[test]
    fn only_full_names_are_loaded_by() {
        for (image_name, ref_name, tag) in [
            (Some("docker.io/library/app:1"), Some("1"), Some("app:1")),
            (None, Some("latest"), None),
            (None, Some("docker.io/lab/app:1"), Some("lab/app:1")),
            (None, Some("app:1"), Some("app:1")),
            (None, None, None),
        ] {
            assert_eq!(
                repo_tag(image_name, ref_name).as_deref(),
                tag,
                "{image_name:?} {ref_name:?}"
            );
        }
    }
}
