//! Inputs that change settings of a stream or of an account.

use super::Reading;
use crate::error::Error;
use crate::service::{
    DecreaseStreamRetentionPeriod, DisableEnhancedMonitoring, EnableEnhancedMonitoring,
    IncreaseStreamRetentionPeriod, StartStreamEncryption, StopStreamEncryption, StreamRef,
    UpdateAccountSettings, UpdateMaxRecordSize, UpdateStreamMode, UpdateStreamRecordDistributionStrategy,
    UpdateStreamWarmThroughput,
};
use crate::stream::{EncryptionType, RecordDistributionStrategy, ShardLevelMetrics, StreamMode};
use crate::wire::Members;

impl<'d> Reading<'d> {
    pub(super) fn decrease_stream_retention_period(self) -> Result<DecreaseStreamRetentionPeriod<'d>, Error> {
        let retention_period_hours = self.retention()?;
        Ok(DecreaseStreamRetentionPeriod { stream: self.stream(), retention_period_hours })
    }

    pub(super) fn increase_stream_retention_period(self) -> Result<IncreaseStreamRetentionPeriod<'d>, Error> {
        let retention_period_hours = self.retention()?;
        Ok(IncreaseStreamRetentionPeriod { stream: self.stream(), retention_period_hours })
    }

    fn retention(self) -> Result<i32, Error> {
        self.honours(&["RetentionPeriodHours"])?;
        let hours = self.members.integer("RetentionPeriodHours").unwrap_or(0);
        Ok(i32::try_from(hours).unwrap_or(i32::MAX))
    }

    pub(super) fn disable_enhanced_monitoring(self) -> Result<DisableEnhancedMonitoring<'d>, Error> {
        let shard_level_metrics = self.metrics()?;
        Ok(DisableEnhancedMonitoring { stream: self.stream(), shard_level_metrics })
    }

    pub(super) fn enable_enhanced_monitoring(self) -> Result<EnableEnhancedMonitoring<'d>, Error> {
        let shard_level_metrics = self.metrics()?;
        Ok(EnableEnhancedMonitoring { stream: self.stream(), shard_level_metrics })
    }

    fn metrics(self) -> Result<ShardLevelMetrics, Error> {
        self.honours(&["ShardLevelMetrics"])?;
        let names = self.members.list("ShardLevelMetrics").into_iter().flat_map(|list| list.strs());
        Ok(names.map(ShardLevelMetrics::named).fold(ShardLevelMetrics::NONE, ShardLevelMetrics::with))
    }

    pub(super) fn start_stream_encryption(self) -> Result<StartStreamEncryption<'d>, Error> {
        let (encryption_type, key_id) = self.encryption()?;
        Ok(StartStreamEncryption { stream: self.stream(), encryption_type, key_id })
    }

    pub(super) fn stop_stream_encryption(self) -> Result<StopStreamEncryption<'d>, Error> {
        let (encryption_type, key_id) = self.encryption()?;
        Ok(StopStreamEncryption { stream: self.stream(), encryption_type, key_id })
    }

    fn encryption(self) -> Result<(EncryptionType, &'d str), Error> {
        self.honours(&["EncryptionType", "KeyId"])?;
        let encryption_type = match self.text("EncryptionType") {
            "KMS" => EncryptionType::Kms,
            _ => EncryptionType::None,
        };
        Ok((encryption_type, self.text("KeyId")))
    }

    pub(super) fn update_account_settings(self) -> Result<UpdateAccountSettings, Error> {
        let member = "MinimumThroughputBillingCommitment";
        self.honours(&[member])?;
        let status = self.members.structure(member).and_then(|commitment| commitment.str("Status"));
        Ok(UpdateAccountSettings { minimum_throughput_billing_commitment: status == Some("ENABLED") })
    }

    pub(super) fn update_max_record_size(self) -> Result<UpdateMaxRecordSize<'d>, Error> {
        self.honours(&["MaxRecordSizeInKiB"])?;
        let max_record_size_in_kib = self.number("MaxRecordSizeInKiB").unwrap_or(0);
        Ok(UpdateMaxRecordSize { stream: self.stream_by_arn()?, max_record_size_in_kib })
    }

    pub(super) fn update_stream_mode(self) -> Result<UpdateStreamMode<'d>, Error> {
        self.honours(&["StreamModeDetails", "WarmThroughputMiBps"])?;
        Ok(UpdateStreamMode {
            stream: self.stream_by_arn()?,
            stream_mode: stream_mode(&self.members).unwrap_or(StreamMode::Provisioned),
            warm_throughput_mibps: self.number("WarmThroughputMiBps"),
        })
    }

    pub(super) fn update_stream_record_distribution_strategy(
        self,
    ) -> Result<UpdateStreamRecordDistributionStrategy<'d>, Error> {
        self.honours(&["RecordDistributionStrategy"])?;
        Ok(UpdateStreamRecordDistributionStrategy {
            stream: self.stream_by_arn()?,
            record_distribution_strategy: distribution(&self.members).unwrap_or_default(),
        })
    }

    pub(super) fn update_stream_warm_throughput(self) -> Result<UpdateStreamWarmThroughput<'d>, Error> {
        self.honours(&["WarmThroughputMiBps"])?;
        let warm_throughput_mibps = self.number("WarmThroughputMiBps").unwrap_or(0);
        Ok(UpdateStreamWarmThroughput { stream: self.stream(), warm_throughput_mibps })
    }

    /// The stream of an operation that has no StreamName.
    fn stream_by_arn(self) -> Result<StreamRef<'d>, Error> {
        let arn = self.members.str("StreamARN");
        arn.map(StreamRef::with_arn).ok_or_else(|| Error::invalid_argument("StreamARN must be provided."))
    }
}

pub(super) fn stream_mode(members: &Members<'_>) -> Option<StreamMode> {
    let mode = members.structure("StreamModeDetails").and_then(|details| details.str("StreamMode"))?;
    Some(if mode == "ON_DEMAND" { StreamMode::OnDemand } else { StreamMode::Provisioned })
}

pub(super) fn distribution(members: &Members<'_>) -> Option<RecordDistributionStrategy> {
    let is_auto = members.str("RecordDistributionStrategy")? == "AUTO";
    Some(if is_auto {
        RecordDistributionStrategy::Auto
    } else {
        RecordDistributionStrategy::UserPartitionKey
    })
}
