//! Channels: creating, describing, listing, updating and deleting them.

mod shapes;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};

pub use self::shapes::{
    ChannelDescription, ChannelEncryptionConfiguration, ChannelEncryptionDescription,
    ChannelLoggingDescription, ChannelStreamConfiguration, ChannelStreamDescription, ChannelStreamFilter,
    ChannelStreamIdentifier, ChannelSummary, CloudWatchLogs, CloudWatchLogsDescription, CreateChannel,
    CreateChannelReply, DeadLetterQueueS3Configuration, DeadLetterQueueS3Description, DeleteChannel,
    DescribeChannel, DescribeChannelReply, ListChannels, ListChannelsReply, RecordConfiguration,
    S3CompressionType, S3DestinationConfiguration, S3DestinationDescription, S3StorageConfiguration,
    S3StorageDescription, UpdateChannel, UpdateChannelReply,
};
use super::directory::Directory;
use super::resources::parse_resource_arn;
use super::streams::Address;
use super::tags::Tags;
use super::{Context, Streams};
use crate::arn::{AccountId, is_stream_name, partition_of};
use crate::by_id::ById;
use crate::channel::{Bucket, Channel, ChannelStatus, Config, DEFAULT_TEMPLATE, Logging, Source};
use crate::error::{Error, ErrorKind};
use crate::firehose::Compression;
use crate::objects::Handling;
use crate::rng::uuid_text;
use crate::snapshot::{Persist, SnapshotError, unsound};
use crate::stream::KmsKey;
use crate::time::Timestamp;
use crate::timers::{Timer, TimerQueue};
use crate::token::TokenKind;

/// How long data may wait.
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/data-delivery-concepts.html>
const FRESHNESS_SECONDS: core::ops::RangeInclusive<i64> = 300..=900;
const DEFAULT_FRESHNESS_SECONDS: i64 = 300;
/// Deliveries of a stream to general purpose buckets.
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/data-delivery-quotas.html>
const MAX_S3_CHANNELS: usize = 1;
/// Channels that ListChannels returns in one answer.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListChannels.html>
const LIST_PAGE: usize = 100;
const DEFAULT_LOG_STREAM: &str = "DestinationDelivery";

/// The channels of all accounts and regions.
#[derive(Debug, Default, Persist)]
pub(crate) struct Channels {
    by_id: ById<Box<Channel>>,
    #[persist(skip)]
    directory: Directory,
}

impl Channels {
    /// Makes anew what follows from the channels of a snapshot; fails if they do not hold together.
    pub(super) fn rebuild(
        &mut self,
        now: Timestamp,
        timers: &TimerQueue<Timer>,
    ) -> Result<(), SnapshotError> {
        for (id, channel) in self.by_id.iter_mut() {
            let config = channel.config();
            let is_sound = check_template(config).is_ok()
                && self.directory.restore("channel", &address_of(config), &config.arn, id);
            if !is_sound {
                return Err(unsound(&config.arn));
            }
            channel.rebuild(id, now)?;
            if !timers.has_by(Timer::Channel(id), channel.poll_timeout()) {
                return Err(unsound(&channel.config().arn));
            }
        }
        Ok(())
    }

    /// What the channels take in memory for records and objects.
    pub(super) fn stored_bytes(&self) -> u64 {
        self.by_id.iter().map(|(_, channel)| channel.stored_bytes()).sum()
    }

    /// How many attempts to put objects are on their way.
    pub(crate) fn in_flight(&self) -> usize {
        self.by_id.iter().map(|(_, channel)| channel.in_flight()).sum()
    }

    pub(super) fn arns(&self) -> impl Iterator<Item = &str> {
        self.by_id.iter().map(|(_, channel)| &*channel.config().arn)
    }

    /// The numbers of the channels, each with that of the stream it reads.
    pub(super) fn sources(&self) -> impl Iterator<Item = (u64, u64)> {
        self.by_id.iter().map(|(id, channel)| (id, channel.config().source.stream))
    }

    /// The channel with this number.
    pub(crate) fn get(&self, id: u64) -> Option<&Channel> {
        self.by_id.get(id).map(|channel| &**channel)
    }

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut Channel> {
        self.by_id.get_mut(id).map(|channel| &mut **channel)
    }

    /// Forgets a channel that is gone.
    pub(super) fn remove(&mut self, id: u64) -> Option<Box<Channel>> {
        let channel = self.by_id.remove(id)?;
        let config = channel.config();
        self.directory.remove(&address_of(config), &config.arn);
        Some(channel)
    }

    /// The channel with this ARN.
    fn with_arn(&self, arn: &str) -> Result<&Channel, Error> {
        self.directory.with_arn(arn).and_then(|id| self.get(id)).ok_or_else(|| not_found(arn))
    }

    fn with_arn_mut(&mut self, arn: &str) -> Result<(u64, &mut Channel), Error> {
        let id = self.directory.with_arn(arn);
        id.and_then(|id| Some((id, self.get_mut(id)?))).ok_or_else(|| not_found(arn))
    }
}

