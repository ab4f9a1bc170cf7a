//! The bytes that a new layer is to hold: those of the source that it is made of, readable at any offset.
//!
//! It shares no code with those who read them to write the layer: a fault of theirs is to be seen here.

use crate::error::{Error, Result};
use crate::layer::{CHUNK, Layer};
use crate::pages::Pages;
use crate::write::Run;

/// The inflated bytes of a new layer.
pub(super) struct Expected<'a> {
    layers: &'a [Layer],
    runs: &'a [Run],
    /// Where each run starts, and where the last ends.
    starts: Vec<u64>,
}

impl<'a> Expected<'a> {
    pub(super) fn new(layers: &'a [Layer], runs: &'a [Run]) -> Self {
        let mut starts = vec![0];
        starts.extend(runs.iter().scan(0, |end, run| {
            *end += run.len();
            Some(*end)
        }));
        Self {
            layers,
            runs,
            starts,
        }
    }

    /// In bytes.
    pub(super) fn len(&self) -> u64 {
        self.starts[self.runs.len()]
    }

    /// Reads bytes from an offset on.
    ///
    /// # Errors
    /// When there are not so many, or a source layer cannot be read.
    pub(super) fn read(&self, mut at: u64, mut bytes: &mut [u8]) -> Result<()> {
        if at + bytes.len() as u64 > self.len() {
            return Err(fault("it goes on behind its end"));
        }
        let mut run = self.starts.partition_point(|&start| start <= at) - 1;
        while !bytes.is_empty() {
            let left = usize::try_from(self.starts[run + 1] - at).unwrap_or(usize::MAX);
            let (part, rest) = bytes.split_at_mut(left.min(bytes.len()));
            self.read_run(run, at - self.starts[run], part)?;
            at += part.len() as u64;
            (bytes, run) = (rest, run + 1);
        }
        Ok(())
    }

    /// Reads bytes of one run.
    fn read_run(&self, run: usize, from: u64, bytes: &mut [u8]) -> Result<()> {
        match &self.runs[run] {
            Run::Made(made) => {
                let from = usize::try_from(from).unwrap_or(usize::MAX);
                bytes.copy_from_slice(&made[from..][..bytes.len()]);
                Ok(())
            }
            Run::Copy { layer, range } => self.layers[*layer]
                .inflated
                .read_exact_at(bytes, range.start + from),
        }
    }
}

/// Compares what was read with what was expected, in order.
pub(super) struct Comparing<'a> {
    expected: &'a Expected<'a>,
    /// What was compared.
    at: u64,
    chunk: Pages,
}

impl<'a> Comparing<'a> {
    pub(super) fn new(expected: &'a Expected<'a>) -> Self {
        Self {
            expected,
            at: 0,
            chunk: Pages::new(CHUNK),
        }
    }

    /// Goes on at another offset.
    pub(super) fn go_to(&mut self, at: u64) {
        self.at = at;
    }

    /// Compares the next bytes.
    pub(super) fn check(&mut self, bytes: &[u8]) -> Result<()> {
        for part in bytes.chunks(CHUNK) {
            let chunk = &mut self.chunk[..part.len()];
            self.expected.read(self.at, chunk)?;
            if chunk != part {
                let text = format!("it holds other bytes, from byte {} on", self.at);
                return Err(fault(&text));
            }
            self.at += part.len() as u64;
        }
        Ok(())
    }

    /// Checks that nothing is left to come.
    pub(super) fn end(&self) -> Result<()> {
        match self.expected.len() - self.at {
            0 => Ok(()),
            left => Err(fault(&format!("it ends {left} bytes too early"))),
        }
    }
}

/// What a new layer is not.
pub(super) fn fault(text: &str) -> Error {
    Error::Proof {
        path: "a new layer".into(),
        fault: text.into(),
    }
}
