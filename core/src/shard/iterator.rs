//! Shard iterators: a position in one shard, opaque to clients, good for five minutes.

use alloc::string::String;
use alloc::vec::Vec;

use crate::shard_id::ShardId;
use crate::time::Timestamp;
use crate::token::{TokenKind, TokenSealer};

/// How long an iterator can be used after it was handed out.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html>
pub(crate) const ITERATOR_LIFE_MS: u64 = 300_000;

/// What a shard iterator says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShardIterator {
    /// The stream's number in its engine; a stream deleted and created again has another.
    pub(crate) stream: u64,
    /// The stream's ARN, for messages, and so that an iterator of another engine with the same seed is refused.
    pub(crate) stream_arn: String,
    pub(crate) shard: ShardId,
    /// The index of the record to read next.
    pub(crate) next_index: u64,
    pub(crate) created: Timestamp,
    /// Makes every iterator differ from the ones before it, also at the same position and time.
    pub(crate) serial: u64,
}

impl ShardIterator {
    pub(crate) fn seal(&self, sealer: &TokenSealer) -> String {
        let mut payload = Vec::with_capacity(36 + self.stream_arn.len());
        payload.extend_from_slice(&self.stream.to_be_bytes());
        payload.extend_from_slice(&self.shard.index().to_be_bytes());
        payload.extend_from_slice(&self.next_index.to_be_bytes());
        payload.extend_from_slice(&self.created.as_millis().to_be_bytes());
        payload.extend_from_slice(&self.serial.to_be_bytes());
        payload.extend_from_slice(self.stream_arn.as_bytes());
        sealer.seal(TokenKind::ShardIterator, &payload)
    }

    /// Reads an iterator; `None` if this engine did not make it. The service also takes one in double quotes, as
    /// it comes out of a shell.
    pub(crate) fn open(sealer: &TokenSealer, text: &str) -> Option<Self> {
        let text = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
        let payload = sealer.open(TokenKind::ShardIterator, text)?;
        let mut rest = payload.as_slice();
        let stream = take_u64(&mut rest)?;
        let (shard, after) = rest.split_first_chunk::<4>()?;
        rest = after;
        Some(Self {
            stream,
            shard: ShardId::new(u32::from_be_bytes(*shard)),
            next_index: take_u64(&mut rest)?,
            created: Timestamp::from_millis(take_u64(&mut rest)?),
            serial: take_u64(&mut rest)?,
            stream_arn: String::from_utf8(rest.to_vec()).ok()?,
        })
    }

    pub(crate) fn is_expired(&self, now: Timestamp) -> bool {
        now.millis_since(self.created) > ITERATOR_LIFE_MS
    }
}

fn take_u64(bytes: &mut &[u8]) -> Option<u64> {
    let (first, rest) = bytes.split_first_chunk::<8>()?;
    *bytes = rest;
    Some(u64::from_be_bytes(*first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Seed;

    #[test]
    fn survives_the_round_trip_and_a_shell() {
        let iterator = ShardIterator {
            stream: 3,
            stream_arn: "arn:aws:kinesis:us-east-1:000000000000:stream/orders".into(),
            shard: ShardId::new(7),
            next_index: 42,
            created: Timestamp::from_millis(1_000),
            serial: 9,
        };
        let sealer = TokenSealer::new(Seed::default(), 0);
        let text = iterator.seal(&sealer);
        assert!((1..=512).contains(&text.len()));
        assert_eq!(ShardIterator::open(&sealer, &text), Some(iterator.clone()));
        assert_eq!(ShardIterator::open(&sealer, &alloc::format!("\"{text}\"")), Some(iterator.clone()));
        assert_eq!(ShardIterator::open(&sealer, &alloc::format!("\"{text}")), None);
        assert!(!iterator.is_expired(Timestamp::from_millis(301_000)));
        assert!(iterator.is_expired(Timestamp::from_millis(301_001)));
    }
}
