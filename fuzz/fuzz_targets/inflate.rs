//! Arbitrary deflate streams: the program's inflater and zlib's agree on what is sound and on what
//! it inflates to.
//!
//! `cargo +nightly fuzz run inflate`

#![no_main]

use libfuzzer_sys::fuzz_target;
use oci_slim_fuzz::{gzip, inflate, reference};

fuzz_target!(|bytes: &[u8]| {
    let _ = inflate(bytes);
    match reference(bytes) {
        Some((content, len)) => {
            let (_, ours) = inflate(&gzip(&bytes[..len], &content)).expect("zlib takes it");
            assert!(ours == content);
        }
        None => assert!(inflate(&gzip(bytes, &[])).is_err(), "zlib refuses it"),
    }
});
