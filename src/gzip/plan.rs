//! Decides which blocks of the sources are copied bit for bit and which bytes are compressed anew.
//!
//! It reads no bytes: runs and indexes are all it needs.

use std::ops::Range;

use super::content::{Content, Run};
use super::index::{BlockIndex, Kind};
use super::splice::Stream;

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

/// Plans to copy all blocks that may be copied.
pub(super) fn splice(content: &Content<'_>, streams: &[Stream<'_>]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut done = 0;
    for (start, run) in content.runs() {
        let Run::Copy { stream, range } = run else {
            continue;
        };
        let index = streams[*stream].index;
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
    let place = |job| {
        range.start
            + u64::try_from(u128::from(len) * job / u128::from(jobs))
                .expect("it is at most the length")
    };
    for job in 0..jobs {
        steps.push(Step::Compress(
            place(u128::from(job))..place(u128::from(job) + 1),
        ));
    }
}

/// Finds the blocks that may be copied when `kept` is kept: all that a block makes is kept, and so
/// is all before it that its references may reach, so that both stand at the same distance in the
/// new stream.
fn copyable(index: &BlockIndex, kept: Range<u64>) -> impl Iterator<Item = Range<usize>> {
    let mut at = index.first_from(kept.start);
    std::iter::from_fn(move || {
        loop {
            let is_kept = |at: usize| {
                let block = index.block(at);
                block.bytes.end <= kept.end
                    && match block.kind {
                        Kind::Coded => block.bytes.start - u64::from(block.reach) >= kept.start,
                        Kind::Stored | Kind::Gap => true,
                        Kind::Mixed => false,
                    }
            };
            let within = |at: usize| at < index.len() && index.block(at).bytes.start < kept.end;
            if !within(at) {
                return None;
            }
            let first = at;
            while within(at) && is_kept(at) {
                at += 1;
            }
            let bytes = index.bytes(&(first..at));
            if bytes.end - bytes.start >= LEAST_COPY {
                return Some(first..at);
            }
            at = at.max(first + 1);
        }
    })
}
