// Made by `cargo xtask codegen` from botocore 1.44.5, kinesis/2013-12-02/service-2.json.gz. Do not edit.

use super::{Member, Model, Operation, Service, Shape};
use crate::error::ErrorKind;
use crate::wire::pattern::{Class, Node, Pattern, Rest};

pub(super) static MODEL: Model = Model {
    service: Service::Kinesis,
    target_prefix: "Kinesis_20131202",
    namespace: "com.amazonaws.kinesis.v20131202",
    operations: &OPERATIONS,
    shapes: &SHAPES,
};

/// By name.
static OPERATIONS: [Operation; 57] = [
    Operation {
        name: "AcknowledgeDeadLetterQueueRecords",
        service: Service::Kinesis,
        input: 4,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::ResourceNotFound,
            ErrorKind::Throttling,
        ],
    },
    Operation {
        name: "AcknowledgeQueueRecords",
        service: Service::Kinesis,
        input: 7,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::ResourceNotFound,
            ErrorKind::Throttling,
        ],
    },
    Operation {
        name: "AddTagsToStream",
        service: Service::Kinesis,
        input: 14,
        has_output: false,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "CreateChannel",
        service: Service::Kinesis,
        input: 50,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::KmsAccessDenied,
            ErrorKind::KmsDisabled,
            ErrorKind::KmsInvalidState,
            ErrorKind::KmsNotFound,
            ErrorKind::KmsOptInRequired,
            ErrorKind::KmsThrottling,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "CreateQueue",
        service: Service::Kinesis,
        input: 61,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "CreateStream",
        service: Service::Kinesis,
        input: 68,
        has_output: false,
        errors: &[
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "DecreaseStreamRetentionPeriod",
        service: Service::Kinesis,
        input: 69,
        has_output: false,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "DeleteChannel",
        service: Service::Kinesis,
        input: 71,
        has_output: false,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "DeleteQueue",
        service: Service::Kinesis,
        input: 72,
        has_output: false,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "DeleteResourcePolicy",
        service: Service::Kinesis,
        input: 74,
        has_output: false,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "DeleteStream",
        service: Service::Kinesis,
        input: 75,
        has_output: false,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "DeregisterStreamConsumer",
        service: Service::Kinesis,
        input: 77,
        has_output: false,
        errors: &[ErrorKind::InvalidArgument, ErrorKind::LimitExceeded, ErrorKind::ResourceNotFound],
    },
    Operation {
        name: "DescribeAccountSettings",
        service: Service::Kinesis,
        input: 78,
        has_output: true,
        errors: &[ErrorKind::LimitExceeded],
    },
    Operation {
        name: "DescribeChannel",
        service: Service::Kinesis,
        input: 79,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "DescribeLimits",
        service: Service::Kinesis,
        input: 80,
        has_output: true,
        errors: &[ErrorKind::LimitExceeded],
    },
    Operation {
        name: "DescribeQueue",
        service: Service::Kinesis,
        input: 81,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "DescribeStream",
        service: Service::Kinesis,
        input: 83,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "DescribeStreamConsumer",
        service: Service::Kinesis,
        input: 84,
        has_output: true,
        errors: &[ErrorKind::InvalidArgument, ErrorKind::LimitExceeded, ErrorKind::ResourceNotFound],
    },
    Operation {
        name: "DescribeStreamSummary",
        service: Service::Kinesis,
        input: 85,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "DisableEnhancedMonitoring",
        service: Service::Kinesis,
        input: 88,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "EnableEnhancedMonitoring",
        service: Service::Kinesis,
        input: 89,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "GetRecords",
        service: Service::Kinesis,
        input: 91,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::DryRunOperation,
            ErrorKind::ExpiredIterator,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::KmsAccessDenied,
            ErrorKind::KmsDisabled,
            ErrorKind::KmsInvalidState,
            ErrorKind::KmsNotFound,
            ErrorKind::KmsOptInRequired,
            ErrorKind::KmsThrottling,
            ErrorKind::ProvisionedThroughputExceeded,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "GetResourcePolicy",
        service: Service::Kinesis,
        input: 92,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "GetShardIterator",
        service: Service::Kinesis,
        input: 95,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::DryRunOperation,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::ProvisionedThroughputExceeded,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "IncreaseStreamRetentionPeriod",
        service: Service::Kinesis,
        input: 96,
        has_output: false,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "ListChannels",
        service: Service::Kinesis,
        input: 100,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::ExpiredNextToken,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "ListQueues",
        service: Service::Kinesis,
        input: 103,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::ExpiredNextToken,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "ListShards",
        service: Service::Kinesis,
        input: 106,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::ExpiredNextToken,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "ListStreamConsumers",
        service: Service::Kinesis,
        input: 107,
        has_output: true,
        errors: &[
            ErrorKind::ExpiredNextToken,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "ListStreams",
        service: Service::Kinesis,
        input: 108,
        has_output: true,
        errors: &[ErrorKind::ExpiredNextToken, ErrorKind::InvalidArgument, ErrorKind::LimitExceeded],
    },
    Operation {
        name: "ListTagsForResource",
        service: Service::Kinesis,
        input: 109,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "ListTagsForStream",
        service: Service::Kinesis,
        input: 111,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "MergeShards",
        service: Service::Kinesis,
        input: 112,
        has_output: false,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "PutRecord",
        service: Service::Kinesis,
        input: 116,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::DryRunOperation,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::KmsAccessDenied,
            ErrorKind::KmsDisabled,
            ErrorKind::KmsInvalidState,
            ErrorKind::KmsNotFound,
            ErrorKind::KmsOptInRequired,
            ErrorKind::KmsThrottling,
            ErrorKind::ProvisionedThroughputExceeded,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "PutRecords",
        service: Service::Kinesis,
        input: 119,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::DryRunOperation,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::KmsAccessDenied,
            ErrorKind::KmsDisabled,
            ErrorKind::KmsInvalidState,
            ErrorKind::KmsNotFound,
            ErrorKind::KmsOptInRequired,
            ErrorKind::KmsThrottling,
            ErrorKind::ProvisionedThroughputExceeded,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "PutResourcePolicy",
        service: Service::Kinesis,
        input: 121,
        has_output: false,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "ReceiveDeadLetterQueueRecords",
        service: Service::Kinesis,
        input: 124,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::KmsAccessDenied,
            ErrorKind::KmsDisabled,
            ErrorKind::KmsInvalidState,
            ErrorKind::KmsNotFound,
            ErrorKind::KmsOptInRequired,
            ErrorKind::KmsThrottling,
            ErrorKind::ResourceNotFound,
            ErrorKind::Throttling,
        ],
    },
    Operation {
        name: "ReceiveQueueRecords",
        service: Service::Kinesis,
        input: 125,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::KmsAccessDenied,
            ErrorKind::KmsDisabled,
            ErrorKind::KmsInvalidState,
            ErrorKind::KmsNotFound,
            ErrorKind::KmsOptInRequired,
            ErrorKind::KmsThrottling,
            ErrorKind::ResourceNotFound,
            ErrorKind::Throttling,
        ],
    },
    Operation {
        name: "RegisterStreamConsumer",
        service: Service::Kinesis,
        input: 126,
        has_output: true,
        errors: &[
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "RemoveTagsFromStream",
        service: Service::Kinesis,
        input: 128,
        has_output: false,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "RestoreDeadLetterQueueRecords",
        service: Service::Kinesis,
        input: 131,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::ResourceNotFound,
            ErrorKind::Throttling,
        ],
    },
    Operation {
        name: "SplitShard",
        service: Service::Kinesis,
        input: 132,
        has_output: false,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "StartStreamEncryption",
        service: Service::Kinesis,
        input: 134,
        has_output: false,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::KmsAccessDenied,
            ErrorKind::KmsDisabled,
            ErrorKind::KmsInvalidState,
            ErrorKind::KmsNotFound,
            ErrorKind::KmsOptInRequired,
            ErrorKind::KmsThrottling,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "StopStreamEncryption",
        service: Service::Kinesis,
        input: 135,
        has_output: false,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "SubscribeToShard",
        service: Service::Kinesis,
        input: 137,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::DryRunOperation,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "TagResource",
        service: Service::Kinesis,
        input: 138,
        has_output: false,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "UntagResource",
        service: Service::Kinesis,
        input: 139,
        has_output: false,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "UpdateAccountSettings",
        service: Service::Kinesis,
        input: 142,
        has_output: true,
        errors: &[ErrorKind::InvalidArgument, ErrorKind::LimitExceeded, ErrorKind::Validation],
    },
    Operation {
        name: "UpdateChannel",
        service: Service::Kinesis,
        input: 147,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "UpdateDeadLetterQueueRecordsVisibility",
        service: Service::Kinesis,
        input: 150,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::ResourceNotFound,
            ErrorKind::Throttling,
        ],
    },
    Operation {
        name: "UpdateMaxRecordSize",
        service: Service::Kinesis,
        input: 151,
        has_output: false,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "UpdateQueue",
        service: Service::Kinesis,
        input: 152,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "UpdateQueueRecordsVisibility",
        service: Service::Kinesis,
        input: 155,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InternalFailureException,
            ErrorKind::InvalidArgument,
            ErrorKind::ResourceNotFound,
            ErrorKind::Throttling,
        ],
    },
    Operation {
        name: "UpdateShardCount",
        service: Service::Kinesis,
        input: 157,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "UpdateStreamMode",
        service: Service::Kinesis,
        input: 158,
        has_output: false,
        errors: &[
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "UpdateStreamRecordDistributionStrategy",
        service: Service::Kinesis,
        input: 159,
        has_output: false,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
    Operation {
        name: "UpdateStreamWarmThroughput",
        service: Service::Kinesis,
        input: 160,
        has_output: true,
        errors: &[
            ErrorKind::AccessDenied,
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
            ErrorKind::Validation,
        ],
    },
];

static SHAPES: [Shape; 161] = [
    // 0: ReceiptHandle
    Shape::Text { min: 1, max: 1024, pattern: None },
    // 1: AcknowledgeDeadLetterQueueRecordsRequestEntry
    Shape::Structure {
        name: "AcknowledgeDeadLetterQueueRecordsRequestEntry",
        members: &[Member { name: "ReceiptHandle", shape: 0, required: true }],
    },
    // 2: AcknowledgeDeadLetterQueueRecordsRequestEntryList
    Shape::List { member: 1, min: 1, max: 10 },
    // 3: QueueARN
    Shape::Text { min: 1, max: 2048, pattern: Some(&P0) },
    // 4: AcknowledgeDeadLetterQueueRecordsInput
    Shape::Structure {
        name: "AcknowledgeDeadLetterQueueRecordsInput",
        members: &[
            Member { name: "Entries", shape: 2, required: true },
            Member { name: "QueueARN", shape: 3, required: true },
        ],
    },
    // 5: AcknowledgeQueueRecordsRequestEntry
    Shape::Structure {
        name: "AcknowledgeQueueRecordsRequestEntry",
        members: &[Member { name: "ReceiptHandle", shape: 0, required: true }],
    },
    // 6: AcknowledgeQueueRecordsRequestEntryList
    Shape::List { member: 5, min: 1, max: 10 },
    // 7: AcknowledgeQueueRecordsInput
    Shape::Structure {
        name: "AcknowledgeQueueRecordsInput",
        members: &[
            Member { name: "Entries", shape: 6, required: true },
            Member { name: "QueueARN", shape: 3, required: true },
        ],
    },
    // 8: StreamARN
    Shape::Text { min: 1, max: 2048, pattern: Some(&P1) },
    // 9: StreamId
    Shape::Text { min: 1, max: 24, pattern: Some(&P2) },
    // 10: StreamName, ChannelName, QueueName, ConsumerName, ShardId
    Shape::Text { min: 1, max: 128, pattern: Some(&P3) },
    // 11: TagKey
    Shape::Text { min: 1, max: 128, pattern: None },
    // 12: TagValue
    Shape::Text { min: 0, max: 256, pattern: None },
    // 13: TagMap
    Shape::Map { key: 11, value: 12, min: 1, max: 200 },
    // 14: AddTagsToStreamInput
    Shape::Structure {
        name: "AddTagsToStreamInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "StreamName", shape: 10, required: false },
            Member { name: "Tags", shape: 13, required: true },
        ],
    },
    // 15: DataFreshnessInSeconds, RetentionPeriodHours
    Shape::Integer { min: i32::MIN, max: i32::MAX },
    // 16: BucketARN
    Shape::Text { min: 1, max: 2048, pattern: Some(&P4) },
    // 17: ExpectedBucketOwner
    Shape::Text { min: 12, max: 12, pattern: Some(&P5) },
    // 18: S3ErrorOutputPrefix
    Shape::Text { min: 1, max: 512, pattern: Some(&P6) },
    // 19: DeadLetterQueueS3Configuration
    Shape::Structure {
        name: "DeadLetterQueueS3Configuration",
        members: &[
            Member { name: "BucketARN", shape: 16, required: true },
            Member { name: "ExpectedBucketOwner", shape: 17, required: true },
            Member { name: "ErrorOutputPrefix", shape: 18, required: false },
        ],
    },
    // 20: S3StorageClass
    Shape::Enumeration(&["INTELLIGENT_TIERING", "GLACIER_IR", "STANDARD"]),
    // 21: S3OutputKeyTemplate
    Shape::Text { min: 1, max: 1024, pattern: Some(&P7) },
    // 22: S3CompressionType
    Shape::Enumeration(&["ZSTD", "NONE", "GZIP"]),
    // 23: S3StorageConfiguration
    Shape::Structure {
        name: "S3StorageConfiguration",
        members: &[
            Member { name: "StorageClass", shape: 20, required: false },
            Member { name: "BucketARN", shape: 16, required: true },
            Member { name: "OutputKeyTemplate", shape: 21, required: false },
            Member { name: "ExpectedBucketOwner", shape: 17, required: true },
            Member { name: "CompressionType", shape: 22, required: true },
        ],
    },
    // 24: S3DestinationConfiguration
    Shape::Structure {
        name: "S3DestinationConfiguration",
        members: &[
            Member { name: "DataFreshnessInSeconds", shape: 15, required: false },
            Member { name: "DeadLetterQueueS3Configuration", shape: 19, required: false },
            Member { name: "StorageConfiguration", shape: 23, required: true },
        ],
    },
    // 25: TableBucketARN
    Shape::Text { min: 1, max: 2048, pattern: Some(&P8) },
    // 26: S3TablesNamespace, S3TablesTableName
    Shape::Text { min: 1, max: 255, pattern: Some(&P9) },
    // 27: S3TablesCompressionType
    Shape::Enumeration(&["ZSTD", "SNAPPY", "NONE"]),
    // 28: PartitionTransform
    Shape::Enumeration(&["TIME_HOUR"]),
    // 29: PartitionSourceName
    Shape::Text { min: 1, max: 255, pattern: Some(&P10) },
    // 30: PartitionField
    Shape::Structure {
        name: "PartitionField",
        members: &[
            Member { name: "Transform", shape: 28, required: true },
            Member { name: "SourceName", shape: 29, required: true },
        ],
    },
    // 31: PartitionFieldList
    Shape::List { member: 30, min: 1, max: 10 },
    // 32: PartitionSpec
    Shape::Structure {
        name: "PartitionSpec",
        members: &[Member { name: "PartitionFields", shape: 31, required: true }],
    },
    // 33: S3TablesConfiguration
    Shape::Structure {
        name: "S3TablesConfiguration",
        members: &[
            Member { name: "TableBucketARN", shape: 25, required: true },
            Member { name: "Namespace", shape: 26, required: true },
            Member { name: "CompressionType", shape: 27, required: true },
            Member { name: "PartitionSpec", shape: 32, required: false },
            Member { name: "TableName", shape: 26, required: true },
        ],
    },
    // 34: S3TablesConfigurationList
    Shape::List { member: 33, min: 1, max: 10_000 },
    // 35: S3TablesDestinationConfiguration
    Shape::Structure {
        name: "S3TablesDestinationConfiguration",
        members: &[
            Member { name: "DataFreshnessInSeconds", shape: 15, required: false },
            Member { name: "DeadLetterQueueS3Configuration", shape: 19, required: true },
            Member { name: "S3TablesConfigurationList", shape: 34, required: true },
        ],
    },
    // 36: RoleARN
    Shape::Text { min: 1, max: 512, pattern: Some(&P11) },
    // 37: RecordFormatType
    Shape::Enumeration(&["GSR_JSON", "BYTE_ARRAY", "JSON", "STRING"]),
    // 38: GSRSchemaARN
    Shape::Text { min: 1, max: 512, pattern: Some(&P12) },
    // 39: RecordConfiguration
    Shape::Structure {
        name: "RecordConfiguration",
        members: &[
            Member { name: "RecordFormatType", shape: 37, required: true },
            Member { name: "GSRSchemaARN", shape: 38, required: false },
        ],
    },
    // 40: ChannelStreamConfiguration
    Shape::Structure {
        name: "ChannelStreamConfiguration",
        members: &[
            Member { name: "StreamARN", shape: 8, required: true },
            Member { name: "RecordConfiguration", shape: 39, required: true },
        ],
    },
    // 41: ChannelStreamConfigurationList
    Shape::List { member: 40, min: 1, max: 10_000 },
    // 42: ChannelEncryptionType
    Shape::Enumeration(&["KMS"]),
    // 43: KeyId
    Shape::Text { min: 1, max: 2048, pattern: None },
    // 44: ChannelEncryptionConfiguration
    Shape::Structure {
        name: "ChannelEncryptionConfiguration",
        members: &[
            Member { name: "EncryptionType", shape: 42, required: true },
            Member { name: "KeyId", shape: 43, required: true },
        ],
    },
    // 45: CloudWatchLogGroupName
    Shape::Text { min: 1, max: 512, pattern: Some(&P13) },
    // 46: CloudWatchLogStreamName
    Shape::Text { min: 1, max: 512, pattern: Some(&P14) },
    // 47: BooleanObject
    Shape::Boolean,
    // 48: CloudWatchLogs
    Shape::Structure {
        name: "CloudWatchLogs",
        members: &[
            Member { name: "LogGroupName", shape: 45, required: false },
            Member { name: "LogStreamName", shape: 46, required: false },
            Member { name: "Enabled", shape: 47, required: true },
        ],
    },
    // 49: ChannelLoggingConfiguration
    Shape::Structure {
        name: "ChannelLoggingConfiguration",
        members: &[Member { name: "CloudWatchLogs", shape: 48, required: true }],
    },
    // 50: CreateChannelInput
    Shape::Structure {
        name: "CreateChannelInput",
        members: &[
            Member { name: "S3DestinationConfiguration", shape: 24, required: false },
            Member { name: "S3TablesDestinationConfiguration", shape: 35, required: false },
            Member { name: "ServiceExecutionRoleARN", shape: 36, required: true },
            Member { name: "StreamConfigurationList", shape: 41, required: true },
            Member { name: "EncryptionConfiguration", shape: 44, required: false },
            Member { name: "ChannelName", shape: 10, required: true },
            Member { name: "LoggingConfiguration", shape: 49, required: false },
            Member { name: "Tags", shape: 13, required: false },
        ],
    },
    // 51: QueueStartingPositionType
    Shape::Enumeration(&["LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"]),
    // 52: Timestamp
    Shape::Timestamp,
    // 53: QueueStartingPosition
    Shape::Structure {
        name: "QueueStartingPosition",
        members: &[
            Member { name: "Type", shape: 51, required: true },
            Member { name: "Timestamp", shape: 52, required: false },
        ],
    },
    // 54: QueueStreamConfiguration
    Shape::Structure {
        name: "QueueStreamConfiguration",
        members: &[
            Member { name: "StreamARN", shape: 8, required: true },
            Member { name: "StartingPosition", shape: 53, required: false },
        ],
    },
    // 55: QueueStreamConfigurationList
    Shape::List { member: 54, min: 1, max: 10_000 },
    // 56: MaxReceiveCount
    Shape::Integer { min: 1, max: 1000 },
    // 57: TargetType
    Shape::Enumeration(&["BUILT_IN", "NONE"]),
    // 58: DeadLetterConfiguration
    Shape::Structure {
        name: "DeadLetterConfiguration",
        members: &[
            Member { name: "MaxReceiveCount", shape: 56, required: false },
            Member { name: "TargetType", shape: 57, required: true },
        ],
    },
    // 59: VisibilityTimeoutSeconds
    Shape::Integer { min: 0, max: 43_200 },
    // 60: QueueAttributes
    Shape::Structure {
        name: "QueueAttributes",
        members: &[
            Member { name: "DeadLetterConfiguration", shape: 58, required: false },
            Member { name: "VisibilityTimeoutSeconds", shape: 59, required: false },
        ],
    },
    // 61: CreateQueueInput
    Shape::Structure {
        name: "CreateQueueInput",
        members: &[
            Member { name: "QueueName", shape: 10, required: true },
            Member { name: "StreamConfigurationList", shape: 55, required: true },
            Member { name: "QueueAttributes", shape: 60, required: false },
            Member { name: "Tags", shape: 13, required: false },
        ],
    },
    // 62: StreamMode
    Shape::Enumeration(&["ON_DEMAND", "PROVISIONED"]),
    // 63: StreamModeDetails
    Shape::Structure {
        name: "StreamModeDetails",
        members: &[Member { name: "StreamMode", shape: 62, required: true }],
    },
    // 64: NaturalIntegerObject
    Shape::Integer { min: 0, max: i32::MAX },
    // 65: MaxRecordSizeInKiB
    Shape::Integer { min: 1024, max: 10_240 },
    // 66: RecordDistributionStrategy
    Shape::Enumeration(&["AUTO", "USER_PARTITION_KEY"]),
    // 67: PositiveIntegerObject
    Shape::Integer { min: 1, max: i32::MAX },
    // 68: CreateStreamInput
    Shape::Structure {
        name: "CreateStreamInput",
        members: &[
            Member { name: "StreamModeDetails", shape: 63, required: false },
            Member { name: "WarmThroughputMiBps", shape: 64, required: false },
            Member { name: "MaxRecordSizeInKiB", shape: 65, required: false },
            Member { name: "RecordDistributionStrategy", shape: 66, required: false },
            Member { name: "StreamName", shape: 10, required: true },
            Member { name: "ShardCount", shape: 67, required: false },
            Member { name: "Tags", shape: 13, required: false },
        ],
    },
    // 69: DecreaseStreamRetentionPeriodInput
    Shape::Structure {
        name: "DecreaseStreamRetentionPeriodInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "RetentionPeriodHours", shape: 15, required: true },
            Member { name: "StreamName", shape: 10, required: false },
        ],
    },
    // 70: ChannelARN
    Shape::Text { min: 1, max: 2048, pattern: Some(&P15) },
    // 71: DeleteChannelInput
    Shape::Structure {
        name: "DeleteChannelInput",
        members: &[Member { name: "ChannelARN", shape: 70, required: true }],
    },
    // 72: DeleteQueueInput
    Shape::Structure {
        name: "DeleteQueueInput",
        members: &[Member { name: "QueueARN", shape: 3, required: true }],
    },
    // 73: ResourceARN
    Shape::Text { min: 1, max: 2048, pattern: Some(&P16) },
    // 74: DeleteResourcePolicyInput
    Shape::Structure {
        name: "DeleteResourcePolicyInput",
        members: &[
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "ResourceARN", shape: 73, required: true },
        ],
    },
    // 75: DeleteStreamInput
    Shape::Structure {
        name: "DeleteStreamInput",
        members: &[
            Member { name: "EnforceConsumerDeletion", shape: 47, required: false },
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "StreamName", shape: 10, required: false },
        ],
    },
    // 76: ConsumerARN
    Shape::Text { min: 1, max: 2048, pattern: Some(&P17) },
    // 77: DeregisterStreamConsumerInput
    Shape::Structure {
        name: "DeregisterStreamConsumerInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "ConsumerARN", shape: 76, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "ConsumerName", shape: 10, required: false },
        ],
    },
    // 78: DescribeAccountSettingsInput
    Shape::Structure { name: "DescribeAccountSettingsInput", members: &[] },
    // 79: DescribeChannelInput
    Shape::Structure {
        name: "DescribeChannelInput",
        members: &[Member { name: "ChannelARN", shape: 70, required: true }],
    },
    // 80: DescribeLimitsInput
    Shape::Structure { name: "DescribeLimitsInput", members: &[] },
    // 81: DescribeQueueInput
    Shape::Structure {
        name: "DescribeQueueInput",
        members: &[Member { name: "QueueARN", shape: 3, required: true }],
    },
    // 82: DescribeStreamInputLimit, GetRecordsInputLimit, ListChannelsInputLimit, ListQueuesInputLimit, ListShardsInputLimit, ListStreamConsumersInputLimit, ListStreamsInputLimit
    Shape::Integer { min: 1, max: 10_000 },
    // 83: DescribeStreamInput
    Shape::Structure {
        name: "DescribeStreamInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "ExclusiveStartShardId", shape: 10, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "Limit", shape: 82, required: false },
            Member { name: "StreamName", shape: 10, required: false },
        ],
    },
    // 84: DescribeStreamConsumerInput
    Shape::Structure {
        name: "DescribeStreamConsumerInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "ConsumerARN", shape: 76, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "ConsumerName", shape: 10, required: false },
        ],
    },
    // 85: DescribeStreamSummaryInput
    Shape::Structure {
        name: "DescribeStreamSummaryInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "StreamName", shape: 10, required: false },
        ],
    },
    // 86: MetricsName
    Shape::Enumeration(&[
        "ALL",
        "IteratorAgeMilliseconds",
        "IncomingBytes",
        "WriteProvisionedThroughputExceeded",
        "OutgoingRecords",
        "ReadProvisionedThroughputExceeded",
        "IncomingRecords",
        "OutgoingBytes",
    ]),
    // 87: MetricsNameList
    Shape::List { member: 86, min: 1, max: 7 },
    // 88: DisableEnhancedMonitoringInput
    Shape::Structure {
        name: "DisableEnhancedMonitoringInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "ShardLevelMetrics", shape: 87, required: true },
            Member { name: "StreamName", shape: 10, required: false },
        ],
    },
    // 89: EnableEnhancedMonitoringInput
    Shape::Structure {
        name: "EnableEnhancedMonitoringInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "ShardLevelMetrics", shape: 87, required: true },
            Member { name: "StreamName", shape: 10, required: false },
        ],
    },
    // 90: ShardIterator
    Shape::Text { min: 1, max: 512, pattern: None },
    // 91: GetRecordsInput
    Shape::Structure {
        name: "GetRecordsInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "DryRun", shape: 47, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "ShardIterator", shape: 90, required: true },
            Member { name: "Limit", shape: 82, required: false },
        ],
    },
    // 92: GetResourcePolicyInput
    Shape::Structure {
        name: "GetResourcePolicyInput",
        members: &[
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "ResourceARN", shape: 73, required: true },
        ],
    },
    // 93: ShardIteratorType
    Shape::Enumeration(&[
        "AFTER_SEQUENCE_NUMBER",
        "LATEST",
        "AT_TIMESTAMP",
        "AT_SEQUENCE_NUMBER",
        "TRIM_HORIZON",
    ]),
    // 94: SequenceNumber
    Shape::Text { min: 0, max: u32::MAX, pattern: Some(&P18) },
    // 95: GetShardIteratorInput
    Shape::Structure {
        name: "GetShardIteratorInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "DryRun", shape: 47, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "ShardId", shape: 10, required: true },
            Member { name: "ShardIteratorType", shape: 93, required: true },
            Member { name: "StartingSequenceNumber", shape: 94, required: false },
            Member { name: "StreamName", shape: 10, required: false },
            Member { name: "Timestamp", shape: 52, required: false },
        ],
    },
    // 96: IncreaseStreamRetentionPeriodInput
    Shape::Structure {
        name: "IncreaseStreamRetentionPeriodInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "RetentionPeriodHours", shape: 15, required: true },
            Member { name: "StreamName", shape: 10, required: false },
        ],
    },
    // 97: StreamFilter
    Shape::Structure {
        name: "StreamFilter",
        members: &[
            Member { name: "StreamCreationTimestamp", shape: 52, required: false },
            Member { name: "StreamARN", shape: 8, required: true },
        ],
    },
    // 98: StreamFilterList
    Shape::List { member: 97, min: 1, max: 10_000 },
    // 99: NextToken
    Shape::Text { min: 1, max: 1_048_576, pattern: None },
    // 100: ListChannelsInput
    Shape::Structure {
        name: "ListChannelsInput",
        members: &[
            Member { name: "StreamFilter", shape: 98, required: false },
            Member { name: "MaxResults", shape: 82, required: false },
            Member { name: "NextToken", shape: 99, required: false },
        ],
    },
    // 101: QueueStreamFilter
    Shape::Structure {
        name: "QueueStreamFilter",
        members: &[
            Member { name: "StreamCreationTimestamp", shape: 52, required: false },
            Member { name: "StreamARN", shape: 8, required: true },
        ],
    },
    // 102: QueueStreamFilterList
    Shape::List { member: 101, min: 1, max: 10_000 },
    // 103: ListQueuesInput
    Shape::Structure {
        name: "ListQueuesInput",
        members: &[
            Member { name: "StreamFilter", shape: 102, required: false },
            Member { name: "MaxResults", shape: 82, required: false },
            Member { name: "NextToken", shape: 99, required: false },
        ],
    },
    // 104: ShardFilterType
    Shape::Enumeration(&[
        "FROM_TIMESTAMP",
        "AT_TIMESTAMP",
        "AT_TRIM_HORIZON",
        "AT_LATEST",
        "FROM_TRIM_HORIZON",
        "AFTER_SHARD_ID",
    ]),
    // 105: ShardFilter
    Shape::Structure {
        name: "ShardFilter",
        members: &[
            Member { name: "ShardId", shape: 10, required: false },
            Member { name: "Type", shape: 104, required: true },
            Member { name: "Timestamp", shape: 52, required: false },
        ],
    },
    // 106: ListShardsInput
    Shape::Structure {
        name: "ListShardsInput",
        members: &[
            Member { name: "StreamCreationTimestamp", shape: 52, required: false },
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "ExclusiveStartShardId", shape: 10, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "ShardFilter", shape: 105, required: false },
            Member { name: "NextToken", shape: 99, required: false },
            Member { name: "MaxResults", shape: 82, required: false },
            Member { name: "StreamName", shape: 10, required: false },
        ],
    },
    // 107: ListStreamConsumersInput
    Shape::Structure {
        name: "ListStreamConsumersInput",
        members: &[
            Member { name: "StreamCreationTimestamp", shape: 52, required: false },
            Member { name: "StreamARN", shape: 8, required: true },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "NextToken", shape: 99, required: false },
            Member { name: "MaxResults", shape: 82, required: false },
        ],
    },
    // 108: ListStreamsInput
    Shape::Structure {
        name: "ListStreamsInput",
        members: &[
            Member { name: "NextToken", shape: 99, required: false },
            Member { name: "ExclusiveStartStreamName", shape: 10, required: false },
            Member { name: "Limit", shape: 82, required: false },
        ],
    },
    // 109: ListTagsForResourceInput
    Shape::Structure {
        name: "ListTagsForResourceInput",
        members: &[
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "ResourceARN", shape: 73, required: true },
        ],
    },
    // 110: ListTagsForStreamInputLimit
    Shape::Integer { min: 1, max: 50 },
    // 111: ListTagsForStreamInput
    Shape::Structure {
        name: "ListTagsForStreamInput",
        members: &[
            Member { name: "ExclusiveStartTagKey", shape: 11, required: false },
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "Limit", shape: 110, required: false },
            Member { name: "StreamName", shape: 10, required: false },
        ],
    },
    // 112: MergeShardsInput
    Shape::Structure {
        name: "MergeShardsInput",
        members: &[
            Member { name: "AdjacentShardToMerge", shape: 10, required: true },
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "ShardToMerge", shape: 10, required: true },
            Member { name: "StreamName", shape: 10, required: false },
        ],
    },
    // 113: Data
    Shape::Blob { min: 0, max: 10_485_760 },
    // 114: PartitionKey
    Shape::Text { min: 1, max: 256, pattern: None },
    // 115: HashKey
    Shape::Text { min: 0, max: u32::MAX, pattern: Some(&P19) },
    // 116: PutRecordInput
    Shape::Structure {
        name: "PutRecordInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "DryRun", shape: 47, required: false },
            Member { name: "Data", shape: 113, required: true },
            Member { name: "PartitionKey", shape: 114, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "ExplicitHashKey", shape: 115, required: false },
            Member { name: "SequenceNumberForOrdering", shape: 94, required: false },
            Member { name: "StreamName", shape: 10, required: false },
        ],
    },
    // 117: PutRecordsRequestEntry
    Shape::Structure {
        name: "PutRecordsRequestEntry",
        members: &[
            Member { name: "Data", shape: 113, required: true },
            Member { name: "PartitionKey", shape: 114, required: false },
            Member { name: "ExplicitHashKey", shape: 115, required: false },
        ],
    },
    // 118: PutRecordsRequestEntryList
    Shape::List { member: 117, min: 1, max: 500 },
    // 119: PutRecordsInput
    Shape::Structure {
        name: "PutRecordsInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "DryRun", shape: 47, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "Records", shape: 118, required: true },
            Member { name: "StreamName", shape: 10, required: false },
        ],
    },
    // 120: Policy
    Shape::Text { min: 0, max: u32::MAX, pattern: None },
    // 121: PutResourcePolicyInput
    Shape::Structure {
        name: "PutResourcePolicyInput",
        members: &[
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "ResourceARN", shape: 73, required: true },
            Member { name: "Policy", shape: 120, required: true },
        ],
    },
    // 122: ReceiveQueueRecordsWaitTimeSeconds
    Shape::Integer { min: 1, max: 20 },
    // 123: ReceiveQueueRecordsInputLimit
    Shape::Integer { min: 1, max: 10 },
    // 124: ReceiveDeadLetterQueueRecordsInput
    Shape::Structure {
        name: "ReceiveDeadLetterQueueRecordsInput",
        members: &[
            Member { name: "WaitTimeSeconds", shape: 122, required: false },
            Member { name: "Limit", shape: 123, required: false },
            Member { name: "VisibilityTimeoutSeconds", shape: 59, required: false },
            Member { name: "QueueARN", shape: 3, required: true },
        ],
    },
    // 125: ReceiveQueueRecordsInput
    Shape::Structure {
        name: "ReceiveQueueRecordsInput",
        members: &[
            Member { name: "WaitTimeSeconds", shape: 122, required: false },
            Member { name: "Limit", shape: 123, required: false },
            Member { name: "VisibilityTimeoutSeconds", shape: 59, required: false },
            Member { name: "QueueARN", shape: 3, required: true },
        ],
    },
    // 126: RegisterStreamConsumerInput
    Shape::Structure {
        name: "RegisterStreamConsumerInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: true },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "ConsumerName", shape: 10, required: true },
            Member { name: "Tags", shape: 13, required: false },
        ],
    },
    // 127: TagKeyList
    Shape::List { member: 11, min: 1, max: 50 },
    // 128: RemoveTagsFromStreamInput
    Shape::Structure {
        name: "RemoveTagsFromStreamInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "TagKeys", shape: 127, required: true },
            Member { name: "StreamName", shape: 10, required: false },
        ],
    },
    // 129: RestoreDeadLetterQueueRecordsRequestEntry
    Shape::Structure {
        name: "RestoreDeadLetterQueueRecordsRequestEntry",
        members: &[Member { name: "ReceiptHandle", shape: 0, required: true }],
    },
    // 130: RestoreDeadLetterQueueRecordsRequestEntryList
    Shape::List { member: 129, min: 1, max: 10 },
    // 131: RestoreDeadLetterQueueRecordsInput
    Shape::Structure {
        name: "RestoreDeadLetterQueueRecordsInput",
        members: &[
            Member { name: "Entries", shape: 130, required: true },
            Member { name: "QueueARN", shape: 3, required: true },
        ],
    },
    // 132: SplitShardInput
    Shape::Structure {
        name: "SplitShardInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "NewStartingHashKey", shape: 115, required: true },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "ShardToSplit", shape: 10, required: true },
            Member { name: "StreamName", shape: 10, required: false },
        ],
    },
    // 133: EncryptionType
    Shape::Enumeration(&["KMS", "NONE"]),
    // 134: StartStreamEncryptionInput
    Shape::Structure {
        name: "StartStreamEncryptionInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "EncryptionType", shape: 133, required: true },
            Member { name: "KeyId", shape: 43, required: true },
            Member { name: "StreamName", shape: 10, required: false },
        ],
    },
    // 135: StopStreamEncryptionInput
    Shape::Structure {
        name: "StopStreamEncryptionInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "EncryptionType", shape: 133, required: true },
            Member { name: "KeyId", shape: 43, required: true },
            Member { name: "StreamName", shape: 10, required: false },
        ],
    },
    // 136: StartingPosition
    Shape::Structure {
        name: "StartingPosition",
        members: &[
            Member { name: "SequenceNumber", shape: 94, required: false },
            Member { name: "Type", shape: 93, required: true },
            Member { name: "Timestamp", shape: 52, required: false },
        ],
    },
    // 137: SubscribeToShardInput
    Shape::Structure {
        name: "SubscribeToShardInput",
        members: &[
            Member { name: "ConsumerARN", shape: 76, required: true },
            Member { name: "DryRun", shape: 47, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "ShardId", shape: 10, required: true },
            Member { name: "StartingPosition", shape: 136, required: true },
        ],
    },
    // 138: TagResourceInput
    Shape::Structure {
        name: "TagResourceInput",
        members: &[
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "ResourceARN", shape: 73, required: true },
            Member { name: "Tags", shape: 13, required: true },
        ],
    },
    // 139: UntagResourceInput
    Shape::Structure {
        name: "UntagResourceInput",
        members: &[
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "TagKeys", shape: 127, required: true },
            Member { name: "ResourceARN", shape: 73, required: true },
        ],
    },
    // 140: MinimumThroughputBillingCommitmentInputStatus
    Shape::Enumeration(&["ENABLED", "DISABLED"]),
    // 141: MinimumThroughputBillingCommitmentInput
    Shape::Structure {
        name: "MinimumThroughputBillingCommitmentInput",
        members: &[Member { name: "Status", shape: 140, required: true }],
    },
    // 142: UpdateAccountSettingsInput
    Shape::Structure {
        name: "UpdateAccountSettingsInput",
        members: &[Member { name: "MinimumThroughputBillingCommitment", shape: 141, required: true }],
    },
    // 143: S3DestinationUpdateInput
    Shape::Structure {
        name: "S3DestinationUpdateInput",
        members: &[Member { name: "DataFreshnessInSeconds", shape: 15, required: true }],
    },
    // 144: S3TablesDestinationUpdateInput
    Shape::Structure {
        name: "S3TablesDestinationUpdateInput",
        members: &[Member { name: "DataFreshnessInSeconds", shape: 15, required: true }],
    },
    // 145: CloudWatchLogsUpdateInput
    Shape::Structure {
        name: "CloudWatchLogsUpdateInput",
        members: &[
            Member { name: "LogGroupName", shape: 45, required: false },
            Member { name: "LogStreamName", shape: 46, required: false },
            Member { name: "Enabled", shape: 47, required: true },
        ],
    },
    // 146: ChannelLoggingUpdateInput
    Shape::Structure {
        name: "ChannelLoggingUpdateInput",
        members: &[Member { name: "CloudWatchLogs", shape: 145, required: true }],
    },
    // 147: UpdateChannelInput
    Shape::Structure {
        name: "UpdateChannelInput",
        members: &[
            Member { name: "S3DestinationConfiguration", shape: 143, required: false },
            Member { name: "S3TablesDestinationConfiguration", shape: 144, required: false },
            Member { name: "ChannelARN", shape: 70, required: true },
            Member { name: "LoggingConfiguration", shape: 146, required: false },
        ],
    },
    // 148: UpdateDeadLetterQueueRecordsVisibilityRequestEntry
    Shape::Structure {
        name: "UpdateDeadLetterQueueRecordsVisibilityRequestEntry",
        members: &[
            Member { name: "ReceiptHandle", shape: 0, required: true },
            Member { name: "VisibilityTimeoutSeconds", shape: 59, required: true },
        ],
    },
    // 149: UpdateDeadLetterQueueRecordsVisibilityRequestEntryList
    Shape::List { member: 148, min: 1, max: 10 },
    // 150: UpdateDeadLetterQueueRecordsVisibilityInput
    Shape::Structure {
        name: "UpdateDeadLetterQueueRecordsVisibilityInput",
        members: &[
            Member { name: "Entries", shape: 149, required: true },
            Member { name: "QueueARN", shape: 3, required: true },
        ],
    },
    // 151: UpdateMaxRecordSizeInput
    Shape::Structure {
        name: "UpdateMaxRecordSizeInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "MaxRecordSizeInKiB", shape: 65, required: true },
        ],
    },
    // 152: UpdateQueueInput
    Shape::Structure {
        name: "UpdateQueueInput",
        members: &[
            Member { name: "QueueARN", shape: 3, required: true },
            Member { name: "QueueAttributes", shape: 60, required: true },
        ],
    },
    // 153: UpdateQueueRecordsVisibilityRequestEntry
    Shape::Structure {
        name: "UpdateQueueRecordsVisibilityRequestEntry",
        members: &[
            Member { name: "ReceiptHandle", shape: 0, required: true },
            Member { name: "VisibilityTimeoutSeconds", shape: 59, required: true },
        ],
    },
    // 154: UpdateQueueRecordsVisibilityRequestEntryList
    Shape::List { member: 153, min: 1, max: 10 },
    // 155: UpdateQueueRecordsVisibilityInput
    Shape::Structure {
        name: "UpdateQueueRecordsVisibilityInput",
        members: &[
            Member { name: "Entries", shape: 154, required: true },
            Member { name: "QueueARN", shape: 3, required: true },
        ],
    },
    // 156: ScalingType
    Shape::Enumeration(&["UNIFORM_SCALING"]),
    // 157: UpdateShardCountInput
    Shape::Structure {
        name: "UpdateShardCountInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "ScalingType", shape: 156, required: true },
            Member { name: "StreamName", shape: 10, required: false },
            Member { name: "TargetShardCount", shape: 67, required: true },
        ],
    },
    // 158: UpdateStreamModeInput
    Shape::Structure {
        name: "UpdateStreamModeInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: true },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "StreamModeDetails", shape: 63, required: true },
            Member { name: "WarmThroughputMiBps", shape: 64, required: false },
        ],
    },
    // 159: UpdateStreamRecordDistributionStrategyInput
    Shape::Structure {
        name: "UpdateStreamRecordDistributionStrategyInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: true },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "RecordDistributionStrategy", shape: 66, required: true },
        ],
    },
    // 160: UpdateStreamWarmThroughputInput
    Shape::Structure {
        name: "UpdateStreamWarmThroughputInput",
        members: &[
            Member { name: "StreamARN", shape: 8, required: false },
            Member { name: "StreamId", shape: 9, required: false },
            Member { name: "WarmThroughputMiBps", shape: 64, required: true },
            Member { name: "StreamName", shape: 10, required: false },
        ],
    },
];

