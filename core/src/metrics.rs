//! What streams and shards were used for, by the names that the service's metrics have in CloudWatch.
//!
//! Everything is counted from the creation of the stream or shard on. A test that needs what happened in between
//! subtracts what was there before.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::error::ErrorKind;
use crate::shard_id::ShardId;
use crate::snapshot::Persist;

/// One metric of a stream, or of one of its shards: a statistic of everything since the creation.
///
/// Names and units are those of
/// <https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html>.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Metric {
    /// The metric's name, such as `PutRecords.ThrottledRecords`.
    pub name: &'static str,
    /// `Bytes`, `Count` or `Milliseconds`.
    pub unit: &'static str,
    /// The shard, for a metric of one shard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard_id: Option<ShardId>,
    /// The values of all samples together.
    pub sum: u64,
    /// How many values there were: for most metrics one for each call.
    pub samples: u64,
    /// The greatest value; 0 where there is none.
    pub maximum: u64,
}

impl Metric {
    /// Metrics as a JSON array, for hosts in other languages: members in camel case, `shardId` where there is a shard.
    pub fn list_to_json(metrics: &[Self]) -> String {
        serde_json::to_string(metrics).unwrap_or_default()
    }
}

/// Values, summed up.
#[derive(Clone, Copy, Debug, Default, Persist)]
struct Statistic {
    sum: u64,
    samples: u64,
    maximum: u64,
}

impl Statistic {
    fn add(&mut self, value: u64) {
        self.sum = self.sum.saturating_add(value);
        self.samples = self.samples.saturating_add(1);
        self.maximum = self.maximum.max(value);
    }
}

macro_rules! metrics {
    ($(#[doc = $doc:literal])+ $kind:ident: $($variant:ident = $name:literal, $unit:literal;)+) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum $kind { $($variant,)+ }

        impl $kind {
            const ALL: &'static [(&'static str, &'static str)] = &[$(($name, $unit),)+];
        }
    };
}

metrics! {
    /// The metrics of a stream.
    OfStream:
    GetRecordsBytes = "GetRecords.Bytes", "Bytes";
    GetRecordsIteratorAge = "GetRecords.IteratorAgeMilliseconds", "Milliseconds";
    GetRecordsLatency = "GetRecords.Latency", "Milliseconds";
    GetRecordsRecords = "GetRecords.Records", "Count";
    GetRecordsSuccess = "GetRecords.Success", "Count";
    IncomingBytes = "IncomingBytes", "Bytes";
    IncomingRecords = "IncomingRecords", "Count";
    PutRecordBytes = "PutRecord.Bytes", "Bytes";
    PutRecordLatency = "PutRecord.Latency", "Milliseconds";
    PutRecordSuccess = "PutRecord.Success", "Count";
    PutRecordsBytes = "PutRecords.Bytes", "Bytes";
    PutRecordsFailedRecords = "PutRecords.FailedRecords", "Count";
    PutRecordsLatency = "PutRecords.Latency", "Milliseconds";
    PutRecordsRecords = "PutRecords.Records", "Count";
    PutRecordsSuccess = "PutRecords.Success", "Count";
    PutRecordsSuccessfulRecords = "PutRecords.SuccessfulRecords", "Count";
    PutRecordsThrottledRecords = "PutRecords.ThrottledRecords", "Count";
    PutRecordsTotalRecords = "PutRecords.TotalRecords", "Count";
    ReadExceeded = "ReadProvisionedThroughputExceeded", "Count";
    WriteExceeded = "WriteProvisionedThroughputExceeded", "Count";
}

metrics! {
    /// The metrics of a shard.
    OfShard:
    IncomingBytes = "IncomingBytes", "Bytes";
    IncomingRecords = "IncomingRecords", "Count";
    IteratorAge = "IteratorAgeMilliseconds", "Milliseconds";
    OutgoingBytes = "OutgoingBytes", "Bytes";
    OutgoingRecords = "OutgoingRecords", "Count";
    ReadExceeded = "ReadProvisionedThroughputExceeded", "Count";
    WriteExceeded = "WriteProvisionedThroughputExceeded", "Count";
}

/// What became of the records of one put.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Put {
    pub(crate) bytes: u64,
    pub(crate) stored: u64,
    pub(crate) throttled: u64,
    pub(crate) failed: u64,
    pub(crate) latency_ms: u64,
}

