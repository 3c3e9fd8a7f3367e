//! A delivery stream's configuration, checked: what it says is honoured, or the request was refused.

use alloc::format;
use alloc::string::String;

use super::api::{
    BufferingHints, CloudWatchLoggingOptions, CreateDeliveryStream, DestinationDescription, NoEncryption,
    ProcessingOff, S3Configuration, S3Description, SwitchInput, SwitchedOff,
};
use super::batch::Compression;
use super::buffer::Thresholds;
use crate::error::Error;
use crate::snapshot::Persist;

/// The id of the one destination (AWS and moto alike; reference: firehose.md §1).
pub(crate) const DESTINATION_ID: &str = "destinationId-000000000001";

/// Buffer hints of S3 destinations when none are given (service model, `S3DestinationConfiguration`).
const DEFAULT_SIZE_MBS: u32 = 5;
const DEFAULT_INTERVAL_SECONDS: u32 = 300;

/// Characters of an evaluated prefix, without the date that is appended (reference: firehose.md §1, §2.4).
const MAX_PREFIX_CHARS: usize = 512;

/// How long an interval of zero seconds lasts. AWS "delivers within a few seconds"; what arrives meanwhile
/// goes into the same object.
pub(crate) const ZERO_INTERVAL_MS: u64 = 1000;

/// Where the records come from.
#[derive(Clone, Debug, PartialEq, Eq, Persist)]
pub(crate) enum Source {
    DirectPut,
    Kinesis { stream_arn: String, role_arn: String },
}

impl Source {
    pub(crate) const fn type_name(&self) -> &'static str {
        match self {
            Self::DirectPut => "DirectPut",
            Self::Kinesis { .. } => "KinesisStreamAsSource",
        }
    }
}

/// What `CompressionFormat` calls a way of packing.
const fn compression_format(compression: Compression) -> &'static str {
    match compression {
        Compression::Uncompressed => "UNCOMPRESSED",
        Compression::Gzip => "GZIP",
        // No delivery stream has it.
        Compression::Zstd => "ZSTD",
    }
}

/// An S3 destination, plain or extended.
#[derive(Clone, Debug, PartialEq, Eq, Persist)]
pub(crate) struct Destination {
    role_arn: String,
    bucket_arn: String,
    prefix: Option<String>,
    error_output_prefix: Option<String>,
    hints: BufferingHints,
    compression: Compression,
    logging: CloudWatchLoggingOptions,
    processing: Option<ProcessingOff>,
    data_format_conversion: Option<SwitchedOff>,
    dynamic_partitioning: Option<SwitchedOff>,
    file_extension: Option<String>,
    custom_time_zone: Option<String>,
}

/// The configuration of a delivery stream.
#[derive(Clone, Debug, PartialEq, Eq, Persist)]
pub(crate) struct Config {
    pub(crate) source: Source,
    pub(crate) destination: Destination,
}

impl Config {
    /// Checks what the service model does not say, and refuses what is not honoured yet.
    pub(crate) fn new(input: &CreateDeliveryStream<'_>) -> Result<Self, Error> {
        if let Some(member) = input.others.first() {
            return Err(unsupported(
                member,
                "an S3 or extended S3 destination with the source DirectPut or KinesisStreamAsSource",
            ));
        }
        let destination =
            match (&input.s3_destination_configuration, &input.extended_s3_destination_configuration) {
                (Some(s3), None) => Destination::new("S3DestinationConfiguration", s3)?,
                (None, Some(s3)) => Destination::new("ExtendedS3DestinationConfiguration", s3)?,
                (None, None) | (Some(_), Some(_)) => {
                    return Err(Error::invalid_argument(
                        "Exactly one destination configuration is supported for a Firehose",
                    ));
                }
            };
        let source = match (
            input.delivery_stream_type.unwrap_or("DirectPut"),
            &input.kinesis_stream_source_configuration,
        ) {
            ("DirectPut", None) => Source::DirectPut,
            ("DirectPut", Some(_)) => {
                return Err(Error::invalid_argument(
                    "KinesisStreamSourceConfiguration is only applicable for KinesisStreamAsSource stream type.",
                ));
            }
            ("KinesisStreamAsSource", Some(source)) => Source::Kinesis {
                stream_arn: source.kinesis_stream_arn.into(),
                role_arn: source.role_arn.into(),
            },
            ("KinesisStreamAsSource", None) => {
                return Err(Error::invalid_argument(
                    "KinesisSourceStreamConfig is mandatory for KinesisStreamAsSource stream type.",
                ));
            }
            (other, _) => {
                return Err(unsupported(
                    &format!("DeliveryStreamType {other}"),
                    "DirectPut and KinesisStreamAsSource",
                ));
            }
        };
        Ok(Self { source, destination })
    }
}

