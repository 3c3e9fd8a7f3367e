//! Inputs of Amazon Data Firehose from the members of a request.
//!
//! Configurations are read member by member, and every member that is not known goes into a list of others,
//! which is refused: nothing that a client writes is passed over.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::unsupported_operation;
use crate::engine::call::Input;
use crate::error::Error;
use crate::firehose::{
    BufferingHintsInput, CloudWatchLoggingOptionsInput, CreateDeliveryStream, DeleteDeliveryStream,
    DescribeDeliveryStream, EncryptionConfigurationInput, KinesisStreamSourceConfiguration,
    ListDeliveryStreams, PutRecord, PutRecordBatch, S3Configuration, SwitchInput,
};
use crate::wire::{Members, Value};

const NAME: &str = "DeliveryStreamName";

/// Reads an input of Amazon Data Firehose.
pub(super) fn read<'d>(operation: &str, members: &Members<'d>) -> Result<Input<'d>, Error> {
    Ok(match operation {
        "CreateDeliveryStream" => Input::CreateDeliveryStream(CreateDeliveryStream::from_members(members)),
        "DeleteDeliveryStream" => Input::DeleteDeliveryStream(DeleteDeliveryStream::from_members(members)),
        "DescribeDeliveryStream" => {
            Input::DescribeDeliveryStream(DescribeDeliveryStream::from_members(members))
        }
        "ListDeliveryStreams" => Input::ListDeliveryStreams(ListDeliveryStreams::from_members(members)),
        "PutRecord" => Input::PutDeliveryRecord(PutRecord::from_members(members)),
        "PutRecordBatch" => Input::PutDeliveryRecordBatch(PutRecordBatch::from_members(members)),
        _ => return Err(unsupported_operation(operation)),
    })
}

impl<'i> CreateDeliveryStream<'i> {
    fn from_members(members: &Members<'i>) -> Self {
        let mut input = Self::default();
        for (name, value) in members.iter() {
            match (name, value) {
                (NAME, Value::Str(text)) => input.delivery_stream_name = text,
                ("DeliveryStreamType", Value::Str(text)) => input.delivery_stream_type = Some(text),
                ("KinesisStreamSourceConfiguration", Value::Structure(source)) => {
                    input.kinesis_stream_source_configuration = Some(KinesisStreamSourceConfiguration {
                        kinesis_stream_arn: source.str("KinesisStreamARN").unwrap_or_default(),
                        role_arn: source.str("RoleARN").unwrap_or_default(),
                    });
                }
                ("S3DestinationConfiguration", Value::Structure(s3)) => {
                    input.s3_destination_configuration = Some(Box::new(S3Configuration::from_members(&s3)));
                }
                ("ExtendedS3DestinationConfiguration", Value::Structure(s3)) => {
                    input.extended_s3_destination_configuration =
                        Some(Box::new(S3Configuration::from_members(&s3)));
                }
                (other, _) => input.others.push(other),
            }
        }
        input
    }
}

impl<'i> S3Configuration<'i> {
    fn from_members(members: &Members<'i>) -> Self {
        let mut input = Self::default();
        for (name, value) in members.iter() {
            match (name, value) {
                ("RoleARN", Value::Str(text)) => input.role_arn = text,
                ("BucketARN", Value::Str(text)) => input.bucket_arn = text,
                ("Prefix", Value::Str(text)) => input.prefix = Some(text),
                ("ErrorOutputPrefix", Value::Str(text)) => input.error_output_prefix = Some(text),
                ("BufferingHints", Value::Structure(hints)) => {
                    input.buffering_hints = Some(BufferingHintsInput {
                        size_in_mbs: hints.integer("SizeInMBs"),
                        interval_in_seconds: hints.integer("IntervalInSeconds"),
                    });
                }
                ("CompressionFormat", Value::Str(text)) => input.compression_format = Some(text),
                ("EncryptionConfiguration", Value::Structure(encryption)) => {
                    input.encryption_configuration = Some(EncryptionConfigurationInput {
                        kms_encryption_config: encryption.has("KMSEncryptionConfig"),
                    });
                }
                ("CloudWatchLoggingOptions", Value::Structure(logging)) => {
                    input.cloud_watch_logging_options = Some(CloudWatchLoggingOptionsInput {
                        enabled: logging.bool("Enabled"),
                        log_group_name: logging.str("LogGroupName"),
                        log_stream_name: logging.str("LogStreamName"),
                    });
                }
                ("ProcessingConfiguration", Value::Structure(switch)) => {
                    input.processing_configuration = Some(SwitchInput::from_members(&switch));
                }
                ("S3BackupMode", Value::Str(text)) => input.s3_backup_mode = Some(text),
                ("DataFormatConversionConfiguration", Value::Structure(switch)) => {
                    input.data_format_conversion_configuration = Some(SwitchInput::from_members(&switch));
                }
                ("DynamicPartitioningConfiguration", Value::Structure(switch)) => {
                    input.dynamic_partitioning_configuration = Some(SwitchInput::from_members(&switch));
                }
                ("FileExtension", Value::Str(text)) => input.file_extension = Some(text),
                ("CustomTimeZone", Value::Str(text)) => input.custom_time_zone = Some(text),
                (other, _) => input.others.push(other),
            }
        }
        input
    }
}

