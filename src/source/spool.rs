//! Archives that cannot be read in place, compressed or from a pipe, are inflated into a file of the temp dir.
//!
//! The file has no name, so nothing has to be removed. Nothing here knows what an archive holds.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};

use super::{Blob, Codec};
use crate::error::{Error, Result};

const BUFFER: usize = 256 << 10;

/// How many bytes tell how a file is compressed, as its name may lie.
const HEAD: usize = 6;

/// Reads the bytes that tell how a blob is compressed.
pub(super) fn head(blob: &Blob) -> Result<Vec<u8>> {
    blob.part(0..blob.len().min(HEAD as u64)).read_all()
}

/// Opens an archive, or standard input for `None`, as a file that is not compressed; spools into `temp_dir` if need be.
///
/// # Errors
/// When it cannot be read or inflated, or the temp dir has no room.
pub(super) fn open(path: Option<&Path>, temp_dir: &Path) -> Result<Blob> {
    let name = path.map_or_else(|| PathBuf::from("standard input"), Path::to_path_buf);
    let read_fault = |source| Error::Read {
        path: name.clone(),
        source,
    };
    let file = match path {
        Some(path) => File::open(path),
        None => std::io::stdin()
            .as_fd()
            .try_clone_to_owned()
            .map(File::from),
    };
    let file = file.map_err(read_fault)?;
    if file.metadata().map_err(read_fault)?.is_file() {
        let blob = Blob::whole(file, name.clone())?;
        let head = head(&blob)?;
        if Codec::of(&head) == Codec::Plain && Codec::unsupported(&head).is_none() {
            return Ok(blob);
        }
        return inflate(
            &head,
            BufReader::with_capacity(BUFFER, blob.reader(0)),
            &name,
            temp_dir,
        );
    }
    let mut head = Vec::new();
    (&file)
        .take(HEAD as u64)
        .read_to_end(&mut head)
        .map_err(read_fault)?;
    inflate(
        &head,
        BufReader::with_capacity(BUFFER, head.chain(file)),
        &name,
        temp_dir,
    )
}

fn inflate(head: &[u8], packed: impl BufRead, name: &Path, temp_dir: &Path) -> Result<Blob> {
    if let Some(codec) = Codec::unsupported(head) {
        let fault = format!("compressed with {codec}, which is not supported; unpack it first");
        return Err(Error::Layout {
            place: name.display().to_string(),
            file: "the archive".into(),
            fault,
        });
    }
    match Codec::of(head) {
        Codec::Plain => spool(packed, name, temp_dir),
        Codec::Gzip => spool(flate2::bufread::MultiGzDecoder::new(packed), name, temp_dir),
        Codec::Zstd => {
            let plain = zstd::stream::read::Decoder::with_buffer(packed);
            spool(
                plain.map_err(|source| Error::Read {
                    path: name.to_path_buf(),
                    source,
                })?,
                name,
                temp_dir,
            )
        }
    }
}

fn spool(mut plain: impl Read, name: &Path, temp_dir: &Path) -> Result<Blob> {
    let write_fault = |source| Error::Write {
        path: temp_dir.to_path_buf(),
        source,
    };
    let mut file = tempfile::tempfile_in(temp_dir).map_err(write_fault)?;
    let mut buffer = vec![0; BUFFER];
    loop {
        match plain.read(&mut buffer) {
            Ok(0) => return Blob::whole(file, name.to_path_buf()),
            Ok(n) => file.write_all(&buffer[..n]).map_err(write_fault)?,
            Err(fault) if fault.kind() == std::io::ErrorKind::Interrupted => {}
            Err(source) => {
                return Err(Error::Read {
                    path: name.to_path_buf(),
                    source,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_frames_are_joined() {
        use flate2::{Compression, write::GzEncoder};
        let member = |text: &[u8]| {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
            gzip.write_all(text).unwrap();
            gzip.finish().unwrap()
        };
        let frame = |text: &[u8]| zstd::encode_all(text, 1).unwrap();
        let skippable = b"\x50\x2a\x4d\x18\x02\0\0\0xy".to_vec();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        for packed in [
            [member(b"ab"), member(b""), member(b"c")],
            [skippable, frame(b"ab"), frame(b"c")],
            [b"a".to_vec(), b"b".to_vec(), b"c".to_vec()],
        ] {
            std::fs::write(&path, packed.concat()).unwrap();
            assert_eq!(
                open(Some(&path), dir.path()).unwrap().read_all().unwrap(),
                b"abc"
            );
        }
        std::fs::write(&path, &member(b"abc")[..20]).unwrap();
        assert!(matches!(
            open(Some(&path), dir.path()),
            Err(Error::Read { .. })
        ));
        std::fs::write(&path, b"\xfd7zXZ\0").unwrap();
        assert!(
            open(Some(&path), dir.path())
                .unwrap_err()
                .to_string()
                .contains("compressed with xz")
        );
        assert_eq!(
            std::fs::read_dir(dir.path()).unwrap().count(),
            1,
            "spooled files have no name"
        );
    }
}
