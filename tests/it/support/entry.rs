//! One tar entry, written byte by byte: V7, ustar, PAX and GNU headers, right or wrong on purpose.
//!
//! It knows nothing of layers or of what a runtime would make of the bytes.

/// Which extensions a header may use for what does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// No magic, no owner names, nothing over 100 bytes.
    V7,
    /// The prefix field for long names.
    Ustar,
    /// `x` records.
    Pax,
    /// `L` and `K` entries, base-256 numbers.
    Gnu,
}

/// How the checksum field is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checksum {
    /// Six digits, NUL, space.
    Usual,
    /// Summed over signed bytes, as some old tars did.
    Signed,
    /// Leading spaces and no NUL.
    Spaces,
    /// One too many.
    Wrong,
}

/// An entry in the making.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: Vec<u8>,
    pub(crate) typeflag: u8,
    pub(crate) link: Vec<u8>,
    /// The stored bytes.
    pub(crate) body: Vec<u8>,
    pub(crate) mode: u32,
    pub(crate) uid: i64,
    pub(crate) gid: i64,
    pub(crate) mtime: i64,
    pub(crate) nanos: u32,
    pub(crate) device: (u32, u32),
    pub(crate) xattrs: Vec<(Vec<u8>, Vec<u8>)>,
    /// Records written before those that the entry needs by itself.
    pub(crate) records: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) dialect: Dialect,
    pub(crate) checksum: Checksum,
    /// What the size field says, if it is not the number of stored bytes.
    pub(crate) claimed: Option<u64>,
    /// Bytes written over the finished header before it is summed.
    pub(crate) patches: Vec<(usize, Vec<u8>)>,
}

impl Entry {
    pub(crate) fn new(typeflag: u8, name: impl AsRef<[u8]>) -> Self {
        Self {
            name: name.as_ref().to_vec(),
            typeflag,
            link: Vec::new(),
            body: Vec::new(),
            mode: 0o644,
            uid: 0,
            gid: 0,
            mtime: 1_600_000_000,
            nanos: 0,
            device: (0, 0),
            xattrs: Vec::new(),
            records: Vec::new(),
            dialect: Dialect::Pax,
            checksum: Checksum::Usual,
            claimed: None,
            patches: Vec::new(),
        }
    }

    pub(crate) fn file(name: impl AsRef<[u8]>, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref().to_vec();
        Self {
            body,
            ..Self::new(b'0', name)
        }
    }

    pub(crate) fn dir(name: impl AsRef<[u8]>) -> Self {
        let mut name = name.as_ref().to_vec();
        if !name.ends_with(b"/") {
            name.push(b'/');
        }
        Self {
            mode: 0o755,
            ..Self::new(b'5', name)
        }
    }

    pub(crate) fn symlink(name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        let link = target.as_ref().to_vec();
        Self {
            link,
            mode: 0o777,
            ..Self::new(b'2', name)
        }
    }

    pub(crate) fn hardlink(name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        let link = target.as_ref().to_vec();
        Self {
            link,
            ..Self::new(b'1', name)
        }
    }

    pub(crate) fn char_device(name: impl AsRef<[u8]>, major: u32, minor: u32) -> Self {
        Self {
            device: (major, minor),
            ..Self::new(b'3', name)
        }
    }

    pub(crate) fn block_device(name: impl AsRef<[u8]>, major: u32, minor: u32) -> Self {
        Self {
            device: (major, minor),
            ..Self::new(b'4', name)
        }
    }

    pub(crate) fn fifo(name: impl AsRef<[u8]>) -> Self {
        Self::new(b'6', name)
    }

    pub(crate) fn mode(self, mode: u32) -> Self {
        Self { mode, ..self }
    }

    pub(crate) fn owner(self, uid: i64, gid: i64) -> Self {
        Self { uid, gid, ..self }
    }

    pub(crate) fn mtime(self, mtime: i64, nanos: u32) -> Self {
        Self {
            mtime,
            nanos,
            ..self
        }
    }

    pub(crate) fn xattr(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.xattrs
            .push((name.as_ref().to_vec(), value.as_ref().to_vec()));
        self
    }

    pub(crate) fn record(mut self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.records
            .push((key.as_ref().to_vec(), value.as_ref().to_vec()));
        self
    }

