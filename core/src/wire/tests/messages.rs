//! The texts of type errors and of validation. Those of Kinesis are recorded in kinesalite's suite, which its author ran
//! against AWS; those of Firehose in floci's tests, captured from raw answers in 2026.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::*;

fn serialization(message: &str) -> String {
    format!(r#"{{"__type":"SerializationException","Message":"{message}"}}"#)
}

fn validation(message: &str) -> String {
    format!(r#"{{"__type":"ValidationException","message":"{message}"}}"#)
}

const NUMBER: &str = "class com.amazon.coral.value.json.numbers.TruncatingBigNumber";
const LIST: &str = "Start of list found where not expected";
const MAP: &str = "Start of structure or map found where not expected.";

#[test]
fn wrong_types_name_java_classes() {
    let cases = [
        ("true", "StreamName", "class java.lang.Boolean can not be converted to an String".to_string()),
        ("23", "StreamName", format!("{NUMBER} can not be converted to an String")),
        ("34.56", "StreamName", format!("{NUMBER} can not be converted to an String")),
        ("[]", "StreamName", LIST.into()),
        ("[1,[2],{}]", "StreamName", LIST.into()),
        (r#"{"a":[{}]}"#, "StreamName", MAP.into()),
        (r#""23""#, "ShardCount", "class java.lang.String can not be converted to an Integer".into()),
        ("true", "ShardCount", "class java.lang.Boolean can not be converted to an Integer".into()),
        ("[]", "ShardCount", LIST.into()),
        ("{}", "ShardCount", MAP.into()),
        (r#""23""#, "Tags", "Expected map or null".into()),
        ("23", "Tags", "Expected map or null".into()),
        ("[]", "Tags", LIST.into()),
        (r#"{"a":true}"#, "Tags", "class java.lang.Boolean can not be converted to an String".into()),
        ("true", "StreamModeDetails", "Expected null".into()),
        (r#""x""#, "StreamModeDetails", "Expected null".into()),
        ("[]", "StreamModeDetails", LIST.into()),
    ];
    for (value, member, expected) in cases {
        let body = format!(r#"{{"{member}":{value}}}"#);
        assert_eq!(message("CreateStream", &body), serialization(&expected), "{body}");
    }
    for (value, expected) in [
        (r#""23""#, "Expected list or null"),
        ("true", "Expected list or null"),
        ("34.56", "Expected list or null"),
        ("{}", MAP),
        ("[1]", "Expected null"),
        ("[[]]", LIST),
    ] {
        assert_eq!(
            message("PutRecords", &format!(r#"{{"Records":{value}}}"#)),
            serialization(expected),
            "{value}"
        );
    }
    let boolean = |value: &str| message("DeleteStream", &format!(r#"{{"EnforceConsumerDeletion":{value}}}"#));
    assert_eq!(boolean(r#""23a""#), serialization("'23A' can not be converted to an Boolean"));
    assert_eq!(boolean("23"), serialization(&format!("{NUMBER} can not be converted to an Boolean")));
    let time = |value: &str| message("GetShardIterator", &format!(r#"{{"Timestamp":{value}}}"#));
    assert_eq!(
        time("true"),
        serialization("class java.lang.Boolean can not be converted to milliseconds since epoch")
    );
    assert_eq!(
        time(r#""1""#),
        serialization("class java.lang.String can not be converted to milliseconds since epoch")
    );
    assert_eq!(message("CreateStream", "[1]"), serialization(LIST));
}

#[test]
fn text_that_is_no_base64_says_why() {
    for (data, expected) in [
        ("true", "class java.lang.Boolean can not be converted to a Blob".to_string()),
        ("23", format!("{NUMBER} can not be converted to a Blob")),
        ("[]", LIST.into()),
        (
            r#""23456""#,
            "'23456' can not be converted to a Blob: \
             Base64 encoded length is expected a multiple of 4 bytes but found: 5"
                .into(),
        ),
        (r#""=+/=""#, "'=+/=' can not be converted to a Blob: Invalid Base64 character: '='".into()),
        (r#""a_bc""#, "'a_bc' can not be converted to a Blob: Invalid Base64 character: '_'".into()),
        (
            r#""+/+=""#,
            "'+/+=' can not be converted to a Blob: Invalid last non-pad Base64 character dectected".into(),
        ),
    ] {
        assert_eq!(
            message("PutRecord", &format!(r#"{{"Data":{data}}}"#)),
            serialization(&expected),
            "{data}"
        );
    }
}

#[test]
fn the_first_type_error_of_the_body_is_told_and_comes_before_validation() {
    let body = r#"{"StreamName":"","PartitionKey":5,"Data":true}"#;
    assert_eq!(
        message("PutRecord", body),
        serialization(&format!("{NUMBER} can not be converted to an String"))
    );
    // But a body that is no JSON at all says nothing.
    let body = r#"{"PartitionKey":5,"Data":true"#;
    assert_eq!(message("PutRecord", body), r#"{"__type":"SerializationException"}"#);
}

/// The parts of a validation message. AWS's order of them is not known for Kinesis.
fn parts(operation: &str, body: &str) -> Vec<String> {
    let text = message(operation, body);
    let found: Vec<String> = serde_json::from_str::<serde_json::Value>(&text).unwrap()["message"]
        .as_str()
        .and_then(|message| message.split_once(" detected: "))
        .map(|(count, rest)| {
            let parts: Vec<String> = rest.split("; ").map(ToString::to_string).collect();
            let plural = if parts.len() == 1 { "" } else { "s" };
            assert_eq!(count, format!("{} validation error{plural}", parts.len()));
            parts
        })
        .unwrap_or_else(|| panic!("{text}"));
    found
}

fn fails(value: &str, path: &str, constraint: &str) -> String {
    format!("Value {value} at '{path}' failed to satisfy constraint: {constraint}")
}

#[test]
fn members_that_are_missing_are_null() {
    let expected = fails("null", "records", "Member must not be null");
    assert_eq!(message("PutRecords", "{}"), validation(&format!("1 validation error detected: {expected}")));
    let body = r#"{"Records":[{},{"Data":""}]}"#;
    assert_eq!(
        parts("PutRecords", body),
        [fails("null", "records.1.member.data", "Member must not be null")]
    );
    let body = r#"{"Records":[null]}"#;
    assert_eq!(parts("PutRecords", body), [fails("null", "records.1.member", "Member must not be null")]);
}

#[test]
fn every_constraint_has_its_sentence() {
    let long = "a".repeat(257);
    let body = format!(
        r#"{{"StreamName":"","Records":[{{"PartitionKey":"","Data":"","ExplicitHashKey":""}},
            {{"PartitionKey":"{long}","Data":"","ExplicitHashKey":"01"}}]}}"#
    );
    let pattern = r"Member must satisfy regular expression pattern: ^(0|([1-9]\d{0,38}))$";
    assert_eq!(
        parts("PutRecords", &body),
        [
            fails(
                "''",
                "records.1.member.partitionKey",
                "Member must have length greater than or equal to 1"
            ),
            fails("''", "records.1.member.explicitHashKey", pattern),
            fails(
                &format!("'{long}'"),
                "records.2.member.partitionKey",
                "Member must have length less than or equal to 256"
            ),
            fails("'01'", "records.2.member.explicitHashKey", pattern),
            fails("''", "streamName", "Member must have length greater than or equal to 1"),
            fails("''", "streamName", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"),
        ]
    );
    assert_eq!(
        parts("CreateStream", r#"{"StreamName":"a","ShardCount":0}"#),
        [fails("'0'", "shardCount", "Member must have value greater than or equal to 1")]
    );
    assert_eq!(
        parts("GetRecords", r#"{"ShardIterator":"a","Limit":10001}"#),
        [fails("'10001'", "limit", "Member must have value less than or equal to 10000")]
    );
    assert_eq!(
        parts("GetShardIterator", r#"{"StreamName":"a","ShardId":"b","ShardIteratorType":"c"}"#),
        [fails(
            "'c'",
            "shardIteratorType",
            "Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, \
             TRIM_HORIZON]"
        )]
    );
    assert_eq!(
        parts("PutRecords", r#"{"StreamName":"a","Records":[]}"#),
        [fails("'[]'", "records", "Member must have length greater than or equal to 1")]
    );
    assert_eq!(
        parts("AddTagsToStream", r#"{"StreamName":"a","Tags":{}}"#),
        [fails("'{}'", "tags", "Member must have length greater than or equal to 1")]
    );
}

#[test]
fn long_data_prints_as_a_java_buffer() {
    let data = "AAAA".repeat(3_495_254);
    let body = format!(r#"{{"StreamName":"a","PartitionKey":"a","Data":"{data}"}}"#);
    assert_eq!(
        parts("PutRecord", &body),
        [fails(
            "'java.nio.HeapByteBuffer[pos=0 lim=10485762 cap=10485762]'",
            "data",
            "Member must have length less than or equal to 10485760"
        )]
    );
}

#[test]
fn elements_and_sides_of_maps_are_one_violation() {
    let long = "a".repeat(129);
    let rule = "[Member must have length less than or equal to 128, Member must have length greater than or equal to 1]";
    assert_eq!(
        parts("RemoveTagsFromStream", &format!(r#"{{"StreamName":"a","TagKeys":["b","","{long}"]}}"#)),
        [fails(&format!("'[b, , {long}]'"), "tagKeys", &format!("Member must satisfy constraint: {rule}"))]
    );
    assert_eq!(
        parts("AddTagsToStream", &format!(r#"{{"StreamName":"a","Tags":{{"b":"1","{long}":"2"}}}}"#)),
        [fails(
            &format!("'{{b=1, {long}=2}}'"),
            "tags",
            &format!("Map keys must satisfy constraint: {rule}")
        )]
    );
    let long = "a".repeat(257);
    let rule = "[Member must have length less than or equal to 256, Member must have length greater than or equal to 0]";
    assert_eq!(
        parts("AddTagsToStream", &format!(r#"{{"StreamName":"a","Tags":{{"c":"{long}"}}}}"#)),
        [fails(&format!("'{{c={long}}}'"), "tags", &format!("Map value must satisfy constraint: {rule}"))]
    );
    assert_eq!(
        parts("EnableEnhancedMonitoring", r#"{"StreamName":"a","ShardLevelMetrics":["ALL","x","y"]}"#).len(),
        1
    );
}

#[test]
fn at_most_ten_violations_are_told() {
    let records = ["{\"PartitionKey\":\"\",\"Data\":\"\"}"; 501].join(",");
    let body = format!(r#"{{"StreamName":"","Records":[{records}]}}"#);
    let found = parts("PutRecords", &body);
    assert_eq!(found.len(), 10);
    // The hash is AWS's own.
    let entries = ["com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@c965e310"; 501].join(", ");
    let too_many = "Member must have length less than or equal to 500";
    assert_eq!(found[0], fails(&format!("'[{entries}]'"), "records", too_many));
    let empty = "Member must have length greater than or equal to 1";
    for (index, part) in found[1..].iter().enumerate() {
        assert_eq!(*part, fails("''", &format!("records.{}.member.partitionKey", index + 1), empty));
    }
}

#[test]
fn echoes_are_bounded() {
    let long = "\u{e9}".repeat(1 << 20);
    let body = format!(r#"{{"StreamName":"{long}"}}"#);
    assert!(message("DescribeStream", &body).len() < 140_000);
    let records = ["{}"; 200_000].join(",");
    assert!(message("PutRecords", &format!(r#"{{"Records":[{records}]}}"#)).len() < 70_000);
}

#[test]
fn firehose_orders_violations_as_a_java_hash_map_and_repeats_no_value() {
    let path = "extendedS3DestinationConfiguration.dataFormatConversionConfiguration.outputFormatConfiguration.serializer";
    let body = r#"{"DeliveryStreamName":"a","ExtendedS3DestinationConfiguration":{
        "RoleARN":"arn:aws:iam::123456789012:role/r","BucketARN":"arn:aws:s3:::b","DataFormatConversionConfiguration":{
        "OutputFormatConfiguration":{"Serializer":{"OrcSerDe":{"StripeSizeBytes":1,"BlockSizeBytes":1,"RowIndexStride":1,
        "PaddingTolerance":-1,"Compression":"ZSTD","BloomFilterFalsePositiveProbability":2,"DictionaryKeyThreshold":2,
        "FormatVersion":"V0_10"}}}}}}"#;
    let expected = [
        ("dictionaryKeyThreshold", "Member must have value less than or equal to 1"),
        ("blockSizeBytes", "Member must have value greater than or equal to 67108864"),
        ("rowIndexStride", "Member must have value greater than or equal to 1000"),
        ("paddingTolerance", "Member must have value greater than or equal to 0"),
        ("stripeSizeBytes", "Member must have value greater than or equal to 8388608"),
        ("compression", "Member must satisfy enum value set: [ZLIB, SNAPPY, NONE]"),
        ("formatVersion", "Member must satisfy enum value set: [V0_11, V0_12]"),
        ("bloomFilterFalsePositiveProbability", "Member must have value less than or equal to 1"),
    ]
    .map(|(member, constraint)| {
        format!("Value at '{path}.orcSerDe.{member}' failed to satisfy constraint: {constraint}")
    })
    .join("; ");
    assert_eq!(
        message("Firehose_20150804.CreateDeliveryStream", body),
        validation(&format!("8 validation errors detected: {expected}"))
    );
}

#[test]
fn firehose_tells_the_length_before_the_pattern_and_keys_before_values() {
    let path = "extendedS3DestinationConfiguration.dataFormatConversionConfiguration";
    let create = |conversion: &str| {
        let body = format!(
            r#"{{"DeliveryStreamName":"a","ExtendedS3DestinationConfiguration":{{
            "RoleARN":"arn:aws:iam::123456789012:role/r","BucketARN":"arn:aws:s3:::b",
            "DataFormatConversionConfiguration":{conversion}}}}}"#
        );
        message("Firehose_20150804.CreateDeliveryStream", &body)
    };
    assert_eq!(
        create(r#"{"SchemaConfiguration":{"CatalogId":""}}"#),
        validation(&format!(
            "2 validation errors detected: Value at '{path}.schemaConfiguration.catalogId' failed to satisfy constraint: \
             Member must have length greater than or equal to 1; Value at '{path}.schemaConfiguration.catalogId' failed to \
             satisfy constraint: Member must satisfy regular expression pattern: ^\\\\S+$"
        ))
    );
    let mappings =
        format!("{path}.inputFormatConfiguration.deserializer.openXJsonSerDe.columnToJsonKeyMappings");
    let rules = "[Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, \
                 Member must satisfy regular expression pattern: ";
    assert_eq!(
        create(
            r#"{"InputFormatConfiguration":{"Deserializer":{"OpenXJsonSerDe":{"ColumnToJsonKeyMappings":
               {"has space":"","also space":" "}}}}}"#
        ),
        validation(&format!(
            "2 validation errors detected: Value at '{mappings}' failed to satisfy constraint: Map keys must satisfy \
             constraint: {rules}^\\\\S+$]; Value at '{mappings}' failed to satisfy constraint: Map value must satisfy \
             constraint: {rules}^(?!\\\\s*$).+]"
        ))
    );
}

#[test]
fn the_echo_can_be_chosen() {
    for (echo, operation, expected) in [
        (EchoValues::Never, "Kinesis_20131202.DescribeStream", "Value at 'streamName'"),
        (EchoValues::Always, "Firehose_20150804.DescribeDeliveryStream", "Value '?' at 'deliveryStreamName'"),
    ] {
        let config = WireConfig { echo_values: echo, ..WireConfig::default() };
        let member = if operation.starts_with('K') { "StreamName" } else { "DeliveryStreamName" };
        let body = format!(r#"{{"{member}":"?"}}"#);
        let text = text_of(decode_with(&config, operation, body.as_bytes()).unwrap_err());
        assert!(text.contains(expected), "{text}");
    }
}
