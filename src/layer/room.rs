//! Room in a file that is asked for before it is written.
//!
//! Unasked, ext4 promises room to each block when it is written and looks for it later. Measured: 720 MB in pieces of 8 KiB take
//! 0.33 s of CPU time unasked, 0.28 asked for 256 KiB at a time, as they come, and 0.26 for 1 MiB, which would take room for what
//! is left out.

use std::fs::File;
use std::ops::Range;

use rustix::fs::{FallocateFlags, FsWord, fallocate, fstatfs};

/// For fewer bytes asking costs as much as it saves.
const LEAST: u64 = 64 << 10;
/// Room on a tmpfs is memory, which is cleared before it can be written.
const TMPFS: FsWord = 0x0102_1994;

/// How a file is given room.
#[derive(Debug)]
pub(super) struct Room {
    is_of_use: bool,
}

impl Room {
    pub(super) fn of(file: &File) -> Self {
        Self {
            is_of_use: fstatfs(file).is_ok_and(|fs| fs.f_type != TMPFS),
        }
    }

    /// Asks for room for what is about to be written: no more, for what is left out of the file is to take none.
    pub(super) fn ask(&mut self, file: &File, range: &Range<u64>) {
        let len = range.end.saturating_sub(range.start);
        if self.is_of_use && len >= LEAST {
            // Where it is not to be had, writing will do or tell why not.
            self.is_of_use = fallocate(file, FallocateFlags::KEEP_SIZE, range.start, len).is_ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{FileExt as _, MetadataExt as _};

    use super::*;

    /// The room that a file has, in bytes.
    fn given(file: &File) -> u64 {
        512 * file.metadata().unwrap().blocks()
    }

    #[test]
    fn room_has_no_length_and_reads_as_before() {
        let file = tempfile::tempfile().unwrap();
        let mut room = Room { is_of_use: true };
        file.write_all_at(b"there", 0).unwrap();
        room.ask(&file, &(5..5 + LEAST));
        assert_eq!(file.metadata().unwrap().len(), 5);
        let mut bytes = [0; 5];
        file.read_exact_at(&mut bytes, 0).unwrap();
        assert_eq!(&bytes, b"there");
        // A file system that cannot give room ahead has said so.
        if room.is_of_use {
            let given = given(&file);
            assert!((LEAST..2 * LEAST).contains(&given), "{given} bytes");
        }
    }

    #[test]
    fn nothing_is_asked_for_that_is_short_or_of_no_use() {
        let file = tempfile::tempfile().unwrap();
        Room { is_of_use: true }.ask(&file, &(0..LEAST - 1));
        Room { is_of_use: false }.ask(&file, &(0..LEAST));
        assert_eq!(given(&file), 0);
    }
}