    pub(crate) fn dialect(self, dialect: Dialect) -> Self {
        Self { dialect, ..self }
    }

    pub(crate) fn checksum(self, checksum: Checksum) -> Self {
        Self { checksum, ..self }
    }

    pub(crate) fn claimed(self, size: u64) -> Self {
        Self {
            claimed: Some(size),
            ..self
        }
    }

    pub(crate) fn patch(mut self, offset: usize, bytes: impl AsRef<[u8]>) -> Self {
        self.patches.push((offset, bytes.as_ref().to_vec()));
        self
    }

    /// The entry with its extension headers, its body and the padding.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.extensions();
        bytes.extend(self.header());
        bytes.extend(padded(&self.body));
        bytes
    }

    fn extensions(&self) -> Vec<u8> {
        if self.dialect == Dialect::Gnu {
            return [(b'L', &self.name), (b'K', &self.link)]
                .into_iter()
                .filter(|(_, text)| text.len() > 100)
                .flat_map(|(typeflag, text)| long_text(typeflag, text))
                .collect();
        }
        let mut records = self.records.clone();
        if self.dialect == Dialect::Pax {
            records.extend(self.needed_records());
        }
        for (name, value) in &self.xattrs {
            records.push(([b"SCHILY.xattr.", &name[..]].concat(), value.clone()));
        }
        if records.is_empty() {
            Vec::new()
        } else {
            pax(b'x', &records)
        }
    }

    fn needed_records(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut records: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        let mut add = |key: &str, value: Vec<u8>| records.push((key.into(), value));
        if self.name.len() > 100 {
            add("path", self.name.clone());
        }
        if self.link.len() > 100 {
            add("linkpath", self.link.clone());
        }
        if self.nanos != 0 || octal(self.mtime, 12).is_none() {
            add("mtime", seconds(self.mtime, self.nanos).into());
        }
        for (key, id) in [("uid", self.uid), ("gid", self.gid)] {
            if octal(id, 8).is_none() {
                add(key, id.to_string().into());
            }
        }
        records
    }

    fn header(&self) -> [u8; 512] {
        let mut header = [0; 512];
        let (prefix, name) = self.split_name();
        put(&mut header, 0, &name[..name.len().min(100)]);
        put(&mut header, 100, &number(i64::from(self.mode), 8));
        put(&mut header, 108, &number(self.uid, 8));
        put(&mut header, 116, &number(self.gid, 8));
        let size = self.claimed.unwrap_or(self.body.len() as u64);
        put(
            &mut header,
            124,
            &number(i64::try_from(size).unwrap_or(i64::MAX), 12),
        );
        put(&mut header, 136, &number(self.mtime, 12));
        header[156] = self.typeflag;
        put(&mut header, 157, &self.link[..self.link.len().min(100)]);
        match self.dialect {
            Dialect::V7 => {}
            Dialect::Gnu => put(&mut header, 257, b"ustar  \0"),
            Dialect::Ustar | Dialect::Pax => put(&mut header, 257, b"ustar\x0000"),
        }
        if matches!(self.typeflag, b'3' | b'4') {
            put(&mut header, 329, &number(i64::from(self.device.0), 8));
            put(&mut header, 337, &number(i64::from(self.device.1), 8));
        }
        put(&mut header, 345, prefix);
        for (offset, bytes) in &self.patches {
            put(&mut header, *offset, bytes);
        }
        let sum = checksum(&header, self.checksum);
        put(&mut header, 148, &sum);
        header
    }

    fn split_name(&self) -> (&[u8], &[u8]) {
        if self.dialect != Dialect::Ustar || self.name.len() <= 100 {
            return (b"", &self.name);
        }
        let split = (1..self.name.len().min(156))
            .rev()
            .find(|&at| self.name[at] == b'/' && self.name.len() - at <= 101)
            .expect("a ustar name splits at a slash");
        (&self.name[..split], &self.name[split + 1..])
    }
}

/// A PAX header (`x` or `g`) and its records.
pub(crate) fn pax(typeflag: u8, records: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let body: Vec<u8> = records
        .iter()
        .flat_map(|(key, value)| record(key, value))
        .collect();
    raw_pax(typeflag, &body)
}