impl Put {
    pub(crate) fn store(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        self.stored += 1;
    }

    pub(crate) fn refuse(&mut self, kind: ErrorKind) {
        if kind == ErrorKind::ProvisionedThroughputExceeded {
            self.throttled += 1;
        } else {
            self.failed += 1;
        }
    }
}

/// What one reading call gave.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Read {
    pub(crate) bytes: u64,
    pub(crate) records: u64,
    /// How long before now the last record arrived; 0 without one.
    pub(crate) age_ms: u64,
}

/// The counters of a stream.
#[derive(Clone, Debug, Default, Persist)]
pub(crate) struct StreamMetrics([Statistic; OfStream::ALL.len()]);

impl StreamMetrics {
    fn add(&mut self, metric: OfStream, value: u64) {
        self.0[metric as usize].add(value);
    }

    pub(crate) fn count_put_record(&mut self, put: &Put) {
        self.add(OfStream::PutRecordLatency, put.latency_ms);
        self.add(OfStream::PutRecordSuccess, put.stored);
        if put.stored > 0 {
            self.add(OfStream::PutRecordBytes, put.bytes);
        }
        self.count_put(put);
    }

    pub(crate) fn count_put_records(&mut self, put: &Put) {
        self.add(OfStream::PutRecordsBytes, put.bytes);
        self.add(OfStream::PutRecordsFailedRecords, put.failed);
        self.add(OfStream::PutRecordsLatency, put.latency_ms);
        self.add(OfStream::PutRecordsRecords, put.stored);
        self.add(OfStream::PutRecordsSuccess, u64::from(put.stored > 0));
        self.add(OfStream::PutRecordsSuccessfulRecords, put.stored);
        self.add(OfStream::PutRecordsThrottledRecords, put.throttled);
        self.add(OfStream::PutRecordsTotalRecords, put.stored + put.throttled + put.failed);
        self.count_put(put);
    }

    fn count_put(&mut self, put: &Put) {
        self.add(OfStream::IncomingBytes, put.bytes);
        self.add(OfStream::IncomingRecords, put.stored);
        self.add(OfStream::WriteExceeded, put.throttled);
    }

    pub(crate) fn count_read(&mut self, read: &Read, latency_ms: u64) {
        self.add(OfStream::GetRecordsBytes, read.bytes);
        self.add(OfStream::GetRecordsIteratorAge, read.age_ms);
        self.add(OfStream::GetRecordsLatency, latency_ms);
        self.add(OfStream::GetRecordsRecords, read.records);
        self.add(OfStream::GetRecordsSuccess, 1);
        self.add(OfStream::ReadExceeded, 0);
    }

    pub(crate) fn count_throttled_read(&mut self, latency_ms: u64) {
        self.add(OfStream::GetRecordsLatency, latency_ms);
        self.add(OfStream::GetRecordsSuccess, 0);
        self.add(OfStream::ReadExceeded, 1);
    }

    pub(crate) fn list(&self, out: &mut Vec<Metric>) {
        out.extend(OfStream::ALL.iter().zip(&self.0).map(|(name, statistic)| metric(*name, None, statistic)));
    }
}

/// The counters of a shard.
#[derive(Clone, Debug, Default, Persist)]
pub(crate) struct ShardMetrics {
    statistics: [Statistic; OfShard::ALL.len()],
    /// The put that was counted last, and what it has brought so far: a sample is what one put brings to a shard.
    put: u64,
    put_bytes: u64,
    put_records: u64,
    put_throttled: u64,
}

