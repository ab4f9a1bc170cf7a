//! SHA-256 (FIPS 180-4) by the instructions of x86-64 that are made for it, a quarter of a block at a time, so that other
//! work can be done between the quarters.
//!
//! Each of these instructions waits for the one before it, and the processor has nothing else to do meanwhile.

use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_extract_epi32, _mm_set_epi32, _mm_set_epi64x,
    _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8,
    _mm_shuffle_epi32,
};

use super::hasher::BLOCK;

/// The constants of the rounds (FIPS 180-4, 4.2.2).
const ROUNDS: [u32; 64] = [
    0x428a_2f98,
    0x7137_4491,
    0xb5c0_fbcf,
    0xe9b5_dba5,
    0x3956_c25b,
    0x59f1_11f1,
    0x923f_82a4,
    0xab1c_5ed5,
    0xd807_aa98,
    0x1283_5b01,
    0x2431_85be,
    0x550c_7dc3,
    0x72be_5d74,
    0x80de_b1fe,
    0x9bdc_06a7,
    0xc19b_f174,
    0xe49b_69c1,
    0xefbe_4786,
    0x0fc1_9dc6,
    0x240c_a1cc,
    0x2de9_2c6f,
    0x4a74_84aa,
    0x5cb0_a9dc,
    0x76f9_88da,
    0x983e_5152,
    0xa831_c66d,
    0xb003_27c8,
    0xbf59_7fc7,
    0xc6e0_0bf3,
    0xd5a7_9147,
    0x06ca_6351,
    0x1429_2967,
    0x27b7_0a85,
    0x2e1b_2138,
    0x4d2c_6dfc,
    0x5338_0d13,
    0x650a_7354,
    0x766a_0abb,
    0x81c2_c92e,
    0x9272_2c85,
    0xa2bf_e8a1,
    0xa81a_664b,
    0xc24b_8b70,
    0xc76c_51a3,
    0xd192_e819,
    0xd699_0624,
    0xf40e_3585,
    0x106a_a070,
    0x19a4_c116,
    0x1e37_6c08,
    0x2748_774c,
    0x34b0_bcb5,
    0x391c_0cb3,
    0x4ed8_aa4a,
    0x5b9c_ca4f,
    0x682e_6ff3,
    0x748f_82ee,
    0x78a5_636f,
    0x84c8_7814,
    0x8cc7_0208,
    0x90be_fffa,
    0xa450_6ceb,
    0xbef9_a3f7,
    0xc671_78f2,
];

/// The state between two blocks, in the order of the instructions.
#[derive(Clone, Copy)]
pub(crate) struct State {
    abef: __m128i,
    cdgh: __m128i,
}

/// A block that is being hashed.
#[derive(Clone, Copy)]
pub(crate) struct Quarters {
    state: State,
    /// The last 16 words of the message schedule, those to come in place of those that are used.
    words: [__m128i; 4],
}

impl State {
    #[inline]
    #[target_feature(enable = "sse4.1")]
    pub(crate) fn new(words: &[u32; 8]) -> Self {
        let [a, b, c, d, e, f, g, h] = words.map(u32::cast_signed);
        Self {
            abef: _mm_set_epi32(a, b, e, f),
            cdgh: _mm_set_epi32(c, d, g, h),
        }
    }

    #[inline]
    #[target_feature(enable = "sse4.1")]
    pub(crate) fn words(self) -> [u32; 8] {
        let Self { abef, cdgh } = self;
        [
            _mm_extract_epi32::<3>(abef),
            _mm_extract_epi32::<2>(abef),
            _mm_extract_epi32::<3>(cdgh),
            _mm_extract_epi32::<2>(cdgh),
            _mm_extract_epi32::<1>(abef),
            _mm_extract_epi32::<0>(abef),
            _mm_extract_epi32::<1>(cdgh),
            _mm_extract_epi32::<0>(cdgh),
        ]
        .map(i32::cast_unsigned)
    }

    /// Begins a block.
    #[inline]
    #[target_feature(enable = "sse4.1,ssse3")]
    pub(crate) fn begin(self, block: &[u8; BLOCK]) -> Quarters {
        let (words, _) = block.as_chunks::<16>();
        Quarters {
            state: self,
            words: [
                big_endian(&words[0]),
                big_endian(&words[1]),
                big_endian(&words[2]),
                big_endian(&words[3]),
            ],
        }
    }

    /// Ends a block, all quarters of which are done.
    #[inline]
    #[target_feature(enable = "sse4.1")]
    pub(crate) fn end(&mut self, quarters: Quarters) {
        self.abef = _mm_add_epi32(self.abef, quarters.state.abef);
        self.cdgh = _mm_add_epi32(self.cdgh, quarters.state.cdgh);
    }
}

impl Quarters {
    /// Does a quarter, from 0 to 3 in order: 16 rounds, and the message schedule for the next 16.
    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    pub(crate) fn quarter<const N: usize>(&mut self) {
        for four in 0..4 {
            self.four::<N>(four);
        }
    }

    /// Does the four rounds of a quarter with this number, from 0 to 3 in order.
    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    pub(super) fn four<const N: usize>(&mut self, four: usize) {
        let [k0, k1, k2, k3] =
            std::array::from_fn(|at| ROUNDS[16 * N + 4 * four + at].cast_signed());
        let words = self.words[four];
        let added = _mm_add_epi32(words, _mm_set_epi32(k3, k2, k1, k0));
        let State { abef, cdgh } = self.state;
        let half = _mm_sha256rnds2_epu32(cdgh, abef, added);
        self.state = State {
            abef: _mm_sha256rnds2_epu32(abef, half, _mm_shuffle_epi32::<0x0e>(added)),
            cdgh: half,
        };
        if N < 3 {
            let [next, second, third] = [1, 2, 3].map(|on| self.words[(four + on) % 4]);
            let partial = _mm_add_epi32(
                _mm_sha256msg1_epu32(words, next),
                _mm_alignr_epi8::<4>(third, second),
            );
            self.words[four] = _mm_sha256msg2_epu32(partial, third);
        }
    }

    /// Does the quarters from this one on.
    #[cold]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    pub(crate) fn rest(&mut self, from: usize) {
        if from == 0 {
            self.quarter::<0>();
        }
        if from <= 1 {
            self.quarter::<1>();
        }
        if from <= 2 {
            self.quarter::<2>();
        }
        if from <= 3 {
            self.quarter::<3>();
        }
    }
}

/// Four words, the first one lowest.
#[inline]
#[target_feature(enable = "sse4.1,ssse3")]
fn big_endian(words: &[u8; 16]) -> __m128i {
    let [low, high] = [0, 8].map(|at| {
        let half: [u8; 8] = words[at..at + 8].try_into().expect("eight bytes");
        i64::from_le_bytes(half)
    });
    let order = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    _mm_shuffle_epi8(_mm_set_epi64x(high, low), order)
}
