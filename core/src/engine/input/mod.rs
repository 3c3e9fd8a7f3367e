//! From validated members to typed inputs. A member that is not honoured is refused, never ignored.

mod consumers;
mod firehose;
mod records;
mod shards;
mod streams;

use alloc::borrow::Cow;
use alloc::format;

use super::call::{Call, Input};
use crate::error::{Error, ErrorKind};
use crate::service::StreamRef;
use crate::wire::{Decoded, Members, Service};

impl<'d> Call<'d> {
    /// Reads the input of a decoded request.
    ///
    /// # Errors
    /// When the operation, or a member of its input, is not supported.
    pub fn read(decoded: &'d Decoded<'_>) -> Result<Self, Error> {
        let reading = Reading { members: decoded.input.members() };
        let operation = decoded.operation.name;
        Ok(Self {
            operation,
            protocol: decoded.protocol,
            has_origin: decoded.has_origin,
            account: decoded.account,
            region: Cow::Borrowed(&*decoded.region),
            input: match decoded.operation.service {
                Service::Kinesis => reading.kinesis(operation)?,
                Service::Firehose => firehose::read(operation, &reading.members)?,
            },
        })
    }
}

/// The members of an input while they are read.
#[derive(Clone, Copy, Debug)]
struct Reading<'d> {
    members: Members<'d>,
}

/// The members that name a stream.
const STREAM: [&str; 2] = ["StreamName", "StreamARN"];

impl<'d> Reading<'d> {
    fn kinesis(self, operation: &str) -> Result<Input<'d>, Error> {
        Ok(match operation {
            "CreateStream" => Input::CreateStream(self.create_stream()?),
            "DeleteStream" => Input::DeleteStream(self.delete_stream()?),
            "DeregisterStreamConsumer" => Input::DeregisterStreamConsumer(self.deregister_stream_consumer()?),
            "DescribeStream" => Input::DescribeStream(self.describe_stream()?),
            "DescribeStreamConsumer" => Input::DescribeStreamConsumer(self.describe_stream_consumer()?),
            "DescribeStreamSummary" => Input::DescribeStreamSummary(self.describe_stream_summary()?),
            "GetRecords" => Input::GetRecords(self.get_records()?),
            "GetShardIterator" => Input::GetShardIterator(self.get_shard_iterator()?),
            "ListShards" => Input::ListShards(self.list_shards()?),
            "ListStreamConsumers" => Input::ListStreamConsumers(self.list_stream_consumers()?),
            "ListStreams" => Input::ListStreams(self.list_streams()),
            "MergeShards" => Input::MergeShards(self.merge_shards()?),
            "PutRecord" => Input::PutRecord(self.put_record()?),
            "PutRecords" => Input::PutRecords(self.put_records()?),
            "RegisterStreamConsumer" => Input::RegisterStreamConsumer(self.register_stream_consumer()?),
            "SplitShard" => Input::SplitShard(self.split_shard()?),
            "SubscribeToShard" => Input::SubscribeToShard(self.subscribe_to_shard()?),
            "UpdateShardCount" => Input::UpdateShardCount(self.update_shard_count()?),
            _ => return Err(unsupported_operation(operation)),
        })
    }

    fn stream(self) -> StreamRef<'d> {
        StreamRef { name: self.members.str("StreamName"), arn: self.members.str("StreamARN") }
    }

    /// A member that the model requires.
    fn text(self, name: &str) -> &'d str {
        self.members.str(name).unwrap_or_default()
    }

    fn number(self, name: &str) -> Option<u32> {
        self.members.integer(name).and_then(|number| u32::try_from(number).ok())
    }

    fn is_dry_run(self) -> bool {
        self.members.bool("DryRun").unwrap_or(false)
    }

    /// Refuses members other than these and those that name a stream.
    fn honours(self, names: &[&str]) -> Result<(), Error> {
        let mut given = self.members.iter();
        match given.find(|(name, _)| !names.contains(name) && !STREAM.contains(name)) {
            Some((name, _)) => Err(unsupported(name)),
            None => Ok(()),
        }
    }
}

fn unsupported_operation(operation: &str) -> Error {
    Error::new(ErrorKind::UnknownOperation, format!("The operation {operation} is not supported yet."))
}

fn unsupported(member: &str) -> Error {
    Error::invalid_argument(format!("{member} is not supported yet; leave it out."))
}
