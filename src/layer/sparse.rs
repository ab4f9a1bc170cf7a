//! Where the stored fragments of a sparse file lie in the file: GNU `S` and PAX 0.0, 0.1 and 1.0 say it each in its own way.
//!
//! The map of PAX 1.0 is stored before the fragments, as content; it is read by [`MapReader`] only where content is looked at.

use super::header;

/// A run of stored bytes in a sparse file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fragment {
    /// Where it lies in the file as a container sees it.
    pub(crate) offset: u64,
    /// Its length in bytes.
    pub(crate) len: u64,
}

/// More fragments than any real file has; Go's limit is a map of 1 MiB.
pub(crate) const FRAGMENTS_MAX: usize = 1 << 18;
const TOO_MANY: &str = "a sparse file of more fragments than any real one";
const NO_NUMBER: &str = "a sparse map holds no number where one must be";

/// What the arena holds for a file whose map is stored with its content.
pub(crate) const STORED_MAP: &[u8] = b"stored";

/// Reads the pairs of an old GNU header or of one of the blocks that follow it; an empty field ends them.
pub(crate) fn read_gnu(area: &[u8], fragments: &mut Vec<Fragment>) -> Result<(), &'static str> {
    for pair in area.chunks_exact(24) {
        if pair[0] == 0 {
            break;
        }
        push(
            fragments,
            header::number(&pair[..12])?,
            header::number(&pair[12..])?,
        )?;
    }
    Ok(())
}

/// Reads the `GNU.sparse.map` of PAX 0.1: offsets and lengths in turn, with commas between them.
pub(crate) fn read_list(list: &[u8]) -> Result<Vec<Fragment>, &'static str> {
    let mut fragments = Vec::new();
    let mut numbers = list
        .split(|&b| b == b',')
        .map(|text| crate::pax::decimal(text).ok_or(NO_NUMBER));
    while let Some(offset) = numbers.next() {
        push(&mut fragments, offset?, numbers.next().ok_or(NO_NUMBER)??)?;
    }
    Ok(fragments)
}

/// Adds a fragment whose offset and length were read.
pub(crate) fn push(
    fragments: &mut Vec<Fragment>,
    offset: i64,
    len: i64,
) -> Result<(), &'static str> {
    const NEGATIVE: &str = "a negative number in a sparse map";
    if fragments.len() == FRAGMENTS_MAX {
        return Err(TOO_MANY);
    }
    fragments.push(Fragment {
        offset: u64::try_from(offset).map_err(|_| NEGATIVE)?,
        len: u64::try_from(len).map_err(|_| NEGATIVE)?,
    });
    Ok(())
}

/// Checks that the fragments lie one after the other inside a file of `size` bytes and are `stored` bytes together, as Go does.
pub(crate) fn check(fragments: &[Fragment], size: u64, stored: u64) -> Result<(), &'static str> {
    const MISFIT: &str = "a sparse map that does not fit the file";
    let (mut end, mut sum) = (0_u64, 0_u64);
    for fragment in fragments {
        if fragment.offset < end {
            return Err(MISFIT);
        }
        end = fragment.offset.checked_add(fragment.len).ok_or(MISFIT)?;
        sum += fragment.len;
    }
    if end > size || sum != stored {
        return Err(MISFIT);
    }
    Ok(())
}

/// Returns the map as bytes: equal bytes mean equal maps.
pub(crate) fn encode(fragments: &[Fragment]) -> Vec<u8> {
    fragments
        .iter()
        .flat_map(|fragment| [fragment.offset, fragment.len])
        .flat_map(u64::to_le_bytes)
        .collect()
}

/// Takes [`encode`] back.
pub(crate) fn decode(map: &[u8]) -> Vec<Fragment> {
    let (numbers, _) = map.as_chunks::<8>();
    let numbers: Vec<u64> = numbers.iter().copied().map(u64::from_le_bytes).collect();
    let (pairs, _) = numbers.as_chunks::<2>();
    let pairs = pairs.iter();
    pairs
        .map(|&[offset, len]| Fragment { offset, len })
        .collect()
}

/// Reads a map of PAX 1.0 as it flows by: a count, then offsets and lengths, each on its line, padded to 512 bytes.
#[derive(Debug, Default)]
pub(crate) struct MapReader {
    number: Option<i64>,
    count: Option<i64>,
    offset: Option<i64>,
    fragments: Vec<Fragment>,
    /// Bytes taken so far.
    at: u64,
}

impl MapReader {
    /// Takes one byte; returns true when the map is complete and the padding has passed.
    pub(crate) fn take(&mut self, byte: u8) -> Result<bool, &'static str> {
        self.at += 1;
        if !self.is_complete() {
            match byte {
                b'0'..=b'9' => {
                    let digit = i64::from(byte - b'0');
                    let number = self.number.unwrap_or(0).checked_mul(10);
                    let number = number.and_then(|number| number.checked_add(digit));
                    self.number = Some(number.ok_or(NO_NUMBER)?);
                }
                b'\n' => self.end_line()?,
                _ => return Err(NO_NUMBER),
            }
        }
        Ok(self.is_complete() && self.at.is_multiple_of(header::BLOCK as u64))
    }

    /// The fragments, once the map is complete, and the number of bytes that it took.
    pub(crate) fn finish(self) -> (Vec<Fragment>, u64) {
        (self.fragments, self.at)
    }

    fn end_line(&mut self) -> Result<(), &'static str> {
        let number = self.number.take().ok_or(NO_NUMBER)?;
        match (self.count, self.offset.take()) {
            (None, _) => self.count = Some(number),
            (Some(_), None) => self.offset = Some(number),
            (Some(_), Some(offset)) => push(&mut self.fragments, offset, number)?,
        }
        Ok(())
    }

    fn is_complete(&self) -> bool {
        self.count
            .is_some_and(|count| i64::try_from(self.fragments.len()).is_ok_and(|len| len >= count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_must_fit() {
        let at = |offset, len| Fragment { offset, len };
        assert!(check(&[at(0, 5), at(5, 0), at(10, 5)], 15, 10).is_ok());
        for (fragments, size, stored) in [
            (vec![at(5, 5), at(0, 5)], 15, 10),
            (vec![at(0, 6), at(5, 4)], 15, 10),
            (vec![at(0, 5), at(11, 5)], 15, 10),
            (vec![at(0, 5)], 15, 10),
            (vec![at(u64::MAX, 5)], 15, 5),
        ] {
            assert!(check(&fragments, size, stored).is_err(), "{fragments:?}");
        }
    }

    #[test]
    fn each_form_is_read() {
        let pairs = [
            Fragment { offset: 0, len: 3 },
            Fragment {
                offset: 4096,
                len: 10,
            },
        ];
        assert_eq!(read_list(b"0,3,4096,10").unwrap(), pairs);
        assert!(read_list(b"0,3,4096").is_err());
        let mut gnu = Vec::new();
        let area = b"00000000000\x0000000000003\x0000000010000\x0000000000012\0";
        read_gnu(area, &mut gnu).unwrap();
        assert_eq!(gnu, pairs);
        assert_eq!(decode(&encode(&pairs)), pairs);
        let mut reader = MapReader::default();
        let mut map = b"2\n0\n3\n4096\n10\n".to_vec();
        map.resize(512, 0);
        let done: Vec<bool> = map.iter().map(|&b| reader.take(b).unwrap()).collect();
        assert_eq!(done.iter().position(|&done| done), Some(511));
        assert_eq!(reader.finish(), (pairs.to_vec(), 512));
        assert!(MapReader::default().take(b'x').is_err());
    }
}
