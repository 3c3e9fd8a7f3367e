//! Listing shards, and changing them: split, merge, new count.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;

use super::page::invalid_token;
use super::streams::{Address, check_active, not_active};
use super::{Context, StreamRef, Streams};
use crate::error::{Error, ErrorKind};
use crate::hash::{HashKey, HashRange};
use crate::sequence::SequenceNumber;
use crate::shard::Shard;
use crate::shard_id::ShardId;
use crate::stream::{Reshard, Stream, StreamMode, Transition};
use crate::time::Timestamp;
use crate::token::TokenKind;

/// Shards that ListShards returns in one answer.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListShards.html>
const LIST_SHARDS_PAGE: usize = 1000;
/// UpdateShardCount calls for one stream in any 24 hours.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html>
const COUNT_UPDATES_PER_DAY: usize = 10;
/// Open shards that UpdateShardCount goes up to.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html>
const MAX_TARGET_SHARDS: usize = 10_000;

/// Lists the shards of a stream, a page at a time.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListShards<'a> {
    /// The stream; absent when `next_token` is given.
    pub stream: StreamRef<'a>,
    /// Go on where the answer with this token ended.
    pub next_token: Option<&'a str>,
    /// Return the shards after this one.
    pub exclusive_start_shard_id: Option<&'a str>,
    /// The most shards to return; at most 1000 are.
    pub max_results: Option<u32>,
    /// The creation time of the stream that is meant, where a name was used more than once.
    pub stream_creation_timestamp: Option<Timestamp>,
    /// Which shards to return.
    pub shard_filter: Option<ShardFilter<'a>>,
}

/// Which shards ListShards returns. Points in time before the trim horizon count as the trim horizon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShardFilter<'a> {
    /// Those after this one in order of ids.
    AfterShardId(&'a str),
    /// Those that are open now.
    AtLatest,
    /// Those that were open at this time.
    AtTimestamp(Timestamp),
    /// Those that were open at the trim horizon.
    AtTrimHorizon,
    /// Those that were open at this time or opened later.
    FromTimestamp(Timestamp),
    /// All whose records may still be kept.
    FromTrimHorizon,
}

/// Splits an open shard in two at a hash key.
#[derive(Clone, Copy, Debug, Default)]
pub struct SplitShard<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// The shard to split.
    pub shard_to_split: &'a str,
    /// Where the range of the second child starts, in decimal.
    pub new_starting_hash_key: &'a str,
}

/// Merges two open shards whose ranges are next to each other.
#[derive(Clone, Copy, Debug, Default)]
pub struct MergeShards<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// The shard with the lower hash keys.
    pub shard_to_merge: &'a str,
    /// The shard whose range follows.
    pub adjacent_shard_to_merge: &'a str,
}

/// Changes the number of open shards to equal ranges.
#[derive(Clone, Copy, Debug, Default)]
pub struct UpdateShardCount<'a> {
    /// The stream.
    pub stream: StreamRef<'a>,
    /// How many shards are to be open: at most double and at least half of what there is.
    pub target_shard_count: u32,
}

/// The answer to [`ListShards`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListShardsReply {
    /// The shards, in order of their ids.
    pub shards: Vec<ShardDescription>,
    /// Where to go on, if there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// A shard.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ShardDescription {
    /// The shard's id.
    pub shard_id: ShardId,
    /// The shard that this one was split off, or the first of the two it was merged from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_shard_id: Option<ShardId>,
    /// The second of the two shards that this one was merged from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adjacent_parent_shard_id: Option<ShardId>,
    /// The hash keys that go to this shard.
    pub hash_key_range: HashKeyRange,
    /// The sequence numbers of the shard's records.
    pub sequence_number_range: SequenceNumberRange,
}

/// A range of hash keys, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct HashKeyRange {
    /// The first hash key.
    pub starting_hash_key: HashKey,
    /// The last hash key.
    pub ending_hash_key: HashKey,
}

/// A range of sequence numbers, open while the shard is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SequenceNumberRange {
    /// Lower than the number of any record in the shard.
    pub starting_sequence_number: SequenceNumber,
    /// Higher than the number of any record in the shard; absent while the shard is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ending_sequence_number: Option<SequenceNumber>,
}

