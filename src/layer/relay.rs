//! Two threads on one stream: one makes chunks, the other takes them, with a few buffers going round.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::error::Result;

/// The size of a chunk: large enough that handing it over costs nothing, small enough to stay in the cache.
pub const CHUNK: usize = 256 << 10;
const BUFFERS: usize = 4;

/// Runs `make` here and `take` on another thread; `make` is given a sink whose chunks arrive at `take` in order.
///
/// # Errors
/// The first error of `take`, else that of `make`.
pub fn relay<T: Send>(
    make: impl FnOnce(&mut Sink) -> Result<T>,
    mut take: impl FnMut(&[u8]) -> Result<()> + Send,
) -> Result<T> {
    let (full_to, full) = sync_channel::<Vec<u8>>(BUFFERS);
    let (empty_to, empty) = sync_channel::<Vec<u8>>(BUFFERS);
    for _ in 0..BUFFERS {
        let _ = empty_to.send(Vec::with_capacity(CHUNK));
    }
    thread::scope(|scope| {
        let taker = scope.spawn(move || -> Result<()> {
            for mut chunk in full {
                take(&chunk)?;
                chunk.clear();
                // The maker may be done and gone.
                let _ = empty_to.send(chunk);
            }
            Ok(())
        });
        let mut sink = Sink {
            full: full_to,
            empty,
            chunk: Vec::new(),
        };
        let made = make(&mut sink);
        sink.flush();
        drop(sink);
        match taker.join() {
            Ok(taken) => taken.and(made),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Where the maker puts bytes.
#[derive(Debug)]
pub struct Sink {
    full: SyncSender<Vec<u8>>,
    empty: Receiver<Vec<u8>>,
    chunk: Vec<u8>,
}

impl Sink {
    /// Hands on `bytes`; returns false when the taker has failed and no more is wanted.
    pub fn put(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            if self.chunk.capacity() == 0 {
                let Ok(chunk) = self.empty.recv() else {
                    return false;
                };
                self.chunk = chunk;
            }
            let n = bytes.len().min(CHUNK - self.chunk.len());
            self.chunk.extend_from_slice(&bytes[..n]);
            bytes = &bytes[n..];
            if self.chunk.len() == CHUNK && !self.flush() {
                return false;
            }
        }
        true
    }

    fn flush(&mut self) -> bool {
        let chunk = std::mem::take(&mut self.chunk);
        chunk.is_empty() || self.full.send(chunk).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn all_bytes_arrive_in_order() {
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let mut taken = Vec::new();
        let put = relay(
            |sink| Ok(bytes.chunks(70_001).all(|part| sink.put(part))),
            |chunk| {
                taken.extend_from_slice(chunk);
                Ok(())
            },
        );
        assert!(put.unwrap());
        assert!(taken == bytes);
    }

    #[test]
    fn a_failing_taker_stops_the_maker() {
        let fault = || Error::Proof {
            path: "x".into(),
            fault: "y".into(),
        };
        let result = relay(
            |sink| {
                while sink.put(&[0; 1000]) {}
                Ok(())
            },
            |_| Err(fault()),
        );
        assert!(matches!(result, Err(Error::Proof { .. })));
    }
}
