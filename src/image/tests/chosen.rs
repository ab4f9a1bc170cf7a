//! What is an image, what is none, and which of several is meant.

use super::*;

#[test]
fn what_is_no_image_says_why() {
    let empty = json!({ "mediaType": "application/vnd.oci.empty.v1+json", "digest": digest("{}"), "size": 2, "data": "e30=" });
    let foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    for (at, value, why) in [
        (
            "/artifactType",
            json!("application/x"),
            "an artefact of type `application/x`",
        ),
        (
            "/config",
            empty,
            "an artefact: its config is `application/vnd.oci.empty.v1+json`",
        ),
        (
            "/layers",
            json!([with(&layer("a"), "/urls", json!(["https://example.org"]))]),
            "is foreign",
        ),
        (
            "/layers",
            json!([with(&layer("a"), "/mediaType", json!(foreign))]),
            "is foreign",
        ),
        (
            "/layers",
            json!([with(
                &layer("a"),
                "/mediaType",
                json!("application/vnd.in-toto+json")
            )]),
            "of unknown type",
        ),
    ] {
        let mut source = Memory::default();
        let image = source.image(&manifest(), &config());
        let other = source.image(&with(&manifest(), at, value), &config());
        source.index = index(&[image, other]);
        let offer = source.load().unwrap();
        let Node::Other(other) = &offer.roots[1] else {
            panic!("{at}: an image")
        };
        assert!(other.why.contains(why), "{at}: {}", other.why);
        assert!(other.blobs.is_none(), "its layers are not there");
    }
}

#[test]
fn attestations_name_their_subject() {
    let mut source = Memory::default();
    let image = source.image(&manifest(), &config());
    let mut attestation = source.image(
        &manifest(),
        &with(
            &with(&config(), "/os", json!("unknown")),
            "/architecture",
            json!("unknown"),
        ),
    );
    let unmarked = attestation.clone();
    attestation["annotations"] = json!({ "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image["digest"] });
    let unknown = json!({ "mediaType": "application/x", "digest": digest("x"), "size": 1 });
    let nested = source.put(
        INDEX,
        &index(&[image.clone(), attestation, unmarked, unknown]),
    );
    source.index = index(&[nested]);
    let offer = source.load().unwrap();
    let Node::Index { children, .. } = &offer.roots[0] else {
        panic!("no index")
    };
    let others: Vec<_> = children
        .iter()
        .filter_map(|child| {
            if let Node::Other(other) = child {
                Some(other)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(others.len(), 3);
    assert_eq!(
        others[0].subject.as_ref().map(Digest::as_str),
        image["digest"].as_str()
    );
    assert!(others[1].why.contains("unknown/unknown") && others[2].why.contains("`application/x`"));
    assert_eq!(offer.images.len(), 1);
}

#[test]
fn docker_save_may_list_what_it_did_not_pull() {
    let mut source = Memory {
        docker_save: true,
        ..Memory::default()
    };
    let image = source.image(&manifest(), &config());
    let absent = with(&image, "/digest", json!(digest("absent")));
    source.index = index(&[image, absent]);
    let offer = source.load().unwrap();
    assert!(
        matches!(&offer.roots[1], Node::Other(other) if other.blobs.is_none() && other.why.contains("not in the archive"))
    );
    source.docker_save = false;
    assert!(source.load().is_err());
}

#[test]
fn a_name_or_a_platform_chooses() {
    let mut source = Memory::default();
    let image = |source: &mut Memory, os: &str, architecture: &str, variant: &str| {
        let config = with(
            &with(&config(), "/architecture", json!(architecture)),
            "/os",
            json!(os),
        );
        let root = source.image(&manifest(), &with(&config, "/variant", json!(variant)));
        with(
            &root,
            "/platform",
            json!({ "os": os, "architecture": architecture, "variant": variant }),
        )
    };
    let name = |root: &Value, tag: &str| {
        with(
            root,
            "/annotations",
            json!({ "org.opencontainers.image.ref.name": tag }),
        )
    };
    let (amd, v6, v7) = (
        image(&mut source, "linux", "amd64", ""),
        image(&mut source, "linux", "arm", "v6"),
        image(&mut source, "linux", "arm", "v7"),
    );
    let list = source.put(INDEX, &index(&[amd.clone(), v6.clone(), v7.clone()]));
    source.index = index(&[
        name(&list, "1"),
        name(&list, "latest"),
        name(&v6, "docker.io/lab/six:1"),
    ]);

    let said = source.load().unwrap_err();
    assert_eq!(
        said.hint().as_deref(),
        Some("it offers 1, latest, docker.io/lab/six:1")
    );
    for (wanted, images) in [
        ("1", 3),
        ("latest", 3),
        ("docker.io/lab/six:1", 1),
        ("lab/six:1", 1),
    ] {
        source.wanted = Some(wanted.into());
        let offer = source.load().unwrap();
        assert_eq!(
            (offer.roots.len(), offer.images.len()),
            (1, images),
            "{wanted}"
        );
    }
    source.wanted = Some("2".into());
    assert!(
        source
            .load()
            .unwrap_err()
            .to_string()
            .contains("no image `2` in `memory`")
    );

    source.wanted = Some("latest".into());
    for (asked, digest) in [
        ("linux/amd64", &amd),
        ("linux/arm", &v7),
        ("linux/arm/v6", &v6),
    ] {
        let offer = Offer::load(&source, &[asked.parse().unwrap()]).unwrap();
        assert_eq!((offer.roots.len(), offer.images.len()), (1, 1), "{asked}");
        assert_eq!(
            Some(offer.images[0].descriptor.digest.as_str()),
            digest["digest"].as_str()
        );
        assert_eq!(
            offer.roots[0].name(),
            Some("latest"),
            "it keeps the tag that led to it"
        );
    }
    let two = ["linux/arm/v7", "linux/amd64"].map(|asked| asked.parse().unwrap());
    let offer = Offer::load(&source, &two).unwrap();
    let mut found: Vec<&str> = offer
        .images
        .iter()
        .map(|image| image.descriptor.digest.as_str())
        .collect();
    let mut meant = [&amd, &v7].map(|one| one["digest"].as_str().unwrap());
    found.sort_unstable();
    meant.sort_unstable();
    assert_eq!(found, meant, "an index with those that are asked for");
    assert!(matches!(&offer.roots[..], [Node::Index { children, .. }] if children.len() == 2));
    let said = Offer::load(
        &source,
        &[
            "linux/amd64".parse().unwrap(),
            "linux/s390x".parse().unwrap(),
        ],
    );
    assert_eq!(
        said.unwrap_err().to_string(),
        "no image for `linux/s390x` in `memory`"
    );
    let said = Offer::load(&source, &["linux/s390x".parse().unwrap()]).unwrap_err();
    assert_eq!(said.to_string(), "no image for `linux/s390x` in `memory`");
    assert_eq!(
        said.hint().as_deref(),
        Some("it offers linux/amd64, linux/arm/v6, linux/arm/v7")
    );
    source.wanted = None;
    source.index = index(&[v6.clone(), list]);
    assert_eq!(
        source.load().unwrap().images.len(),
        3,
        "untagged: all of them, each once"
    );
    let both = Offer::load(&source, &["linux/arm/v6".parse().unwrap()]).unwrap();
    assert_eq!((both.roots.len(), both.images.len()), (2, 1));
}
