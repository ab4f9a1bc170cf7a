//! The inflated bytes of a stream that is to be made, as runs of others; readable at any offset.
//!
//! It knows nothing of compression.

use std::ops::Range;

use crate::error::Result;
use crate::pages::Pages;
use crate::source::Blob;

/// A stretch of the stream to be made.
#[derive(Clone, Debug)]
pub enum Run<'a> {
    /// Bytes of a source stream.
    Copy {
        /// Which of the source streams.
        stream: usize,
        /// Offsets of its inflated bytes.
        range: Range<u64>,
    },
    /// Bytes that no source has.
    Made(&'a [u8]),
}

impl Run<'_> {
    fn len(&self) -> u64 {
        match self {
            Self::Copy { range, .. } => range.end - range.start,
            Self::Made(bytes) => bytes.len() as u64,
        }
    }
}

/// Runs one after the other: none is empty, and no two of them could be one.
pub(crate) struct Content<'a> {
    inflated: Vec<&'a Blob>,
    runs: Vec<Run<'a>>,
    /// Where each run starts in the new stream, and where the last ends.
    starts: Vec<u64>,
}

impl<'a> Content<'a> {
    pub(crate) fn new(inflated: Vec<&'a Blob>, runs: &[Run<'a>]) -> Self {
        let mut joined: Vec<Run<'a>> = Vec::with_capacity(runs.len());
        for run in runs.iter().filter(|run| run.len() > 0) {
            match (joined.last_mut(), run) {
                (
                    Some(Run::Copy {
                        stream: before,
                        range,
                    }),
                    Run::Copy {
                        stream,
                        range: next,
                    },
                ) if before == stream && range.end == next.start => {
                    range.end = next.end;
                }
                _ => joined.push(run.clone()),
            }
        }
        let mut starts = vec![0];
        starts.extend(joined.iter().scan(0, |end, run| {
            *end += run.len();
            Some(*end)
        }));
        Self {
            inflated,
            runs: joined,
            starts,
        }
    }

    /// In bytes.
    pub(crate) fn len(&self) -> u64 {
        self.starts[self.runs.len()]
    }

    /// The runs, each with the offset in the new stream where it starts.
    pub(super) fn runs(&self) -> impl Iterator<Item = (u64, &Run<'a>)> {
        self.starts.iter().copied().zip(&self.runs)
    }

    /// Reads a range of the new stream, which must lie inside it.
    pub(super) fn read(&self, range: Range<u64>) -> Result<Pages> {
        let len = usize::try_from(range.end - range.start).expect("a job fits in memory");
        let mut bytes = Pages::new(len);
        self.fill(range.start, &mut bytes)?;
        Ok(bytes)
    }

    /// Reads bytes of the new stream from an offset on, which must lie inside it.
    pub(crate) fn fill(&self, mut offset: u64, mut left: &mut [u8]) -> Result<()> {
        let mut at = self.starts.partition_point(|start| *start <= offset) - 1;
        while !left.is_empty() {
            let skipped = offset - self.starts[at];
            let available = usize::try_from(self.starts[at + 1] - offset).unwrap_or(usize::MAX);
            let (part, rest) = left.split_at_mut(available.min(left.len()));
            match &self.runs[at] {
                Run::Copy { stream, range } => {
                    self.inflated[*stream].read_exact_at(part, range.start + skipped)?;
                }
                Run::Made(made) => {
                    let start = usize::try_from(skipped).expect("it lies inside the slice");
                    part.copy_from_slice(&made[start..start + part.len()]);
                }
            }
            offset += part.len() as u64;
            left = rest;
            at += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn runs_join_and_are_read_at_any_offset() {
        let mut file = tempfile::NamedTempFile::new().expect("a temp file");
        file.write_all(b"0123456789").expect("it is writable");
        let blob =
            Blob::whole(file.reopen().expect("it exists"), file.path().into()).expect("a file");
        let copy = |range| Run::Copy { stream: 0, range };
        let runs = [
            copy(1..3),
            copy(3..3),
            copy(3..5),
            Run::Made(b""),
            copy(5..6),
            Run::Made(b"abc"),
            copy(0..2),
            copy(0..1),
        ];
        let content = Content::new(vec![&blob], &runs);
        let whole = b"12345abc010";
        assert_eq!(content.len(), 11);
        assert_eq!(
            content.runs().map(|(start, _)| start).collect::<Vec<_>>(),
            [0, 5, 8, 10]
        );
        for start in 0..=11 {
            for end in start..=11 {
                let read = content.read(start as u64..end as u64).expect("inside");
                assert_eq!(read[..], whole[start..end]);
            }
        }
        assert_eq!(Content::new(vec![], &[]).len(), 0);
    }
}
