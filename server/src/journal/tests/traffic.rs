//! Requests at random: all kinds of operations on few resources, so that they meet.

use serde_json::{Value, json};
use shardbrook::Request;

use super::Rng;

/// A request that owns its parts.
#[derive(Clone, Debug)]
pub(super) struct Owned {
    pub(super) target: String,
    pub(super) body: Vec<u8>,
}

impl Owned {
    pub(super) fn new(operation: &str, body: &Value) -> Self {
        let prefix = match operation.strip_prefix("Firehose.") {
            Some(_) => "Firehose_20150804.",
            None => "Kinesis_20131202.",
        };
        let operation = operation.trim_start_matches("Firehose.");
        Self { target: format!("{prefix}{operation}"), body: body.to_string().into_bytes() }
    }

    /// Gives the request to `act`.
    pub(super) fn with<R>(&self, act: impl FnOnce(&Request<'_>) -> R) -> R {
        act(&Request { method: "POST", path: "/", headers: &self.headers(), body: &self.body })
    }

    pub(super) fn headers(&self) -> [(&str, &str); 4] {
        let authorization = "AWS4-HMAC-SHA256 Credential=AK/20240101/us-east-1/kinesis/aws4_request, \
                             SignedHeaders=host, Signature=0";
        [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", &self.target),
            ("authorization", authorization),
            ("x-amz-date", "20240101T000000Z"),
        ]
    }
}

/// What clients remember of answers.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    handles: Vec<Value>,
    iterators: Vec<Value>,
    queue: Value,
    consumer: Value,
}

impl Memory {
    pub(super) fn learn(&mut self, body: &[u8]) {
        let Ok(body) = serde_json::from_slice::<Value>(body) else { return };
        if let Some(records) = body["QueueRecords"].as_array() {
            self.handles.extend(records.iter().map(|record| record["ReceiptHandle"].clone()));
        }
        for iterator in [&body["ShardIterator"], &body["NextShardIterator"]] {
            if iterator.is_string() {
                self.iterators.push(iterator.clone());
            }
        }
        for (kept, arn) in [
            (&mut self.queue, &body["QueueDescription"]["QueueARN"]),
            (&mut self.consumer, &body["Consumer"]["ConsumerARN"]),
        ] {
            if arn.is_string() {
                *kept = arn.clone();
            }
        }
        let old = self.handles.len().saturating_sub(20);
        self.handles.drain(..old);
        let old = self.iterators.len().saturating_sub(20);
        self.iterators.drain(..old);
    }
}

const ARN: &str = "arn:aws:kinesis:us-east-1:000000000000:";

/// What every stream of requests begins with, so that there is something to meet.
pub(super) fn beginnings() -> Vec<Owned> {
    let queue =
        json!({"QueueName": "q0", "StreamConfigurationList": [{"StreamARN": format!("{ARN}stream/s1")}]});
    vec![
        Owned::new("CreateStream", &json!({"StreamName": "s0", "ShardCount": 2})),
        Owned::new(
            "CreateStream",
            &json!({"StreamName": "s1", "StreamModeDetails": {"StreamMode": "ON_DEMAND"}}),
        ),
        Owned::new("CreateQueue", &queue),
        Owned::new("RegisterStreamConsumer", &consumer("s0", "c0")),
        Owned::new("Firehose.CreateDeliveryStream", &delivery(None)),
    ]
}

fn consumer(stream: &str, name: &str) -> Value {
    json!({"StreamARN": format!("{ARN}stream/{stream}"), "ConsumerName": name})
}

fn delivery(source: Option<&str>) -> Value {
    let mut input = json!({
        "DeliveryStreamName": if source.is_some() { "d1" } else { "d0" },
        "ExtendedS3DestinationConfiguration": {
            "RoleARN": "arn:aws:iam::000000000000:role/firehose",
            "BucketARN": "arn:aws:s3:::bucket",
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60}
        }
    });
    if let Some(stream) = source {
        input["DeliveryStreamType"] = json!("KinesisStreamAsSource");
        input["KinesisStreamSourceConfiguration"] = json!({
            "KinesisStreamARN": format!("{ARN}stream/{stream}"),
            "RoleARN": "arn:aws:iam::000000000000:role/firehose"
        });
    }
    input
}

