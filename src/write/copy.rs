//! Copies a blob's bytes with as little work as the file system allows: shared blocks, a copy inside the kernel, or read and write.
//!
//! Nothing is hard-linked: an edit in place would reach both. Nothing is hashed.

use std::fs::File;
use std::io::{self, Read as _, Write};

use rustix::fs::{copy_file_range, ioctl_ficlone};

use crate::source::Blob;

const BUFFER: usize = 1 << 20;

/// Copies `blob` to `file`, which is empty.
pub(super) fn to_file(blob: &Blob, mut file: &File) -> io::Result<()> {
    let (from, range) = blob.file();
    let is_whole = range.start == 0 && from.metadata()?.len() == range.end;
    if is_whole && ioctl_ficlone(file, from).is_ok() {
        return Ok(());
    }
    let mut at = range.start;
    while at < range.end {
        let left = usize::try_from(range.end - at).unwrap_or(usize::MAX);
        match copy_file_range(from, Some(&mut at), file, None, left) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => {}
            // Not between these two file systems, or not allowed here: what is left is copied by hand.
            Err(_) => return to_stream(blob, at - range.start, &mut file),
        }
    }
    Ok(())
}

/// Writes the bytes of `blob` from `offset` on.
pub(super) fn to_stream(blob: &Blob, offset: u64, stream: &mut impl Write) -> io::Result<()> {
    let mut reader = blob.reader(offset);
    let mut buffer = vec![0; BUFFER];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => stream.write_all(&buffer[..n])?,
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
            Err(fault) => return Err(fault),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn whole_files_and_parts_are_copied() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        let bytes: Vec<u8> = (0_u32..700_000).flat_map(u32::to_le_bytes).collect();
        fs::write(&from, &bytes).unwrap();
        let open = || Arc::new(File::open(&from).unwrap());
        for range in [0..bytes.len(), 513..bytes.len() - 7, 0..0] {
            let blob = Blob::new(open(), from.clone(), range.start as u64..range.end as u64);
            to_file(&blob, &File::create(&to).unwrap()).unwrap();
            assert!(fs::read(&to).unwrap() == bytes[range.clone()], "{range:?}");
            let mut streamed = Vec::new();
            to_stream(&blob, 0, &mut streamed).unwrap();
            assert!(streamed == bytes[range.clone()], "{range:?}");
        }
        let blob = Blob::new(open(), from.clone(), 0..bytes.len() as u64);
        fs::write(&from, "short").unwrap();
        assert!(
            to_file(&blob, &File::create(&to).unwrap()).is_err(),
            "the source shrank"
        );
    }
}
