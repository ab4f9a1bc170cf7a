//! Streams that are hashed two at a time: for one alone the processor waits most of the time, and two take little longer
//! (`digest/two.rs`).
//!
//! Where the threads that have work are more than the processor has room for, who has bytes of a stream offers them and
//! waits; the next who has bytes of another, or of a blob on its way to its file, hashes both. No digest depends on it.
//!
//! Measured on two cores with node-app, `--profile lean --proof index`: all that is hashed while layers are written took 0.70
//! s of CPU time each by itself, and 0.52 so. Where blobs are offered too, 13.7 in a hundred of all CPU time are for hashing and
//! not 15.8, copies take a part of that, and runs in turns are no faster.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::digest::Hasher;
use crate::gzip::hash_two;
use crate::pages::Pages;

/// The streams that are hashed at a time, and the threads that do it.
#[derive(Debug)]
pub struct Pairing {
    /// How many threads have room.
    room: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// How many threads hash streams, and how many have other work.
    busy: [usize; 2],
    /// What waits to be hashed.
    offered: Option<Part>,
    /// What was hashed and not fetched yet.
    hashed: Vec<Part>,
    /// How many were offered so far.
    offers: u64,
}

/// The bytes that come next in a stream.
#[derive(Debug)]
struct Part {
    number: u64,
    hasher: Hasher,
    buffer: Pages,
    len: usize,
}

/// What a thread is busy with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Work {
    /// It hashes a stream, of which it can always read on.
    Stream,
    /// Something else.
    Other,
}

/// A thread that is busy until this is dropped.
#[derive(Debug)]
pub(crate) struct Busy<'a> {
    pub(super) pairing: &'a Pairing,
    work: Work,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.pairing.lock().busy[self.work as usize] -= 1;
        self.pairing.changed.notify_all();
    }
}

impl Default for Pairing {
    /// There is room for the threads of the pool that this is called in.
    fn default() -> Self {
        Self {
            room: rayon::current_num_threads(),
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }
}

impl Pairing {
    /// Tells that this thread has work.
    pub(crate) fn begin(&self, work: Work) -> Busy<'_> {
        self.lock().busy[work as usize] += 1;
        Busy {
            pairing: self,
            work,
        }
    }

    /// Hashes the next bytes of a stream, and with them those of another that waits.
    pub(super) fn hash(&self, hasher: &mut Hasher, bytes: &[u8]) {
        let Some(mut part) = self.lock().offered.take() else {
            hasher.update(bytes);
            return;
        };
        let waiting = &part.buffer[..part.len];
        hasher.update_two(bytes, &mut part.hasher, waiting, hash_two);
        self.lock().hashed.push(part);
        self.changed.notify_all();
    }

    /// As [`Pairing::hash`], of the first `len` bytes of a buffer; where it pays, it waits until somebody else has done it.
    pub(super) fn hash_or_wait(&self, hasher: &mut Hasher, buffer: &mut Pages, len: usize) {
        let mut state = self.lock();
        if state.offered.is_some() || !self.pays(&state) {
            drop(state);
            self.hash(hasher, &buffer[..len]);
            return;
        }
        let number = state.offers;
        state.offers += 1;
        state.offered = Some(Part {
            number,
            hasher: std::mem::take(hasher),
            buffer: std::mem::take(buffer),
            len,
        });
        let (part, is_hashed) = self.wait_for(number, state);
        (*hasher, *buffer) = (part.hasher, part.buffer);
        if !is_hashed {
            hasher.update(&buffer[..len]);
        }
    }

    /// Waits until a part is hashed, or nobody is expected to do it, and returns it and whether it is.
    fn wait_for(&self, number: u64, mut state: MutexGuard<'_, State>) -> (Part, bool) {
        let is_it = |part: &Part| part.number == number;
        loop {
            if let Some(at) = state.hashed.iter().position(is_it) {
                return (state.hashed.swap_remove(at), true);
            }
            if !self.pays(&state)
                && let Some(part) = state.offered.take_if(|part| is_it(part))
            {
                return (part, false);
            }
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether a stream had better wait for another: one will come, and the processor has something else to do meanwhile.
    fn pays(&self, state: &State) -> bool {
        let [streams, others] = state.busy;
        streams > 1 && streams + others > self.room
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::digest::Digest;

    fn with_room(room: usize) -> Pairing {
        Pairing {
            room,
            ..Pairing::default()
        }
    }

    fn content(number: u8) -> Vec<u8> {
        let len = 100_000 * usize::from(number) + 7;
        (number..=250).cycle().take(len).collect()
    }

    fn hash_all(pairing: &Pairing, content: &[u8]) -> Digest {
        let _busy = pairing.begin(Work::Stream);
        let (mut hasher, mut buffer) = (Hasher::default(), Pages::new(1000));
        for piece in content.chunks(1000) {
            buffer[..piece.len()].copy_from_slice(piece);
            pairing.hash_or_wait(&mut hasher, &mut buffer, piece.len());
        }
        hasher.finish().0
    }

    #[test]
    fn every_stream_has_its_own_digest() {
        for room in [0, 2, 100] {
            let pairing = with_room(room);
            thread::scope(|scope| {
                let hashing = [1, 2, 3, 4, 5].map(|number| {
                    let pairing = &pairing;
                    scope.spawn(move || {
                        let content = content(number);
                        (hash_all(pairing, &content), Digest::of(&content))
                    })
                });
                for stream in hashing {
                    let (digest, expected) = stream.join().unwrap();
                    assert_eq!(digest, expected, "room for {room}");
                }
            });
        }
    }

    #[test]
    fn who_waits_is_hashed_with_whoever_comes() {
        let pairing = with_room(1);
        let other = pairing.begin(Work::Stream);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| hash_all(&pairing, &content(1)[..1000]));
            while pairing.lock().offered.is_none() {
                thread::yield_now();
            }
            let mut hasher = Hasher::default();
            pairing.hash(&mut hasher, b"some bytes");
            assert_eq!(hasher.finish().0, Digest::of(b"some bytes"));
            assert!(pairing.lock().offered.is_none());
            assert_eq!(waiting.join().unwrap(), Digest::of(&content(1)[..1000]));
        });
        drop(other);
        assert_eq!(pairing.lock().busy, [0, 0]);
    }

    #[test]
    fn nobody_waits_for_a_stream_that_ended() {
        let pairing = with_room(1);
        let other = pairing.begin(Work::Stream);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| hash_all(&pairing, &content(1)));
            while pairing.lock().offered.is_none() {
                thread::yield_now();
            }
            drop(other);
            assert_eq!(waiting.join().unwrap(), Digest::of(&content(1)));
        });
    }
}
