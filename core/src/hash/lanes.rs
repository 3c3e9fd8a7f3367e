//! MD5 of several messages side by side, in safe Rust.
//!
//! A word of `V * G` messages is `G` rows of `V`. The rows are independent instructions, which fill the pipeline
//! that one message's chain of dependent additions leaves empty; a row becomes a vector register, because the
//! compiler vectorises the loop along it. For that the loop's body must have no branches: the 64 steps are
//! written out by macros.

use alloc::vec::Vec;
use core::array::from_fn;

use md5::{Digest, Md5};

use super::HashKey;

/// Messages that are hashed at once.
pub(crate) const WIDTH: usize = 16;
/// Plain wasm has no vector registers: side by side gains little there, and costs four kilobytes of the packed module.
const HAS_VECTORS: bool = !cfg!(target_arch = "wasm32");

/// The longest message that fits one block beside the end mark and the length.
pub(crate) const SHORT_BYTES: usize = 55;

const BLOCK_BYTES: usize = 64;
const INITIAL: [u32; 4] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476];

/// RFC 1321, section 3.4: the integer part of 2^32 × |sin(i + 1)|.
#[rustfmt::skip]
const SINES: [u32; 64] = [
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
];

/// One word of each message.
type Lanes<const V: usize, const G: usize> = [[u32; V]; G];
/// One block of each message.
type Block<const V: usize, const G: usize> = [Lanes<V, G>; 16];

/// The states of the messages.
#[derive(Clone, Copy)]
struct State<const V: usize, const G: usize>([Lanes<V, G>; 4]);

impl<const V: usize, const G: usize> State<V, G> {
    const LANES: usize = V * G;

    fn new() -> Self {
        Self(INITIAL.map(|word| [[word; V]; G]))
    }

    /// Starts a message in `lane`.
    fn reset(&mut self, lane: usize) {
        for (word, initial) in self.0.iter_mut().zip(INITIAL) {
            word[lane / V][lane % V] = initial;
        }
    }

    /// Runs one block of each message through the compression function. Not inlined: beside the code of some
    /// callers the compiler breaks the state into scalars, which costs half of the speed.
    #[inline(never)]
    fn compress(&mut self, block: &Block<V, G>) {
        let [state_a, state_b, state_c, state_d] = &mut self.0;
        for v in 0..V {
            let column = |word: &Lanes<V, G>| -> [u32; G] { from_fn(|g| word[g][v]) };
            let (mut a, mut b, mut c, mut d) =
                (column(state_a), column(state_b), column(state_c), column(state_d));
            macro_rules! step {
                ($a:ident $b:ident $c:ident $d:ident, $mix:expr, $word:expr, $sine:expr, $shift:literal) => {
                    let (word, sine) = (&block[$word % 16], SINES[$sine]);
                    // The word and the constant wait for nothing, so they are added apart from the mix.
                    $a = from_fn(|g| {
                        let early = $a[g].wrapping_add(word[g][v]).wrapping_add(sine);
                        let mixed = $mix($b[g], $c[g], $d[g]);
                        early.wrapping_add(mixed).rotate_left($shift).wrapping_add($b[g])
                    });
                };
            }
            // A round: its mixing function, the stride and offset of its walk over the words, its shifts.
            macro_rules! round {
                ($mix:expr, $stride:literal, $offset:literal, $s:tt, $sine:literal) => {
                    round!($mix, $stride, $offset, $s, $sine, 0);
                    round!($mix, $stride, $offset, $s, $sine, 4);
                    round!($mix, $stride, $offset, $s, $sine, 8);
                    round!($mix, $stride, $offset, $s, $sine, 12);
                };
                ($mix:expr, $stride:literal, $offset:literal, [$s0:literal $s1:literal $s2:literal $s3:literal],
                 $sine:literal, $i:literal) => {
                    step!(a b c d, $mix, $stride * $i + $offset, $sine + $i, $s0);
                    step!(d a b c, $mix, $stride * ($i + 1) + $offset, $sine + $i + 1, $s1);
                    step!(c d a b, $mix, $stride * ($i + 2) + $offset, $sine + $i + 2, $s2);
                    step!(b c d a, $mix, $stride * ($i + 3) + $offset, $sine + $i + 3, $s3);
                };
            }
            // Each function in the form in which the newest word, x, passes through the fewest operations.
            round!(|x: u32, y: u32, z: u32| z ^ (x & (y ^ z)), 1, 0, [7 12 17 22], 0);
            round!(|x: u32, y: u32, z: u32| (x & z) | (y & !z), 5, 1, [5 9 14 20], 16);
            round!(|x: u32, y: u32, z: u32| x ^ (y ^ z), 3, 5, [4 11 16 23], 32);
            round!(|x: u32, y: u32, z: u32| y ^ (x | !z), 7, 0, [6 10 15 21], 48);
            for g in 0..G {
                state_a[g][v] = state_a[g][v].wrapping_add(a[g]);
                state_b[g][v] = state_b[g][v].wrapping_add(b[g]);
                state_c[g][v] = state_c[g][v].wrapping_add(c[g]);
                state_d[g][v] = state_d[g][v].wrapping_add(d[g]);
            }
        }
    }