impl<'i> SwitchInput<'i> {
    fn from_members(members: &Members<'i>) -> Self {
        let mut input = Self::default();
        for (name, value) in members.iter() {
            match (name, value) {
                ("Enabled", Value::Bool(enabled)) => input.enabled = Some(enabled),
                // An empty list says what no list says.
                (_, Value::List(list)) if list.len() == 0 => {}
                (other, _) => input.others.push(other),
            }
        }
        input
    }
}

impl<'i> DescribeDeliveryStream<'i> {
    fn from_members(members: &Members<'i>) -> Self {
        Self { delivery_stream_name: members.str(NAME).unwrap_or_default() }
    }
}

impl<'i> ListDeliveryStreams<'i> {
    fn from_members(members: &Members<'i>) -> Self {
        Self {
            limit: members.integer("Limit"),
            delivery_stream_type: members.str("DeliveryStreamType"),
            exclusive_start_delivery_stream_name: members.str("ExclusiveStartDeliveryStreamName"),
        }
    }
}

impl<'i> DeleteDeliveryStream<'i> {
    fn from_members(members: &Members<'i>) -> Self {
        Self { delivery_stream_name: members.str(NAME).unwrap_or_default() }
    }
}

impl<'i> PutRecord<'i> {
    fn from_members(members: &Members<'i>) -> Self {
        let record = members.structure("Record");
        Self {
            delivery_stream_name: members.str(NAME).unwrap_or_default(),
            data: record.and_then(|record| record.blob("Data")).unwrap_or_default(),
        }
    }
}

