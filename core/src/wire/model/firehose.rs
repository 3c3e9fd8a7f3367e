// Made by `cargo xtask codegen` from botocore 1.44.5, firehose/2015-08-04/service-2.json.gz. Do not edit.

use super::{Member, Model, Operation, Service, Shape};
use crate::error::ErrorKind;
use crate::wire::pattern::{Class, Node, Pattern, Rest};

pub(super) static MODEL: Model = Model {
    service: Service::Firehose,
    target_prefix: "Firehose_20150804",
    namespace: "com.amazonaws.firehose.v20150804",
    operations: &OPERATIONS,
    shapes: &SHAPES,
};

/// By name.
static OPERATIONS: [Operation; 12] = [
    Operation {
        name: "CreateDeliveryStream",
        service: Service::Firehose,
        input: 164,
        has_output: true,
        errors: &[
            ErrorKind::InvalidArgument,
            ErrorKind::InvalidKmsResource,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
        ],
    },
    Operation {
        name: "DeleteDeliveryStream",
        service: Service::Firehose,
        input: 165,
        has_output: true,
        errors: &[ErrorKind::ResourceInUse, ErrorKind::ResourceNotFound],
    },
    Operation {
        name: "DescribeDeliveryStream",
        service: Service::Firehose,
        input: 168,
        has_output: true,
        errors: &[ErrorKind::ResourceNotFound],
    },
    Operation {
        name: "ListDeliveryStreams",
        service: Service::Firehose,
        input: 169,
        has_output: true,
        errors: &[],
    },
    Operation {
        name: "ListTagsForDeliveryStream",
        service: Service::Firehose,
        input: 171,
        has_output: true,
        errors: &[ErrorKind::InvalidArgument, ErrorKind::LimitExceeded, ErrorKind::ResourceNotFound],
    },
    Operation {
        name: "PutRecord",
        service: Service::Firehose,
        input: 174,
        has_output: true,
        errors: &[
            ErrorKind::InvalidArgument,
            ErrorKind::InvalidKmsResource,
            ErrorKind::InvalidSource,
            ErrorKind::ResourceNotFound,
            ErrorKind::ServiceUnavailable,
        ],
    },
    Operation {
        name: "PutRecordBatch",
        service: Service::Firehose,
        input: 176,
        has_output: true,
        errors: &[
            ErrorKind::InvalidArgument,
            ErrorKind::InvalidKmsResource,
            ErrorKind::InvalidSource,
            ErrorKind::ResourceNotFound,
            ErrorKind::ServiceUnavailable,
        ],
    },
    Operation {
        name: "StartDeliveryStreamEncryption",
        service: Service::Firehose,
        input: 177,
        has_output: true,
        errors: &[
            ErrorKind::InvalidArgument,
            ErrorKind::InvalidKmsResource,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "StopDeliveryStreamEncryption",
        service: Service::Firehose,
        input: 178,
        has_output: true,
        errors: &[
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "TagDeliveryStream",
        service: Service::Firehose,
        input: 179,
        has_output: true,
        errors: &[
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "UntagDeliveryStream",
        service: Service::Firehose,
        input: 181,
        has_output: true,
        errors: &[
            ErrorKind::InvalidArgument,
            ErrorKind::LimitExceeded,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
        ],
    },
    Operation {
        name: "UpdateDestination",
        service: Service::Firehose,
        input: 193,
        has_output: true,
        errors: &[
            ErrorKind::ConcurrentModification,
            ErrorKind::InvalidArgument,
            ErrorKind::ResourceInUse,
            ErrorKind::ResourceNotFound,
        ],
    },
];

static SHAPES: [Shape; 194] = [
    // 0: DataTableColumns, CopyOptions
    Shape::Text { min: 0, max: 10_240, pattern: Some(&P0) },
    // 1: DataTableName, Username
    Shape::Text { min: 1, max: 512, pattern: Some(&P0) },
    // 2: CopyCommand
    Shape::Structure {
        name: "CopyCommand",
        members: &[
            Member { name: "DataTableColumns", shape: 0, required: false },
            Member { name: "DataTableName", shape: 1, required: true },
            Member { name: "CopyOptions", shape: 0, required: false },
        ],
    },
    // 3: LogGroupName
    Shape::Text { min: 0, max: 512, pattern: Some(&P1) },
    // 4: LogStreamName
    Shape::Text { min: 0, max: 512, pattern: Some(&P2) },
    // 5: BooleanObject
    Shape::Boolean,
    // 6: CloudWatchLoggingOptions
    Shape::Structure {
        name: "CloudWatchLoggingOptions",
        members: &[
            Member { name: "LogGroupName", shape: 3, required: false },
            Member { name: "LogStreamName", shape: 4, required: false },
            Member { name: "Enabled", shape: 5, required: false },
        ],
    },
    // 7: ProcessorType
    Shape::Enumeration(&[
        "Decompression",
        "Lambda",
        "RecordDeAggregation",
        "MetadataExtraction",
        "AppendDelimiterToRecord",
        "CloudWatchLogProcessing",
    ]),
    // 8: ProcessorParameterName
    Shape::Enumeration(&[
        "DataMessageExtraction",
        "NumberOfRetries",
        "Delimiter",
        "RoleArn",
        "JsonParsingEngine",
        "SubRecordType",
        "MetadataExtractionQuery",
        "BufferIntervalInSeconds",
        "LambdaArn",
        "BufferSizeInMBs",
        "CompressionFormat",
    ]),
    // 9: ProcessorParameterValue
    Shape::Text { min: 1, max: 5120, pattern: Some(&P3) },
    // 10: ProcessorParameter
    Shape::Structure {
        name: "ProcessorParameter",
        members: &[
            Member { name: "ParameterName", shape: 8, required: true },
            Member { name: "ParameterValue", shape: 9, required: true },
        ],
    },
    // 11: ProcessorParameterList
    Shape::List { member: 10, min: 0, max: u32::MAX },
    // 12: Processor
    Shape::Structure {
        name: "Processor",
        members: &[
            Member { name: "Type", shape: 7, required: true },
            Member { name: "Parameters", shape: 11, required: false },
        ],
    },
    // 13: ProcessorList
    Shape::List { member: 12, min: 0, max: u32::MAX },
    // 14: ProcessingConfiguration
    Shape::Structure {
        name: "ProcessingConfiguration",
        members: &[
            Member { name: "Processors", shape: 13, required: false },
            Member { name: "Enabled", shape: 5, required: false },
        ],
    },
    // 15: Password
    Shape::Text { min: 6, max: 512, pattern: Some(&P0) },
    // 16: RedshiftRetryDurationInSeconds, RetryDurationInSeconds, HttpEndpointRetryDurationInSeconds, AmazonOpenSearchServerlessRetryDurationInSeconds, ElasticsearchRetryDurationInSeconds, AmazonopensearchserviceRetryDurationInSeconds, SplunkRetryDurationInSeconds, SnowflakeRetryDurationInSeconds
    Shape::Integer { min: 0, max: 7200 },
    // 17: RedshiftRetryOptions
    Shape::Structure {
        name: "RedshiftRetryOptions",
        members: &[Member { name: "DurationInSeconds", shape: 16, required: false }],
    },
    // 18: ClusterJDBCURL
    Shape::Text { min: 1, max: 512, pattern: Some(&P4) },
    // 19: BucketARN
    Shape::Text { min: 1, max: 2048, pattern: Some(&P5) },
    // 20: RoleARN
    Shape::Text { min: 1, max: 512, pattern: Some(&P6) },
    // 21: Prefix, ErrorOutputPrefix, HttpEndpointAttributeValue
    Shape::Text { min: 0, max: 1024, pattern: Some(&P0) },
    // 22: CompressionFormat
    Shape::Enumeration(&["ZIP", "HADOOP_SNAPPY", "Snappy", "GZIP", "UNCOMPRESSED"]),
    // 23: AWSKMSKeyARN
    Shape::Text { min: 1, max: 512, pattern: Some(&P7) },
    // 24: KMSEncryptionConfig
    Shape::Structure {
        name: "KMSEncryptionConfig",
        members: &[Member { name: "AWSKMSKeyARN", shape: 23, required: true }],
    },
    // 25: NoEncryptionConfig
    Shape::Enumeration(&["NoEncryption"]),
    // 26: EncryptionConfiguration
    Shape::Structure {
        name: "EncryptionConfiguration",
        members: &[
            Member { name: "KMSEncryptionConfig", shape: 24, required: false },
            Member { name: "NoEncryptionConfig", shape: 25, required: false },
        ],
    },
    // 27: SizeInMBs, SnowflakeBufferingSizeInMBs
    Shape::Integer { min: 1, max: 128 },
    // 28: IntervalInSeconds, HttpEndpointBufferingIntervalInSeconds, AmazonOpenSearchServerlessBufferingIntervalInSeconds, ElasticsearchBufferingIntervalInSeconds, AmazonopensearchserviceBufferingIntervalInSeconds, SnowflakeBufferingIntervalInSeconds
    Shape::Integer { min: 0, max: 900 },
    // 29: BufferingHints
    Shape::Structure {
        name: "BufferingHints",
        members: &[
            Member { name: "SizeInMBs", shape: 27, required: false },
            Member { name: "IntervalInSeconds", shape: 28, required: false },
        ],
    },
    // 30: S3DestinationConfiguration
    Shape::Structure {
        name: "S3DestinationConfiguration",
        members: &[
            Member { name: "CloudWatchLoggingOptions", shape: 6, required: false },
            Member { name: "BucketARN", shape: 19, required: true },
            Member { name: "RoleARN", shape: 20, required: true },
            Member { name: "Prefix", shape: 21, required: false },
            Member { name: "CompressionFormat", shape: 22, required: false },
            Member { name: "EncryptionConfiguration", shape: 26, required: false },
            Member { name: "ErrorOutputPrefix", shape: 21, required: false },
            Member { name: "BufferingHints", shape: 29, required: false },
        ],
    },
    // 31: SecretARN
    Shape::Text { min: 1, max: 2048, pattern: Some(&P8) },
    // 32: SecretsManagerConfiguration
    Shape::Structure {
        name: "SecretsManagerConfiguration",
        members: &[
            Member { name: "RoleARN", shape: 20, required: false },
            Member { name: "SecretARN", shape: 31, required: false },
            Member { name: "Enabled", shape: 5, required: true },
        ],
    },
    // 33: RedshiftS3BackupMode, S3BackupMode, SSLMode
    Shape::Enumeration(&["Enabled", "Disabled"]),
    // 34: RedshiftDestinationConfiguration
    Shape::Structure {
        name: "RedshiftDestinationConfiguration",
        members: &[
            Member { name: "CopyCommand", shape: 2, required: true },
            Member { name: "CloudWatchLoggingOptions", shape: 6, required: false },
            Member { name: "ProcessingConfiguration", shape: 14, required: false },
            Member { name: "Password", shape: 15, required: false },
            Member { name: "RetryOptions", shape: 17, required: false },
            Member { name: "ClusterJDBCURL", shape: 18, required: true },
            Member { name: "S3Configuration", shape: 30, required: true },
            Member { name: "SecretsManagerConfiguration", shape: 32, required: false },
            Member { name: "RoleARN", shape: 20, required: true },
            Member { name: "S3BackupConfiguration", shape: 30, required: false },
            Member { name: "S3BackupMode", shape: 33, required: false },
            Member { name: "Username", shape: 1, required: false },
        ],
    },
    // 35: ReadFromTimestamp
    Shape::Timestamp,
    // 36: TopicName
    Shape::Text { min: 1, max: 255, pattern: Some(&P9) },
    // 37: MSKClusterARN
    Shape::Text { min: 1, max: 512, pattern: Some(&P10) },
    // 38: Connectivity
    Shape::Enumeration(&["PRIVATE", "PUBLIC"]),
    // 39: AuthenticationConfiguration
    Shape::Structure {
        name: "AuthenticationConfiguration",
        members: &[
            Member { name: "Connectivity", shape: 38, required: true },
            Member { name: "RoleARN", shape: 20, required: true },
        ],
    },
    // 40: MSKSourceConfiguration
    Shape::Structure {
        name: "MSKSourceConfiguration",
        members: &[
            Member { name: "ReadFromTimestamp", shape: 35, required: false },
            Member { name: "TopicName", shape: 36, required: true },
            Member { name: "MSKClusterARN", shape: 37, required: true },
            Member { name: "AuthenticationConfiguration", shape: 39, required: true },
        ],
    },
    // 41: RetryOptions
    Shape::Structure {
        name: "RetryOptions",
        members: &[Member { name: "DurationInSeconds", shape: 16, required: false }],
    },
    // 42: DynamicPartitioningConfiguration
    Shape::Structure {
        name: "DynamicPartitioningConfiguration",
        members: &[
            Member { name: "RetryOptions", shape: 41, required: false },
            Member { name: "Enabled", shape: 5, required: false },
        ],
    },
    // 43: NonNegativeIntegerObject
    Shape::Integer { min: 0, max: i32::MAX },
    // 44: BlockSizeBytes
    Shape::Integer { min: 67_108_864, max: i32::MAX },
    // 45: ParquetPageSizeBytes
    Shape::Integer { min: 65_536, max: i32::MAX },
    // 46: ParquetCompression
    Shape::Enumeration(&["SNAPPY", "GZIP", "UNCOMPRESSED"]),
    // 47: ParquetWriterVersion
    Shape::Enumeration(&["V1", "V2"]),
    // 48: ParquetSerDe
    Shape::Structure {
        name: "ParquetSerDe",
        members: &[
            Member { name: "MaxPaddingBytes", shape: 43, required: false },
            Member { name: "BlockSizeBytes", shape: 44, required: false },
            Member { name: "PageSizeBytes", shape: 45, required: false },
            Member { name: "Compression", shape: 46, required: false },
            Member { name: "EnableDictionaryCompression", shape: 5, required: false },
            Member { name: "WriterVersion", shape: 47, required: false },
        ],
    },
    // 49: Proportion
    Shape::Double { min: 0, max: 1 },
    // 50: NonEmptyStringWithoutWhitespace
    Shape::Text { min: 1, max: 1024, pattern: Some(&P11) },
    // 51: ListOfNonEmptyStringsWithoutWhitespace, DatabaseSurrogateKeyList
    Shape::List { member: 50, min: 0, max: u32::MAX },
    // 52: OrcRowIndexStride
    Shape::Integer { min: 1000, max: i32::MAX },
    // 53: OrcStripeSizeBytes
    Shape::Integer { min: 8_388_608, max: i32::MAX },
    // 54: OrcCompression
    Shape::Enumeration(&["ZLIB", "SNAPPY", "NONE"]),
    // 55: OrcFormatVersion
    Shape::Enumeration(&["V0_11", "V0_12"]),
    // 56: OrcSerDe
    Shape::Structure {
        name: "OrcSerDe",
        members: &[
            Member { name: "DictionaryKeyThreshold", shape: 49, required: false },
            Member { name: "BlockSizeBytes", shape: 44, required: false },
            Member { name: "BloomFilterColumns", shape: 51, required: false },
            Member { name: "RowIndexStride", shape: 52, required: false },
            Member { name: "EnablePadding", shape: 5, required: false },
            Member { name: "PaddingTolerance", shape: 49, required: false },
            Member { name: "StripeSizeBytes", shape: 53, required: false },
            Member { name: "Compression", shape: 54, required: false },
            Member { name: "FormatVersion", shape: 55, required: false },
            Member { name: "BloomFilterFalsePositiveProbability", shape: 49, required: false },
        ],
    },
    // 57: Serializer
    Shape::Structure {
        name: "Serializer",
        members: &[
            Member { name: "ParquetSerDe", shape: 48, required: false },
            Member { name: "OrcSerDe", shape: 56, required: false },
        ],
    },
    // 58: OutputFormatConfiguration
    Shape::Structure {
        name: "OutputFormatConfiguration",
        members: &[Member { name: "Serializer", shape: 57, required: false }],
    },
    // 59: NonEmptyString
    Shape::Text { min: 1, max: 1024, pattern: Some(&P3) },
    // 60: ColumnToJsonKeyMappings
    Shape::Map { key: 50, value: 59, min: 0, max: u32::MAX },
    // 61: OpenXJsonSerDe
    Shape::Structure {
        name: "OpenXJsonSerDe",
        members: &[
            Member { name: "CaseInsensitive", shape: 5, required: false },
            Member { name: "ConvertDotsInJsonKeysToUnderscores", shape: 5, required: false },
            Member { name: "ColumnToJsonKeyMappings", shape: 60, required: false },
        ],
    },
    // 62: ListOfNonEmptyStrings
    Shape::List { member: 59, min: 0, max: u32::MAX },
    // 63: HiveJsonSerDe
    Shape::Structure {
        name: "HiveJsonSerDe",
        members: &[Member { name: "TimestampFormats", shape: 62, required: false }],
    },
    // 64: Deserializer
    Shape::Structure {
        name: "Deserializer",
        members: &[
            Member { name: "OpenXJsonSerDe", shape: 61, required: false },
            Member { name: "HiveJsonSerDe", shape: 63, required: false },
        ],
    },
    // 65: InputFormatConfiguration
    Shape::Structure {
        name: "InputFormatConfiguration",
        members: &[Member { name: "Deserializer", shape: 64, required: false }],
    },
    // 66: SchemaConfiguration
    Shape::Structure {
        name: "SchemaConfiguration",
        members: &[
            Member { name: "VersionId", shape: 50, required: false },
            Member { name: "CatalogId", shape: 50, required: false },
            Member { name: "DatabaseName", shape: 50, required: false },
            Member { name: "RoleARN", shape: 50, required: false },
            Member { name: "Region", shape: 50, required: false },
            Member { name: "TableName", shape: 50, required: false },
        ],
    },
    // 67: DataFormatConversionConfiguration
    Shape::Structure {
        name: "DataFormatConversionConfiguration",
        members: &[
            Member { name: "OutputFormatConfiguration", shape: 58, required: false },
            Member { name: "InputFormatConfiguration", shape: 65, required: false },
            Member { name: "SchemaConfiguration", shape: 66, required: false },
            Member { name: "Enabled", shape: 5, required: false },
        ],
    },
    // 68: CustomTimeZone
    Shape::Text { min: 0, max: 50, pattern: Some(&P12) },
    // 69: FileExtension
    Shape::Text { min: 0, max: 128, pattern: Some(&P13) },
    // 70: ExtendedS3DestinationConfiguration
    Shape::Structure {
        name: "ExtendedS3DestinationConfiguration",
        members: &[
            Member { name: "CloudWatchLoggingOptions", shape: 6, required: false },
            Member { name: "ProcessingConfiguration", shape: 14, required: false },
            Member { name: "DynamicPartitioningConfiguration", shape: 42, required: false },
            Member { name: "Prefix", shape: 21, required: false },
            Member { name: "S3BackupConfiguration", shape: 30, required: false },
            Member { name: "CompressionFormat", shape: 22, required: false },
            Member { name: "ErrorOutputPrefix", shape: 21, required: false },
            Member { name: "DataFormatConversionConfiguration", shape: 67, required: false },
            Member { name: "CustomTimeZone", shape: 68, required: false },
            Member { name: "BucketARN", shape: 19, required: true },
            Member { name: "RoleARN", shape: 20, required: true },
            Member { name: "FileExtension", shape: 69, required: false },
            Member { name: "EncryptionConfiguration", shape: 26, required: false },
            Member { name: "S3BackupMode", shape: 33, required: false },
            Member { name: "BufferingHints", shape: 29, required: false },
        ],
    },
    // 71: KinesisStreamARN
    Shape::Text { min: 1, max: 512, pattern: Some(&P14) },
    // 72: KinesisStreamSourceConfiguration
    Shape::Structure {
        name: "KinesisStreamSourceConfiguration",
        members: &[
            Member { name: "RoleARN", shape: 20, required: true },
            Member { name: "KinesisStreamARN", shape: 71, required: true },
        ],
    },
    // 73: DeliveryStreamType
    Shape::Enumeration(&["DirectPut", "DatabaseAsSource", "MSKAsSource", "KinesisStreamAsSource"]),
    // 74: StringWithLettersDigitsUnderscoresDots
    Shape::Text { min: 1, max: 255, pattern: Some(&P15) },
    // 75: PartitionField
    Shape::Structure {
        name: "PartitionField",
        members: &[Member { name: "SourceName", shape: 50, required: true }],
    },
    // 76: PartitionFields
    Shape::List { member: 75, min: 0, max: u32::MAX },
    // 77: PartitionSpec
    Shape::Structure {
        name: "PartitionSpec",
        members: &[Member { name: "Identity", shape: 76, required: false }],
    },
    // 78: DestinationTableConfiguration
    Shape::Structure {
        name: "DestinationTableConfiguration",
        members: &[
            Member { name: "DestinationTableName", shape: 74, required: true },
            Member { name: "UniqueKeys", shape: 51, required: false },
            Member { name: "DestinationDatabaseName", shape: 74, required: true },
            Member { name: "PartitionSpec", shape: 77, required: false },
            Member { name: "S3ErrorOutputPrefix", shape: 21, required: false },
        ],
    },
    // 79: DestinationTableConfigurationList
    Shape::List { member: 78, min: 0, max: u32::MAX },
    // 80: IcebergS3BackupMode, HttpEndpointS3BackupMode, SnowflakeS3BackupMode
    Shape::Enumeration(&["AllData", "FailedDataOnly"]),
    // 81: GlueDataCatalogARN
    Shape::Text { min: 1, max: 512, pattern: Some(&P16) },
    // 82: WarehouseLocation
    Shape::Text { min: 1, max: 2048, pattern: Some(&P17) },
    // 83: CatalogConfiguration
    Shape::Structure {
        name: "CatalogConfiguration",
        members: &[
            Member { name: "CatalogARN", shape: 81, required: false },
            Member { name: "WarehouseLocation", shape: 82, required: false },
        ],
    },
    // 84: SchemaEvolutionConfiguration
    Shape::Structure {
        name: "SchemaEvolutionConfiguration",
        members: &[Member { name: "Enabled", shape: 5, required: true }],
    },
    // 85: TableCreationConfiguration
    Shape::Structure {
        name: "TableCreationConfiguration",
        members: &[Member { name: "Enabled", shape: 5, required: true }],
    },
    // 86: IcebergDestinationConfiguration
    Shape::Structure {
        name: "IcebergDestinationConfiguration",
        members: &[
            Member { name: "CloudWatchLoggingOptions", shape: 6, required: false },
            Member { name: "ProcessingConfiguration", shape: 14, required: false },
            Member { name: "RetryOptions", shape: 41, required: false },
            Member { name: "DestinationTableConfigurationList", shape: 79, required: false },
            Member { name: "S3Configuration", shape: 30, required: true },
            Member { name: "RoleARN", shape: 20, required: true },
            Member { name: "S3BackupMode", shape: 80, required: false },
            Member { name: "CatalogConfiguration", shape: 83, required: true },
            Member { name: "SchemaEvolutionConfiguration", shape: 84, required: false },
            Member { name: "BufferingHints", shape: 29, required: false },
            Member { name: "TableCreationConfiguration", shape: 85, required: false },
            Member { name: "AppendOnly", shape: 5, required: false },
        ],
    },
    // 87: HttpEndpointRetryOptions
    Shape::Structure {
        name: "HttpEndpointRetryOptions",
        members: &[Member { name: "DurationInSeconds", shape: 16, required: false }],
    },
    // 88: ContentEncoding
    Shape::Enumeration(&["NONE", "GZIP"]),
    // 89: HttpEndpointAttributeName, HttpEndpointName
    Shape::Text { min: 1, max: 256, pattern: Some(&P3) },
    // 90: HttpEndpointCommonAttribute
    Shape::Structure {
        name: "HttpEndpointCommonAttribute",
        members: &[
            Member { name: "AttributeValue", shape: 21, required: true },
            Member { name: "AttributeName", shape: 89, required: true },
        ],
    },
    // 91: HttpEndpointCommonAttributesList
    Shape::List { member: 90, min: 0, max: 50 },
    // 92: HttpEndpointRequestConfiguration
    Shape::Structure {
        name: "HttpEndpointRequestConfiguration",
        members: &[
            Member { name: "ContentEncoding", shape: 88, required: false },
            Member { name: "CommonAttributes", shape: 91, required: false },
        ],
    },
    // 93: HttpEndpointAccessKey
    Shape::Text { min: 0, max: 4096, pattern: Some(&P0) },
    // 94: HttpEndpointUrl
    Shape::Text { min: 1, max: 1000, pattern: Some(&P18) },
    // 95: HttpEndpointConfiguration
    Shape::Structure {
        name: "HttpEndpointConfiguration",
        members: &[
            Member { name: "AccessKey", shape: 93, required: false },
            Member { name: "Name", shape: 89, required: false },
            Member { name: "Url", shape: 94, required: true },
        ],
    },
    // 96: HttpEndpointBufferingSizeInMBs
    Shape::Integer { min: 1, max: 64 },
    // 97: HttpEndpointBufferingHints
    Shape::Structure {
        name: "HttpEndpointBufferingHints",
        members: &[
            Member { name: "SizeInMBs", shape: 96, required: false },
            Member { name: "IntervalInSeconds", shape: 28, required: false },
        ],
    },
    // 98: HttpEndpointDestinationConfiguration
    Shape::Structure {
        name: "HttpEndpointDestinationConfiguration",
        members: &[
            Member { name: "CloudWatchLoggingOptions", shape: 6, required: false },
            Member { name: "ProcessingConfiguration", shape: 14, required: false },
            Member { name: "RetryOptions", shape: 87, required: false },
            Member { name: "S3Configuration", shape: 30, required: true },
            Member { name: "SecretsManagerConfiguration", shape: 32, required: false },
            Member { name: "RoleARN", shape: 20, required: false },
            Member { name: "RequestConfiguration", shape: 92, required: false },
            Member { name: "EndpointConfiguration", shape: 95, required: true },
            Member { name: "S3BackupMode", shape: 80, required: false },
            Member { name: "BufferingHints", shape: 97, required: false },
        ],
    },
    // 99: ThroughputHintInMBs, AmazonOpenSearchServerlessBufferingSizeInMBs, ElasticsearchBufferingSizeInMBs, AmazonopensearchserviceBufferingSizeInMBs
    Shape::Integer { min: 1, max: 100 },
    // 100: DirectPutSourceConfiguration
    Shape::Structure {
        name: "DirectPutSourceConfiguration",
        members: &[Member { name: "ThroughputHintInMBs", shape: 99, required: true }],
    },
    // 101: TagValue
    Shape::Text { min: 0, max: 256, pattern: Some(&P19) },
    // 102: TagKey
    Shape::Text { min: 1, max: 128, pattern: Some(&P20) },
    // 103: Tag
    Shape::Structure {
        name: "Tag",
        members: &[
            Member { name: "Value", shape: 101, required: false },
            Member { name: "Key", shape: 102, required: true },
        ],
    },
    // 104: TagDeliveryStreamInputTagList
    Shape::List { member: 103, min: 1, max: 50 },
    // 105: AmazonOpenSearchServerlessRetryOptions
    Shape::Structure {
        name: "AmazonOpenSearchServerlessRetryOptions",
        members: &[Member { name: "DurationInSeconds", shape: 16, required: false }],
    },
    // 106: AmazonOpenSearchServerlessCollectionEndpoint, ElasticsearchClusterEndpoint, AmazonopensearchserviceClusterEndpoint
    Shape::Text { min: 1, max: 512, pattern: Some(&P21) },
    // 107: AmazonOpenSearchServerlessIndexName, ElasticsearchIndexName, AmazonopensearchserviceIndexName
    Shape::Text { min: 1, max: 80, pattern: Some(&P0) },
    // 108: AmazonOpenSearchServerlessS3BackupMode, ElasticsearchS3BackupMode, AmazonopensearchserviceS3BackupMode
    Shape::Enumeration(&["FailedDocumentsOnly", "AllDocuments"]),
    // 109: AmazonOpenSearchServerlessBufferingHints
    Shape::Structure {
        name: "AmazonOpenSearchServerlessBufferingHints",
        members: &[
            Member { name: "IntervalInSeconds", shape: 28, required: false },
            Member { name: "SizeInMBs", shape: 99, required: false },
        ],
    },
    // 110: SecurityGroupIdList
    Shape::List { member: 50, min: 1, max: 5 },
    // 111: SubnetIdList
    Shape::List { member: 50, min: 1, max: 16 },
    // 112: VpcConfiguration
    Shape::Structure {
        name: "VpcConfiguration",
        members: &[
            Member { name: "RoleARN", shape: 20, required: true },
            Member { name: "SecurityGroupIds", shape: 110, required: true },
            Member { name: "SubnetIds", shape: 111, required: true },
        ],
    },
    // 113: AmazonOpenSearchServerlessDestinationConfiguration
    Shape::Structure {
        name: "AmazonOpenSearchServerlessDestinationConfiguration",
        members: &[
            Member { name: "CloudWatchLoggingOptions", shape: 6, required: false },
            Member { name: "ProcessingConfiguration", shape: 14, required: false },
            Member { name: "RetryOptions", shape: 105, required: false },
            Member { name: "S3Configuration", shape: 30, required: true },
            Member { name: "RoleARN", shape: 20, required: true },
            Member { name: "CollectionEndpoint", shape: 106, required: false },
            Member { name: "IndexName", shape: 107, required: true },
            Member { name: "S3BackupMode", shape: 108, required: false },
            Member { name: "BufferingHints", shape: 109, required: false },
            Member { name: "VpcConfiguration", shape: 112, required: false },
        ],
    },
    // 114: ElasticsearchTypeName, AmazonopensearchserviceTypeName
    Shape::Text { min: 0, max: 100, pattern: Some(&P0) },
    // 115: ElasticsearchRetryOptions
    Shape::Structure {
        name: "ElasticsearchRetryOptions",
        members: &[Member { name: "DurationInSeconds", shape: 16, required: false }],
    },
    // 116: ElasticsearchIndexRotationPeriod, AmazonopensearchserviceIndexRotationPeriod
    Shape::Enumeration(&["OneHour", "OneDay", "OneMonth", "OneWeek", "NoRotation"]),
    // 117: ElasticsearchDomainARN, AmazonopensearchserviceDomainARN
    Shape::Text { min: 1, max: 512, pattern: Some(&P22) },
    // 118: ElasticsearchBufferingHints
    Shape::Structure {
        name: "ElasticsearchBufferingHints",
        members: &[
            Member { name: "IntervalInSeconds", shape: 28, required: false },
            Member { name: "SizeInMBs", shape: 99, required: false },
        ],
    },
    // 119: DefaultDocumentIdFormat
    Shape::Enumeration(&["NO_DOCUMENT_ID", "FIREHOSE_DEFAULT"]),
    // 120: DocumentIdOptions
    Shape::Structure {
        name: "DocumentIdOptions",
        members: &[Member { name: "DefaultDocumentIdFormat", shape: 119, required: true }],
    },
    // 121: ElasticsearchDestinationConfiguration
    Shape::Structure {
        name: "ElasticsearchDestinationConfiguration",
        members: &[
            Member { name: "ClusterEndpoint", shape: 106, required: false },
            Member { name: "CloudWatchLoggingOptions", shape: 6, required: false },
            Member { name: "ProcessingConfiguration", shape: 14, required: false },
            Member { name: "S3Configuration", shape: 30, required: true },
            Member { name: "IndexName", shape: 107, required: true },
            Member { name: "TypeName", shape: 114, required: false },
            Member { name: "RetryOptions", shape: 115, required: false },
            Member { name: "IndexRotationPeriod", shape: 116, required: false },
            Member { name: "RoleARN", shape: 20, required: true },
            Member { name: "S3BackupMode", shape: 108, required: false },
            Member { name: "DomainARN", shape: 117, required: false },
            Member { name: "BufferingHints", shape: 118, required: false },
            Member { name: "DocumentIdOptions", shape: 120, required: false },
            Member { name: "VpcConfiguration", shape: 112, required: false },
        ],
    },
    // 122: AmazonopensearchserviceRetryOptions
    Shape::Structure {
        name: "AmazonopensearchserviceRetryOptions",
        members: &[Member { name: "DurationInSeconds", shape: 16, required: false }],
    },
    // 123: AmazonopensearchserviceBufferingHints
    Shape::Structure {
        name: "AmazonopensearchserviceBufferingHints",
        members: &[
            Member { name: "IntervalInSeconds", shape: 28, required: false },
            Member { name: "SizeInMBs", shape: 99, required: false },
        ],
    },
    // 124: AmazonopensearchserviceDestinationConfiguration
    Shape::Structure {
        name: "AmazonopensearchserviceDestinationConfiguration",
        members: &[
            Member { name: "ClusterEndpoint", shape: 106, required: false },
            Member { name: "CloudWatchLoggingOptions", shape: 6, required: false },
            Member { name: "ProcessingConfiguration", shape: 14, required: false },
            Member { name: "S3Configuration", shape: 30, required: true },
            Member { name: "IndexName", shape: 107, required: true },
            Member { name: "TypeName", shape: 114, required: false },
            Member { name: "RetryOptions", shape: 122, required: false },
            Member { name: "IndexRotationPeriod", shape: 116, required: false },
            Member { name: "RoleARN", shape: 20, required: true },
            Member { name: "S3BackupMode", shape: 108, required: false },
            Member { name: "DomainARN", shape: 117, required: false },
            Member { name: "BufferingHints", shape: 123, required: false },
            Member { name: "DocumentIdOptions", shape: 120, required: false },
            Member { name: "VpcConfiguration", shape: 112, required: false },
        ],
    },
    // 125: SplunkRetryOptions
    Shape::Structure {
        name: "SplunkRetryOptions",
        members: &[Member { name: "DurationInSeconds", shape: 16, required: false }],
    },
    // 126: HECToken, HECEndpoint
    Shape::Text { min: 0, max: 2048, pattern: Some(&P0) },
    // 127: HECAcknowledgmentTimeoutInSeconds
    Shape::Integer { min: 180, max: 600 },
    // 128: HECEndpointType
    Shape::Enumeration(&["Raw", "Event"]),
    // 129: SplunkS3BackupMode
    Shape::Enumeration(&["FailedEventsOnly", "AllEvents"]),
    // 130: SplunkBufferingIntervalInSeconds
    Shape::Integer { min: 0, max: 60 },
    // 131: SplunkBufferingSizeInMBs
    Shape::Integer { min: 1, max: 5 },
    // 132: SplunkBufferingHints
    Shape::Structure {
        name: "SplunkBufferingHints",
        members: &[
            Member { name: "IntervalInSeconds", shape: 130, required: false },
            Member { name: "SizeInMBs", shape: 131, required: false },
        ],
    },
    // 133: SplunkDestinationConfiguration
    Shape::Structure {
        name: "SplunkDestinationConfiguration",
        members: &[
            Member { name: "CloudWatchLoggingOptions", shape: 6, required: false },
            Member { name: "ProcessingConfiguration", shape: 14, required: false },
            Member { name: "RetryOptions", shape: 125, required: false },
            Member { name: "HECToken", shape: 126, required: false },
            Member { name: "HECAcknowledgmentTimeoutInSeconds", shape: 127, required: false },
            Member { name: "S3Configuration", shape: 30, required: true },
            Member { name: "SecretsManagerConfiguration", shape: 32, required: false },
            Member { name: "HECEndpoint", shape: 126, required: true },
            Member { name: "HECEndpointType", shape: 128, required: true },
            Member { name: "S3BackupMode", shape: 129, required: false },
            Member { name: "BufferingHints", shape: 132, required: false },
        ],
    },
    // 134: DatabaseName
    Shape::Text { min: 1, max: 64, pattern: Some(&P23) },
    // 135: DatabaseIncludeOrExcludeList
    Shape::List { member: 134, min: 0, max: u32::MAX },
    // 136: DatabaseList
    Shape::Structure {
        name: "DatabaseList",
        members: &[
            Member { name: "Include", shape: 135, required: false },
            Member { name: "Exclude", shape: 135, required: false },
        ],
    },
    // 137: DatabaseEndpoint
    Shape::Text { min: 1, max: 255, pattern: Some(&P3) },
    // 138: DatabaseTableName
    Shape::Text { min: 1, max: 129, pattern: Some(&P23) },
    // 139: DatabaseTableIncludeOrExcludeList
    Shape::List { member: 138, min: 0, max: u32::MAX },
    // 140: DatabaseTableList
    Shape::Structure {
        name: "DatabaseTableList",
        members: &[
            Member { name: "Include", shape: 139, required: false },
            Member { name: "Exclude", shape: 139, required: false },
        ],
    },
    // 141: DatabasePort
    Shape::Integer { min: 0, max: 65_535 },
    // 142: DatabaseColumnName
    Shape::Text { min: 1, max: 194, pattern: Some(&P23) },
    // 143: DatabaseColumnIncludeOrExcludeList
    Shape::List { member: 142, min: 0, max: u32::MAX },
    // 144: DatabaseColumnList
    Shape::Structure {
        name: "DatabaseColumnList",
        members: &[
            Member { name: "Include", shape: 143, required: false },
            Member { name: "Exclude", shape: 143, required: false },
        ],
    },
    // 145: DatabaseSourceAuthenticationConfiguration
    Shape::Structure {
        name: "DatabaseSourceAuthenticationConfiguration",
        members: &[Member { name: "SecretsManagerConfiguration", shape: 32, required: true }],
    },
    // 146: DatabaseType
    Shape::Enumeration(&["MySQL", "PostgreSQL"]),
    // 147: VpcEndpointServiceName, SnowflakePrivateLinkVpceId
    Shape::Text { min: 47, max: 255, pattern: Some(&P24) },
    // 148: DatabaseSourceVPCConfiguration
    Shape::Structure {
        name: "DatabaseSourceVPCConfiguration",
        members: &[Member { name: "VpcEndpointServiceName", shape: 147, required: true }],
    },
    // 149: DatabaseSourceConfiguration
    Shape::Structure {
        name: "DatabaseSourceConfiguration",
        members: &[
            Member { name: "Databases", shape: 136, required: true },
            Member { name: "Endpoint", shape: 137, required: true },
            Member { name: "Tables", shape: 140, required: true },
            Member { name: "SurrogateKeys", shape: 51, required: false },
            Member { name: "Port", shape: 141, required: true },
            Member { name: "Columns", shape: 144, required: false },
            Member { name: "DatabaseSourceAuthenticationConfiguration", shape: 145, required: true },
            Member { name: "Type", shape: 146, required: true },
            Member { name: "SSLMode", shape: 33, required: false },
            Member { name: "DatabaseSourceVPCConfiguration", shape: 148, required: true },
            Member { name: "SnapshotWatermarkTable", shape: 138, required: true },
        ],
    },
    // 150: AWSKMSKeyARNForSSE
    Shape::Text { min: 1, max: 512, pattern: Some(&P25) },
    // 151: KeyType
    Shape::Enumeration(&["CUSTOMER_MANAGED_CMK", "AWS_OWNED_CMK"]),
    // 152: DeliveryStreamEncryptionConfigurationInput
    Shape::Structure {
        name: "DeliveryStreamEncryptionConfigurationInput",
        members: &[
            Member { name: "KeyARN", shape: 150, required: false },
            Member { name: "KeyType", shape: 151, required: true },
        ],
    },
    // 153: SnowflakeSchema, SnowflakeDatabase, SnowflakeMetaDataColumnName, SnowflakeContentColumnName, SnowflakeUser, SnowflakeTable, SnowflakeRole
    Shape::Text { min: 1, max: 255, pattern: None },
    // 154: SnowflakePrivateKey
    Shape::Text { min: 256, max: 4096, pattern: Some(&P26) },
    // 155: SnowflakeRetryOptions
    Shape::Structure {
        name: "SnowflakeRetryOptions",
        members: &[Member { name: "DurationInSeconds", shape: 16, required: false }],
    },
    // 156: SnowflakeDataLoadingOption
    Shape::Enumeration(&["VARIANT_CONTENT_AND_METADATA_MAPPING", "VARIANT_CONTENT_MAPPING", "JSON_MAPPING"]),
    // 157: SnowflakeVpcConfiguration
    Shape::Structure {
        name: "SnowflakeVpcConfiguration",
        members: &[Member { name: "PrivateLinkVpceId", shape: 147, required: true }],
    },
    // 158: SnowflakeKeyPassphrase
    Shape::Text { min: 7, max: 255, pattern: None },
    // 159: SnowflakeBufferingHints
    Shape::Structure {
        name: "SnowflakeBufferingHints",
        members: &[
            Member { name: "SizeInMBs", shape: 27, required: false },
            Member { name: "IntervalInSeconds", shape: 28, required: false },
        ],
    },
    // 160: SnowflakeRoleConfiguration
    Shape::Structure {
        name: "SnowflakeRoleConfiguration",
        members: &[
            Member { name: "SnowflakeRole", shape: 153, required: false },
            Member { name: "Enabled", shape: 5, required: false },
        ],
    },
    // 161: SnowflakeAccountUrl
    Shape::Text { min: 24, max: 2048, pattern: Some(&P27) },
    // 162: SnowflakeDestinationConfiguration
    Shape::Structure {
        name: "SnowflakeDestinationConfiguration",
        members: &[
            Member { name: "Schema", shape: 153, required: true },
            Member { name: "CloudWatchLoggingOptions", shape: 6, required: false },
            Member { name: "ProcessingConfiguration", shape: 14, required: false },
            Member { name: "S3Configuration", shape: 30, required: true },
            Member { name: "SecretsManagerConfiguration", shape: 32, required: false },
            Member { name: "PrivateKey", shape: 154, required: false },
            Member { name: "Database", shape: 153, required: true },
            Member { name: "RetryOptions", shape: 155, required: false },
            Member { name: "MetaDataColumnName", shape: 153, required: false },
            Member { name: "ContentColumnName", shape: 153, required: false },
            Member { name: "RoleARN", shape: 20, required: true },
            Member { name: "DataLoadingOption", shape: 156, required: false },
            Member { name: "SnowflakeVpcConfiguration", shape: 157, required: false },
            Member { name: "S3BackupMode", shape: 80, required: false },
            Member { name: "KeyPassphrase", shape: 158, required: false },
            Member { name: "User", shape: 153, required: false },
            Member { name: "BufferingHints", shape: 159, required: false },
            Member { name: "Table", shape: 153, required: true },
            Member { name: "SnowflakeRoleConfiguration", shape: 160, required: false },
            Member { name: "AccountUrl", shape: 161, required: true },
        ],
    },
    // 163: DeliveryStreamName
    Shape::Text { min: 1, max: 64, pattern: Some(&P28) },
    // 164: CreateDeliveryStreamInput
    Shape::Structure {
        name: "CreateDeliveryStreamInput",
        members: &[
            Member { name: "RedshiftDestinationConfiguration", shape: 34, required: false },
            Member { name: "S3DestinationConfiguration", shape: 30, required: false },
            Member { name: "MSKSourceConfiguration", shape: 40, required: false },
            Member { name: "ExtendedS3DestinationConfiguration", shape: 70, required: false },
            Member { name: "KinesisStreamSourceConfiguration", shape: 72, required: false },
            Member { name: "DeliveryStreamType", shape: 73, required: false },
            Member { name: "IcebergDestinationConfiguration", shape: 86, required: false },
            Member { name: "HttpEndpointDestinationConfiguration", shape: 98, required: false },
            Member { name: "DirectPutSourceConfiguration", shape: 100, required: false },
            Member { name: "Tags", shape: 104, required: false },
            Member {
                name: "AmazonOpenSearchServerlessDestinationConfiguration",
                shape: 113,
                required: false,
            },
            Member { name: "ElasticsearchDestinationConfiguration", shape: 121, required: false },
            Member { name: "AmazonopensearchserviceDestinationConfiguration", shape: 124, required: false },
            Member { name: "SplunkDestinationConfiguration", shape: 133, required: false },
            Member { name: "DatabaseSourceConfiguration", shape: 149, required: false },
            Member { name: "DeliveryStreamEncryptionConfigurationInput", shape: 152, required: false },
            Member { name: "SnowflakeDestinationConfiguration", shape: 162, required: false },
            Member { name: "DeliveryStreamName", shape: 163, required: true },
        ],
    },
    // 165: DeleteDeliveryStreamInput
    Shape::Structure {
        name: "DeleteDeliveryStreamInput",
        members: &[
            Member { name: "AllowForceDelete", shape: 5, required: false },
            Member { name: "DeliveryStreamName", shape: 163, required: true },
        ],
    },
    // 166: DescribeDeliveryStreamInputLimit, ListDeliveryStreamsInputLimit
    Shape::Integer { min: 1, max: 10_000 },
    // 167: DestinationId
    Shape::Text { min: 1, max: 100, pattern: Some(&P29) },
    // 168: DescribeDeliveryStreamInput
    Shape::Structure {
        name: "DescribeDeliveryStreamInput",
        members: &[
            Member { name: "Limit", shape: 166, required: false },
            Member { name: "ExclusiveStartDestinationId", shape: 167, required: false },
            Member { name: "DeliveryStreamName", shape: 163, required: true },
        ],
    },
    // 169: ListDeliveryStreamsInput
    Shape::Structure {
        name: "ListDeliveryStreamsInput",
        members: &[
            Member { name: "ExclusiveStartDeliveryStreamName", shape: 163, required: false },
            Member { name: "Limit", shape: 166, required: false },
            Member { name: "DeliveryStreamType", shape: 73, required: false },
        ],
    },
    // 170: ListTagsForDeliveryStreamInputLimit
    Shape::Integer { min: 1, max: 50 },
    // 171: ListTagsForDeliveryStreamInput
    Shape::Structure {
        name: "ListTagsForDeliveryStreamInput",
        members: &[
            Member { name: "ExclusiveStartTagKey", shape: 102, required: false },
            Member { name: "Limit", shape: 170, required: false },
            Member { name: "DeliveryStreamName", shape: 163, required: true },
        ],
    },
    // 172: Data
    Shape::Blob { min: 0, max: 1_024_000 },
    // 173: Record
    Shape::Structure { name: "Record", members: &[Member { name: "Data", shape: 172, required: true }] },
    // 174: PutRecordInput
    Shape::Structure {
        name: "PutRecordInput",
        members: &[
            Member { name: "Record", shape: 173, required: true },
            Member { name: "DeliveryStreamName", shape: 163, required: true },
        ],
    },
    // 175: PutRecordBatchRequestEntryList
    Shape::List { member: 173, min: 1, max: 500 },
    // 176: PutRecordBatchInput
    Shape::Structure {
        name: "PutRecordBatchInput",
        members: &[
            Member { name: "Records", shape: 175, required: true },
            Member { name: "DeliveryStreamName", shape: 163, required: true },
        ],
    },
    // 177: StartDeliveryStreamEncryptionInput
    Shape::Structure {
        name: "StartDeliveryStreamEncryptionInput",
        members: &[
            Member { name: "DeliveryStreamEncryptionConfigurationInput", shape: 152, required: false },
            Member { name: "DeliveryStreamName", shape: 163, required: true },
        ],
    },
    // 178: StopDeliveryStreamEncryptionInput
    Shape::Structure {
        name: "StopDeliveryStreamEncryptionInput",
        members: &[Member { name: "DeliveryStreamName", shape: 163, required: true }],
    },
    // 179: TagDeliveryStreamInput
    Shape::Structure {
        name: "TagDeliveryStreamInput",
        members: &[
            Member { name: "DeliveryStreamName", shape: 163, required: true },
            Member { name: "Tags", shape: 104, required: true },
        ],
    },
    // 180: TagKeyList
    Shape::List { member: 102, min: 1, max: 50 },
    // 181: UntagDeliveryStreamInput
    Shape::Structure {
        name: "UntagDeliveryStreamInput",
        members: &[
            Member { name: "TagKeys", shape: 180, required: true },
            Member { name: "DeliveryStreamName", shape: 163, required: true },
        ],
    },
    // 182: DeliveryStreamVersionId
    Shape::Text { min: 1, max: 50, pattern: Some(&P30) },
    // 183: S3DestinationUpdate
    Shape::Structure {
        name: "S3DestinationUpdate",
        members: &[
            Member { name: "CloudWatchLoggingOptions", shape: 6, required: false },
            Member { name: "BucketARN", shape: 19, required: false },
            Member { name: "RoleARN", shape: 20, required: false },
            Member { name: "Prefix", shape: 21, required: false },
            Member { name: "CompressionFormat", shape: 22, required: false },
            Member { name: "EncryptionConfiguration", shape: 26, required: false },
            Member { name: "ErrorOutputPrefix", shape: 21, required: false },
            Member { name: "BufferingHints", shape: 29, required: false },
        ],
    },
    // 184: SnowflakeDestinationUpdate
    Shape::Structure {
        name: "SnowflakeDestinationUpdate",
        members: &[
            Member { name: "Schema", shape: 153, required: false },
            Member { name: "CloudWatchLoggingOptions", shape: 6, required: false },
            Member { name: "ProcessingConfiguration", shape: 14, required: false },
            Member { name: "S3Update", shape: 183, required: false },
            Member { name: "SecretsManagerConfiguration", shape: 32, required: false },
            Member { name: "PrivateKey", shape: 154, required: false },
            Member { name: "Database", shape: 153, required: false },
            Member { name: "RetryOptions", shape: 155, required: false },
            Member { name: "MetaDataColumnName", shape: 153, required: false },
            Member { name: "ContentColumnName", shape: 153, required: false },
            Member { name: "RoleARN", shape: 20, required: false },
            Member { name: "DataLoadingOption", shape: 156, required: false },
            Member { name: "S3BackupMode", shape: 80, required: false },
            Member { name: "KeyPassphrase", shape: 158, required: false },
            Member { name: "User", shape: 153, required: false },
            Member { name: "BufferingHints", shape: 159, required: false },
            Member { name: "Table", shape: 153, required: false },
            Member { name: "SnowflakeRoleConfiguration", shape: 160, required: false },
            Member { name: "AccountUrl", shape: 161, required: false },
        ],
    },
    // 185: IcebergDestinationUpdate
    Shape::Structure {
        name: "IcebergDestinationUpdate",
        members: &[
            Member { name: "CloudWatchLoggingOptions", shape: 6, required: false },
            Member { name: "ProcessingConfiguration", shape: 14, required: false },
            Member { name: "RetryOptions", shape: 41, required: false },
            Member { name: "DestinationTableConfigurationList", shape: 79, required: false },
            Member { name: "S3Configuration", shape: 30, required: false },
            Member { name: "RoleARN", shape: 20, required: false },
            Member { name: "S3BackupMode", shape: 80, required: false },
            Member { name: "CatalogConfiguration", shape: 83, required: false },
            Member { name: "SchemaEvolutionConfiguration", shape: 84, required: false },
            Member { name: "BufferingHints", shape: 29, required: false },
            Member { name: "TableCreationConfiguration", shape: 85, required: false },
            Member { name: "AppendOnly", shape: 5, required: false },
        ],
    },
    // 186: ElasticsearchDestinationUpdate
    Shape::Structure {
        name: "ElasticsearchDestinationUpdate",
        members: &[
            Member { name: "ClusterEndpoint", shape: 106, required: false },
            Member { name: "CloudWatchLoggingOptions", shape: 6, required: false },
            Member { name: "ProcessingConfiguration", shape: 14, required: false },
            Member { name: "RetryOptions", shape: 115, required: false },
            Member { name: "S3Update", shape: 183, required: false },
            Member { name: "IndexRotationPeriod", shape: 116, required: false },
            Member { name: "RoleARN", shape: 20, required: false },
            Member { name: "IndexName", shape: 107, required: false },
            Member { name: "TypeName", shape: 114, required: false },
            Member { name: "DomainARN", shape: 117, required: false },
            Member { name: "BufferingHints", shape: 118, required: false },
            Member { name: "DocumentIdOptions", shape: 120, required: false },
        ],
    },
    // 187: SplunkDestinationUpdate
    Shape::Structure {
        name: "SplunkDestinationUpdate",
        members: &[
            Member { name: "CloudWatchLoggingOptions", shape: 6, required: false },
            Member { name: "ProcessingConfiguration", shape: 14, required: false },
            Member { name: "RetryOptions", shape: 125, required: false },
            Member { name: "HECToken", shape: 126, required: false },
            Member { name: "HECAcknowledgmentTimeoutInSeconds", shape: 127, required: false },
            Member { name: "S3Update", shape: 183, required: false },
            Member { name: "SecretsManagerConfiguration", shape: 32, required: false },
            Member { name: "HECEndpoint", shape: 126, required: false },
            Member { name: "HECEndpointType", shape: 128, required: false },
            Member { name: "S3BackupMode", shape: 129, required: false },
            Member { name: "BufferingHints", shape: 132, required: false },
        ],
    },
    // 188: HttpEndpointDestinationUpdate
    Shape::Structure {
        name: "HttpEndpointDestinationUpdate",
        members: &[
            Member { name: "CloudWatchLoggingOptions", shape: 6, required: false },
            Member { name: "ProcessingConfiguration", shape: 14, required: false },
            Member { name: "RetryOptions", shape: 87, required: false },
            Member { name: "S3Update", shape: 183, required: false },
            Member { name: "SecretsManagerConfiguration", shape: 32, required: false },
            Member { name: "RoleARN", shape: 20, required: false },
            Member { name: "RequestConfiguration", shape: 92, required: false },
            Member { name: "EndpointConfiguration", shape: 95, required: false },
            Member { name: "S3BackupMode", shape: 80, required: false },
            Member { name: "BufferingHints", shape: 97, required: false },
        ],
    },
    // 189: ExtendedS3DestinationUpdate
    Shape::Structure {
        name: "ExtendedS3DestinationUpdate",
        members: &[
            Member { name: "CloudWatchLoggingOptions", shape: 6, required: false },
            Member { name: "ProcessingConfiguration", shape: 14, required: false },
            Member { name: "DynamicPartitioningConfiguration", shape: 42, required: false },
            Member { name: "Prefix", shape: 21, required: false },
            Member { name: "CompressionFormat", shape: 22, required: false },
            Member { name: "ErrorOutputPrefix", shape: 21, required: false },
            Member { name: "DataFormatConversionConfiguration", shape: 67, required: false },
            Member { name: "CustomTimeZone", shape: 68, required: false },
            Member { name: "S3BackupUpdate", shape: 183, required: false },
            Member { name: "BucketARN", shape: 19, required: false },
            Member { name: "RoleARN", shape: 20, required: false },
            Member { name: "FileExtension", shape: 69, required: false },
            Member { name: "EncryptionConfiguration", shape: 26, required: false },
            Member { name: "S3BackupMode", shape: 33, required: false },
            Member { name: "BufferingHints", shape: 29, required: false },
        ],
    },
    // 190: AmazonopensearchserviceDestinationUpdate
    Shape::Structure {
        name: "AmazonopensearchserviceDestinationUpdate",
        members: &[
            Member { name: "ClusterEndpoint", shape: 106, required: false },
            Member { name: "CloudWatchLoggingOptions", shape: 6, required: false },
            Member { name: "ProcessingConfiguration", shape: 14, required: false },
            Member { name: "RetryOptions", shape: 122, required: false },
            Member { name: "S3Update", shape: 183, required: false },
            Member { name: "IndexRotationPeriod", shape: 116, required: false },
            Member { name: "RoleARN", shape: 20, required: false },
            Member { name: "IndexName", shape: 107, required: false },
            Member { name: "TypeName", shape: 114, required: false },
            Member { name: "DomainARN", shape: 117, required: false },
            Member { name: "BufferingHints", shape: 123, required: false },
            Member { name: "DocumentIdOptions", shape: 120, required: false },
        ],
    },
    // 191: AmazonOpenSearchServerlessDestinationUpdate
    Shape::Structure {
        name: "AmazonOpenSearchServerlessDestinationUpdate",
        members: &[
            Member { name: "CloudWatchLoggingOptions", shape: 6, required: false },
            Member { name: "ProcessingConfiguration", shape: 14, required: false },
            Member { name: "RetryOptions", shape: 105, required: false },
            Member { name: "S3Update", shape: 183, required: false },
            Member { name: "RoleARN", shape: 20, required: false },
            Member { name: "CollectionEndpoint", shape: 106, required: false },
            Member { name: "IndexName", shape: 107, required: false },
            Member { name: "BufferingHints", shape: 109, required: false },
        ],
    },
    // 192: RedshiftDestinationUpdate
    Shape::Structure {
        name: "RedshiftDestinationUpdate",
        members: &[
            Member { name: "CopyCommand", shape: 2, required: false },
            Member { name: "CloudWatchLoggingOptions", shape: 6, required: false },
            Member { name: "ProcessingConfiguration", shape: 14, required: false },
            Member { name: "Password", shape: 15, required: false },
            Member { name: "RetryOptions", shape: 17, required: false },
            Member { name: "S3BackupUpdate", shape: 183, required: false },
            Member { name: "S3Update", shape: 183, required: false },
            Member { name: "ClusterJDBCURL", shape: 18, required: false },
            Member { name: "SecretsManagerConfiguration", shape: 32, required: false },
            Member { name: "RoleARN", shape: 20, required: false },
            Member { name: "S3BackupMode", shape: 33, required: false },
            Member { name: "Username", shape: 1, required: false },
        ],
    },
    // 193: UpdateDestinationInput
    Shape::Structure {
        name: "UpdateDestinationInput",
        members: &[
            Member { name: "CurrentDeliveryStreamVersionId", shape: 182, required: true },
            Member { name: "SnowflakeDestinationUpdate", shape: 184, required: false },
            Member { name: "IcebergDestinationUpdate", shape: 185, required: false },
            Member { name: "ElasticsearchDestinationUpdate", shape: 186, required: false },
            Member { name: "S3DestinationUpdate", shape: 183, required: false },
            Member { name: "DestinationId", shape: 167, required: true },
            Member { name: "SplunkDestinationUpdate", shape: 187, required: false },
            Member { name: "HttpEndpointDestinationUpdate", shape: 188, required: false },
            Member { name: "ExtendedS3DestinationUpdate", shape: 189, required: false },
            Member { name: "AmazonopensearchserviceDestinationUpdate", shape: 190, required: false },
            Member { name: "AmazonOpenSearchServerlessDestinationUpdate", shape: 191, required: false },
            Member { name: "DeliveryStreamName", shape: 163, required: true },
            Member { name: "RedshiftDestinationUpdate", shape: 192, required: false },
        ],
    },
];

static P0: Pattern = Pattern {
    source: r".*",
    nodes: &[Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0)],
};
static P1: Pattern = Pattern {
    source: r"[\.\-_/#A-Za-z0-9]*",
    nodes: &[Node::Run(&Class::new(0x07fffffe_87fffffe_03ffe008_00000000, Rest::None), 0, 0)],
};
static P2: Pattern = Pattern {
    source: r"[^:*]*",
    nodes: &[Node::Run(&Class::new(0xffffffff_ffffffff_fbfffbff_ffffffff, Rest::All), 0, 0)],
};
static P3: Pattern = Pattern {
    source: r"^(?!\s*$).+",
    nodes: &[
        Node::Start,
        Node::NotAhead(&[
            Node::Run(&Class::new(0x00000000_00000000_00000001_00003e00, Rest::None), 0, 0),
            Node::End,
        ]),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 1, 0),
    ],
};
static P4: Pattern = Pattern {
    source: r"jdbc:(redshift|postgresql)://((?!-)[A-Za-z0-9-]{1,63}(?<!-)\.)+(redshift(-serverless)?)\.([a-zA-Z0-9\.\-]+):\d{1,5}/[a-zA-Z0-9_$-]+",
    nodes: &[
        Node::Text("jdbc:"),
        Node::OneOf(&[&[Node::Text("redshift")], &[Node::Text("postgresql")]]),
        Node::Text("://"),
        Node::Repeat(
            &[
                Node::NotAhead(&[Node::Text("-")]),
                Node::Run(&Class::new(0x07fffffe_07fffffe_03ff2000_00000000, Rest::None), 1, 63),
                Node::NotBehind(&Class::new(0x00000000_00000000_00002000_00000000, Rest::None)),
                Node::Text("."),
            ],
            1,
            0,
        ),
        Node::Text("redshift"),
        Node::Repeat(&[Node::Text("-serverless")], 0, 1),
        Node::Text("."),
        Node::Run(&Class::new(0x07fffffe_07fffffe_03ff6000_00000000, Rest::None), 1, 0),
        Node::Text(":"),
        Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 1, 5),
        Node::Text("/"),
        Node::Run(&Class::new(0x07fffffe_87fffffe_03ff2010_00000000, Rest::None), 1, 0),
    ],
};
static P5: Pattern = Pattern {
    source: r"arn:.*:s3:::[\w\.\-]{1,255}",
    nodes: &[
        Node::Text("arn:"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::Text(":s3:::"),
        Node::Run(&Class::new(0x07fffffe_87fffffe_03ff6000_00000000, Rest::None), 1, 255),
    ],
};
static P6: Pattern = Pattern {
    source: r"arn:.*:iam::\d{12}:role/[a-zA-Z_0-9+=,.@\-_/]+",
    nodes: &[
        Node::Text("arn:"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::Text(":iam::"),
        Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 12, 12),
        Node::Text(":role/"),
        Node::Run(&Class::new(0x07fffffe_87ffffff_23fff800_00000000, Rest::None), 1, 0),
    ],
};
static P7: Pattern = Pattern {
    source: r"arn:.*:kms:[a-zA-Z0-9\-]+:\d{12}:(key|alias)/[a-zA-Z_0-9+=,.@\-_/]+",
    nodes: &[
        Node::Text("arn:"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::Text(":kms:"),
        Node::Run(&Class::new(0x07fffffe_07fffffe_03ff2000_00000000, Rest::None), 1, 0),
        Node::Text(":"),
        Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 12, 12),
        Node::Text(":"),
        Node::OneOf(&[&[Node::Text("key")], &[Node::Text("alias")]]),
        Node::Text("/"),
        Node::Run(&Class::new(0x07fffffe_87ffffff_23fff800_00000000, Rest::None), 1, 0),
    ],
};
static P8: Pattern = Pattern {
    source: r"arn:.*:secretsmanager:[a-zA-Z0-9\-]+:\d{12}:secret:[a-zA-Z0-9\-/_+=.@!]+",
    nodes: &[
        Node::Text("arn:"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::Text(":secretsmanager:"),
        Node::Run(&Class::new(0x07fffffe_07fffffe_03ff2000_00000000, Rest::None), 1, 0),
        Node::Text(":"),
        Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 12, 12),
        Node::Text(":secret:"),
        Node::Run(&Class::new(0x07fffffe_87ffffff_23ffe802_00000000, Rest::None), 1, 0),
    ],
};
static P9: Pattern = Pattern {
    source: r"[a-zA-Z0-9\\._\\-]+",
    nodes: &[Node::Run(&Class::new(0x07fffffe_97fffffe_03ff6000_00000000, Rest::None), 1, 0)],
};
static P10: Pattern = Pattern {
    source: r"arn:.*",
    nodes: &[
        Node::Text("arn:"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
    ],
};
static P11: Pattern = Pattern {
    source: r"^\S+$",
    nodes: &[
        Node::Start,
        Node::Run(&Class::new(0xffffffff_ffffffff_fffffffe_ffffc1ff, Rest::All), 1, 0),
        Node::End,
    ],
};
static P12: Pattern = Pattern {
    source: r"^$|[a-zA-Z/_]+",
    nodes: &[Node::OneOf(&[
        &[Node::Start, Node::End],
        &[Node::Run(&Class::new(0x07fffffe_87fffffe_00008000_00000000, Rest::None), 1, 0)],
    ])],
};
static P13: Pattern = Pattern {
    source: r"^$|\.[0-9a-z!\-_.*'()]+",
    nodes: &[Node::OneOf(&[
        &[Node::Start, Node::End],
        &[Node::Text("."), Node::Run(&Class::new(0x07fffffe_80000000_03ff6782_00000000, Rest::None), 1, 0)],
    ])],
};
static P14: Pattern = Pattern {
    source: r"arn:.*:kinesis:[a-zA-Z0-9\-]+:\d{12}:stream/[a-zA-Z0-9_.-]+",
    nodes: &[
        Node::Text("arn:"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::Text(":kinesis:"),
        Node::Run(&Class::new(0x07fffffe_07fffffe_03ff2000_00000000, Rest::None), 1, 0),
        Node::Text(":"),
        Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 12, 12),
        Node::Text(":stream/"),
        Node::Run(&Class::new(0x07fffffe_87fffffe_03ff6000_00000000, Rest::None), 1, 0),
    ],
};
static P15: Pattern = Pattern {
    source: r"[a-zA-Z0-9\.\_]+",
    nodes: &[Node::Run(&Class::new(0x07fffffe_87fffffe_03ff4000_00000000, Rest::None), 1, 0)],
};
static P16: Pattern = Pattern {
    source: r"arn:.*:glue:.*:\d{12}:catalog(?:(/[a-z0-9_-]+){1,2})?",
    nodes: &[
        Node::Text("arn:"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::Text(":glue:"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::Text(":"),
        Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 12, 12),
        Node::Text(":catalog"),
        Node::Repeat(
            &[Node::Repeat(
                &[
                    Node::Text("/"),
                    Node::Run(&Class::new(0x07fffffe_80000000_03ff2000_00000000, Rest::None), 1, 0),
                ],
                1,
                2,
            )],
            0,
            1,
        ),
    ],
};
static P17: Pattern = Pattern {
    source: r"s3:\/\/.*",
    nodes: &[
        Node::Text("s3://"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
    ],
};
static P18: Pattern = Pattern {
    source: r"https://.*",
    nodes: &[
        Node::Text("https://"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
    ],
};
static P19: Pattern = Pattern {
    source: r"^[\p{L}\p{Z}\p{N}_.:\/=+\-@%]*$",
    nodes: &[
        Node::Start,
        Node::Run(&Class::new(0x07fffffe_87ffffff_27ffe821_00000000, Rest::LettersNumbersSpaces), 0, 0),
        Node::End,
    ],
};
static P20: Pattern = Pattern {
    source: r"^(?!aws:)[\p{L}\p{Z}\p{N}_.:\/=+\-@%]*$",
    nodes: &[
        Node::Start,
        Node::NotAhead(&[Node::Text("aws:")]),
        Node::Run(&Class::new(0x07fffffe_87ffffff_27ffe821_00000000, Rest::LettersNumbersSpaces), 0, 0),
        Node::End,
    ],
};
static P21: Pattern = Pattern {
    source: r"https:.*",
    nodes: &[
        Node::Text("https:"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
    ],
};
static P22: Pattern = Pattern {
    source: r"arn:.*:es:[a-zA-Z0-9\-]+:\d{12}:domain/[a-z][-0-9a-z]{2,27}",
    nodes: &[
        Node::Text("arn:"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::Text(":es:"),
        Node::Run(&Class::new(0x07fffffe_07fffffe_03ff2000_00000000, Rest::None), 1, 0),
        Node::Text(":"),
        Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 12, 12),
        Node::Text(":domain/"),
        Node::Run(&Class::new(0x07fffffe_00000000_00000000_00000000, Rest::None), 1, 1),
        Node::Run(&Class::new(0x07fffffe_00000000_03ff2000_00000000, Rest::None), 2, 27),
    ],
};
static P23: Pattern = Pattern {
    source: r"[\u0001-\uFFFF]*",
    nodes: &[Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_fffffffe, Rest::Bmp), 0, 0)],
};
static P24: Pattern = Pattern {
    source: r"([a-zA-Z0-9\-\_]+\.){2,3}vpce\.[a-zA-Z0-9\-]*\.vpce-svc\-[a-zA-Z0-9\-]{17}$",
    nodes: &[
        Node::Repeat(
            &[
                Node::Run(&Class::new(0x07fffffe_87fffffe_03ff2000_00000000, Rest::None), 1, 0),
                Node::Text("."),
            ],
            2,
            3,
        ),
        Node::Text("vpce."),
        Node::Run(&Class::new(0x07fffffe_07fffffe_03ff2000_00000000, Rest::None), 0, 0),
        Node::Text(".vpce-svc-"),
        Node::Run(&Class::new(0x07fffffe_07fffffe_03ff2000_00000000, Rest::None), 17, 17),
        Node::End,
    ],
};
static P25: Pattern = Pattern {
    source: r"arn:.*:kms:[a-zA-Z0-9\-]+:\d{12}:key/[a-zA-Z_0-9+=,.@\-_/]+",
    nodes: &[
        Node::Text("arn:"),
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 0, 0),
        Node::Text(":kms:"),
        Node::Run(&Class::new(0x07fffffe_07fffffe_03ff2000_00000000, Rest::None), 1, 0),
        Node::Text(":"),
        Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 12, 12),
        Node::Text(":key/"),
        Node::Run(&Class::new(0x07fffffe_87ffffff_23fff800_00000000, Rest::None), 1, 0),
    ],
};
static P26: Pattern = Pattern {
    source: r"^(?:[A-Za-z0-9+\/]{4})*(?:[A-Za-z0-9+\/]{2}==|[A-Za-z0-9+\/]{3}=)?$",
    nodes: &[
        Node::Start,
        Node::Repeat(
            &[Node::Run(&Class::new(0x07fffffe_07fffffe_03ff8800_00000000, Rest::None), 4, 4)],
            0,
            0,
        ),
        Node::Repeat(
            &[Node::OneOf(&[
                &[
                    Node::Run(&Class::new(0x07fffffe_07fffffe_03ff8800_00000000, Rest::None), 2, 2),
                    Node::Text("=="),
                ],
                &[
                    Node::Run(&Class::new(0x07fffffe_07fffffe_03ff8800_00000000, Rest::None), 3, 3),
                    Node::Text("="),
                ],
            ])],
            0,
            1,
        ),
        Node::End,
    ],
};
static P27: Pattern = Pattern {
    source: r".+?\.snowflakecomputing\.com",
    nodes: &[
        Node::Run(&Class::new(0xffffffff_ffffffff_ffffffff_ffffdbff, Rest::NoLineEnds), 1, 0),
        Node::Text(".snowflakecomputing.com"),
    ],
};
static P28: Pattern = Pattern {
    source: r"[a-zA-Z0-9_.-]+",
    nodes: &[Node::Run(&Class::new(0x07fffffe_87fffffe_03ff6000_00000000, Rest::None), 1, 0)],
};
static P29: Pattern = Pattern {
    source: r"[a-zA-Z0-9-]+",
    nodes: &[Node::Run(&Class::new(0x07fffffe_07fffffe_03ff2000_00000000, Rest::None), 1, 0)],
};
static P30: Pattern = Pattern {
    source: r"[0-9]+",
    nodes: &[Node::Run(&Class::new(0x00000000_00000000_03ff0000_00000000, Rest::None), 1, 0)],
};

/// The codes of all errors that the model names.
#[cfg(test)]
pub(super) const ERROR_CODES: &[&str] = &[
    "ConcurrentModificationException",
    "InvalidArgumentException",
    "InvalidKMSResourceException",
    "InvalidSourceException",
    "LimitExceededException",
    "ResourceInUseException",
    "ResourceNotFoundException",
    "ServiceUnavailableException",
];
