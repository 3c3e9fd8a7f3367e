//! Zstandard frames (RFC 8878) whose blocks are stored as they are: every decoder reads them, and they are not
//! smaller than what they hold. An encoder that finds matches would cost the wasm module tens of kilobytes.

use alloc::vec::Vec;

const MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];
/// One segment, and its size in eight bytes; no checksum, no dictionary.
const DESCRIPTOR: u8 = 0b1110_0000;
/// The largest block that a frame may have.
const MAX_BLOCK_BYTES: usize = 128 << 10;
const BLOCK_HEADER_BYTES: usize = 3;

/// `input` as one frame.
pub(crate) fn frame(input: &[u8]) -> Vec<u8> {
    let blocks = input.len().div_ceil(MAX_BLOCK_BYTES).max(1);
    let mut output = Vec::with_capacity(MAGIC.len() + 9 + blocks * BLOCK_HEADER_BYTES + input.len());
    output.extend_from_slice(&MAGIC);
    output.push(DESCRIPTOR);
    output.extend_from_slice(&(input.len() as u64).to_le_bytes());
    let mut rest = input;
    loop {
        let (block, after) = rest.split_at(rest.len().min(MAX_BLOCK_BYTES));
        // Bit 0: the last block; bits 1 and 2: stored as it is; then the size.
        let header = (block.len() as u32) << 3 | u32::from(after.is_empty());
        output.extend_from_slice(&header.to_le_bytes()[..BLOCK_HEADER_BYTES]);
        output.extend_from_slice(block);
        rest = after;
        if rest.is_empty() {
            return output;
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    /// The content of a frame as [`frame`] writes it.
    fn read(frame: &[u8]) -> Vec<u8> {
        let body = frame.strip_prefix(&MAGIC).unwrap().strip_prefix(&[DESCRIPTOR]).unwrap();
        let (size, mut body) = body.split_first_chunk::<8>().unwrap();
        let mut content = vec![];
        loop {
            let header = u32::from_le_bytes([body[0], body[1], body[2], 0]);
            let (block, rest) = body[3..].split_at((header >> 3) as usize);
            assert_eq!(header >> 1 & 3, 0, "stored");
            content.extend_from_slice(block);
            body = rest;
            if header & 1 == 1 {
                break;
            }
        }
        assert!(body.is_empty());
        assert_eq!(u64::from_le_bytes(*size), content.len() as u64);
        content
    }

    #[test]
    fn blocks_hold_everything_and_the_last_is_marked() {
        for len in [0, 1, MAX_BLOCK_BYTES - 1, MAX_BLOCK_BYTES, MAX_BLOCK_BYTES + 1, 3 * MAX_BLOCK_BYTES] {
            let input: Vec<u8> = (0..len).map(|n| n as u8).collect();
            assert_eq!(read(&frame(&input)), input, "{len}");
        }
        assert_eq!(frame(b"a"), b"\x28\xB5\x2F\xFD\xE0\x01\0\0\0\0\0\0\0\x09\0\0a");
    }
}