impl Streams {
    pub(crate) fn create_channel(
        &mut self,
        cx: &mut Context<'_>,
        input: &CreateChannel<'_>,
    ) -> Result<CreateChannelReply, Error> {
        let name = input.channel_name;
        if !is_stream_name(name) {
            let message = "ChannelName must have 1 to 128 letters, digits, underscores, points or hyphens.";
            return Err(Error::new(ErrorKind::Validation, message));
        }
        let [source] = &*input.stream_configuration_list else {
            return Err(Error::invalid_argument(format!(
                "StreamConfigurationList must have exactly one stream, not {}.",
                input.stream_configuration_list.len()
            )));
        };
        let destination = input.s3_destination_configuration.as_ref().ok_or_else(|| {
            Error::invalid_argument(
                "Either S3DestinationConfiguration or S3TablesDestinationConfiguration must be specified.",
            )
        })?;
        let freshness_secs =
            freshness(destination.data_freshness_in_seconds.unwrap_or(DEFAULT_FRESHNESS_SECONDS))?;
        let key = input.encryption_configuration.map(|encryption| customer_key(encryption.key_id));
        let kms_key_id = key.transpose()?.map(str::to_string);
        let (account, region) = (cx.account, cx.region);
        let stream = self.find_source(cx, source.stream_arn)?;
        if self.channels.directory.has(&Address { account, region, name }) {
            let message = format!("Channel {name} under account {account} already exists.");
            return Err(Error::new(ErrorKind::ResourceInUse, message));
        }
        if stream.channels.len() >= MAX_S3_CHANNELS {
            let message = format!(
                "Stream {} under account {account} has {} channel that delivers to a general purpose bucket; limit: \
                 {MAX_S3_CHANNELS}.",
                stream.name(),
                stream.channels.len()
            );
            return Err(Error::new(ErrorKind::LimitExceeded, message));
        }
        let storage = &destination.storage_configuration;
        let id = uuid_text(cx.seed.draw(
            &format!("{}/{}/channel/{name}", stream.arn.as_str(), stream.created.as_millis()),
            stream.channels_created,
        ));
        let arn = format!("arn:{}:kinesis:{region}:{account}:channel/{id}", partition_of(region));
        let dead_letters = destination.dead_letter_queue_s3_configuration;
        let error_prefix = dead_letters.and_then(|letters| letters.error_output_prefix);
        let config = Config {
            account,
            region: region.to_string(),
            name: name.to_string(),
            arn,
            role_arn: input.service_execution_role_arn.to_string(),
            source: Source {
                stream: stream.id,
                arn: stream.arn.as_str().to_string(),
                name: stream.name().to_string(),
                created: stream.created,
            },
            format: source.record_format_type,
            freshness_secs,
            destination: bucket(storage.bucket_arn, storage.expected_bucket_owner)?,
            template: storage.output_key_template.unwrap_or(DEFAULT_TEMPLATE).to_string(),
            compression: storage.compression_type.into(),
            dead_letters: match dead_letters {
                Some(letters) => bucket(letters.bucket_arn, letters.expected_bucket_owner)?,
                None => bucket(storage.bucket_arn, storage.expected_bucket_owner)?,
            },
            error_prefix: error_prefix
                .map_or_else(|| format!("kinesis-channel/errors/{name}/{id}/"), str::to_string),
            handling: Handling { storage_class: storage.storage_class, kms_key_id, ..Handling::default() },
            logging: logging(
                input.logging_configuration,
                Logging {
                    enabled: false,
                    group: format!("/aws/kinesis/{name}/{id}"),
                    stream: DEFAULT_LOG_STREAM.to_string(),
                },
            ),
            id,
        };
        check_template(&config)?;
        let tags = Tags::of(&parse_resource_arn(&config.arn)?, &input.tags)?;
        self.attachments.add(config.arn.clone(), tags);
        let number = self.channels.by_id.next_id();
        self.channels.directory.add(&address_of(&config), &config.arn, number);
        self.change(config.source.stream, |stream| {
            stream.channels_created = stream.channels_created.wrapping_add(1);
            stream.channels.push(number);
        });
        let until = cx.now.plus_millis(cx.durations.create_channel);
        let channel = Channel::new(number, cx.now, until, config, cx.seed);
        let reply = DescribeChannelReply::of(&channel);
        self.channels.by_id.add(Box::new(channel));
        cx.timers.set(Timer::Channel(number), Some(until));
        Ok(reply)
    }

    pub(crate) fn describe_channel(
        &self,
        _: &Context<'_>,
        input: &DescribeChannel<'_>,
    ) -> Result<DescribeChannelReply, Error> {
        self.channels.with_arn(input.channel_arn).map(DescribeChannelReply::of)
    }