static P0: Pattern = Pattern {
    source: r"arn:aws.*:kinesis:.*:\d{12}:queue/\S+",
    nodes: &[
        Node::Text("arn:aws"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::Text(":kinesis:"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::Text(":"),
        Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 12, 12),
        Node::Text(":queue/"),
        Node::Run(&Class::new(0xffffffff_ffffffff_fffffffe_ffffc1ff, Rest::All), 1, 0),
    ],
};
static P1: Pattern = Pattern {
    source: r"arn:aws.*:kinesis:.*:\d{12}:stream/\S+",
    nodes: &[
        Node::Text("arn:aws"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::Text(":kinesis:"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::Text(":"),
        Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 12, 12),
        Node::Text(":stream/"),
        Node::Run(&Class::new(0xffffffff_ffffffff_fffffffe_ffffc1ff, Rest::All), 1, 0),
    ],
};
static P2: Pattern = Pattern {
    source: r"[a-z0-9]{20}-[a-z0-9]{3}",
    nodes: &[
        Node::Run(&Class::new(0x07fffffe_00000000_03ff0000_00000000, Rest::None), 20, 20),
        Node::Text("-"),
        Node::Run(&Class::new(0x07fffffe_00000000_03ff0000_00000000, Rest::None), 3, 3),
    ],
};
static P3: Pattern = Pattern {
    source: r"[a-zA-Z0-9_.-]+",
    nodes: &[Node::Run(&Class::new(0x07fffffe_87fffffe_03ff6000_00000000, Rest::None), 1, 0)],
};
static P4: Pattern = Pattern {
    source: r"arn:aws[-a-z0-9]*:s3:::[a-z0-9._-]{3,63}",
    nodes: &[
        Node::Text("arn:aws"),
        Node::Run(&Class::new(0x07fffffe_00000000_03ff2000_00000000, Rest::None), 0, 0),
        Node::Text(":s3:::"),
        Node::Run(&Class::new(0x07fffffe_80000000_03ff6000_00000000, Rest::None), 3, 63),
    ],
};
static P5: Pattern = Pattern {
    source: r"\d{12}",
    nodes: &[Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 12, 12)],
};
static P6: Pattern = Pattern {
    source: r"[0-9A-Za-z!\-_'.*()\/]+",
    nodes: &[Node::Run(&Class::new(0x07fffffe_87fffffe_03ffe782_00000000, Rest::None), 1, 0)],
};
static P7: Pattern = Pattern {
    source: r"[0-9A-Za-z!\-_'.*()\/=:{}]+",
    nodes: &[Node::Run(&Class::new(0x2ffffffe_87fffffe_27ffe782_00000000, Rest::None), 1, 0)],
};
static P8: Pattern = Pattern {
    source: r"arn:aws[-a-z0-9]*:s3tables:[-a-z0-9]+:\d{12}:bucket/[a-z0-9_-]{3,63}",
    nodes: &[
        Node::Text("arn:aws"),
        Node::Run(&Class::new(0x07fffffe_00000000_03ff2000_00000000, Rest::None), 0, 0),
        Node::Text(":s3tables:"),
        Node::Run(&Class::new(0x07fffffe_00000000_03ff2000_00000000, Rest::None), 1, 0),
        Node::Text(":"),
        Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 12, 12),
        Node::Text(":bucket/"),
        Node::Run(&Class::new(0x07fffffe_80000000_03ff2000_00000000, Rest::None), 3, 63),
    ],
};
static P9: Pattern = Pattern {
    source: r"[0-9a-z_]+",
    nodes: &[Node::Run(&Class::new(0x07fffffe_80000000_03ff0000_00000000, Rest::None), 1, 0)],
};
static P10: Pattern = Pattern {
    source: r"[a-zA-Z0-9\.\_]+",
    nodes: &[Node::Run(&Class::new(0x07fffffe_87fffffe_03ff4000_00000000, Rest::None), 1, 0)],
};
static P11: Pattern = Pattern {
    source: r"arn:aws[-a-z0-9]*:iam::\d{12}:role/[a-zA-Z_0-9+=,.@\-_/]+",
    nodes: &[
        Node::Text("arn:aws"),
        Node::Run(&Class::new(0x07fffffe_00000000_03ff2000_00000000, Rest::None), 0, 0),
        Node::Text(":iam::"),
        Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 12, 12),
        Node::Text(":role/"),
        Node::Run(&Class::new(0x07fffffe_87ffffff_23fff800_00000000, Rest::None), 1, 0),
    ],
};
static P12: Pattern = Pattern {
    source: r"arn:aws[-a-z0-9]*:glue:[-a-z0-9]+:\d{12}:schema/[-a-zA-Z0-9_$#.]+/[-a-zA-Z0-9_$#.]+",
    nodes: &[
        Node::Text("arn:aws"),
        Node::Run(&Class::new(0x07fffffe_00000000_03ff2000_00000000, Rest::None), 0, 0),
        Node::Text(":glue:"),
        Node::Run(&Class::new(0x07fffffe_00000000_03ff2000_00000000, Rest::None), 1, 0),
        Node::Text(":"),
        Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 12, 12),
        Node::Text(":schema/"),
        Node::Run(&Class::new(0x07fffffe_87fffffe_03ff6018_00000000, Rest::None), 1, 0),
        Node::Text("/"),
        Node::Run(&Class::new(0x07fffffe_87fffffe_03ff6018_00000000, Rest::None), 1, 0),
    ],
};
static P13: Pattern = Pattern {
    source: r"[\.\-_/#A-Za-z0-9]+",
    nodes: &[Node::Run(&Class::new(0x07fffffe_87fffffe_03ffe008_00000000, Rest::None), 1, 0)],
};
static P14: Pattern = Pattern {
    source: r"[^:*]*",
    nodes: &[Node::Run(&Class::new(0xffffffff_ffffffff_fbfffbff_ffffffff, Rest::All), 0, 0)],
};
static P15: Pattern = Pattern {
    source: r"arn:aws.*:kinesis:.*:\d{12}:channel/\S+",
    nodes: &[
        Node::Text("arn:aws"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::Text(":kinesis:"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::Text(":"),
        Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 12, 12),
        Node::Text(":channel/"),
        Node::Run(&Class::new(0xffffffff_ffffffff_fffffffe_ffffc1ff, Rest::All), 1, 0),
    ],
};
static P16: Pattern = Pattern {
    source: r"arn:aws.*:kinesis:.*:\d{12}:.*(stream|channel|queue)/\S+",
    nodes: &[
        Node::Text("arn:aws"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::Text(":kinesis:"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::Text(":"),
        Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 12, 12),
        Node::Text(":"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::OneOf(&[&[Node::Text("stream")], &[Node::Text("channel")], &[Node::Text("queue")]]),
        Node::Text("/"),
        Node::Run(&Class::new(0xffffffff_ffffffff_fffffffe_ffffc1ff, Rest::All), 1, 0),
    ],
};
static P17: Pattern = Pattern {
    source: r"^(arn):aws.*:kinesis:.*:\d{12}:.*stream\/[a-zA-Z0-9_.-]+\/consumer\/[a-zA-Z0-9_.-]+:[0-9]+",
    nodes: &[
        Node::Start,
        Node::Text("arn:aws"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::Text(":kinesis:"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::Text(":"),
        Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 12, 12),
        Node::Text(":"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::Text("stream/"),
        Node::Run(&Class::new(0x07fffffe_87fffffe_03ff6000_00000000, Rest::None), 1, 0),
        Node::Text("/consumer/"),
        Node::Run(&Class::new(0x07fffffe_87fffffe_03ff6000_00000000, Rest::None), 1, 0),
        Node::Text(":"),
        Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 1, 0),
    ],
};
static P18: Pattern = Pattern {
    source: r"^(0|([1-9]\d{0,128}))$",
    nodes: &[
        Node::Start,
        Node::OneOf(&[
            &[Node::Text("0")],
            &[
                Node::Run(&Class::new(0x00000000_00000000_03fe0000_00000000, Rest::None), 1, 1),
                Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 0, 128),
            ],
        ]),
        Node::End,
    ],
};
static P19: Pattern = Pattern {
    source: r"^(0|([1-9]\d{0,38}))$",
    nodes: &[
        Node::Start,
        Node::OneOf(&[
            &[Node::Text("0")],
            &[
                Node::Run(&Class::new(0x00000000_00000000_03fe0000_00000000, Rest::None), 1, 1),
                Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 0, 38),
            ],
        ]),
        Node::End,
    ],
};

/// The codes of all errors that the model names.
#[cfg(test)]
pub(super) const ERROR_CODES: &[&str] = &[
    "AccessDeniedException",
    "DryRunOperationException",
    "ExpiredIteratorException",
    "ExpiredNextTokenException",
    "InternalFailureException",
    "InvalidArgumentException",
    "KMSAccessDeniedException",
    "KMSDisabledException",
    "KMSInvalidStateException",
    "KMSNotFoundException",
    "KMSOptInRequired",
    "KMSThrottlingException",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "ResourceInUseException",
    "ResourceNotFoundException",
    "ThrottlingException",
    "ValidationException",
];
