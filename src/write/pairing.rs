//! Streams that are hashed two at a time: for one alone the processor waits most of the time, and two take little longer
//! (`digest/two.rs`).
//!
//! Where the threads that have work are more than the processor has room for, who has bytes of a stream offers them and
//! waits; the next who has bytes of another, or of a blob on its way to its file, hashes both. No digest depends on it.
//!
//! Measured on two cores with node-app, `--profile lean --proof index`: all that is hashed while layers are written took 0.70
//! s of CPU time each by itself, and 0.52 so. Where blobs are offered too, 13.7 in a hundred of all CPU time are for hashing and
//! not 15.8, copies take a part of that, and runs in turns are no faster.
//!
//! The stream with the most left never waits, or it is left over by itself when all others are done, and none waits where
//! threads have room. Less goes in pairs so, of what is hashed with node-app 0.40 in place of 0.52, and in turns with that, on
//! two cores, runs of four images took 0.98 to 1.00 of the time.

use std::collections::BTreeMap;
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
    /// How many bytes each stream still has, by its number.
    left: BTreeMap<u64, u64>,
    /// How many threads have other work.
    others: usize,
    /// How many threads wait for another to hash the bytes of their stream.
    waiting: usize,
    /// What waits to be hashed.
    offered: Option<Part>,
    /// What was hashed and not fetched yet.
    hashed: Vec<Part>,
    /// How many streams were begun so far.
    begun: u64,
}

/// The bytes that come next in a stream.
#[derive(Debug)]
struct Part {
    stream: u64,
    hasher: Hasher,
    buffer: Pages,
    len: usize,
}

/// A thread that hashes a stream, of which it can always read on, until this is dropped.
#[derive(Debug)]
pub(super) struct Stream<'a> {
    pairing: &'a Pairing,
    number: u64,
}

/// A thread that has other work until this is dropped.
#[derive(Debug)]
pub(crate) struct Busy<'a> {
    pairing: &'a Pairing,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.pairing.lock().others -= 1;
        self.pairing.changed.notify_all();
    }
}

impl Drop for Stream<'_> {
    fn drop(&mut self) {
        self.pairing.lock().left.remove(&self.number);
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
    /// Tells that this thread has work that is no stream.
    pub(crate) fn busy(&self) -> Busy<'_> {
        self.lock().others += 1;
        Busy { pairing: self }
    }

    /// Tells that this thread hashes a stream of `len` bytes.
    pub(super) fn stream(&self, len: u64) -> Stream<'_> {
        let mut state = self.lock();
        let number = state.begun;
        state.begun += 1;
        state.left.insert(number, len);
        Stream {
            pairing: self,
            number,
        }
    }

    /// Hashes the next bytes of a blob or a stream, and with them those of a stream that waits.
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

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream<'_> {
    /// Hashes the first `len` bytes of a buffer, which come next; where it pays, it waits until somebody else has done it.
    pub(super) fn hash(&self, hasher: &mut Hasher, buffer: &mut Pages, len: usize) {
        let mut state = self.pairing.lock();
        let waits = state.offered.is_none() && self.had_better_wait(&state);
        if let Some(left) = state.left.get_mut(&self.number) {
            *left = left.saturating_sub(len as u64);
        }
        if !waits {
            drop(state);
            self.pairing.hash(hasher, &buffer[..len]);
            return;
        }
        state.offered = Some(Part {
            stream: self.number,
            hasher: std::mem::take(hasher),
            buffer: std::mem::take(buffer),
            len,
        });
        let (part, is_hashed) = self.wait(state);
        (*hasher, *buffer) = (part.hasher, part.buffer);
        if !is_hashed {
            hasher.update(&buffer[..len]);
        }
    }

    /// Waits until what was offered is hashed, or nobody is expected to do it, and returns it and whether it is.
    fn wait(&self, mut state: MutexGuard<'_, State>) -> (Part, bool) {
        let is_it = |part: &Part| part.stream == self.number;
        loop {
            if let Some(at) = state.hashed.iter().position(is_it) {
                return (state.hashed.swap_remove(at), true);
            }
            if !self.had_better_wait(&state)
                && let Some(part) = state.offered.take_if(|part| is_it(part))
            {
                return (part, false);
            }
            state.waiting += 1;
            let waited = self.pairing.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
    }

    /// Whether another stream will come that has more left, and the processor has enough to do meanwhile.
    ///
    /// The longest never waits: nobody should be left over with it when all others are done.
    fn had_better_wait(&self, state: &State) -> bool {
        let running = state.left.len() + state.others - state.waiting;
        let is_longest = state.left.get(&self.number) == state.left.values().max();
        running > self.pairing.room && !is_longest
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
        let stream = pairing.stream(content.len() as u64);
        let (mut hasher, mut buffer) = (Hasher::default(), Pages::new(1000));
        for piece in content.chunks(1000) {
            buffer[..piece.len()].copy_from_slice(piece);
            stream.hash(&mut hasher, &mut buffer, piece.len());
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

    fn until_offered(pairing: &Pairing) {
        while pairing.lock().offered.is_none() {
            thread::yield_now();
        }
    }

    #[test]
    fn who_waits_is_hashed_with_whoever_comes() {
        let pairing = with_room(1);
        let longer = pairing.stream(2000);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| hash_all(&pairing, &content(1)[..1000]));
            until_offered(&pairing);
            let mut hasher = Hasher::default();
            pairing.hash(&mut hasher, b"some bytes");
            assert_eq!(hasher.finish().0, Digest::of(b"some bytes"));
            assert!(pairing.lock().offered.is_none());
            assert_eq!(waiting.join().unwrap(), Digest::of(&content(1)[..1000]));
        });
        drop(longer);
        assert!(pairing.lock().left.is_empty());
    }

    #[test]
    fn nobody_waits_for_a_stream_that_ended() {
        let pairing = with_room(1);
        let longer = pairing.stream(1_000_000);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| hash_all(&pairing, &content(1)));
            until_offered(&pairing);
            drop(longer);
            assert_eq!(waiting.join().unwrap(), Digest::of(&content(1)));
        });
    }

    #[test]
    fn the_longest_never_waits() {
        let pairing = with_room(1);
        let (longer, shorter) = (pairing.stream(1000), pairing.stream(999));
        assert!(!longer.had_better_wait(&pairing.lock()));
        assert!(shorter.had_better_wait(&pairing.lock()));
        longer.hash(&mut Hasher::default(), &mut Pages::new(2), 2);
        assert!(longer.had_better_wait(&pairing.lock()));
        assert!(!shorter.had_better_wait(&pairing.lock()));
    }

    #[test]
    fn nobody_waits_where_threads_have_room() {
        let pairing = with_room(2);
        let [_longest, _middle, shortest] = [30, 20, 10].map(|len| pairing.stream(len));
        let waits = || shortest.had_better_wait(&pairing.lock());
        assert!(waits());
        pairing.lock().waiting += 1;
        assert!(!waits(), "who waits needs no room");
        let busy = pairing.busy();
        assert!(waits());
        drop(busy);
        assert!(!waits());
    }
}
