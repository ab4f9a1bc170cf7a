//! Image layouts as directories and archives, plain, compressed and through a pipe.

use serde_json::Value;

use super::*;
use crate::support::archive::oci;
use crate::support::codec::Codec;
use crate::support::layout::{amend_index, index};

#[test]
fn a_directory_and_every_kind_of_archive_hold_the_same() {
    let dir = scratch();
    let layout = sample("1").write(&dir.path().join("lay:out"));
    let tar = oci(&layout);
    for (name, content) in [
        ("a.tar", tar.clone()),
        ("a:b", tar.clone()),
        ("a.tar.gz", Codec::gzip(6).compress(&tar)),
        ("lies.tar", Codec::gzip(1).compress(&tar)),
        ("a.zst", Codec::zstd(1).compress(&tar)),
    ] {
        let place = Place::new(name, &content);
        for reference in ["{}", "oci-archive:{}", "oci-archive:{}:latest"] {
            let source = place.open(reference).unwrap();
            assert!(!assert_holds(&*source, &sample("1")).is_docker_save);
        }
        let left = fs::read_dir(place.dir.path()).unwrap().count();
        assert_eq!(left, 1, "nothing is left in the temp dir");
        assert!(
            place
                .refused("oci-archive:{}:v2")
                .starts_with("no image `v2` in")
        );
    }
    for reference in ["{}", "oci:{}", "oci:{}:latest"] {
        let reference = reference.replace("{}", layout.to_str().unwrap());
        assert_holds(&*open(&reference, dir.path()).unwrap(), &sample("1"));
    }
}

#[test]
fn a_pipe_is_spooled() {
    let dir = scratch();
    let tar = oci(&sample("1").write(&dir.path().join("layout")));
    for (number, content) in [tar.clone(), Codec::gzip(6).compress(&tar)]
        .into_iter()
        .enumerate()
    {
        let fifo = dir.path().join(format!("fifo{number}"));
        rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RWXU).unwrap();
        let writer = std::thread::spawn({
            let fifo = fifo.clone();
            move || fs::write(fifo, content)
        });
        let source = open(fifo.to_str().unwrap(), dir.path()).unwrap();
        writer.join().unwrap().unwrap();
        assert_holds(&*source, &sample("1"));
    }
}

/// Puts a second image into a layout and returns both descriptors.
fn two_images(dir: &Path) -> [Value; 2] {
    [sample("2"), sample("1")].map(|image| {
        image.write(dir);
        index(dir)["manifests"][0].take()
    })
}

#[test]
fn several_tags_need_a_name_and_no_tags_need_none() {
    let dir = scratch();
    let layout = dir.path().join("layout");
    let [two, one] = two_images(&layout);
    let tagged = |descriptor: &Value, tag: &str| {
        let mut descriptor = descriptor.clone();
        descriptor["annotations"]["org.opencontainers.image.ref.name"] = tag.into();
        descriptor
    };
    amend_index(&layout, |index| {
        index["manifests"] = [tagged(&one, "1"), tagged(&one, "latest"), tagged(&two, "2")]
            .into_iter()
            .collect();
    });
    let place = Place::new("a.tar", &oci(&layout));
    let said = place.load("{}").unwrap_err();
    assert_eq!(said.hint().as_deref(), Some("it offers 1, latest, 2"));
    assert_holds(&*place.open("oci-archive:{}:2").unwrap(), &sample("2"));

    amend_index(&layout, |index| {
        for root in index["manifests"].as_array_mut().unwrap() {
            root["annotations"].take();
        }
    });
    let place = Place::new("a.tar", &oci(&layout));
    assert_eq!(place.load("{}").unwrap().images.len(), 2);
}
