//! Where the bytes of a written layer come from: its runs, found by their place in the layer.

use std::ops::Range;

use crate::write::Run;

/// The runs of a layer and where each starts in it.
#[derive(Debug)]
pub(super) struct Origin<'a> {
    runs: &'a [Run],
    /// One more than there are runs: the last is where the layer ends.
    starts: Vec<u64>,
}

impl<'a> Origin<'a> {
    pub(super) fn new(runs: &'a [Run]) -> Self {
        let mut starts = vec![0];
        let mut end = 0;
        for run in runs {
            end += run.len();
            starts.push(end);
        }
        Self { runs, starts }
    }

    /// Whether the bytes at `written` are those of a source layer from `from` on, and no others.
    pub(super) fn is_copy(&self, written: Range<u64>, layer: usize, from: u64) -> bool {
        let mut expected = from;
        self.holds(&written)
            && self.parts(written).all(|(run, part)| {
                let Run::Copy {
                    layer: copied,
                    range,
                } = run
                else {
                    return false;
                };
                let found = range.start + part.start;
                let is_next = *copied == layer && found == expected;
                expected += part.end - part.start;
                is_next
            })
    }

    /// Whether the bytes from `start` on were made and are these.
    pub(super) fn is_made(&self, start: u64, bytes: &[u8]) -> bool {
        let written = start..start + bytes.len() as u64;
        let mut left = bytes;
        self.holds(&written)
            && self.parts(written).all(|(run, part)| {
                let Run::Made(made) = run else { return false };
                let bound = |at| usize::try_from(at).unwrap_or(usize::MAX);
                let part = &made[bound(part.start)..bound(part.end)];
                let (expected, rest) = left.split_at(part.len());
                left = rest;
                part == expected
            })
    }

    fn holds(&self, written: &Range<u64>) -> bool {
        self.starts.last().is_some_and(|end| written.end <= *end)
    }

    /// The parts that `written`, which must lie in the layer, has in its runs.
    fn parts(&self, written: Range<u64>) -> impl Iterator<Item = (&'a Run, Range<u64>)> {
        let first = self.starts.partition_point(|&start| start <= written.start) - 1;
        (first..self.runs.len())
            .map(|at| (&self.runs[at], self.starts[at], self.starts[at + 1]))
            .take_while(move |(_, start, _)| *start < written.end)
            .map(move |(run, start, end)| {
                let (from, to) = (written.start.max(start), written.end.min(end));
                (run, from - start..to - start)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_followed_over_runs() {
        let copy = |layer, range| Run::Copy { layer, range };
        let runs = [
            Run::Made(b"head".to_vec()),
            copy(1, 100..200),
            copy(1, 200..210),
            Run::Made(b"new".to_vec()),
            Run::Made(b"er".to_vec()),
            copy(0, 50..60),
        ];
        let origin = Origin::new(&runs);
        for (written, layer, from, holds) in [
            (4..114, 1, 100, true),
            (10..110, 1, 106, true),
            (4..114, 1, 101, false),
            (4..114, 0, 100, false),
            (3..10, 1, 99, false),
            (4..115, 1, 100, false),
            (119..129, 0, 50, true),
            (119..130, 0, 50, false),
            (200..210, 0, 131, false),
        ] {
            assert_eq!(
                origin.is_copy(written.clone(), layer, from),
                holds,
                "{written:?}"
            );
        }
        for (start, bytes, holds) in [
            (114, &b"newer"[..], true),
            (115, b"ew", true),
            (114, b"never", false),
            (113, b"xnew", false),
            (114, b"newer?", false),
            (126, b"xxxx", false),
        ] {
            assert_eq!(origin.is_made(start, bytes), holds, "{start}");
        }
    }
}