    /// The digest in `lane`.
    #[inline(always)]
    fn digest(&self, lane: usize) -> [u8; 16] {
        let mut digest = [0; 16];
        for (bytes, word) in digest.chunks_exact_mut(4).zip(&self.0) {
            bytes.copy_from_slice(&word[lane / V][lane % V].to_le_bytes());
        }
        digest
    }
}

/// Puts one message's block into `lane`.
#[inline(always)]
fn load<const V: usize, const G: usize>(block: &mut Block<V, G>, lane: usize, bytes: &[u8; BLOCK_BYTES]) {
    let (words, _) = bytes.as_chunks();
    for (word, bytes) in block.iter_mut().zip(words) {
        word[lane / V][lane % V] = u32::from_le_bytes(*bytes);
    }
}

/// Appends the hashes of at most [`WIDTH`] messages of at most [`SHORT_BYTES`] bytes.
#[inline]
pub(crate) fn hash_short(messages: &[&[u8]], out: &mut Vec<HashKey>) {
    match messages.len() {
        _ if !HAS_VECTORS => out.extend(messages.iter().map(|message| hash_one(message))),
        0..=2 => out.extend(messages.iter().map(|message| hash_one(message))),
        3..=8 => short_into::<4, 2>(messages, out),
        _ => short_into::<4, 4>(messages, out),
    }
}

/// The hash of a message of at most [`SHORT_BYTES`] bytes.
pub(crate) fn hash_one(message: &[u8]) -> HashKey {
    if !HAS_VECTORS {
        return HashKey::from_digest(Md5::digest(message).into());
    }
    HashKey::from_digest(short::<1, 1>(&[message]).digest(0))
}

fn short_into<const V: usize, const G: usize>(messages: &[&[u8]], out: &mut Vec<HashKey>) {
    let state = short::<V, G>(messages);
    out.extend((0..messages.len().min(V * G)).map(|lane| HashKey::from_digest(state.digest(lane))));
}

fn short<const V: usize, const G: usize>(messages: &[&[u8]]) -> State<V, G> {
    let mut block = [[[0; V]; G]; 16];
    for (lane, message) in messages.iter().take(V * G).enumerate() {
        let message = &message[..message.len().min(SHORT_BYTES)];
        let mut put = |at: usize, word| block[at][lane / V][lane % V] = word;
        // Word by word: whoever copies bytes and reads words waits for the copy.
        let (words, rest) = message.as_chunks();
        for (at, word) in words.iter().enumerate() {
            put(at, u32::from_le_bytes(*word));
        }
        let mark = 0x80 << (8 * rest.len());
        put(words.len(), rest.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte)) | mark);
        // The length in bits; it is short.
        put(14, message.len() as u32 * 8);
    }
    let mut state = State::new();
    state.compress(&block);
    state
}

/// The MD5 digests of messages of any length.
pub(crate) fn digest_all(messages: &[&[u8]]) -> Vec<[u8; 16]> {
    match messages.len() {
        _ if !HAS_VECTORS => digest_each(messages),
        0..=2 => digest_each(messages),
        3..=8 => digest_in_lanes::<4, 2>(messages),
        _ => digest_in_lanes::<4, 4>(messages),
    }
}

fn digest_each(messages: &[&[u8]]) -> Vec<[u8; 16]> {
    messages.iter().map(|message| Md5::digest(message).into()).collect()
}

