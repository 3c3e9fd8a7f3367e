//! From stream records to user records, by the rules of the Kinesis Client Library (`AggregatorUtil.java`).

use alloc::vec::Vec;
use core::fmt;

use md5::{Digest, Md5};

use super::proto::{Malformed, Reader};
use super::{DIGEST_BYTES, MAGIC, tag};
use crate::hash::{HashKey, HashRange, hash_keys, lanes};

/// What a stream record turned out to be.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "a record is an aggregate or it is not")]
pub enum Deaggregated<'a> {
    /// No aggregate, or a damaged one: the record stands for itself.
    Raw(&'a [u8]),
    /// An aggregate; it iterates over its user records.
    Aggregate(Aggregate<'a>),
}

/// Which members of an aggregate are passed on by a reader of one shard. After a split, an aggregate made for
/// the parent may hold records of both children.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeaggregateMode {
    /// Members outside the shard are dropped, each by itself.
    #[default]
    PerRecord,
    /// As the KCL does: one member outside the shard drops the whole aggregate, and a bad member drops those
    /// after it.
    Kcl,
    /// The shard is not looked at.
    Off,
}

/// A member of an aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserRecord<'a> {
    /// Its partition key.
    pub partition_key: &'a str,
    /// Its explicit hash key, if it has one.
    pub explicit_hash_key: Option<HashKey>,
    /// The payload.
    pub data: &'a [u8],
    /// Its place in the aggregate. Members that were dropped or are bad count, so that it does not depend on
    /// the reader's shard.
    pub sub_sequence_number: u64,
}

/// A member that cannot be read; the others are not affected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadMember {
    /// Its place in the aggregate.
    pub index: u64,
    /// What is wrong with it.
    pub reason: BadMemberReason,
}

/// What is wrong with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadMemberReason {
    /// Its partition key index is beyond the table.
    PartitionKeyIndex,
    /// Its partition key is not UTF-8.
    PartitionKeyText,
    /// Its explicit hash key index is beyond the table.
    ExplicitHashKeyIndex,
    /// Its explicit hash key is not a decimal number.
    ExplicitHashKeyText,
    /// Its explicit hash key is not in 0 to 2^128 - 1.
    ExplicitHashKeyRange,
}

impl fmt::Display for BadMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            BadMemberReason::PartitionKeyIndex => "its partition key index is beyond the table",
            BadMemberReason::PartitionKeyText => "its partition key is not UTF-8",
            BadMemberReason::ExplicitHashKeyIndex => "its explicit hash key index is beyond the table",
            BadMemberReason::ExplicitHashKeyText => "its explicit hash key is not a decimal number",
            BadMemberReason::ExplicitHashKeyRange => "its explicit hash key is not in 0 to 2^128 - 1",
        };
        write!(f, "member {} of the aggregate cannot be read: {reason}", self.index)
    }
}

impl core::error::Error for BadMember {}

/// Takes a stream record apart, without regard to shards.
///
/// Data that has not the form of an aggregate, or not its digest, is `Raw`. A good aggregate may hold members
/// that cannot be read; each is an `Err` in its place.
///
/// ```
/// use shardbrook::{Aggregator, DEFAULT_MAX_BYTES, Deaggregated, deaggregate};
///
/// let mut entries = Vec::new();
/// let mut aggregator = Aggregator::new(None, DEFAULT_MAX_BYTES)?;
/// aggregator.add("user-1", None, b"one", &mut entries)?;
/// aggregator.add("user-2", None, b"two", &mut entries)?;
/// aggregator.flush(&mut entries);
///
/// let Deaggregated::Aggregate(members) = deaggregate(&entries[0].data) else { panic!("an aggregate") };
/// let members: Vec<_> = members.collect::<Result<_, _>>()?;
/// assert_eq!((members[1].partition_key, members[1].data), ("user-2", &b"two"[..]));
/// assert!(matches!(deaggregate(b"plain"), Deaggregated::Raw(b"plain")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn deaggregate(data: &[u8]) -> Deaggregated<'_> {
    deaggregate_in(data, None, DeaggregateMode::Off)
}

/// Takes a record of `shard` apart; `None` stands for a shard that covers every key.
pub fn deaggregate_in(data: &[u8], shard: Option<HashRange>, mode: DeaggregateMode) -> Deaggregated<'_> {
    match signed_body(data) {
        Some((body, digest)) if <[u8; DIGEST_BYTES]>::from(Md5::digest(body)) == *digest => {
            open(data, body, shard, mode)
        }
        _ => Deaggregated::Raw(data),
    }
}

