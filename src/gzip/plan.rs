//! Decides which blocks of the sources are copied bit for bit and which bytes are compressed anew.
//!
//! It reads no bytes: runs and indexes are all it needs.
//!
//! A block of which only a part is kept could be cut to it, symbol by symbol and with its own code, where a reference to what
//! goes becomes the bytes that it stands for. Measured with `--profile lean --proof index`: of the bytes that are compressed
//! anew 70 to 79 in a hundred need not be, which takes 1.7 in a hundred off the CPU time of node-app and makes the image 0.20
//! (node-app) and 0.35 (layers) in a hundred larger. So it is not done.

use std::ops::Range;

use super::content::{Content, Run};
use super::index::{Block, BlockIndex, Kind};

/// A copy of fewer inflated bytes costs more than compressing them with their neighbours.
const LEAST_COPY: u64 = 8 << 10;
/// Bytes are compressed anew in jobs of so many at most.
pub(super) const JOB: u64 = 128 << 10;
/// What a job costs besides its bytes.
const JOB_COST: u64 = 8 << 10;

/// A step of writing the new stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Entries of a source's index, copied in order.
    Copy { stream: usize, blocks: Range<usize> },
    /// A range of the new stream, compressed anew.
    Compress(Range<u64>),
}

impl Step {
    /// The number of bytes that are compressed anew.
    pub(super) fn compressed_len(&self) -> u64 {
        match self {
            Self::Copy { .. } => 0,
            Self::Compress(range) => range.end - range.start,
        }
    }
}

/// Returns the predicted work of the steps, as a number of bytes that are compressed: each job must
/// first look through the 32 KiB before it. Copying is free against that.
pub(super) fn cost(steps: &[Step]) -> u64 {
    let jobs = steps
        .iter()
        .map(Step::compressed_len)
        .filter(|len| *len > 0);
    jobs.map(|len| len + JOB_COST).sum()
}

/// Plans to copy all blocks that may be copied. The indexes are those of the streams of the runs.
pub(super) fn splice(content: &Content<'_>, indexes: &[&BlockIndex]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut done = 0;
    for (start, run) in content.runs() {
        let Run::Copy { stream, range } = run else {
            continue;
        };
        let index = indexes[*stream];
        for blocks in copyable(index, range.clone()) {
            let bytes = index.bytes(&blocks);
            let place = start + bytes.start - range.start;
            compress(&mut steps, done..place);
            done = place + bytes.end - bytes.start;
            steps.push(Step::Copy {
                stream: *stream,
                blocks,
            });
        }
    }
    compress(&mut steps, done..content.len());
    steps
}

/// Plans to compress everything.
pub(super) fn anew(content: &Content<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    compress(&mut steps, 0..content.len());
    steps
}

/// Cuts a range of the new stream into jobs of nearly the same size.
fn compress(steps: &mut Vec<Step>, range: Range<u64>) {
    let len = range.end - range.start;
    let jobs = len.div_ceil(JOB);
    let mut start = range.start;
    for left in (1..=jobs).rev() {
        let end = start + (range.end - start).div_ceil(left);
        steps.push(Step::Compress(start..end));
        start = end;
    }
}

/// Finds the blocks that may be copied when the range `kept` of the inflated bytes is, as longest
/// ranges of the index.
fn copyable(index: &BlockIndex, kept: Range<u64>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut first = index.first_from(kept.start);
    let end = index.first_from(kept.end);
    while first < end {
        let count = (first..end)
            .take_while(|at| may_copy(&index.block(*at), &kept))
            .count();
        let blocks = first..first + count;
        let bytes = index.bytes(&blocks);
        if bytes.end - bytes.start >= LEAST_COPY {
            found.push(blocks);
        }
        first += count.max(1);
    }
    found
}

