//! SubscribeToShard: what a consumer gets pushed.

mod machine;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use serde::Serialize;

pub(crate) use self::machine::{Piece, Subscription};
use super::consumers::{ConsumerAddress, ConsumerRef};
use super::read::{ChildShard, Record, StartingPosition, start_index};
use super::{Context, Streams, stop_if_dry_run};
use crate::error::{Error, ErrorKind};
use crate::sequence::SequenceNumber;
use crate::shard_id::ShardId;

/// Subscribes a consumer to a shard: its records are pushed for five minutes.
#[derive(Clone, Copy, Debug)]
pub struct SubscribeToShard<'a> {
    /// The consumer's ARN.
    pub consumer_arn: &'a str,
    /// The shard.
    pub shard_id: &'a str,
    /// Where to start.
    pub starting_position: StartingPosition<'a>,
    /// Check everything and subscribe to nothing.
    pub dry_run: bool,
}

/// What a subscription gives: at least one event in five seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SubscribeToShardEvent {
    /// The records, in order.
    pub records: Vec<Record>,
    /// Where a later subscription goes on, AFTER this number; absent at the end of a closed shard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continuation_sequence_number: Option<SequenceNumber>,
    /// How long before now the last of these records arrived; 0 when there are no more.
    pub millis_behind_latest: u64,
    /// The shards that took over, at the end of a closed shard.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub child_shards: Vec<ChildShard>,
}

impl Streams {
    /// Checks everything about a subscription and opens it; nothing is pushed yet.
    pub(crate) fn subscribe_to_shard(
        &mut self,
        cx: &Context<'_>,
        input: &SubscribeToShard<'_>,
    ) -> Result<Subscription, Error> {
        let address = ConsumerAddress::of(cx, ConsumerRef::with_arn(input.consumer_arn))?;
        let stream = self.find_mut(&address.stream)?;
        let consumer = address.find(stream)?;
        if !consumer.is_active() {
            let message = alloc::format!(
                "Consumer {} with creation timestamp {} under stream: {} , account {} is not in ACTIVE status.",
                consumer.name,
                consumer.created_secs,
                address.stream.name,
                address.stream.account
            );
            return Err(Error::new(ErrorKind::ResourceInUse, message));
        }
        let id =
            ShardId::parse(input.shard_id).ok_or_else(|| address.stream.no_such_shard(input.shard_id))?;
        let shard = stream.shard(cx.now, id).ok_or_else(|| address.stream.shard_does_not_exist(id))?;
        let start = &input.starting_position;
        let next_index = start_index(cx, &address.stream, shard, start, "SubscribeToShard")?;
        if consumer.has_just_subscribed(cx.now, id) {
            return Err(taken());
        }
        stop_if_dry_run(input.dry_run)?;
        let (number, consumer) = (stream.id, consumer.id);
        if let Some(consumer) = stream.consumers.by_id_mut(consumer) {
            consumer.on_subscribed(cx.now, id);
        }
        Ok(Subscription::new(cx.now, number, consumer, id, next_index))
    }
}

/// The error of the one that is late, or that has been taken over.
fn taken() -> Error {
    Error::new(ErrorKind::ResourceInUse, "Another active subscription exists for this consumer.")
}