/// Takes many records of `shard` apart. Their digests are checked several at a time, which is where most of the
/// time goes.
pub fn deaggregate_batch<'a>(
    records: &[&'a [u8]],
    shard: Option<HashRange>,
    mode: DeaggregateMode,
) -> Vec<Deaggregated<'a>> {
    let bodies: Vec<&[u8]> = records.iter().filter_map(|data| Some(signed_body(data)?.0)).collect();
    let mut digests = lanes::digest_all(&bodies).into_iter();
    let take_apart = |data: &&'a [u8]| match signed_body(data) {
        Some((body, digest)) if digests.next().as_ref() == Some(digest) => open(data, body, shard, mode),
        _ => Deaggregated::Raw(data),
    };
    records.iter().map(take_apart).collect()
}

/// The protobuf and the digest of what may be an aggregate.
fn signed_body(data: &[u8]) -> Option<(&[u8], &[u8; DIGEST_BYTES])> {
    let (body, digest) = data.strip_prefix(&MAGIC)?.split_last_chunk()?;
    (!body.is_empty()).then_some((body, digest))
}

/// The aggregate in `body`, or the raw record if it is none.
fn open<'a>(
    data: &'a [u8],
    body: &'a [u8],
    shard: Option<HashRange>,
    mode: DeaggregateMode,
) -> Deaggregated<'a> {
    let Ok(mut aggregate) = Aggregate::parse(body) else { return Deaggregated::Raw(data) };
    match mode {
        DeaggregateMode::Off => {}
        DeaggregateMode::PerRecord => aggregate.keep_to(shard),
        DeaggregateMode::Kcl => aggregate.cut_like_kcl(shard.unwrap_or(HashRange::ALL)),
    }
    Deaggregated::Aggregate(aggregate)
}

/// An aggregate. It iterates over its members.
#[derive(Clone, Debug)]
pub struct Aggregate<'a> {
    /// `None` where the text is not UTF-8.
    partition_keys: Vec<Option<&'a str>>,
    hash_keys: Vec<Result<HashKey, BadMemberReason>>,
    /// Those of the partition keys, when there is a shard to compare them with.
    hashes: Vec<HashKey>,
    fields: Reader<'a>,
    count: u64,
    /// The place of the next member, and that after the last to be passed on.
    next: u64,
    end: u64,
    shard: Option<HashRange>,
    dropped: u64,
}

impl<'a> Aggregate<'a> {
    /// Reads the tables and makes sure that the whole message is well formed.
    fn parse(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut aggregate = Self {
            partition_keys: Vec::new(),
            hash_keys: Vec::new(),
            hashes: Vec::new(),
            fields: Reader::new(body, 0),
            count: 0,
            next: 0,
            end: 0,
            shard: None,
            dropped: 0,
        };
        let mut fields = aggregate.fields;
        while let Some(tag) = fields.tag()? {
            match tag {
                tag::PARTITION_KEY_TABLE => {
                    aggregate.partition_keys.push(core::str::from_utf8(fields.bytes()?).ok());
                }
                tag::HASH_KEY_TABLE => aggregate.hash_keys.push(parse_hash_key(fields.bytes()?)),
                tag::RECORDS => {
                    Member::parse(fields.bytes()?)?;
                    aggregate.count += 1;
                }
                _ => fields.skip(tag)?,
            }
        }
        aggregate.end = aggregate.count;
        Ok(aggregate)
    }

    /// How many members the aggregate holds, passed on or not.
    pub const fn member_count(&self) -> u64 {
        self.count
    }

    /// How many members have been dropped so far because of the shard or, in [`DeaggregateMode::Kcl`], because
    /// of a bad member before them. Final when the iteration has ended.
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Passes on members inside `shard` alone.
    fn keep_to(&mut self, shard: Option<HashRange>) {
        self.shard = shard;
        if shard.is_some() {
            // Once a key, not once a member: a long key may belong to many.
            hash_keys(self.partition_keys.iter().map(|key| key.unwrap_or_default()), &mut self.hashes);
        }
    }

    /// Finds out where the KCL would stop.
    fn cut_like_kcl(&mut self, shard: HashRange) {
        let mut members = self.clone();
        members.keep_to(Some(shard));
        while let Some(member) = members.next() {
            match member {
                Ok(_) => {}
                Err(BadMember { reason: BadMemberReason::ExplicitHashKeyRange, .. }) => members.dropped += 1,
                Err(_) => {
                    self.end = members.next;
                    break;
                }
            }
            if members.dropped > 0 {
                break;
            }
        }
        if members.dropped > 0 {
            self.end = 0;
        }
        self.dropped = self.count - self.end;
    }

