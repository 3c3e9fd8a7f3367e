//! Opaque tokens: shard iterators and pagination tokens. A client can neither read nor forge one, and a token of
//! another engine seed is refused.
//!
//! The scheme is deterministic: a tag over the payload doubles as the nonce of the key stream that hides it. It
//! keeps honest programs from depending on the inside of a token; it is not meant to keep secrets.

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use crate::rng::Seed;

/// What every token starts with: the version of the format, as the service's own tokens do.
const HEADER: [u8; 8] = [0, 0, 0, 0, 0, 0, 0, 1];
const TAG_LEN: usize = 16;
/// Payloads are padded to at least this length and to whole blocks, so that short ones look alike.
const MIN_PADDED_LEN: usize = 128;
const BLOCK_LEN: usize = 16;

/// What a token is for. A token of one kind is not accepted as another.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TokenKind {
    ShardIterator = 1,
    ListShards = 2,
    ListStreams = 3,
    ListChannels = 8,
    ListQueues = 20,
    ReceiptHandle = 21,
    ListStreamConsumers = 4,
}

/// Makes and opens the tokens of one engine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenSealer {
    key: [u8; 16],
}

impl TokenSealer {
    /// The sealer of an engine that was reset `resets` times.
    pub(crate) fn new(seed: Seed, resets: u64) -> Self {
        Self { key: seed.draw("token", resets).to_be_bytes() }
    }

    /// The token that carries `payload`.
    pub(crate) fn seal(&self, kind: TokenKind, payload: &[u8]) -> String {
        let mut body = Vec::with_capacity(payload.len() + BLOCK_LEN + MIN_PADDED_LEN);
        body.extend_from_slice(&(payload.len() as u32).to_be_bytes());
        body.extend_from_slice(payload);
        let padded = body.len().next_multiple_of(BLOCK_LEN).max(MIN_PADDED_LEN);
        body.resize(padded, 0);
        let tag = self.tag(kind, &body);
        self.apply_key_stream(&tag, &mut body);

        let mut token = Vec::with_capacity(HEADER.len() + TAG_LEN + body.len());
        token.extend_from_slice(&HEADER);
        token.extend_from_slice(&tag);
        token.extend_from_slice(&body);
        STANDARD.encode(token)
    }

    /// The payload of `token`; `None` if this engine did not make it for this purpose.
    pub(crate) fn open(&self, kind: TokenKind, token: &str) -> Option<Vec<u8>> {
        let bytes = STANDARD.decode(token).ok()?;
        let (tag, body) = bytes.strip_prefix(&HEADER)?.split_at_checked(TAG_LEN)?;
        let mut body = body.to_vec();
        self.apply_key_stream(tag, &mut body);
        if self.tag(kind, &body) != tag {
            return None;
        }
        let (len, payload) = body.split_first_chunk::<4>()?;
        Some(payload.get(..u32::from_be_bytes(*len) as usize)?.to_vec())
    }

    fn tag(&self, kind: TokenKind, body: &[u8]) -> [u8; TAG_LEN] {
        Md5::new().chain_update(self.key).chain_update([kind as u8]).chain_update(body).finalize().into()
    }

    fn apply_key_stream(&self, tag: &[u8], body: &mut [u8]) {
        for (counter, block) in body.chunks_mut(BLOCK_LEN).enumerate() {
            let stream: [u8; BLOCK_LEN] = Md5::new()
                .chain_update(self.key)
                .chain_update(tag)
                .chain_update((counter as u32).to_be_bytes())
                .finalize()
                .into();
            block.iter_mut().zip(stream).for_each(|(byte, key)| *byte ^= key);
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn opens_what_it_sealed() {
        let sealer = TokenSealer::new(Seed::default(), 0);
        for len in [0, 1, 123, 124, 125, 200] {
            let payload = vec![len as u8; len];
            let token = sealer.seal(TokenKind::ListShards, &payload);
            assert_eq!(sealer.open(TokenKind::ListShards, &token), Some(payload));
        }
    }

    #[test]
    fn refuses_other_kinds_seeds_and_changes() {
        let sealer = TokenSealer::new(Seed::default(), 0);
        let token = sealer.seal(TokenKind::ListShards, b"position");
        assert_eq!(sealer.open(TokenKind::ListStreams, &token), None);
        assert_eq!(TokenSealer::new(Seed::new(1), 0).open(TokenKind::ListShards, &token), None);
        for end in 0..token.len() {
            assert_eq!(sealer.open(TokenKind::ListShards, &token[..end]), None);
        }
        for position in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(sealer.open(TokenKind::ListShards, &changed), None, "byte {position}");
        }
    }
}