/// A message on its way through a lane.
struct Job<'a> {
    index: usize,
    whole_blocks: &'a [[u8; BLOCK_BYTES]],
    /// The rest of the message, the end mark and the length: one block or two.
    last_blocks: [[u8; BLOCK_BYTES]; 2],
    last_count: usize,
    next: usize,
}

impl<'a> Job<'a> {
    fn new((index, message): (usize, &&'a [u8])) -> Self {
        let (whole_blocks, rest) = message.as_chunks();
        let last_count = if rest.len() <= SHORT_BYTES { 1 } else { 2 };
        let mut last_blocks = [[0; BLOCK_BYTES]; 2];
        let bytes = last_blocks.as_flattened_mut();
        bytes[..rest.len()].copy_from_slice(rest);
        bytes[rest.len()] = 0x80;
        bytes[last_count * BLOCK_BYTES - 8..][..8].copy_from_slice(&(message.len() as u64 * 8).to_le_bytes());
        Self { index, whole_blocks, last_blocks, last_count, next: 0 }
    }

    fn blocks_left(&self) -> usize {
        self.whole_blocks.len() + self.last_count - self.next
    }

    #[inline(always)]
    fn take_block(&mut self) -> &[u8; BLOCK_BYTES] {
        let next = self.next;
        self.next += 1;
        self.whole_blocks.get(next).unwrap_or_else(|| &self.last_blocks[next - self.whole_blocks.len()])
    }
}

/// A lane that ends its message takes the next one, so unequal lengths cost little. When too few lanes are left
/// to be worth the company, each goes on alone.
fn digest_in_lanes<const V: usize, const G: usize>(messages: &[&[u8]]) -> Vec<[u8; 16]> {
    let mut digests = Vec::new();
    digests.resize(messages.len(), [0; 16]);
    let mut waiting = messages.iter().enumerate().map(Job::new);
    let mut jobs: Vec<Option<Job<'_>>> = (0..State::<V, G>::LANES).map(|_| waiting.next()).collect();
    let mut state = State::<V, G>::new();
    let worthwhile = (State::<V, G>::LANES / 8).max(1);
    while jobs.iter().flatten().count() > worthwhile {
        let steps = jobs.iter().flatten().map(Job::blocks_left).min().unwrap_or_default();
        run(&mut state, &mut jobs, steps);
        for (lane, slot) in jobs.iter_mut().enumerate() {
            if let Some(job) = slot.take_if(|job| job.blocks_left() == 0) {
                digests[job.index] = state.digest(lane);
                state.reset(lane);
                *slot = waiting.next();
            }
        }
    }
    for (lane, slot) in jobs.iter_mut().enumerate() {
        if let Some(job) = slot {
            let mut alone = State::<1, 1>(state.0.map(|word| [[word[lane / V][lane % V]]]));
            let (index, steps) = (job.index, job.blocks_left());
            run(&mut alone, core::slice::from_mut(slot), steps);
            digests[index] = alone.digest(0);
        }
    }
    digests
}

/// Takes `steps` blocks of every message; each has that many.
fn run<const V: usize, const G: usize>(state: &mut State<V, G>, jobs: &mut [Option<Job<'_>>], steps: usize) {
    let mut block = [[[0; V]; G]; 16];
    for _ in 0..steps {
        for (lane, job) in jobs.iter_mut().enumerate().take(V * G) {
            if let Some(job) = job {
                load(&mut block, lane, job.take_block());
            }
        }
        state.compress(&block);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_gives_the_same_digests() {
        let text = [b'x'; 400];
        let messages: Vec<&[u8]> = (0..40).map(|i| &text[..i * 37 % 400]).collect();
        let alone: Vec<[u8; 16]> = messages.iter().map(|message| Md5::digest(message).into()).collect();
        assert_eq!(digest_in_lanes::<4, 2>(&messages), alone);
        assert_eq!(digest_in_lanes::<4, 4>(&messages), alone);

        let keys: Vec<&[u8]> = (0..4).map(|i| &text[..i * 55 / 3]).collect();
        let mut hashes = Vec::new();
        short_into::<4, 2>(&keys, &mut hashes);
        assert_eq!(hashes, keys.iter().map(|key| hash_one(key)).collect::<Vec<_>>());
    }
}
