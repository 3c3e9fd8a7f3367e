//! The gzip container (RFC 1952) around one deflate stream: the hot loop of delivery.
//!
//! Level, header and the way the input is handed over are fixed, so that the same bytes give the same object
//! on every platform, whatever the compressor did before.

use alloc::vec::Vec;
use core::fmt;

use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, TDEFLStatus, compress_to_output, create_comp_flags_from_zip_params,
};

use crate::checksum::CHECKSUM;

/// The level of every object. Six is zlib's default, and what `gzip` uses when it is told nothing.
const LEVEL: i32 = 6;

/// Magic, deflate, no flags, no time, XFL 0 (neither the fastest nor the smallest level), unknown system.
const HEADER: [u8; 10] = [0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF];

/// Bytes after the deflate stream: the CRC-32 and the length, both little-endian.
const TRAILER_BYTES: usize = 8;

/// A compressor that is used for one object after another.
pub(crate) struct Gzip {
    state: CompressorOxide,
    used: bool,
}

impl Gzip {
    pub(crate) fn new() -> Self {
        Self { state: CompressorOxide::new(create_comp_flags_from_zip_params(LEVEL, 0, 0)), used: false }
    }

    /// `input` as one gzip member.
    pub(crate) fn compress(&mut self, input: &[u8]) -> Vec<u8> {
        if self.used {
            self.state.reset();
        }
        self.used = true;
        let mut output = Vec::with_capacity(HEADER.len() + input.len() / 4 + TRAILER_BYTES);
        output.extend_from_slice(&HEADER);
        let (status, _) = compress_to_output(&mut self.state, input, TDEFLFlush::Finish, |chunk| {
            output.extend_from_slice(chunk);
            true
        });
        if status != TDEFLStatus::Done {
            // The compressor stops early only when its sink refuses, and ours never does. Should that ever
            // change, stored blocks are still a correct member.
            output.truncate(HEADER.len());
            store(input, &mut output);
        }
        output.extend_from_slice(&CHECKSUM.checksum(input).to_le_bytes());
        output.extend_from_slice(&(input.len() as u32).to_le_bytes());
        output.shrink_to_fit();
        output
    }
}

impl fmt::Debug for Gzip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gzip").finish_non_exhaustive()
    }
}

/// Appends `input` as deflate blocks without compression.
fn store(input: &[u8], output: &mut Vec<u8>) {
    let mut blocks = input.chunks(usize::from(u16::MAX)).peekable();
    if blocks.peek().is_none() {
        output.extend_from_slice(&[1, 0, 0, 0xFF, 0xFF]);
    }
    while let Some(block) = blocks.next() {
        let len = block.len() as u16;
        output.push(u8::from(blocks.peek().is_none()));
        output.extend_from_slice(&len.to_le_bytes());
        output.extend_from_slice(&(!len).to_le_bytes());
        output.extend_from_slice(block);
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use miniz_oxide::deflate::compress_to_vec;
    use miniz_oxide::inflate::decompress_to_vec;
    use proptest::prelude::*;

    use super::*;

    fn body(member: &[u8]) -> &[u8] {
        &member[HEADER.len()..member.len() - TRAILER_BYTES]
    }

    fn sample(len: usize) -> Vec<u8> {
        let words: [&[u8]; 5] = [b"flight ", b"carrier=UA;", b"delay:", b"\n", b"0123456789"];
        let mut text = Vec::new();
        let mut state = 1u64;
        while text.len() < len {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.extend_from_slice(words[(state >> 33) as usize % words.len()]);
        }
        text.truncate(len);
        text
    }

    #[test]
    fn the_container_is_fixed() {
        // `printf hello | gzip -n` differs in the system byte alone (03 for Unix).
        assert_eq!(
            Gzip::new().compress(b"hello"),
            [
                0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 0xFF, // header
                0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, // deflate
                0x86, 0xA6, 0x10, 0x36, 5, 0, 0, 0, // CRC-32, length
            ]
        );
        assert_eq!(Gzip::new().compress(b"")[10..], [0x03, 0x00, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn a_used_compressor_gives_what_a_fresh_one_gives() {
        let mut used = Gzip::new();
        for len in [0, 1, 31, 47, 48, 65_536, 300_000, 5, 1_200_001] {
            let text = sample(len);
            let member = used.compress(&text);
            assert_eq!(body(&member), compress_to_vec(&text, 6), "{len}");
            assert_eq!(decompress_to_vec(body(&member)).unwrap(), text);
        }
    }

    #[test]
    fn stored_blocks_are_a_correct_stream() {
        for len in [0, 1, 65_534, 65_535, 65_536, 200_000] {
            let text = sample(len);
            let mut stored = vec![];
            store(&text, &mut stored);
            assert_eq!(decompress_to_vec(&stored).unwrap(), text, "{len}");
        }
    }

    proptest! {
        #[test]
        fn round_trips(input in proptest::collection::vec(any::<u8>(), 0..3000)) {
            let member = Gzip::new().compress(&input);
            prop_assert_eq!(decompress_to_vec(body(&member)).unwrap(), input);
        }
    }
}