/// A PAX header whose body is taken as it is.
pub(crate) fn raw_pax(typeflag: u8, body: &[u8]) -> Vec<u8> {
    let entry = Entry {
        body: body.to_vec(),
        dialect: Dialect::Ustar,
        ..Entry::new(typeflag, "PaxHeaders.0/entry")
    };
    entry.bytes()
}

/// One record: its own length in decimal, a space, `key=value`, a newline.
pub(crate) fn record(key: &[u8], value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    [length.to_string().as_bytes(), b" ", key, b"=", value, b"\n"].concat()
}

/// `bytes` and the NULs that fill its last block.
pub(crate) fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut padded = bytes.to_vec();
    padded.resize(bytes.len().next_multiple_of(512), 0);
    padded
}

fn long_text(typeflag: u8, text: &[u8]) -> Vec<u8> {
    let entry = Entry {
        body: [text, b"\0"].concat(),
        mode: 0,
        mtime: 0,
        dialect: Dialect::Gnu,
        ..Entry::new(typeflag, "././@LongLink")
    };
    entry.bytes()
}

/// Octal with a NUL at the end; base-256 where that does not fit.
fn number(value: i64, width: usize) -> Vec<u8> {
    octal(value, width).unwrap_or_else(|| base256(value, width))
}

fn octal(value: i64, width: usize) -> Option<Vec<u8>> {
    let text = u64::try_from(value)
        .ok()
        .map(|value| format!("{value:o}"))?;
    let digits = width - 1;
    (text.len() <= digits).then(|| format!("{text:0>digits$}\0").into())
}

/// Big-endian two's complement with the top bit set as a mark.
pub(crate) fn base256(value: i64, width: usize) -> Vec<u8> {
    let fill = if value < 0 { 0xff } else { 0 };
    let mut bytes = vec![fill; width.saturating_sub(8)];
    bytes.extend(&value.to_be_bytes()[8_usize.saturating_sub(width)..]);
    bytes[0] |= 0x80;
    bytes
}

fn checksum(header: &[u8; 512], kind: Checksum) -> Vec<u8> {
    let counted = header
        .iter()
        .enumerate()
        .map(|(at, &byte)| if (148..156).contains(&at) { b' ' } else { byte });
    let unsigned: i64 = counted.clone().map(i64::from).sum();
    match kind {
        Checksum::Usual => format!("{unsigned:06o}\0 ").into(),
        Checksum::Signed => {
            let signed: i64 = counted.map(|byte| i64::from(byte.cast_signed())).sum();
            format!("{signed:06o}\0 ").into()
        }
        Checksum::Spaces => format!("{unsigned:8o}").into(),
        Checksum::Wrong => format!("{:06o}\0 ", unsigned + 1).into(),
    }
}

/// Seconds with a fraction, as PAX writes times before the epoch too: -1.5 is one and a half seconds before it.
fn seconds(whole: i64, nanos: u32) -> String {
    match (whole, nanos) {
        (whole, 0) => whole.to_string(),
        (whole, nanos) if whole < 0 => format!("-{}.{:09}", -(whole + 1), 1_000_000_000 - nanos),
        (whole, nanos) => format!("{whole}.{nanos:09}"),
    }
}

fn put(header: &mut [u8; 512], offset: usize, bytes: &[u8]) {
    header[offset..offset + bytes.len()].copy_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_counts_its_own_length() {
        assert_eq!(record(b"path", b"a"), b"9 path=a\n");
        assert_eq!(record(b"path", b"ab"), b"11 path=ab\n");
        assert!(record(b"k", &[b'v'; 93]).starts_with(b"99 "));
        assert!(record(b"k", &[b'v'; 94]).starts_with(b"101 "));
    }

    #[test]
    fn times_before_the_epoch() {
        assert_eq!(seconds(-2, 500_000_000), "-1.500000000");
        assert_eq!(seconds(-1, 0), "-1");
        assert_eq!(seconds(7, 5), "7.000000005");
    }

    #[test]
    fn numbers_that_do_not_fit_are_base_256() {
        assert_eq!(number(8, 8), b"0000010\0");
        assert_eq!(number(-1, 8), [0xff; 8]);
        assert_eq!(
            number(0o77_777_777, 8),
            [0x80, 0, 0, 0, 0, 0xff, 0xff, 0xff]
        );
    }
}
