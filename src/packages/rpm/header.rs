//! Reads a header blob of rpm's database: an index of tags and the values they point to, all big-endian.
//!
//! What a tag means is known only as far as names, versions, relations and files go.

/// Tags by rpm's own names (rpmtag.h).
pub(super) mod tag {
    pub(in super::super) const NAME: u32 = 1000;
    pub(in super::super) const VERSION: u32 = 1001;
    pub(in super::super) const RELEASE: u32 = 1002;
    pub(in super::super) const EPOCH: u32 = 1003;
    pub(in super::super) const ARCH: u32 = 1022;
    pub(in super::super) const FILE_STATES: u32 = 1029;
    pub(in super::super) const SOURCE_RPM: u32 = 1044;
    pub(in super::super) const PROVIDE_NAME: u32 = 1047;
    pub(in super::super) const REQUIRE_NAME: u32 = 1049;
    pub(in super::super) const DIR_INDEXES: u32 = 1116;
    pub(in super::super) const BASE_NAMES: u32 = 1117;
    pub(in super::super) const DIR_NAMES: u32 = 1118;
    pub(in super::super) const RECOMMEND_NAME: u32 = 5046;
}

/// A header.
#[derive(Debug)]
pub(super) struct Header<'a> {
    index: Vec<Entry>,
    store: &'a [u8],
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    tag: u32,
    offset: usize,
    count: usize,
}

impl<'a> Header<'a> {
    /// Parses a blob; `None` for one that is damaged.
    pub(super) fn parse(blob: &'a [u8]) -> Option<Self> {
        let word = |at: usize| -> Option<u32> {
            let bytes = blob.get(at..at.checked_add(4)?)?;
            Some(u32::from_be_bytes(bytes.try_into().ok()?))
        };
        let count = usize::try_from(word(0)?).ok()?;
        let size = usize::try_from(word(4)?).ok()?;
        let store_at = count.checked_mul(16)?.checked_add(8)?;
        let store = blob.get(store_at..store_at.checked_add(size)?)?;
        let mut index = Vec::with_capacity(count);
        for number in 0..count {
            let at = 8 + number * 16;
            index.push(Entry {
                tag: word(at)?,
                offset: usize::try_from(word(at + 8)?).ok()?,
                count: usize::try_from(word(at + 12)?).ok()?,
            });
        }
        Some(Self { index, store })
    }

    fn values(&self, tag: u32) -> Option<(&'a [u8], usize)> {
        let entry = self.index.iter().find(|entry| entry.tag == tag)?;
        Some((self.store.get(entry.offset..)?, entry.count))
    }

    /// All texts of a tag; none where it is not there.
    pub(super) fn texts(&self, tag: u32) -> Vec<&'a [u8]> {
        let Some((store, count)) = self.values(tag) else {
            return Vec::new();
        };
        store.split(|&b| b == 0).take(count).collect()
    }

    /// The first text of a tag.
    pub(super) fn text(&self, tag: u32) -> Option<String> {
        let first = self.texts(tag).first().copied()?;
        Some(String::from_utf8_lossy(first).into_owned())
    }

    /// All 32-bit numbers of a tag.
    pub(super) fn numbers(&self, tag: u32) -> Vec<u32> {
        let Some((store, count)) = self.values(tag) else {
            return Vec::new();
        };
        let words = store.chunks_exact(4).take(count);
        words
            .filter_map(|word| word.try_into().ok().map(u32::from_be_bytes))
            .collect()
    }

    /// All bytes of a tag.
    pub(super) fn bytes(&self, tag: u32) -> &'a [u8] {
        let Some((store, count)) = self.values(tag) else {
            return &[];
        };
        &store[..count.min(store.len())]
    }

    /// The files that were installed, without the leading slash; those that an option left out are not.
    pub(super) fn files(&self) -> Vec<Vec<u8>> {
        let directories = self.texts(tag::DIR_NAMES);
        let places = self.numbers(tag::DIR_INDEXES);
        let states = self.bytes(tag::FILE_STATES);
        let mut files = Vec::new();
        for (number, (name, place)) in self.texts(tag::BASE_NAMES).iter().zip(places).enumerate() {
            let is_there = states.get(number).is_none_or(|&state| state == 0);
            let directory = usize::try_from(place)
                .ok()
                .and_then(|place| directories.get(place));
            if let Some(directory) = directory.filter(|_| is_there) {
                let directory = directory.strip_prefix(b"/").unwrap_or(directory);
                files.push([directory, *name].concat());
            }
        }
        files
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A value for a header of tests.
    pub(crate) enum Value<'a> {
        Texts(&'a [&'a str]),
        Numbers(&'a [u32]),
    }

    /// Builds a blob as rpm would.
    pub(crate) fn blob(values: &[(u32, Value<'_>)]) -> Vec<u8> {
        let (mut index, mut store) = (Vec::new(), Vec::new());
        for (tag, value) in values {
            while store.len() % 4 != 0 {
                store.push(0);
            }
            let at = u32::try_from(store.len()).unwrap();
            let (kind, count) = match value {
                Value::Texts(texts) => {
                    for text in *texts {
                        store.extend_from_slice(text.as_bytes());
                        store.push(0);
                    }
                    (8, texts.len())
                }
                Value::Numbers(numbers) => {
                    store.extend(numbers.iter().flat_map(|n| n.to_be_bytes()));
                    (4, numbers.len())
                }
            };
            let words = [*tag, kind, at, u32::try_from(count).unwrap()];
            index.extend(words.iter().flat_map(|word| word.to_be_bytes()));
        }
        let lengths = [index.len() / 16, store.len()];
        let mut blob: Vec<u8> = lengths
            .iter()
            .flat_map(|&length| u32::try_from(length).unwrap().to_be_bytes())
            .collect();
        blob.extend(index);
        blob.extend(store);
        blob
    }

    #[test]
    fn values_are_read_and_damage_is_refused() {
        let whole = blob(&[
            (tag::NAME, Value::Texts(&["bash"])),
            (tag::DIR_NAMES, Value::Texts(&["/usr/bin/", "/"])),
            (tag::BASE_NAMES, Value::Texts(&["bash", "sh", "x"])),
            (tag::DIR_INDEXES, Value::Numbers(&[0, 0, 1])),
        ]);
        let header = Header::parse(&whole).unwrap();
        assert_eq!(header.text(tag::NAME).as_deref(), Some("bash"));
        assert_eq!(header.files(), [&b"usr/bin/bash"[..], b"usr/bin/sh", b"x"]);
        assert!(header.texts(tag::PROVIDE_NAME).is_empty());
        for length in 0..whole.len() {
            assert!(Header::parse(&whole[..length]).is_none(), "{length}");
        }
        let mut huge = whole.clone();
        huge[..4].copy_from_slice(&u32::MAX.to_be_bytes());
        assert!(Header::parse(&huge).is_none());
        let mut far = whole;
        far[16..20].copy_from_slice(&u32::MAX.to_be_bytes());
        assert_eq!(Header::parse(&far).unwrap().text(tag::NAME), None);
    }
}
