//! A tar stream as a list of items, read by POSIX `pax`, GNU's manual and Go's `archive/tar` where they leave room.

use std::collections::BTreeMap;

/// One entry, extensions applied and sparse files expanded. Names are as written.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) name: Vec<u8>,
    pub(crate) typeflag: u8,
    pub(crate) link: Vec<u8>,
    pub(crate) mode: u32,
    pub(crate) uid: i64,
    pub(crate) gid: i64,
    pub(crate) mtime: (i64, u32),
    pub(crate) device: (u32, u32),
    pub(crate) xattrs: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(crate) content: Vec<u8>,
    /// The bytes that the tar holds for it, maps of sparse files not counted.
    pub(crate) stored: usize,
}

type Records = Vec<(Vec<u8>, Vec<u8>)>;

/// Reads all entries up to the first zero block or the end.
pub(crate) fn parse(tar: &[u8]) -> Vec<Item> {
    let mut items = Vec::new();
    let mut records = Records::new();
    let (mut long_name, mut long_link) = (None, None);
    let mut at = 0;
    while at < tar.len() {
        let header = &tar[at..at + 512];
        if header.iter().all(|&byte| byte == 0) {
            break;
        }
        check_sum(header);
        at += 512;
        let typeflag = header[156];
        let size = match last(&records, b"size") {
            Some(size) if !b"xgLK".contains(&typeflag) => decimal(size),
            _ => number(&header[124..136]),
        };
        let size = if b"123456".contains(&typeflag) {
            0
        } else {
            size
        };
        let size = usize::try_from(size).unwrap();
        let map = (typeflag == b'S').then(|| gnu_map(tar, header, &mut at));
        let body = &tar[at..at + size];
        at += size.next_multiple_of(512);
        match typeflag {
            b'x' => records.extend(pax_records(body)),
            // POSIX has them hold for all that follows; no container runtime does so.
            b'g' => {}
            b'L' => long_name = Some(text(body)),
            b'K' => long_link = Some(text(body)),
            _ => {
                let mut item = item(header, &records, body);
                item.name = long_name.take().unwrap_or(item.name);
                item.link = long_link.take().unwrap_or(item.link);
                if let Some(path) = last(&records, b"path") {
                    item.name = path.to_vec();
                }
                if let Some(path) = last(&records, b"linkpath") {
                    item.link = path.to_vec();
                }
                expand(&mut item, &records, map);
                if item.typeflag == b'0' && item.name.ends_with(b"/") {
                    item.typeflag = b'5';
                }
                items.push(item);
                records.clear();
            }
        }
    }
    items
}

fn item(header: &[u8], records: &Records, body: &[u8]) -> Item {
    let mut name = text(&header[..100]);
    if &header[257..263] == b"ustar\0" && header[345] != 0 {
        name = [&text(&header[345..500])[..], b"/", &name].concat();
    }
    let id = |key: &[u8], field: &[u8]| match last(records, key) {
        Some(value) => decimal(value),
        None => number(field),
    };
    let small = |field: &[u8]| u32::try_from(number(field)).unwrap();
    let typeflag = match header[156] {
        b'\0' | b'7' | b'S' => b'0',
        other => other,
    };
    Item {
        typeflag,
        link: text(&header[157..257]),
        mode: small(&header[100..108]) & 0o7777,
        uid: id(b"uid", &header[108..116]),
        gid: id(b"gid", &header[116..124]),
        mtime: match last(records, b"mtime") {
            Some(value) => time(value),
            None => (number(&header[136..148]), 0),
        },
        device: match typeflag {
            b'3' | b'4' => (small(&header[329..337]), small(&header[337..345])),
            _ => (0, 0),
        },
        xattrs: records
            .iter()
            .filter_map(|(key, _)| {
                let name = key.strip_prefix(b"SCHILY.xattr.")?;
                Some((name.to_vec(), last(records, key)?.to_vec()))
            })
            .collect(),
        content: body.to_vec(),
        stored: body.len(),
        name,
    }
}

/// Puts the holes into a sparse file.
fn expand(item: &mut Item, records: &Records, gnu: Option<(Vec<(usize, usize)>, usize)>) {
    let find = |key: &str| last(records, key.as_bytes());
    let (map, size, packed) = if let Some((map, size)) = gnu {
        (map, size, 0)
    } else if find("GNU.sparse.major") == Some(b"1") {
        let (map, packed) = map_in_body(&item.content);
        (map, offset(find("GNU.sparse.realsize").unwrap()), packed)
    } else if let Some(size) = find("GNU.sparse.size") {
        let numbers: Vec<usize> = match find("GNU.sparse.map") {
            Some(map) => map.split(|&b| b == b',').map(offset).collect(),
            None => records
                .iter()
                .filter(|(key, _)| key == b"GNU.sparse.offset" || key == b"GNU.sparse.numbytes")
                .map(|(_, value)| offset(value))
                .collect(),
        };
        (pairs(&numbers), offset(size), 0)
    } else {
        return;
    };
    if let Some(name) = find("GNU.sparse.name") {
        item.name = name.to_vec();
    }
    let mut stored = &item.content[packed..];
    item.stored = stored.len();
    let mut content = vec![0; size];
    for (start, length) in map {
        content[start..start + length].copy_from_slice(&stored[..length]);
        stored = &stored[length..];
    }
    assert!(stored.is_empty(), "a sparse map covers all stored bytes");
    item.content = content;
}

