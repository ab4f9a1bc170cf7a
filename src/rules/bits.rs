//! A set of rules by their places.

/// The most rules that act together.
pub(super) const MAX: usize = 256;

/// Places below [`MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits([u64; MAX / 64]);

impl Bits {
    pub(super) fn insert(&mut self, place: usize) {
        self.0[place / 64] |= 1 << (place % 64);
    }

    pub(super) fn has(&self, place: usize) -> bool {
        self.0[place / 64] & (1 << (place % 64)) != 0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0 == [0; MAX / 64]
    }

    /// The places that are in this set and not in `other`, lowest first.
    pub(super) fn without(&self, other: &Self) -> impl Iterator<Item = usize> {
        let mut words = self.0;
        for (word, gone) in words.iter_mut().zip(other.0) {
            *word &= !gone;
        }
        (0..MAX / 64).flat_map(move |at| {
            let mut word = words[at];
            std::iter::from_fn(move || {
                let bit = word.trailing_zeros();
                word &= word.wrapping_sub(1);
                (bit < 64).then(|| at * 64 + bit as usize)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_back_in_order() {
        let (mut all, mut gone) = (Bits::default(), Bits::default());
        assert!(all.is_empty());
        for place in [255, 0, 63, 64] {
            all.insert(place);
        }
        gone.insert(64);
        assert!(all.has(63) && !all.has(62));
        assert_eq!(all.without(&gone).collect::<Vec<_>>(), [0, 63, 255]);
    }
}
