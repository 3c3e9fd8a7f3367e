//! Inputs and outputs of the operations, member for member as in the service model (Firehose 2015-08-04).
//!
//! Inputs borrow from the request. The model's own constraints (required members, lengths, ranges, patterns,
//! enums) hold already when an input gets here; the validator of the wire checked them.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};

use crate::rng::{mix, split_mix};
use crate::snapshot::Persist;
use crate::time::Timestamp;

/// `CreateDeliveryStream`.
#[derive(Clone, Debug, Default)]
pub(crate) struct CreateDeliveryStream<'a> {
    pub(crate) delivery_stream_name: &'a str,
    pub(crate) delivery_stream_type: Option<&'a str>,
    pub(crate) kinesis_stream_source_configuration: Option<KinesisStreamSourceConfiguration<'a>>,
    pub(crate) s3_destination_configuration: Option<Box<S3Configuration<'a>>>,
    pub(crate) extended_s3_destination_configuration: Option<Box<S3Configuration<'a>>>,
    /// Names of other members that are present: destinations, sources, encryption, tags.
    pub(crate) others: Vec<&'a str>,
}

/// `KinesisStreamSourceConfiguration`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KinesisStreamSourceConfiguration<'a> {
    pub(crate) kinesis_stream_arn: &'a str,
    pub(crate) role_arn: &'a str,
}

/// `S3DestinationConfiguration` and, with the members after the blank line, `ExtendedS3DestinationConfiguration`.
#[derive(Clone, Debug, Default)]
pub(crate) struct S3Configuration<'a> {
    pub(crate) role_arn: &'a str,
    pub(crate) bucket_arn: &'a str,
    pub(crate) prefix: Option<&'a str>,
    pub(crate) error_output_prefix: Option<&'a str>,
    pub(crate) buffering_hints: Option<BufferingHintsInput>,
    pub(crate) compression_format: Option<&'a str>,
    pub(crate) encryption_configuration: Option<EncryptionConfigurationInput>,
    pub(crate) cloud_watch_logging_options: Option<CloudWatchLoggingOptionsInput<'a>>,

    pub(crate) processing_configuration: Option<SwitchInput<'a>>,
    pub(crate) s3_backup_mode: Option<&'a str>,
    pub(crate) data_format_conversion_configuration: Option<SwitchInput<'a>>,
    pub(crate) dynamic_partitioning_configuration: Option<SwitchInput<'a>>,
    pub(crate) file_extension: Option<&'a str>,
    pub(crate) custom_time_zone: Option<&'a str>,
    /// Names of other members that are present: the backup's configuration.
    pub(crate) others: Vec<&'a str>,
}

/// `BufferingHints` as given.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BufferingHintsInput {
    pub(crate) size_in_mbs: Option<i64>,
    pub(crate) interval_in_seconds: Option<i64>,
}

/// `EncryptionConfiguration` as given. `NoEncryptionConfig` has one value, which is the default.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EncryptionConfigurationInput {
    /// Whether `KMSEncryptionConfig` is present.
    pub(crate) kms_encryption_config: bool,
}

/// `CloudWatchLoggingOptions` as given.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CloudWatchLoggingOptionsInput<'a> {
    pub(crate) enabled: Option<bool>,
    pub(crate) log_group_name: Option<&'a str>,
    pub(crate) log_stream_name: Option<&'a str>,
}

/// A structure with a member `Enabled`, of which only the disabled form is understood yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct SwitchInput<'a> {
    pub(crate) enabled: Option<bool>,
    /// Names of other members that are present and not empty.
    pub(crate) others: Vec<&'a str>,
}

/// `DescribeDeliveryStream`. AWS ignores `Limit` and `ExclusiveStartDestinationId`, since there is one
/// destination at most (reference: firehose.md §1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct DescribeDeliveryStream<'a> {
    pub(crate) delivery_stream_name: &'a str,
}

/// `ListDeliveryStreams`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ListDeliveryStreams<'a> {
    pub(crate) limit: Option<i64>,
    pub(crate) delivery_stream_type: Option<&'a str>,
    pub(crate) exclusive_start_delivery_stream_name: Option<&'a str>,
}

/// `DeleteDeliveryStream`. `AllowForceDelete` matters only where a key grant cannot be retired; there are none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeleteDeliveryStream<'a> {
    pub(crate) delivery_stream_name: &'a str,
}

/// `PutRecord`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PutRecord<'a> {
    pub(crate) delivery_stream_name: &'a str,
    pub(crate) data: &'a [u8],
}

/// `PutRecordBatch`.
#[derive(Clone, Debug)]
pub(crate) struct PutRecordBatch<'a> {
    pub(crate) delivery_stream_name: &'a str,
    pub(crate) records: Vec<&'a [u8]>,
}

/// Answer to `CreateDeliveryStream`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateDeliveryStreamOutput {
    #[serde(rename = "DeliveryStreamARN")]
    pub(crate) delivery_stream_arn: String,
}

/// Answer to `DeleteDeliveryStream`: an empty structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct DeleteDeliveryStreamOutput {}

/// Answer to `ListDeliveryStreams`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListDeliveryStreamsOutput {
    pub(crate) delivery_stream_names: Vec<String>,
    pub(crate) has_more_delivery_streams: bool,
}

/// Answer to `PutRecord`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutRecordOutput {
    pub(crate) record_id: RecordId,
    pub(crate) encrypted: bool,
}

/// Answer to `PutRecordBatch`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutRecordBatchOutput {
    pub(crate) failed_put_count: u32,
    pub(crate) encrypted: bool,
    pub(crate) request_responses: Vec<PutRecordBatchResponseEntry>,
}

/// What became of one record of a batch: an id, or a code and a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutRecordBatchResponseEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) record_id: Option<RecordId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_message: Option<&'static str>,
}

