//! Files that were left out of the temp dir because a rule was expected to take them, and that stay.

use serde_json::json;

use crate::support::codec::Codec;
use crate::support::compare::{assert_same, without};
use crate::support::flatten::flatten;
use crate::support::image::{Image, image};
use crate::support::layout::layer_digests;
use crate::support::program::{scratch, shrink};

const LIST: &str = "var/lib/apt/lists/deb_Packages";
const CACHE: &str = "var/cache/apt/pkgcache.bin";
const CODECS: [fn() -> Codec; 3] = [|| Codec::gzip(6), || Codec::zstd(3), || Codec::Plain];

/// Bytes that do not compress away.
fn noise(seed: u32, len: usize) -> Vec<u8> {
    let step = |state: &mut u32| {
        *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some(state.to_be_bytes()[0] & 31)
    };
    std::iter::repeat_with({
        let mut state = seed;
        move || step(&mut state)
    })
    .flatten()
    .take(len)
    .collect()
}

fn debian() -> Image {
    image().layer(|l| {
        l.file("bin/app", noise(1, 100_000))
            .file(LIST, noise(2, 700_000))
            .file("etc/conf", noise(3, 300))
            .file(CACHE, noise(4, 200_000))
            .file("etc/last", noise(5, 9))
    })
}

#[test]
fn what_the_command_names_is_inflated_again() {
    for codec in CODECS {
        for (layers, proof) in [("keep", "full"), ("keep", "index"), ("squash", "full")] {
            let dir = scratch();
            let config = json!({"Cmd": ["/bin/app", format!("/{LIST}")]});
            let stack = debian().config(config).codec(codec());
            let before = stack.write(&dir.path().join("before"));
            let flags = ["--layers", layers, "--proof", proof];
            let slim = shrink(&before, dir.path(), "slim", &flags);
            assert_eq!(slim.removed(), [CACHE.as_bytes()], "the list stays");
            let expected = without(&flatten(&before), &[CACHE]);
            assert_same(&flatten(&slim.layout), &expected);
        }
    }
}

#[test]
fn layers_are_the_same_whatever_was_left_out() {
    for codec in CODECS {
        let dir = scratch();
        let before = debian().codec(codec()).write(&dir.path().join("before"));
        let guessed = shrink(&before, dir.path(), "guessed", &[]);
        let removed = [CACHE.as_bytes(), LIST.as_bytes()];
        assert_eq!(guessed.removed(), removed);
        assert_same(
            &flatten(&guessed.layout),
            &without(&flatten(&before), &removed),
        );
        // A pack is made of what goes: nothing is left out then.
        let whole = shrink(
            &before,
            dir.path(),
            "whole",
            &["--restore-pack", "pack.tar"],
        );
        assert_eq!(layer_digests(&whole.layout), layer_digests(&guessed.layout));
    }
}