impl Destination {
    fn new(at: &str, input: &S3Configuration<'_>) -> Result<Self, Error> {
        let member = |name: &str| format!("{at}.{name}");
        if let Some(other) = input.others.first() {
            return Err(unsupported(&member(other), "a destination without it"));
        }
        let hints = match input.buffering_hints.map(|hints| (hints.size_in_mbs, hints.interval_in_seconds)) {
            None | Some((None, None)) => BufferingHints {
                size_in_mbs: DEFAULT_SIZE_MBS,
                interval_in_seconds: DEFAULT_INTERVAL_SECONDS,
            },
            // The ranges are the model's: 1 to 128 and 0 to 900. Clamped all the same, so that no caller can
            // build an endless buffer.
            Some((Some(size), Some(interval))) => BufferingHints {
                size_in_mbs: size.clamp(1, 128) as u32,
                interval_in_seconds: interval.clamp(0, 900) as u32,
            },
            Some((size, _)) => {
                let (given, missing) = if size.is_some() {
                    ("SizeInMBs", "IntervalInSeconds")
                } else {
                    ("IntervalInSeconds", "SizeInMBs")
                };
                return Err(Error::invalid_argument(format!(
                    "{}: {given} is given without {missing}; both are required to configure buffering.",
                    member("BufferingHints")
                )));
            }
        };
        let compression = match input.compression_format.unwrap_or("UNCOMPRESSED") {
            "UNCOMPRESSED" => Compression::Uncompressed,
            "GZIP" => Compression::Gzip,
            other => {
                return Err(unsupported(
                    &format!("{} {other}", member("CompressionFormat")),
                    "UNCOMPRESSED and GZIP",
                ));
            }
        };
        if let Some(prefix) = input.prefix {
            if prefix.as_bytes().windows(2).any(|pair| pair == b"!{") {
                return Err(unsupported(&member("Prefix with expressions"), "a literal prefix"));
            }
            if prefix.chars().count() > MAX_PREFIX_CHARS {
                return Err(Error::invalid_argument("Length of evaluated prefix cannot be greater than 512"));
            }
        }
        if input.error_output_prefix.is_some_and(|prefix| !prefix.is_empty()) {
            return Err(unsupported(&member("ErrorOutputPrefix"), "a destination without it"));
        }
        if input.encryption_configuration.is_some_and(|encryption| encryption.kms_encryption_config) {
            return Err(unsupported(
                &member("EncryptionConfiguration.KMSEncryptionConfig"),
                "NoEncryptionConfig NoEncryption",
            ));
        }
        let logging = input.cloud_watch_logging_options.unwrap_or_default();
        if logging.enabled == Some(true) {
            return Err(unsupported(&member("CloudWatchLoggingOptions.Enabled true"), "false"));
        }
        if let Some(mode) = input.s3_backup_mode
            && mode != "Disabled"
        {
            return Err(unsupported(&format!("{} {mode}", member("S3BackupMode")), "Disabled"));
        }
        if input.file_extension.is_some_and(|extension| !extension.is_empty()) {
            return Err(unsupported(&member("FileExtension"), "the extension of the compression format"));
        }
        if let Some(zone) = input.custom_time_zone
            && !matches!(zone, "" | "UTC")
        {
            return Err(unsupported(&format!("{} {zone}", member("CustomTimeZone")), "UTC"));
        }
        let switch = |name: &str, input: &Option<SwitchInput<'_>>, default: bool| {
            switched_off(&member(name), input.as_ref(), default)
        };
        let processing = switch("ProcessingConfiguration", &input.processing_configuration, false)?
            .map(|off| ProcessingOff { enabled: off.enabled, processors: [] });
        // Format conversion is on unless its `Enabled` says otherwise (service model).
        let data_format_conversion =
            switch("DataFormatConversionConfiguration", &input.data_format_conversion_configuration, true)?;
        let dynamic_partitioning =
            switch("DynamicPartitioningConfiguration", &input.dynamic_partitioning_configuration, false)?;
        Ok(Self {
            role_arn: input.role_arn.into(),
            bucket_arn: input.bucket_arn.into(),
            prefix: input.prefix.map(String::from),
            error_output_prefix: input.error_output_prefix.map(String::from),
            hints,
            compression,
            logging: CloudWatchLoggingOptions {
                enabled: false,
                log_group_name: logging.log_group_name.map(String::from),
                log_stream_name: logging.log_stream_name.map(String::from),
            },
            processing,
            data_format_conversion,
            dynamic_partitioning,
            file_extension: input.file_extension.map(String::from),
            custom_time_zone: input.custom_time_zone.map(String::from),
        })
    }

    /// The bucket's name: what follows `arn:…:s3:::`.
    pub(crate) fn bucket(&self) -> &str {
        self.bucket_arn.rsplit(':').next().unwrap_or_default()
    }

    pub(crate) fn prefix(&self) -> &str {
        self.prefix.as_deref().unwrap_or_default()
    }

    pub(crate) const fn compression(&self) -> Compression {
        self.compression
    }

    pub(crate) fn thresholds(&self) -> Thresholds {
        let interval_ms = match self.hints.interval_in_seconds {
            0 => ZERO_INTERVAL_MS,
            seconds => u64::from(seconds) * 1000,
        };
        Thresholds { size_bytes: (self.hints.size_in_mbs as usize) << 20, interval_ms }
    }

    /// Both forms, as AWS shows them for either kind of S3 destination.
    pub(crate) fn describe(&self) -> DestinationDescription {
        let plain = S3Description {
            role_arn: self.role_arn.clone(),
            bucket_arn: self.bucket_arn.clone(),
            prefix: self.prefix.clone(),
            error_output_prefix: self.error_output_prefix.clone(),
            buffering_hints: self.hints,
            compression_format: compression_format(self.compression),
            encryption_configuration: NoEncryption { no_encryption_config: "NoEncryption" },
            cloud_watch_logging_options: self.logging.clone(),
            processing_configuration: None,
            s3_backup_mode: None,
            data_format_conversion_configuration: None,
            dynamic_partitioning_configuration: None,
            file_extension: None,
            custom_time_zone: None,
        };
        let extended = S3Description {
            processing_configuration: self.processing,
            s3_backup_mode: Some("Disabled"),
            data_format_conversion_configuration: self.data_format_conversion,
            dynamic_partitioning_configuration: self.dynamic_partitioning,
            file_extension: self.file_extension.clone(),
            custom_time_zone: self.custom_time_zone.clone(),
            ..plain.clone()
        };
        DestinationDescription {
            destination_id: DESTINATION_ID,
            s3_destination_description: plain,
            extended_s3_destination_description: extended,
        }
    }
}

/// The disabled form of a switch, or nothing if the member is absent.
fn switched_off(
    member: &str,
    input: Option<&SwitchInput<'_>>,
    default: bool,
) -> Result<Option<SwitchedOff>, Error> {
    let Some(input) = input else { return Ok(None) };
    if input.enabled.unwrap_or(default) {
        return Err(unsupported(&format!("{member}.Enabled true"), "false"));
    }
    if let Some(other) = input.others.first() {
        return Err(unsupported(&format!("{member}.{other}"), "Enabled false alone"));
    }
    Ok(Some(SwitchedOff { enabled: false }))
}

/// The refusal of a member that is not honoured yet. It is ours, not AWS's, and says so.
fn unsupported(member: &str, supported: &str) -> Error {
    Error::invalid_argument(format!("{member} is not supported by this engine yet. Supported: {supported}."))
}