/// The next request.
#[expect(clippy::too_many_lines, reason = "a table of operations")]
pub(super) fn next(rng: &mut Rng, memory: &Memory) -> Owned {
    let stream = ["s0", "s0", "s1", "s1", "s2"][rng.below(5)];
    let arn = format!("{ARN}stream/{stream}");
    let queue = &memory.queue;
    let name = json!({"StreamName": stream});
    let shard = format!("shardId-{:012}", rng.below(8));
    let record =
        |rng: &mut Rng| json!({"PartitionKey": rng.below(50).to_string(), "Data": "aGVsbG8gd29ybGQ="});
    let handle = |rng: &mut Rng| match memory.handles.len() {
        0 => json!("none"),
        len => memory.handles[rng.below(len)].clone(),
    };
    let with = |extra: Value| {
        let mut input = json!({"StreamName": stream});
        input.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        input
    };
    let (operation, input) = match rng.below(56) {
        0..=7 => ("PutRecord", with(record(rng))),
        8..=13 => {
            let records: Vec<Value> = (0..=rng.below(30)).map(|_| record(rng)).collect();
            ("PutRecords", with(json!({"Records": records})))
        }
        14..=17 => {
            let wait = [0, 0, 5, 20][rng.below(4)];
            let lane = if rng.chance(20) { "ReceiveDeadLetterQueueRecords" } else { "ReceiveQueueRecords" };
            (lane, json!({"QueueARN": queue, "WaitTimeSeconds": wait, "Limit": 1 + rng.below(5)}))
        }
        18 | 19 => {
            let lane =
                if rng.chance(20) { "AcknowledgeDeadLetterQueueRecords" } else { "AcknowledgeQueueRecords" };
            (lane, json!({"QueueARN": queue, "Entries": [{"ReceiptHandle": handle(rng)}]}))
        }
        20 => {
            let entry = json!({"ReceiptHandle": handle(rng), "VisibilityTimeoutSeconds": rng.below(60)});
            ("UpdateQueueRecordsVisibility", json!({"QueueARN": queue, "Entries": [entry]}))
        }
        21 => (
            "RestoreDeadLetterQueueRecords",
            json!({"QueueARN": queue, "Entries": [{"ReceiptHandle": handle(rng)}]}),
        ),
        22 if rng.chance(30) => ("DeleteQueue", json!({"QueueARN": queue})),
        22 => ("UpdateQueue", json!({"QueueARN": queue, "VisibilityTimeoutSeconds": 1 + rng.below(30)})),
        23 => ("CreateQueue", json!({"QueueName": "q0", "StreamConfigurationList": [{"StreamARN": arn}]})),
        24 => ("CreateStream", with(json!({"ShardCount": 1 + rng.below(3)}))),
        25 if rng.chance(30) => ("DeleteStream", with(json!({"EnforceConsumerDeletion": true}))),
        25 | 26 => {
            let half = "170141183460469231731687303715884105728";
            ("SplitShard", with(json!({"ShardToSplit": shard, "NewStartingHashKey": half})))
        }
        27 => {
            let adjacent = format!("shardId-{:012}", rng.below(8));
            ("MergeShards", with(json!({"ShardToMerge": shard, "AdjacentShardToMerge": adjacent})))
        }
        28 => {
            let count = json!({"TargetShardCount": 1 + rng.below(4), "ScalingType": "UNIFORM_SCALING"});
            ("UpdateShardCount", with(count))
        }
        29 => ("IncreaseStreamRetentionPeriod", with(json!({"RetentionPeriodHours": 24 + rng.below(48)}))),
        30 => ("DecreaseStreamRetentionPeriod", with(json!({"RetentionPeriodHours": 24 + rng.below(24)}))),
        31 => ("AddTagsToStream", with(json!({"Tags": {format!("t{}", rng.below(5)): "v"}}))),
        32 => ("RemoveTagsFromStream", with(json!({"TagKeys": [format!("t{}", rng.below(5))]}))),
        33 => ("TagResource", json!({"ResourceARN": arn, "Tags": {"u": rng.below(9).to_string()}})),
        34 => ("UntagResource", json!({"ResourceARN": arn, "TagKeys": ["u"]})),
        35 => ("RegisterStreamConsumer", consumer(stream, ["c0", "c1"][rng.below(2)])),
        36 => ("DeregisterStreamConsumer", consumer(stream, ["c0", "c1"][rng.below(2)])),
        37 => {
            let policy = json!({"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kinesis:GetRecords", "Resource": arn
            }]});
            ("PutResourcePolicy", json!({"ResourceARN": arn, "Policy": policy.to_string()}))
        }
        38 => ("DeleteResourcePolicy", json!({"ResourceARN": arn})),
        39 => ("StartStreamEncryption", with(json!({"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}))),
        40 => ("StopStreamEncryption", with(json!({"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}))),
        41 => ("EnableEnhancedMonitoring", with(json!({"ShardLevelMetrics": ["IncomingBytes"]}))),
        42 => ("DisableEnhancedMonitoring", with(json!({"ShardLevelMetrics": ["ALL"]}))),
        43 => {
            let mode = ["PROVISIONED", "ON_DEMAND"][rng.below(2)];
            ("UpdateStreamMode", json!({"StreamARN": arn, "StreamModeDetails": {"StreamMode": mode}}))
        }
        44 => ("UpdateMaxRecordSize", json!({"StreamARN": arn, "MaxRecordSizeInKiB": 2048})),
        45 => ("Firehose.CreateDeliveryStream", delivery(rng.chance(50).then_some(stream))),
        46 if rng.chance(30) => ("Firehose.DeleteDeliveryStream", json!({"DeliveryStreamName": "d0"})),
        46 | 47 => {
            let records = vec![json!({"Data": "aGVsbG8="}); 1 + rng.below(5)];
            ("Firehose.PutRecordBatch", json!({"DeliveryStreamName": "d0", "Records": records}))
        }
        48 => ("Firehose.PutRecord", json!({"DeliveryStreamName": "d0", "Record": {"Data": "aGVsbG8="}})),
        49 => {
            let position = json!({"ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
            ("GetShardIterator", with(position))
        }
        50 => {
            let iterator = match memory.iterators.len() {
                0 => json!("none"),
                len => memory.iterators[rng.below(len)].clone(),
            };
            ("GetRecords", json!({"ShardIterator": iterator}))
        }
        51 => {
            let position = json!({"Type": "LATEST"});
            (
                "SubscribeToShard",
                json!({"ConsumerARN": memory.consumer, "ShardId": shard, "StartingPosition": position}),
            )
        }
        52 => ("DescribeStreamSummary", name),
        53 => ("ListShards", name),
        54 => ("Firehose.DescribeDeliveryStream", json!({"DeliveryStreamName": "d0"})),
        _ => ("DescribeQueue", json!({"QueueARN": queue})),
    };
    Owned::new(operation, &input)
}