/// A block may be copied when all that it makes is kept, and so is all before it that it refers to:
/// both stand at the same distance in the new stream as in its own.
fn may_copy(block: &Block, kept: &Range<u64>) -> bool {
    block.bytes.end <= kept.end
        && match block.kind {
            Kind::Coded => block.bytes.start - u64::from(block.reach) >= kept.start,
            Kind::Stored | Kind::Gap => true,
            Kind::Mixed => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gzip::index::Found;

    const LEN: u64 = 10_000;

    /// An index of blocks of 10,000 bytes with these kinds and reaches, after a header.
    fn index(blocks: &[(Kind, u16)]) -> BlockIndex {
        let mut index = BlockIndex::default();
        index.push(&Found::GAP, 80, false);
        for (at, (kind, reach)) in (1..).zip(blocks) {
            let found = Found {
                kind: *kind,
                len: LEN,
                crc: 0,
                reach: *reach,
            };
            index.push(&found, 80 + at * 1000, false);
        }
        index.push(&Found::GAP, 80 + 1000 * blocks.len() as u64 + 64, true);
        index
    }

    fn planned(index: &BlockIndex, runs: &[Run<'_>]) -> Vec<Step> {
        splice(&Content::new(vec![], runs), &[index])
    }

    fn copy(range: Range<u64>) -> Run<'static> {
        Run::Copy { stream: 0, range }
    }

    fn copied(blocks: Range<usize>) -> Step {
        Step::Copy { stream: 0, blocks }
    }

    #[test]
    fn a_whole_stream_is_copied() {
        let index = index(&[(Kind::Coded, 0), (Kind::Stored, 0), (Kind::Coded, 20_000)]);
        assert_eq!(planned(&index, &[copy(0..3 * LEN)]), [copied(0..4)]);
        let parts = [copy(0..7), copy(7..7), copy(7..3 * LEN)];
        assert_eq!(planned(&index, &parts), [copied(0..4)]);
    }

    #[test]
    fn a_block_is_copied_when_all_it_refers_to_is_kept_before_it() {
        let blocks = [
            (Kind::Coded, 0),
            (Kind::Coded, 5000),
            (Kind::Coded, 5001),
            (Kind::Coded, 1),
        ];
        let index = index(&blocks);
        let kept = |range: Range<u64>| planned(&index, &[copy(range)]);
        assert_eq!(kept(5000..20_000), [Step::Compress(0..5000), copied(2..3)]);
        assert_eq!(kept(5001..20_000), [Step::Compress(0..14_999)]);
        assert_eq!(
            kept(14_999..30_000),
            [Step::Compress(0..5001), copied(3..4)]
        );
        assert_eq!(kept(15_000..30_000), [Step::Compress(0..15_000)]);
        assert_eq!(
            kept(15_000..40_000),
            [Step::Compress(0..15_000), copied(4..5)]
        );
        assert_eq!(
            kept(0..19_999),
            [copied(0..2), Step::Compress(10_000..19_999)]
        );
    }

    #[test]
    fn stored_blocks_refer_to_nothing_and_mixed_ones_are_never_copied() {
        let index = index(&[(Kind::Mixed, 0), (Kind::Stored, 0), (Kind::Mixed, 0)]);
        let steps = planned(&index, &[Run::Made(&[7; 5]), copy(0..30_000)]);
        let expected = [
            Step::Compress(0..10_005),
            copied(2..3),
            Step::Compress(20_005..30_005),
        ];
        assert_eq!(steps, expected);
    }

    #[test]
    fn small_copies_are_not_worth_their_trouble() {
        let index = index(&[(Kind::Coded, 0)]);
        let small = LEAST_COPY - 1;
        let mut tiny = BlockIndex::default();
        tiny.push(
            &Found {
                kind: Kind::Coded,
                len: small,
                crc: 0,
                reach: 0,
            },
            80,
            true,
        );
        assert_eq!(
            planned(&tiny, &[copy(0..small)]),
            [Step::Compress(0..small)]
        );
        assert_eq!(planned(&index, &[copy(0..0)]), []);
    }

    #[test]
    fn jobs_are_of_nearly_the_same_size() {
        let made = vec![0; 300_000];
        let steps = anew(&Content::new(vec![], &[Run::Made(&made)]));
        let expected = [0..100_000, 100_000..200_000, 200_000..300_000];
        assert_eq!(steps, expected.map(Step::Compress));
        assert_eq!(cost(&steps), 300_000 + 3 * JOB_COST);
    }
}
