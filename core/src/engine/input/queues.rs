//! Inputs about queues and their records.

use alloc::format;
use alloc::vec::Vec;

use super::Reading;
use crate::error::{Error, ErrorKind};
use crate::queue::QueueStart;
use crate::service::{
    AcknowledgeQueueRecords, CreateQueue, DeadLetterConfiguration, DeleteQueue, DescribeQueue, ListQueues,
    QueueAttributes, QueueStreamConfiguration, QueueStreamFilter, ReceiveQueueRecords,
    RestoreDeadLetterQueueRecords, UpdateQueue, UpdateQueueRecordsVisibility, VisibilityEntry,
};
use crate::wire::Members;

/// How long a request waits for a record unless it says otherwise.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ReceiveQueueRecords.html>
const DEFAULT_WAIT_SECS: u32 = 9;

impl<'d> Reading<'d> {
    pub(super) fn create_queue(self) -> Result<CreateQueue<'d>, Error> {
        self.honours(&["QueueName", "StreamConfigurationList", "QueueAttributes", "Tags"])?;
        let streams =
            self.members.list("StreamConfigurationList").into_iter().flat_map(|list| list.structures());
        let streams = streams.map(|stream| {
            Ok(QueueStreamConfiguration {
                stream_arn: stream.str("StreamARN").unwrap_or_default(),
                starting_position: match stream.structure("StartingPosition") {
                    Some(position) => queue_start(&position)?,
                    None => QueueStart::default(),
                },
            })
        });
        Ok(CreateQueue {
            queue_name: self.text("QueueName"),
            tags: self.tags(),
            stream_configuration_list: streams.collect::<Result<_, Error>>()?,
            queue_attributes: self.queue_attributes()?,
        })
    }

    pub(super) fn describe_queue(self) -> DescribeQueue<'d> {
        DescribeQueue { queue_arn: self.text("QueueARN") }
    }

    pub(super) fn update_queue(self) -> Result<UpdateQueue<'d>, Error> {
        Ok(UpdateQueue { queue_arn: self.text("QueueARN"), queue_attributes: self.queue_attributes()? })
    }

    pub(super) fn delete_queue(self) -> DeleteQueue<'d> {
        DeleteQueue { queue_arn: self.text("QueueARN") }
    }

    pub(super) fn list_queues(self) -> ListQueues<'d> {
        let filter = self.members.list("StreamFilter").into_iter().flat_map(|list| list.structures());
        let filter = filter.map(|stream| QueueStreamFilter {
            stream_arn: stream.str("StreamARN").unwrap_or_default(),
            stream_creation_timestamp: stream.timestamp("StreamCreationTimestamp"),
        });
        ListQueues {
            max_results: self.number("MaxResults"),
            next_token: self.members.str("NextToken"),
            stream_filter: filter.collect(),
        }
    }

    /// Also for how many milliseconds the request waits.
    pub(super) fn receive_queue_records(self) -> (ReceiveQueueRecords<'d>, u64) {
        let input = ReceiveQueueRecords {
            queue_arn: self.text("QueueARN"),
            limit: self.number("Limit"),
            visibility_timeout_seconds: self.number("VisibilityTimeoutSeconds"),
        };
        let wait_secs = self.number("WaitTimeSeconds").unwrap_or(DEFAULT_WAIT_SECS);
        (input, u64::from(wait_secs) * 1000)
    }

    pub(super) fn acknowledge_queue_records(self) -> AcknowledgeQueueRecords<'d> {
        AcknowledgeQueueRecords {
            queue_arn: self.text("QueueARN"),
            receipt_handles: self.entries().map(receipt_handle).collect(),
        }
    }

    pub(super) fn restore_dead_letter_queue_records(self) -> RestoreDeadLetterQueueRecords<'d> {
        RestoreDeadLetterQueueRecords {
            queue_arn: self.text("QueueARN"),
            receipt_handles: self.entries().map(receipt_handle).collect(),
        }
    }

    pub(super) fn update_queue_records_visibility(self) -> UpdateQueueRecordsVisibility<'d> {
        let entries = self.entries().map(|entry| VisibilityEntry {
            receipt_handle: receipt_handle(entry),
            visibility_timeout_seconds: seconds(&entry).unwrap_or(0),
        });
        let entries: Vec<_> = entries.collect();
        UpdateQueueRecordsVisibility { queue_arn: self.text("QueueARN"), entries }
    }

    fn entries(self) -> impl Iterator<Item = Members<'d>> {
        self.members.list("Entries").into_iter().flat_map(|list| list.structures())
    }

    fn queue_attributes(self) -> Result<QueueAttributes, Error> {
        let Some(attributes) = self.members.structure("QueueAttributes") else {
            return Ok(QueueAttributes::default());
        };
        let dead_letters = attributes.structure("DeadLetterConfiguration");
        Ok(QueueAttributes {
            visibility_timeout_seconds: seconds(&attributes),
            dead_letter_configuration: dead_letters.map(|members| dead_letter(&members)).transpose()?,
        })
    }
}

fn receipt_handle(entry: Members<'_>) -> &str {
    entry.str("ReceiptHandle").unwrap_or_default()
}

fn seconds(members: &Members<'_>) -> Option<u32> {
    members.integer("VisibilityTimeoutSeconds").and_then(|number| u32::try_from(number).ok())
}

fn queue_start(position: &Members<'_>) -> Result<QueueStart, Error> {
    let kind = position.str("Type").unwrap_or_default();
    match (kind, position.timestamp("Timestamp")) {
        ("AT_TIMESTAMP", Some(time)) => Ok(QueueStart::AtTimestamp(time)),
        ("AT_TIMESTAMP", None) => {
            Err(invalid("Timestamp must be specified in a StartingPosition of type AT_TIMESTAMP."))
        }
        (_, Some(_)) => {
            let message = format!("Timestamp must not be specified in a StartingPosition of type {kind}.");
            Err(invalid(message))
        }
        ("TRIM_HORIZON", None) => Ok(QueueStart::TrimHorizon),
        _ => Ok(QueueStart::Latest),
    }
}

fn dead_letter(members: &Members<'_>) -> Result<DeadLetterConfiguration, Error> {
    let max = members.integer("MaxReceiveCount").and_then(|number| u32::try_from(number).ok());
    match (members.str("TargetType"), max) {
        (Some("NONE"), None) => Ok(DeadLetterConfiguration::None),
        (Some("NONE"), Some(_)) => {
            Err(invalid("MaxReceiveCount must not be specified with a TargetType of NONE."))
        }
        (_, Some(max_receive_count)) => Ok(DeadLetterConfiguration::BuiltIn { max_receive_count }),
        (_, None) => Err(invalid("MaxReceiveCount must be specified with a TargetType of BUILT_IN.")),
    }
}

fn invalid(message: impl Into<alloc::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Validation, message)
}