/// The map in the header and in the blocks that follow it, and the file's size.
fn gnu_map(tar: &[u8], header: &[u8], at: &mut usize) -> (Vec<(usize, usize)>, usize) {
    let mut numbers = Vec::new();
    let mut take = |area: &[u8]| {
        for field in area.chunks_exact(12).filter(|field| field[0] != 0) {
            numbers.push(usize::try_from(number(field)).unwrap());
        }
    };
    take(&header[386..482]);
    let mut more = header[482];
    while more != 0 {
        let block = &tar[*at..*at + 512];
        take(&block[..504]);
        more = block[504];
        *at += 512;
    }
    let size = usize::try_from(number(&header[483..495])).unwrap();
    (pairs(&numbers), size)
}

/// The map of PAX 1.0 and where the stored bytes start.
fn map_in_body(body: &[u8]) -> (Vec<(usize, usize)>, usize) {
    let mut lines = body.split(|&b| b == b'\n');
    let count = offset(lines.next().unwrap());
    let lines: Vec<&[u8]> = lines.take(2 * count).collect();
    let numbers: Vec<usize> = lines.iter().map(|line| offset(line)).collect();
    let length = count.to_string().len() + 1 + lines.iter().map(|l| l.len() + 1).sum::<usize>();
    (pairs(&numbers), length.next_multiple_of(512))
}

fn pairs(numbers: &[usize]) -> Vec<(usize, usize)> {
    numbers.chunks_exact(2).map(|p| (p[0], p[1])).collect()
}

fn pax_records(mut body: &[u8]) -> Records {
    let mut records = Vec::new();
    while !body.is_empty() {
        let space = body.iter().position(|&b| b == b' ').unwrap();
        let length = offset(&body[..space]);
        let record = &body[space + 1..length - 1];
        assert_eq!(body[length - 1], b'\n', "a record ends with a newline");
        let equals = record.iter().position(|&b| b == b'=').unwrap();
        records.push((record[..equals].to_vec(), record[equals + 1..].to_vec()));
        body = &body[length..];
    }
    records
}

/// The value of the last record with this key: it overrides the others, and an empty one deletes them.
fn last<'a>(records: &'a Records, key: &[u8]) -> Option<&'a [u8]> {
    let (_, value) = records.iter().rfind(|(name, _)| name == key)?;
    (!value.is_empty()).then_some(value)
}

fn text(field: &[u8]) -> Vec<u8> {
    let end = field.iter().position(|&b| b == 0).unwrap_or(field.len());
    field[..end].to_vec()
}

/// Octal with any padding, or base-256.
fn number(field: &[u8]) -> i64 {
    if field[0] & 0x80 != 0 {
        let start = if field[0] & 0x40 != 0 { -1 } else { 0 };
        let low = i64::from(field[0] & 0x3f) | if start < 0 { !0x3f } else { 0 };
        return field[1..]
            .iter()
            .fold(low, |value, &byte| value << 8 | i64::from(byte));
    }
    let digits = str::from_utf8(field).unwrap();
    let digits = digits.trim_matches(|c| c == ' ' || c == '\0');
    if digits.is_empty() {
        0
    } else {
        i64::from_str_radix(digits, 8).unwrap()
    }
}

fn decimal(value: &[u8]) -> i64 {
    str::from_utf8(value).unwrap().parse().unwrap()
}

fn offset(value: &[u8]) -> usize {
    usize::try_from(decimal(value)).unwrap()
}

/// `-1.5` is half a second before -1.
fn time(value: &[u8]) -> (i64, u32) {
    let value = str::from_utf8(value).unwrap();
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let seconds: i64 = whole.parse().unwrap();
    let nanos: u32 = format!("{fraction:0<9}")[..9].parse().unwrap();
    if nanos > 0 && whole.starts_with('-') {
        (seconds - 1, 1_000_000_000 - nanos)
    } else {
        (seconds, nanos)
    }
}

fn check_sum(header: &[u8]) {
    let bytes = |at: usize| {
        if (148..156).contains(&at) {
            b' '
        } else {
            header[at]
        }
    };
    let unsigned: i64 = (0..512).map(|at| i64::from(bytes(at))).sum();
    let signed: i64 = (0..512).map(|at| i64::from(bytes(at).cast_signed())).sum();
    let sum = number(&header[148..156]);
    assert!(sum == unsigned || sum == signed, "a header's checksum fits");
}