/// The answer to [`UpdateShardCount`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateShardCountReply {
    /// The stream's name.
    pub stream_name: String,
    /// How many shards are open now.
    pub current_shard_count: usize,
    /// How many will be.
    pub target_shard_count: u32,
    /// The stream's ARN.
    #[serde(rename = "StreamARN")]
    pub stream_arn: String,
}

impl From<HashRange> for HashKeyRange {
    fn from(range: HashRange) -> Self {
        Self { starting_hash_key: range.start(), ending_hash_key: range.end() }
    }
}

impl ShardDescription {
    pub(super) fn of(shard: &Shard) -> Self {
        let parents = shard.parents();
        Self {
            shard_id: shard.id(),
            parent_shard_id: parents.parent,
            adjacent_parent_shard_id: parents.adjacent,
            hash_key_range: shard.range().into(),
            sequence_number_range: SequenceNumberRange {
                starting_sequence_number: shard.starting_sequence_number(),
                ending_sequence_number: shard.ending_sequence_number(),
            },
        }
    }
}

/// A filter with its points in time and ids worked out, as a token carries it from page to page.
#[derive(Clone, Copy, Debug)]
enum Selection {
    After(ShardId),
    Open,
    OpenAt(Timestamp),
    From(Timestamp),
}

/// Where a page of ListShards starts.
#[derive(Clone, Copy, Debug)]
struct ShardPage {
    stream: u64,
    next: ShardId,
    selection: Selection,
}

impl Streams {
    pub(crate) fn list_shards(
        &self,
        cx: &Context<'_>,
        input: &ListShards<'_>,
    ) -> Result<ListShardsReply, Error> {
        let (stream, page) = match input.next_token {
            Some(token) => self.resume_list_shards(cx, input, token)?,
            None => self.start_list_shards(cx, input)?,
        };
        if !stream.is_born() {
            return Err(not_active(stream));
        }
        let limit = input.max_results.map_or(LIST_SHARDS_PAGE, |max| (max as usize).min(LIST_SHARDS_PAGE));
        let mut rest = stream.shards_from(page.next, cx.now).filter(|shard| page.selection.includes(shard));
        let shards = rest.by_ref().take(limit).map(ShardDescription::of).collect();
        let next_token = rest.next().map(|shard| {
            let page = ShardPage { next: shard.id(), ..page };
            cx.seal_page(TokenKind::ListShards, &page.to_bytes())
        });
        Ok(ListShardsReply { shards, next_token })
    }

    fn start_list_shards(
        &self,
        cx: &Context<'_>,
        input: &ListShards<'_>,
    ) -> Result<(&Stream, ShardPage), Error> {
        if input.stream == StreamRef::default() {
            return Err(Error::invalid_argument("Either NextToken or StreamName should be provided."));
        }
        let address = Address::of(cx, input.stream)?;
        let stream = self.find(&address)?;
        if input.stream_creation_timestamp.is_some_and(|created| created != stream.created) {
            return Err(address.not_found());
        }
        let parse = |text: &str| ShardId::parse(text).ok_or_else(|| address.no_such_shard(text));
        let horizon = stream.trim_horizon(cx.now).max(stream.created);
        let selection = match input.shard_filter {
            None | Some(ShardFilter::FromTrimHorizon) => Selection::From(horizon),
            Some(ShardFilter::AfterShardId(text)) => Selection::After(parse(text)?),
            Some(ShardFilter::AtLatest) => Selection::Open,
            Some(ShardFilter::AtTimestamp(time)) => Selection::OpenAt(time.max(horizon)),
            Some(ShardFilter::AtTrimHorizon) => Selection::OpenAt(horizon),
            Some(ShardFilter::FromTimestamp(time)) => Selection::From(time.max(horizon)),
        };
        let next = match input.exclusive_start_shard_id {
            None => ShardId::new(0),
            Some(text) => ShardId::new(parse(text)?.index() + 1),
        };
        Ok((stream, ShardPage { stream: stream.id, next, selection }))
    }