/// Answer to `DescribeDeliveryStream`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeDeliveryStreamOutput {
    pub(crate) delivery_stream_description: DeliveryStreamDescription,
}

/// `DeliveryStreamDescription`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeliveryStreamDescription {
    pub(crate) delivery_stream_name: String,
    #[serde(rename = "DeliveryStreamARN")]
    pub(crate) delivery_stream_arn: String,
    pub(crate) delivery_stream_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delivery_stream_encryption_configuration: Option<EncryptionStatus>,
    pub(crate) delivery_stream_type: &'static str,
    pub(crate) version_id: String,
    pub(crate) create_timestamp: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<SourceDescription>,
    pub(crate) destinations: Vec<DestinationDescription>,
    pub(crate) has_more_destinations: bool,
}

/// `DeliveryStreamEncryptionConfiguration`: server-side encryption is a status machine, and off so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EncryptionStatus {
    pub(crate) status: &'static str,
}

/// `SourceDescription`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SourceDescription {
    pub(crate) kinesis_stream_source_description: KinesisStreamSourceDescription,
}

/// `KinesisStreamSourceDescription`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KinesisStreamSourceDescription {
    #[serde(rename = "KinesisStreamARN")]
    pub(crate) kinesis_stream_arn: String,
    #[serde(rename = "RoleARN")]
    pub(crate) role_arn: String,
    pub(crate) delivery_start_timestamp: Timestamp,
}

/// `DestinationDescription`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DestinationDescription {
    pub(crate) destination_id: &'static str,
    #[serde(rename = "S3DestinationDescription")]
    pub(crate) s3_destination_description: S3Description,
    #[serde(rename = "ExtendedS3DestinationDescription")]
    pub(crate) extended_s3_destination_description: S3Description,
}

/// `S3DestinationDescription` and, with the members after the blank line, `ExtendedS3DestinationDescription`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct S3Description {
    #[serde(rename = "RoleARN")]
    pub(crate) role_arn: String,
    #[serde(rename = "BucketARN")]
    pub(crate) bucket_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_output_prefix: Option<String>,
    pub(crate) buffering_hints: BufferingHints,
    pub(crate) compression_format: &'static str,
    pub(crate) encryption_configuration: NoEncryption,
    pub(crate) cloud_watch_logging_options: CloudWatchLoggingOptions,

    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) processing_configuration: Option<ProcessingOff>,
    #[serde(rename = "S3BackupMode", skip_serializing_if = "Option::is_none")]
    pub(crate) s3_backup_mode: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) data_format_conversion_configuration: Option<SwitchedOff>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dynamic_partitioning_configuration: Option<SwitchedOff>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file_extension: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) custom_time_zone: Option<String>,
}

/// `BufferingHints` in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Persist)]
pub(crate) struct BufferingHints {
    #[serde(rename = "SizeInMBs")]
    pub(crate) size_in_mbs: u32,
    #[serde(rename = "IntervalInSeconds")]
    pub(crate) interval_in_seconds: u32,
}

/// `EncryptionConfiguration` of objects that are not encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NoEncryption {
    pub(crate) no_encryption_config: &'static str,
}

/// `CloudWatchLoggingOptions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Persist)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CloudWatchLoggingOptions {
    pub(crate) enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log_group_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log_stream_name: Option<String>,
}

/// `{"Enabled": false}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Persist)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SwitchedOff {
    pub(crate) enabled: bool,
}

/// `{"Enabled": false, "Processors": []}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Persist)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ProcessingOff {
    pub(crate) enabled: bool,
    #[persist(skip)]
    pub(crate) processors: [(); 0],
}

/// The id of a record: opaque, unique, and as long as on AWS (168 bytes in base64). It is kept as the bits it is
/// made of, and becomes text when the answer is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct RecordId {
    request: u128,
    index: u32,
}

const RECORD_ID_BYTES: usize = 168;
const RECORD_ID_CHARS: usize = RECORD_ID_BYTES / 3 * 4;

impl RecordId {
    /// The id of the `index`-th record of a request that drew the bits `request`.
    pub(crate) const fn new(request: u128, index: u32) -> Self {
        Self { request, index }
    }

    fn bytes(self) -> [u8; RECORD_ID_BYTES] {
        let mut bytes = [0; RECORD_ID_BYTES];
        // The bits themselves come first, scrambled by bijections, so that two ids differ for sure.
        let high = mix((self.request >> 64) as u64 ^ u64::from(self.index));
        let mut state = high ^ mix(self.request as u64);
        for (n, chunk) in bytes.chunks_exact_mut(8).enumerate() {
            let word = if n == 0 { high } else { split_mix(&mut state) };
            chunk.copy_from_slice(&word.to_be_bytes());
        }
        bytes
    }
}

impl RecordId {
    fn with_text<T>(self, take: impl FnOnce(&str) -> T) -> T {
        let mut text = [0; RECORD_ID_CHARS];
        // Neither step can fail: the length is exact, and base64 is ASCII.
        let written = STANDARD.encode_slice(self.bytes(), &mut text).unwrap_or(0);
        take(core::str::from_utf8(&text[..written]).unwrap_or_default())
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_text(|text| f.write_str(text))
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for RecordId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.with_text(|text| serializer.serialize_str(text))
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn record_ids_are_long_and_unique() {
        let drawn: BTreeSet<String> = (0..4)
            .flat_map(|n| {
                let bits = crate::Seed::new(0).draw("arn", n);
                (0..500).map(move |index| RecordId::new(bits, index).to_string())
            })
            .collect();
        assert_eq!(drawn.len(), 2000);
        assert!(drawn.iter().all(|id| id.len() == RECORD_ID_CHARS));
    }
}
