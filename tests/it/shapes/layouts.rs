//! Image layouts as directories and archives, plain, compressed and through a pipe.

use super::*;

fn files(image: &Sample) -> Files {
    let mut files = Files::default();
    let root = files.image(image, true);
    files.index(&[tagged(&root, "v1")]);
    files
}

#[test]
fn a_directory_and_every_kind_of_archive_hold_the_same() {
    let image = Sample::new("");
    let files = files(&image);
    let tar = files.tar();
    let zstd = zstd::encode_all(&tar[..], 1).unwrap();
    for (name, content) in [
        ("a.tar", tar.clone()),
        ("a:b", tar.clone()),
        ("a.tar.gz", gzip(&tar)),
        ("lies.tar", gzip(&tar)),
        ("a.zst", zstd),
    ] {
        let scratch = Scratch::new(name, &content);
        for reference in ["{}", "oci-archive:{}", "oci-archive:{}:v1"] {
            let source = scratch.open(reference).unwrap();
            assert_layers(&*source, &Offer::load(&*source, None).unwrap(), &image);
            assert!(!source.is_docker_save());
        }
        assert_eq!(
            fs::read_dir(scratch.dir.path()).unwrap().count(),
            1,
            "nothing is left in the temp dir"
        );
        assert!(
            scratch
                .load("oci-archive:{}:v2")
                .unwrap_err()
                .to_string()
                .starts_with("no image `v2` in")
        );
    }
    let dir = tempfile::tempdir().unwrap();
    let layout = dir.path().join("lay:out");
    files.dir(&layout);
    for reference in [
        layout.to_str().unwrap().to_owned(),
        format!("oci:{}", layout.display()),
        format!("oci:{}:v1", layout.display()),
    ] {
        let source = open(&reference, dir.path()).unwrap();
        assert_layers(&*source, &Offer::load(&*source, None).unwrap(), &image);
    }
}

#[test]
fn a_pipe_is_spooled() {
    let image = Sample::new("");
    for content in [files(&image).tar(), gzip(&files(&image).tar())] {
        let dir = tempfile::tempdir().unwrap();
        let fifo = dir.path().join("fifo");
        rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RWXU).unwrap();
        let writer = std::thread::spawn({
            let fifo = fifo.clone();
            move || fs::write(fifo, content)
        });
        let source = open(fifo.to_str().unwrap(), dir.path()).unwrap();
        writer.join().unwrap().unwrap();
        assert_layers(&*source, &Offer::load(&*source, None).unwrap(), &image);
    }
}

#[test]
fn several_tags_need_a_name_and_no_tags_need_none() {
    let mut files = Files::default();
    let (one, two) = (
        files.image(&Sample::new("1"), true),
        files.image(&Sample::new("2"), true),
    );
    files.index(&[tagged(&one, "1"), tagged(&one, "latest"), tagged(&two, "2")]);
    let scratch = Scratch::new("a.tar", &files.tar());
    assert_eq!(
        scratch.load("{}").unwrap_err().hint().as_deref(),
        Some("it offers 1, latest, 2")
    );
    assert_layers(
        &*scratch.open("oci-archive:{}:2").unwrap(),
        &scratch.load("oci-archive:{}:2").unwrap(),
        &Sample::new("2"),
    );

    let mut files = Files::default();
    let roots = [
        files.image(&Sample::new("1"), true),
        files.image(&Sample::new("2"), true),
    ];
    files.index(&roots);
    assert_eq!(
        Scratch::new("a.tar", &files.tar())
            .load("{}")
            .unwrap()
            .images
            .len(),
        2
    );
}