    fn resume_list_shards(
        &self,
        cx: &Context<'_>,
        input: &ListShards<'_>,
        token: &str,
    ) -> Result<(&Stream, ShardPage), Error> {
        let also_given = [
            ("StreamName", input.stream.name.is_some()),
            ("StreamARN", input.stream.arn.is_some()),
            ("ExclusiveStartShardId", input.exclusive_start_shard_id.is_some()),
            ("StreamCreationTimestamp", input.stream_creation_timestamp.is_some()),
            ("ShardFilter", input.shard_filter.is_some()),
        ];
        if let Some((member, _)) = also_given.iter().find(|(_, given)| *given) {
            let message = format!("NextToken and {member} cannot be provided together.");
            return Err(Error::invalid_argument(message));
        }
        let page = cx.open_page(TokenKind::ListShards, token)?;
        let page = ShardPage::from_bytes(&page).ok_or_else(invalid_token)?;
        let stream = self.get(page.stream).ok_or_else(|| {
            Error::new(ErrorKind::ResourceNotFound, "The stream of this NextToken does not exist any more.")
        })?;
        Ok((stream, page))
    }

    pub(crate) fn split_shard(&mut self, cx: &mut Context<'_>, input: &SplitShard<'_>) -> Result<(), Error> {
        let address = Address::of(cx, input.stream)?;
        let shard = parse_shard_id(&address, input.shard_to_split)?;
        let stream = self.find_changeable(cx, &address, &[shard])?;
        self.check_shard_limit(cx, &address, 1)?;
        check_open(&address, stream, shard)?;
        let range =
            stream.shard(cx.now, shard).map(Shard::range).ok_or_else(|| address.no_such_shard(shard))?;
        let new_start = input
            .new_starting_hash_key
            .parse()
            .ok()
            .filter(|key: &HashKey| {
                key.to_bits() > range.start().to_bits().saturating_add(1) && *key < range.end()
            })
            .ok_or_else(|| {
                Error::invalid_argument(format!(
                    "NewStartingHashKey {} used in SplitShard() on shard {shard} in stream {} under account {} is \
                     not both greater than one plus the shard's StartingHashKey {} and less than the shard's \
                     EndingHashKey {}.",
                    input.new_starting_hash_key,
                    address.name,
                    address.account,
                    range.start(),
                    range.end()
                ))
            })?;
        let id = stream.id;
        self.start_update(cx, id, Transition::Reshard(Reshard::Split { shard, new_start }));
        Ok(())
    }

    pub(crate) fn merge_shards(
        &mut self,
        cx: &mut Context<'_>,
        input: &MergeShards<'_>,
    ) -> Result<(), Error> {
        let address = Address::of(cx, input.stream)?;
        let shard = parse_shard_id(&address, input.shard_to_merge)?;
        let adjacent = parse_shard_id(&address, input.adjacent_shard_to_merge)?;
        let stream = self.find_changeable(cx, &address, &[shard, adjacent])?;
        check_open(&address, stream, shard)?;
        check_open(&address, stream, adjacent)?;
        let range = |id| stream.shard(cx.now, id).map(Shard::range);
        let are_adjacent =
            range(shard).zip(range(adjacent)).is_some_and(|(low, high)| low.is_followed_by(&high));
        if !are_adjacent {
            return Err(Error::invalid_argument(format!(
                "Shards {shard} and {adjacent} in stream {} under account {} are not an adjacent pair of shards \
                 eligible for merging",
                address.name, address.account
            )));
        }
        let id = stream.id;
        self.start_update(cx, id, Transition::Reshard(Reshard::Merge { shard, adjacent }));
        Ok(())
    }

    pub(crate) fn update_shard_count(
        &mut self,
        cx: &mut Context<'_>,
        input: &UpdateShardCount<'_>,
    ) -> Result<UpdateShardCountReply, Error> {
        let address = Address::of(cx, input.stream)?;
        let (current, target) =
            (self.find_changeable(cx, &address, &[])?.open_shard_count(), input.target_shard_count as usize);
        check_target(current, target)?;
        self.check_shard_limit(cx, &address, target.saturating_sub(current))?;
        let stream = self.find_mut(&address)?;
        if !stream.count_updates.accept(cx.now, COUNT_UPDATES_PER_DAY) {
            let message = format!(
                "UpdateShardCount can be called at most {COUNT_UPDATES_PER_DAY} times in 24 hours for stream {} \
                 under account {}.",
                address.name, address.account
            );
            return Err(Error::new(ErrorKind::LimitExceeded, message));
        }
        let reply = UpdateShardCountReply {
            stream_name: stream.name().to_string(),
            current_shard_count: current,
            target_shard_count: input.target_shard_count,
            stream_arn: stream.arn.as_str().to_string(),
        };
        let (id, reshard) = (stream.id, Reshard::Count { target: input.target_shard_count });
        self.start_update(cx, id, Transition::Reshard(reshard));
        Ok(reply)
    }