impl<'i> PutRecordBatch<'i> {
    fn from_members(members: &Members<'i>) -> Self {
        let mut records = Vec::new();
        if let Some(list) = members.list("Records") {
            records.reserve_exact(list.len());
            records.extend(list.structures().map(|record| record.blob("Data").unwrap_or_default()));
        }
        Self { delivery_stream_name: members.str(NAME).unwrap_or_default(), records }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;
    use crate::firehose::{DeliveryStreams, Settings};
    use crate::rng::Seed;
    use crate::time::Timestamp;
    use crate::wire::encode::encode_reply;
    use crate::wire::{Decoded, Protocol, Request, WireConfig, decode};

    const SIGNATURE: &str = "AWS4-HMAC-SHA256 Credential=123456789012/20240101/eu-west-1/firehose/aws4_request, \
        SignedHeaders=host, Signature=0";

    fn with<T>(operation: &str, body: &str, read: impl FnOnce(Members<'_>) -> T) -> T {
        let target = alloc::format!("Firehose_20150804.{operation}");
        let headers = [
            ("Content-Type", "application/x-amz-json-1.1"),
            ("X-Amz-Target", target.as_str()),
            ("Authorization", SIGNATURE),
            ("X-Amz-Date", "20240101T000000Z"),
        ];
        let request = Request { method: "POST", path: "/", headers: &headers, body: body.as_bytes() };
        let Decoded { input, .. } = decode(&WireConfig::default(), &request).unwrap();
        read(input.members())
    }

    fn create(extended: &str, more: &str) -> Result<(), Error> {
        let body = alloc::format!(
            r#"{{"DeliveryStreamName":"d"{more},"ExtendedS3DestinationConfiguration":{{
            "RoleARN":"arn:aws:iam::123456789012:role/r","BucketARN":"arn:aws:s3:::b"{extended}}}}}"#
        );
        let mut region =
            DeliveryStreams::new("123456789012", "eu-west-1", Seed::default(), Settings::default());
        with("CreateDeliveryStream", &body, |members| {
            region.create(Timestamp::EPOCH, &CreateDeliveryStream::from_members(&members)).map(|_| ())
        })
    }

    #[test]
    fn every_member_of_a_configuration_is_read_or_refused() {
        let disabled = r#","BufferingHints":{"SizeInMBs":1,"IntervalInSeconds":60},"CompressionFormat":"GZIP",
            "Prefix":"p","EncryptionConfiguration":{"NoEncryptionConfig":"NoEncryption"},
            "CloudWatchLoggingOptions":{"Enabled":false},"ProcessingConfiguration":{"Enabled":false,"Processors":[]},
            "S3BackupMode":"Disabled","DataFormatConversionConfiguration":{"Enabled":false},
            "DynamicPartitioningConfiguration":{"Enabled":false},"CustomTimeZone":"UTC","FileExtension":"""#;
        assert_eq!(create(disabled, r#","DeliveryStreamType":"DirectPut""#), Ok(()));
        for (extended, more, member) in [
            ("", r#","Tags":[{"Key":"a","Value":"b"}]"#, "Tags "),
            (
                "",
                r#","DirectPutSourceConfiguration":{"ThroughputHintInMBs":1}"#,
                "DirectPutSourceConfiguration ",
            ),
            (
                "",
                r#","DeliveryStreamEncryptionConfigurationInput":{"KeyType":"AWS_OWNED_CMK"}"#,
                "DeliveryStreamEncryptionConfigurationInput ",
            ),
            (
                r#","S3BackupConfiguration":{"RoleARN":"arn:aws:iam::123456789012:role/r",
                    "BucketARN":"arn:aws:s3:::b"}"#,
                "",
                "ExtendedS3DestinationConfiguration.S3BackupConfiguration ",
            ),
            (
                r#","ProcessingConfiguration":{"Enabled":false,"Processors":[{"Type":"AppendDelimiterToRecord"}]}"#,
                "",
                "ExtendedS3DestinationConfiguration.ProcessingConfiguration.Processors ",
            ),
            (
                r#","DynamicPartitioningConfiguration":{"Enabled":false,"RetryOptions":{"DurationInSeconds":1}}"#,
                "",
                "ExtendedS3DestinationConfiguration.DynamicPartitioningConfiguration.RetryOptions ",
            ),
        ] {
            let error = create(extended, more).unwrap_err();
            assert!(error.message.starts_with(member), "{}", error.message);
        }
    }

    #[test]
    fn a_batch_lends_its_bytes() {
        let body = r#"{"DeliveryStreamName":"d","Records":[{"Data":"b25l"},{"Data":""},{"Data":"dHdv"}]}"#;
        with("PutRecordBatch", body, |members| {
            let input = PutRecordBatch::from_members(&members);
            assert_eq!(input.delivery_stream_name, "d");
            assert_eq!(input.records, [&b"one"[..], b"", b"two"]);
        });
        with("PutRecord", r#"{"DeliveryStreamName":"d","Record":{"Data":"b25l"}}"#, |members| {
            assert_eq!(PutRecord::from_members(&members).data, b"one");
        });
    }

    #[test]
    fn answers_are_those_of_aws() {
        let mut region =
            DeliveryStreams::new("123456789012", "eu-west-1", Seed::default(), Settings::default());
        let body = r#"{"DeliveryStreamName":"d","S3DestinationConfiguration":{
            "RoleARN":"arn:aws:iam::123456789012:role/r","BucketARN":"arn:aws:s3:::b","Prefix":""}}"#;
        let now = Timestamp::from_millis(1_356_998_400_123);
        with("CreateDeliveryStream", body, |members| {
            region.create(now, &CreateDeliveryStream::from_members(&members)).unwrap();
        });
        let reply = with("DescribeDeliveryStream", r#"{"DeliveryStreamName":"d"}"#, |members| {
            region.describe(now, &DescribeDeliveryStream::from_members(&members)).unwrap()
        });
        let text = String::from_utf8(encode_reply(Protocol::Json, &reply)).unwrap();
        assert!(text.contains(r#""CreateTimestamp":1356998400.123,"Destinations":[{"#), "{text}");
        assert!(text.contains(r#""BucketARN":"arn:aws:s3:::b","Prefix":"","BufferingHints":"#), "{text}");
        let reply = with("ListDeliveryStreams", r#"{"Limit":1}"#, |members| {
            region.list(now, &ListDeliveryStreams::from_members(&members))
        });
        let text = String::from_utf8(encode_reply(Protocol::Json, &reply)).unwrap();
        assert_eq!(text, r#"{"DeliveryStreamNames":["d"],"HasMoreDeliveryStreams":false}"#);
        let reply = with("DeleteDeliveryStream", r#"{"DeliveryStreamName":"d"}"#, |members| {
            region.delete(now, &DeleteDeliveryStream::from_members(&members)).unwrap()
        });
        assert_eq!(encode_reply(Protocol::Json, &reply), b"{}");
    }
}
