//! SQLite's write-ahead log, played into the database that it belongs to (sqlite.org/fileformat2.html, section 4).
//!
//! rpm keeps its database in this mode, and an image may have been made while the log still held pages.

/// Plays the committed frames of `log` into `database`. A log that is empty or of another database changes nothing.
pub(super) fn play(database: &mut Vec<u8>, log: &[u8]) {
    let Some(header) = Header::parse(log) else {
        return;
    };
    let frame_size = 24 + header.page;
    let mut sums = header.sums;
    let mut pending: Vec<(u32, &[u8])> = Vec::new();
    for frame in log[32..].chunks_exact(frame_size) {
        let word = |at: usize| u32::from_be_bytes(frame[at..at + 4].try_into().expect("4 bytes"));
        if [word(8), word(12)] != header.salts {
            return;
        }
        sums = header.sum(sums, &frame[..8]);
        sums = header.sum(sums, &frame[24..]);
        if sums != [word(16), word(20)] {
            return;
        }
        pending.push((word(0), &frame[24..]));
        let pages_after_commit = word(4);
        if pages_after_commit > 0 {
            for (page, bytes) in pending.drain(..) {
                write_page(database, header.page, page, bytes);
            }
            let size = usize::try_from(pages_after_commit).unwrap_or(usize::MAX);
            database.truncate(size.saturating_mul(header.page));
        }
    }
}

/// Pages are numbered from 1; none lies far beyond the end, as each is in a log of the same size class.
fn write_page(database: &mut Vec<u8>, size: usize, page: u32, bytes: &[u8]) {
    let number = usize::try_from(page).unwrap_or(usize::MAX);
    let end = number.saturating_mul(size);
    if number == 0 || end > super::super::FILE_MAX {
        return;
    }
    if database.len() < end {
        database.resize(end, 0);
    }
    database[end - size..end].copy_from_slice(bytes);
}

struct Header {
    page: usize,
    salts: [u32; 2],
    sums: [u32; 2],
    is_big_endian: bool,
}

impl Header {
    fn parse(log: &[u8]) -> Option<Self> {
        let bytes = log.get(..32)?;
        let word = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("4 bytes"));
        let magic = word(0);
        let page = usize::try_from(word(8)).ok()?;
        if magic & !1 != 0x377f_0682 || !page.is_power_of_two() || !(512..=65536).contains(&page) {
            return None;
        }
        let header = Self {
            page,
            salts: [word(16), word(20)],
            sums: [word(24), word(28)],
            is_big_endian: magic & 1 == 1,
        };
        (header.sum([0, 0], &bytes[..24]) == header.sums).then_some(header)
    }

    /// Goes on with a sum over `bytes`, whose length is a multiple of 8.
    fn sum(&self, [mut first, mut second]: [u32; 2], bytes: &[u8]) -> [u32; 2] {
        for pair in bytes.chunks_exact(8) {
            let [a, b] = [0, 4].map(|at| {
                let word = pair[at..at + 4].try_into().expect("4 bytes");
                if self.is_big_endian {
                    u32::from_be_bytes(word)
                } else {
                    u32::from_le_bytes(word)
                }
            });
            first = first.wrapping_add(a).wrapping_add(second);
            second = second.wrapping_add(b).wrapping_add(first);
        }
        [first, second]
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    fn count(database: &[u8]) -> i64 {
        let connection = super::super::sqlite::open(database.to_vec()).unwrap();
        let row = connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0));
        row.unwrap()
    }

    #[test]
    fn what_was_committed_is_played_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.sqlite");
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a);
                 INSERT INTO t VALUES (1); PRAGMA wal_checkpoint;
                 INSERT INTO t VALUES (2); INSERT INTO t VALUES (randomblob(20000));",
            )
            .unwrap();
        let database = std::fs::read(&path).unwrap();
        let log = std::fs::read(directory.path().join("x.sqlite-wal")).unwrap();
        let played = |log: &[u8]| {
            let mut played = database.clone();
            play(&mut played, log);
            count(&played)
        };
        assert_eq!(count(&database), 1);
        assert_eq!(played(&log), 3);
        assert_eq!(played(&log[..log.len() - 1]), 2);
        assert_eq!((played(b""), played(&log[..32])), (1, 1));
        let mut other = log.clone();
        other[60] ^= 1;
        assert_eq!(played(&other), 1);
    }
}
