//! Which shard-level metrics of a stream are switched on.

use serde::ser::{Serialize, Serializer};

use crate::snapshot::Persist;

/// A metric that is reported for each shard of a stream where it is switched on.
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShardLevelMetric {
    /// Bytes put.
    IncomingBytes,
    /// Records read.
    OutgoingRecords,
    /// The age of the last record that was read.
    IteratorAgeMilliseconds,
    /// Records put.
    IncomingRecords,
    /// Reads that were throttled.
    ReadProvisionedThroughputExceeded,
    /// Records whose put was throttled.
    WriteProvisionedThroughputExceeded,
    /// Bytes read.
    OutgoingBytes,
}

impl ShardLevelMetric {
    /// Every metric, in the order in which the service lists them in a recorded answer (the AWS CLI's example of
    /// EnableEnhancedMonitoring).
    pub const ALL: [Self; 7] = [
        Self::IncomingBytes,
        Self::OutgoingRecords,
        Self::IteratorAgeMilliseconds,
        Self::IncomingRecords,
        Self::ReadProvisionedThroughputExceeded,
        Self::WriteProvisionedThroughputExceeded,
        Self::OutgoingBytes,
    ];

    /// The metric's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IncomingBytes => "IncomingBytes",
            Self::OutgoingRecords => "OutgoingRecords",
            Self::IteratorAgeMilliseconds => "IteratorAgeMilliseconds",
            Self::IncomingRecords => "IncomingRecords",
            Self::ReadProvisionedThroughputExceeded => "ReadProvisionedThroughputExceeded",
            Self::WriteProvisionedThroughputExceeded => "WriteProvisionedThroughputExceeded",
            Self::OutgoingBytes => "OutgoingBytes",
        }
    }
}

/// A set of shard-level metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Persist)]
pub struct ShardLevelMetrics(u8);

impl ShardLevelMetrics {
    /// No metric.
    pub const NONE: Self = Self(0);
    /// Every metric.
    pub const ALL: Self = Self((1 << ShardLevelMetric::ALL.len()) - 1);

    /// The set with this name in requests: one metric, or `ALL`.
    pub(crate) fn named(name: &str) -> Self {
        if name == "ALL" {
            return Self::ALL;
        }
        let named = ShardLevelMetric::ALL.into_iter().find(|metric| metric.as_str() == name);
        named.map_or(Self::NONE, Self::from)
    }

    /// Whether `metric` is in the set.
    pub const fn is_enabled(self, metric: ShardLevelMetric) -> bool {
        self.0 & (1 << metric as u8) != 0
    }

    /// Whether no metric is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The metrics of both sets.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The metrics that are not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The metrics in the order in which the service lists them.
    pub fn iter(self) -> impl Iterator<Item = ShardLevelMetric> {
        ShardLevelMetric::ALL.into_iter().filter(move |metric| self.is_enabled(*metric))
    }
}

impl From<ShardLevelMetric> for ShardLevelMetrics {
    fn from(metric: ShardLevelMetric) -> Self {
        Self(1 << metric as u8)
    }
}

impl Serialize for ShardLevelMetrics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(ShardLevelMetric::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_what_their_members_say() {
        let bytes = ShardLevelMetrics::named("IncomingBytes").with(ShardLevelMetric::OutgoingBytes.into());
        assert!(bytes.is_enabled(ShardLevelMetric::IncomingBytes));
        assert!(!bytes.is_enabled(ShardLevelMetric::IncomingRecords));
        assert_eq!(serde_json::to_string(&bytes).unwrap(), r#"["IncomingBytes","OutgoingBytes"]"#);
        let rest = ShardLevelMetrics::named("ALL").without(bytes);
        assert_eq!((rest.iter().count(), rest.with(bytes)), (5, ShardLevelMetrics::ALL));
        assert!(bytes.without(ShardLevelMetrics::ALL).is_empty());
        for metric in ShardLevelMetric::ALL {
            assert!(ShardLevelMetrics::ALL.is_enabled(metric));
            assert_eq!(ShardLevelMetrics::named(metric.as_str()), metric.into());
        }
    }
}