    pub(crate) fn update_channel(
        &mut self,
        cx: &mut Context<'_>,
        input: &UpdateChannel<'_>,
    ) -> Result<UpdateChannelReply, Error> {
        if input.data_freshness_in_seconds.is_none() && input.logging_configuration.is_none() {
            return Err(Error::invalid_argument(
                "Either S3DestinationConfiguration or LoggingConfiguration must be specified.",
            ));
        }
        let freshness_secs = input.data_freshness_in_seconds.map(freshness).transpose()?;
        let (id, channel) = self.channels.with_arn_mut(input.channel_arn)?;
        if channel.status() != ChannelStatus::Active {
            let message = format!(
                "Channel {} not ACTIVE, instead in state {}",
                input.channel_arn,
                channel.status().as_str()
            );
            return Err(Error::new(ErrorKind::ResourceInUse, message));
        }
        let logs =
            input.logging_configuration.map(|logs| logging(Some(logs), channel.config().logging.clone()));
        let until = cx.now.plus_millis(cx.durations.update_channel);
        channel.update(cx.now, until, freshness_secs, logs);
        cx.timers.set(Timer::Channel(id), channel.poll_timeout());
        Ok(DescribeChannelReply::of(channel))
    }

    pub(crate) fn delete_channel(
        &mut self,
        cx: &mut Context<'_>,
        input: &DeleteChannel<'_>,
    ) -> Result<(), Error> {
        let (id, channel) = self.channels.with_arn_mut(input.channel_arn)?;
        channel.delete(cx.now.plus_millis(cx.durations.delete_channel));
        // At once, since nobody waits for its objects any more.
        cx.timers.set(Timer::Channel(id), Some(cx.now));
        Ok(())
    }

    pub(crate) fn list_channels(
        &self,
        cx: &Context<'_>,
        input: &ListChannels<'_>,
    ) -> Result<ListChannelsReply, Error> {
        let is_meant = |channel: &Channel| {
            let Source { arn, created, .. } = &channel.config().source;
            input.stream_filter.is_empty()
                || input.stream_filter.iter().any(|filter| {
                    filter.stream_arn == *arn
                        && filter.stream_creation_timestamp.is_none_or(|time| time == *created)
                })
        };
        let find = |id| {
            let channel = self.channels.get(id).filter(|channel| is_meant(channel))?;
            Some(ChannelSummary::of(channel))
        };
        let limit = input.max_results.map_or(LIST_PAGE, |max| (max as usize).clamp(1, LIST_PAGE));
        let token = (TokenKind::ListChannels, input.next_token);
        let (channel_summaries, next_token) =
            self.channels.directory.page(cx, token, limit, find, |channel| &channel.channel_name)?;
        Ok(ListChannelsReply { channel_summaries, next_token })
    }
}

fn address_of(config: &Config) -> Address<'_> {
    Address { account: config.account, region: &config.region, name: &config.name }
}

fn not_found(arn: &str) -> Error {
    Error::new(ErrorKind::ResourceNotFound, format!("Channel {arn} not found."))
}

fn freshness(seconds: i64) -> Result<u32, Error> {
    let allowed = u32::try_from(seconds).ok().filter(|_| FRESHNESS_SECONDS.contains(&seconds));
    allowed.ok_or_else(|| {
        Error::invalid_argument(format!(
            "DataFreshnessInSeconds must be {} to {}, not {seconds}.",
            FRESHNESS_SECONDS.start(),
            FRESHNESS_SECONDS.end()
        ))
    })
}

fn bucket(arn: &str, owner: &str) -> Result<Bucket, Error> {
    let has_name = arn.split_once(":s3:::").is_some_and(|(_, name)| !name.is_empty());
    let owner = AccountId::parse(owner).filter(|_| has_name).ok_or_else(|| {
        Error::invalid_argument(format!(
            "BucketARN {arn} with ExpectedBucketOwner {owner} is not a bucket with the account of its owner."
        ))
    })?;
    Ok(Bucket { arn: arn.to_string(), owner })
}

/// A customer managed key by its ARN, the only form that channels take.
/// Source: the service model, and <https://docs.aws.amazon.com/streams/latest/dev/data-delivery-iam.html>
fn customer_key(key: &str) -> Result<&str, Error> {
    if key.ends_with("alias/aws/kinesis") {
        return Err(Error::invalid_argument(
            "KeyId must be a customer managed key: the key of the service, alias/aws/kinesis, cannot be used.",
        ));
    }
    let is_key = matches!(KmsKey::parse_arn(key), Some(KmsKey::Id(_)));
    is_key.then_some(key).ok_or_else(|| {
        Error::invalid_argument(format!(
            "KeyId must be the ARN of a customer managed key, arn:aws:kms:<region>:<account>:key/<id>, not {key}."
        ))
    })
}

/// `logs` with what it leaves out from `before`.
fn logging(logs: Option<CloudWatchLogs<'_>>, before: Logging) -> Logging {
    let Some(logs) = logs else { return before };
    let or = |name: Option<&str>, before: String| name.map_or(before, str::to_string);
    Logging {
        enabled: logs.enabled,
        group: or(logs.log_group_name, before.group),
        stream: or(logs.log_stream_name, before.stream),
    }
}

fn check_template(config: &Config) -> Result<(), Error> {
    let compression = config.compression;
    let checked =
        config.variables(compression).check(&config.template, compression != Compression::Uncompressed);
    checked.map_err(|problem| {
        Error::invalid_argument(format!("OutputKeyTemplate {} is invalid: {problem}.", config.template))
    })
}
