//! Image names as Docker writes and shows them: `[HOST/]PATH[:TAG]`.
//!
//! Nothing here checks that a registry would take a name.

/// Returns a name as Docker shows it: without its own registry and library, with a tag.
pub(crate) fn familiar(name: &str) -> String {
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    if has_tag(name) {
        name.to_owned()
    } else {
        format!("{name}:latest")
    }
}

/// Returns a name as Docker stores it: with registry, library and tag.
pub(crate) fn full(name: &str) -> String {
    let familiar = familiar(name);
    match familiar.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => familiar,
        Some(_) => format!("docker.io/{familiar}"),
        None => format!("docker.io/library/{familiar}"),
    }
}

/// Returns the tag of a name that has one.
pub(crate) fn tag(name: &str) -> Option<&str> {
    let leaf = name.rfind('/').map_or(name, |slash| &name[slash + 1..]);
    leaf.split_once(':').map(|(_, tag)| tag)
}

fn has_tag(name: &str) -> bool {
    name.rsplit('/')
        .next()
        .is_some_and(|leaf| leaf.contains([':', '@']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_docker_shows_them() {
        for (name, shown, stored, tagged) in [
            (
                "debian",
                "debian:latest",
                "docker.io/library/debian:latest",
                None,
            ),
            (
                "docker.io/library/debian:12",
                "debian:12",
                "docker.io/library/debian:12",
                Some("12"),
            ),
            (
                "docker.io/lab/app",
                "lab/app:latest",
                "docker.io/lab/app:latest",
                None,
            ),
            (
                "localhost:5000/app",
                "localhost:5000/app:latest",
                "localhost:5000/app:latest",
                None,
            ),
            (
                "localhost/app:1",
                "localhost/app:1",
                "localhost/app:1",
                Some("1"),
            ),
            ("ghcr.io/a/b:c", "ghcr.io/a/b:c", "ghcr.io/a/b:c", Some("c")),
            (
                "app@sha256:00",
                "app@sha256:00",
                "docker.io/library/app@sha256:00",
                Some("00"),
            ),
        ] {
            assert_eq!(
                (familiar(name).as_str(), full(name).as_str(), tag(name)),
                (shown, stored, tagged)
            );
        }
    }
}