impl ShardMetrics {
    /// Counts a record of the put with this number, which is never 0.
    pub(crate) fn count_record(&mut self, put: u64, bytes: usize) {
        self.start(put);
        self.put_bytes = self.put_bytes.saturating_add(bytes as u64);
        self.put_records = self.put_records.saturating_add(1);
        self.raise(OfShard::IncomingBytes, bytes as u64, self.put_bytes);
        self.raise(OfShard::IncomingRecords, 1, self.put_records);
    }

    /// Counts a record of the put with this number that the shard's quota kept out.
    pub(crate) fn count_throttled_record(&mut self, put: u64) {
        self.start(put);
        self.put_throttled = self.put_throttled.saturating_add(1);
        self.raise(OfShard::WriteExceeded, 1, self.put_throttled);
    }

    pub(crate) fn count_read(&mut self, read: &Read) {
        self.add(OfShard::IteratorAge, read.age_ms);
        self.add(OfShard::OutgoingBytes, read.bytes);
        self.add(OfShard::OutgoingRecords, read.records);
        self.add(OfShard::ReadExceeded, 0);
    }

    pub(crate) fn count_throttled_read(&mut self) {
        self.add(OfShard::ReadExceeded, 1);
    }

    /// The metrics whose names `is_shown` accepts.
    pub(crate) fn list(&self, shard: ShardId, is_shown: impl Fn(&str) -> bool, out: &mut Vec<Metric>) {
        let all = OfShard::ALL.iter().zip(&self.statistics).filter(|((name, _), _)| is_shown(name));
        out.extend(all.map(|(name, statistic)| metric(*name, Some(shard), statistic)));
    }

    fn add(&mut self, metric: OfShard, value: u64) {
        self.statistics[metric as usize].add(value);
    }

    fn start(&mut self, put: u64) {
        if self.put != put {
            self.put = put;
            (self.put_bytes, self.put_records, self.put_throttled) = (0, 0, 0);
            for metric in [OfShard::IncomingBytes, OfShard::IncomingRecords, OfShard::WriteExceeded] {
                self.add(metric, 0);
            }
        }
    }

    /// Adds to the sample that was added last, which comes to `value`.
    fn raise(&mut self, metric: OfShard, more: u64, value: u64) {
        let statistic = &mut self.statistics[metric as usize];
        statistic.sum = statistic.sum.saturating_add(more);
        statistic.maximum = statistic.maximum.max(value);
    }
}

fn metric((name, unit): (&'static str, &'static str), shard_id: Option<ShardId>, of: &Statistic) -> Metric {
    Metric { name, unit, shard_id, sum: of.sum, samples: of.samples, maximum: of.maximum }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_of_a_shard_is_what_one_put_brings() {
        let mut metrics = ShardMetrics::default();
        for (put, bytes) in [(1, 5), (1, 6), (4, 7)] {
            metrics.count_record(put, bytes);
        }
        metrics.count_throttled_record(4);
        metrics.count_read(&Read { bytes: 18, records: 3, age_ms: 250 });
        metrics.count_throttled_read();
        let mut list = Vec::new();
        let shard = ShardId::new(3);
        metrics.list(shard, |name| name != "OutgoingBytes", &mut list);
        let of = |name, unit, sum, samples, maximum| Metric {
            name,
            unit,
            shard_id: Some(shard),
            sum,
            samples,
            maximum,
        };
        let expected = [
            of("IncomingBytes", "Bytes", 18, 2, 11),
            of("IncomingRecords", "Count", 3, 2, 2),
            of("IteratorAgeMilliseconds", "Milliseconds", 250, 1, 250),
            of("OutgoingRecords", "Count", 3, 1, 3),
            of("ReadProvisionedThroughputExceeded", "Count", 1, 2, 1),
            of("WriteProvisionedThroughputExceeded", "Count", 1, 2, 1),
        ];
        assert_eq!(list, expected);
    }
}
