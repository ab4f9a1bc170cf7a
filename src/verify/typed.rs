//! The result's documents through another reader's eyes: the types of `oci-spec`, which are stricter than this program.

use oci_spec::image::{ImageConfiguration, ImageManifest};
use serde::de::DeserializeOwned;

/// A manifest and its config, as their bytes.
#[derive(Clone, Copy)]
pub(super) struct Documents<'a> {
    pub(super) manifest: &'a [u8],
    pub(super) config: &'a [u8],
}

/// Checks that the result can still be read where the source could: builders write what the types refuse
/// (`diff_ids: null`, a `Volumes` entry that is null), and such an image is not worse for having stayed so.
pub(super) fn check(source: Documents<'_>, result: Documents<'_>) -> Result<(), String> {
    let manifest: Option<ImageManifest> = still("manifest", source.manifest, result.manifest)?;
    let config: Option<ImageConfiguration> = still("config", source.config, result.config)?;
    let (Some(manifest), Some(config)) = (manifest, config) else {
        return Ok(());
    };
    let (layers, diff_ids) = (manifest.layers().len(), config.rootfs().diff_ids().len());
    if layers != diff_ids {
        return Err(format!(
            "{layers} layers and {diff_ids} diff IDs are listed"
        ));
    }
    Ok(())
}

fn still<T: DeserializeOwned>(
    kind: &str,
    source: &[u8],
    result: &[u8],
) -> Result<Option<T>, String> {
    if serde_json::from_slice::<T>(source).is_err() {
        return Ok(None);
    }
    let read = serde_json::from_slice(result).map(Some);
    read.map_err(|error| format!("the {kind} is not what the specification says: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json",
        "digest":"sha256:9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a","size":2},"layers":[]}"#;
    const CONFIG: &str =
        r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#;

    fn documents<'a>((manifest, config): (&'a str, &'a str)) -> Documents<'a> {
        Documents {
            manifest: manifest.as_bytes(),
            config: config.as_bytes(),
        }
    }

    fn checked(source: (&str, &str), result: (&str, &str)) -> Result<(), String> {
        check(documents(source), documents(result))
    }

    #[test]
    fn what_could_be_read_can_be_read_still() {
        let good = (MANIFEST, CONFIG);
        assert_eq!(checked(good, good), Ok(()));
        let no_size = MANIFEST.replace(r#","size":2"#, "");
        let said = checked(good, (&no_size, CONFIG)).unwrap_err();
        assert!(
            said.starts_with("the manifest is not what the specification says"),
            "{said}"
        );
        assert_eq!(checked((&no_size, CONFIG), (&no_size, CONFIG)), Ok(()));
        let one_more = CONFIG.replace("[]", r#"["sha256:00"]"#);
        let said = checked(good, (MANIFEST, &one_more)).unwrap_err();
        assert_eq!(said, "0 layers and 1 diff IDs are listed");
    }
}