    /// A provisioned stream in ACTIVE that has these shards.
    fn find_changeable(
        &self,
        cx: &Context<'_>,
        address: &Address<'_>,
        shards: &[ShardId],
    ) -> Result<&Stream, Error> {
        let stream = self.find(address)?;
        check_active(stream)?;
        if stream.mode == StreamMode::OnDemand {
            let message = format!(
                "Request is invalid. Stream {} under account {} is in On-Demand mode.",
                address.name, address.account
            );
            return Err(Error::new(ErrorKind::Validation, message));
        }
        match shards.iter().find(|id| stream.shard(cx.now, **id).is_none()) {
            Some(missing) => Err(address.no_such_shard(missing)),
            None => Ok(stream),
        }
    }
}

fn parse_shard_id(address: &Address<'_>, text: &str) -> Result<ShardId, Error> {
    ShardId::parse(text).ok_or_else(|| address.no_such_shard(text))
}

/// Refuses a shard that was split or merged before.
fn check_open(address: &Address<'_>, stream: &Stream, id: ShardId) -> Result<(), Error> {
    if stream.is_open(id) {
        return Ok(());
    }
    Err(Error::invalid_argument(format!(
        "Shard {id} in stream {} under account {} has already been merged or split, and thus is not eligible for \
         merging or splitting.",
        address.name, address.account
    )))
}

/// The rules of UpdateShardCount for the numbers alone.
fn check_target(current: usize, target: usize) -> Result<(), Error> {
    let counts = format!("Current open shard count: {current}, Target shard count: {target}");
    let rule = if target > current * 2 {
        "UpdateShardCount cannot scale up over double your current open shard count."
    } else if target * 2 < current {
        "UpdateShardCount cannot scale down below half your current open shard count."
    } else if target > MAX_TARGET_SHARDS {
        return Err(Error::new(
            ErrorKind::LimitExceeded,
            format!(
                "Target shard count or number of open shards cannot be greater than {MAX_TARGET_SHARDS}. {counts}"
            ),
        ));
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::LimitExceeded, format!("{rule} {counts}")))
}

impl Selection {
    fn includes(self, shard: &Shard) -> bool {
        match self {
            Self::After(id) => shard.id() > id,
            Self::Open => shard.is_open(),
            Self::OpenAt(time) => shard.was_open_at(time),
            Self::From(time) => shard.ends_at_or_after(time),
        }
    }
}

impl ShardPage {
    fn to_bytes(self) -> [u8; 21] {
        let (tag, value) = match self.selection {
            Selection::After(id) => (0, u64::from(id.index())),
            Selection::Open => (1, 0),
            Selection::OpenAt(time) => (2, time.as_millis()),
            Selection::From(time) => (3, time.as_millis()),
        };
        let mut bytes = [0; 21];
        bytes[..8].copy_from_slice(&self.stream.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.next.index().to_be_bytes());
        bytes[12] = tag;
        bytes[13..].copy_from_slice(&value.to_be_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (stream, rest) = bytes.split_first_chunk()?;
        let (next, rest) = rest.split_first_chunk()?;
        let (tag, rest) = rest.split_first()?;
        let value = u64::from_be_bytes(rest.try_into().ok()?);
        let selection = match tag {
            0 => Selection::After(ShardId::new(u32::try_from(value).ok()?)),
            1 => Selection::Open,
            2 => Selection::OpenAt(Timestamp::from_millis(value)),
            3 => Selection::From(Timestamp::from_millis(value)),
            _ => return None,
        };
        Some(Self {
            stream: u64::from_be_bytes(*stream),
            next: ShardId::new(u32::from_be_bytes(*next)),
            selection,
        })
    }
}