    fn next_member(&mut self) -> Option<Member<'a>> {
        // The message is known to be well formed.
        while let Ok(Some(tag)) = self.fields.tag() {
            if tag == tag::RECORDS {
                return Member::parse(self.fields.bytes().ok()?).ok();
            }
            self.fields.skip(tag).ok()?;
        }
        None
    }

    fn resolve(&self, member: &Member<'a>, index: u64) -> Result<UserRecord<'a>, BadMemberReason> {
        let partition_key = look_up(&self.partition_keys, member.partition_key_index)
            .ok_or(BadMemberReason::PartitionKeyIndex)?
            .ok_or(BadMemberReason::PartitionKeyText)?;
        let explicit_hash_key = match member.hash_key_index {
            None => None,
            Some(index) => {
                Some(look_up(&self.hash_keys, index).ok_or(BadMemberReason::ExplicitHashKeyIndex)??)
            }
        };
        Ok(UserRecord { partition_key, explicit_hash_key, data: member.data, sub_sequence_number: index })
    }

    fn is_outside(&self, member: &Member<'_>, record: &UserRecord<'_>) -> bool {
        let Some(shard) = self.shard else { return false };
        let hash = record.explicit_hash_key.or_else(|| look_up(&self.hashes, member.partition_key_index));
        hash.is_none_or(|hash| !shard.contains(hash))
    }
}

impl<'a> Iterator for Aggregate<'a> {
    type Item = Result<UserRecord<'a>, BadMember>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.next < self.end {
            let member = self.next_member()?;
            let index = self.next;
            self.next += 1;
            match self.resolve(&member, index) {
                Ok(record) if self.is_outside(&member, &record) => self.dropped += 1,
                Ok(record) => return Some(Ok(record)),
                Err(reason) => return Some(Err(BadMember { index, reason })),
            }
        }
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.end - self.next) as usize;
        (if self.shard.is_some() { 0 } else { left }, Some(left))
    }
}

impl UserRecord<'_> {
    /// The hash that decides where the record belongs.
    pub fn hash_key(&self) -> HashKey {
        self.explicit_hash_key.unwrap_or_else(|| HashKey::of(self.partition_key))
    }
}

/// An entry of the records field.
struct Member<'a> {
    partition_key_index: u64,
    hash_key_index: Option<u64>,
    data: &'a [u8],
}

impl<'a> Member<'a> {
    /// Reads a member. As ever in protobuf, the last of several values counts.
    fn parse(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Reader::new(message, 1);
        let (mut partition_key_index, mut hash_key_index, mut data) = (None, None, None);
        while let Some(tag) = fields.tag()? {
            match tag {
                tag::PARTITION_KEY_INDEX => partition_key_index = Some(fields.varint()?),
                tag::HASH_KEY_INDEX => hash_key_index = Some(fields.varint()?),
                tag::DATA => data = Some(fields.bytes()?),
                tag::TAGS => check_tag(fields.bytes()?)?,
                _ => fields.skip(tag)?,
            }
        }
        let (Some(partition_key_index), Some(data)) = (partition_key_index, data) else {
            return Err(Malformed);
        };
        Ok(Self { partition_key_index, hash_key_index, data })
    }
}

/// Tags are not used by anyone, but a bad one makes the message one that the KCL does not read.
fn check_tag(message: &[u8]) -> Result<(), Malformed> {
    let mut fields = Reader::new(message, 2);
    let mut has_key = false;
    while let Some(tag) = fields.tag()? {
        match tag {
            tag::TAG_KEY | tag::TAG_VALUE => {
                fields.bytes()?;
                has_key |= tag == tag::TAG_KEY;
            }
            _ => fields.skip(tag)?,
        }
    }
    if has_key { Ok(()) } else { Err(Malformed) }
}

/// The entry at `index`, which the KCL casts to a Java `int`: 2^32 is 0, and what comes out negative is beyond.
fn look_up<T: Copy>(table: &[T], index: u64) -> Option<T> {
    let index = usize::try_from(index as u32 as i32).ok()?;
    table.get(index).copied()
}

/// Reads a number as Java's `BigInteger` does: one sign and leading zeros are allowed, nothing else is.
fn parse_hash_key(text: &[u8]) -> Result<HashKey, BadMemberReason> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(BadMemberReason::ExplicitHashKeyText);
    }
    let mut bits = 0_u128;
    for digit in digits {
        bits = bits
            .checked_mul(10)
            .and_then(|bits| bits.checked_add(u128::from(digit - b'0')))
            .ok_or(BadMemberReason::ExplicitHashKeyRange)?;
    }
    if negative && bits != 0 {
        Err(BadMemberReason::ExplicitHashKeyRange)
    } else {
        Ok(HashKey::from_bits(bits))
    }
}
