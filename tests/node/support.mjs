// What the tests share. SHARDBROOK_PACKAGE names the package that is tested: shardbrook or shardbrook-node.
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { FirehoseClient } from "@aws-sdk/client-firehose";

/** The package that is tested. */
export const shardbrook = await import(process.env.SHARDBROOK_PACKAGE ?? "shardbrook");

/** 2013-01-01T00:00:00Z. */
export const START = Date.UTC(2013, 0, 1);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A text as bytes. */
export const encode = (text) => encoder.encode(text);
/** Bytes as a text. */
export const decode = (bytes) => decoder.decode(bytes);

/** An engine on a manual clock that is closed after the test `t`, with a client of each service. */
export async function setUp(t, options = {}) {
  const engine = await shardbrook.createEngine({ clock: "manual", now: START, ...options });
  t.after(() => engine.close());
  const kinesis = new KinesisClient(engine.clientConfig());
  const firehose = new FirehoseClient(engine.clientConfig());
  return { engine, kinesis, firehose };
}

/** A put of a text to a stream. */
export const put = (StreamName, text, PartitionKey = "k") =>
  new PutRecordCommand({ StreamName, PartitionKey, Data: encode(text) });

/** What a stream's first shard has. */
export async function readFirstShard(kinesis, StreamName) {
  const position = { StreamName, ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" };
  const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(position));
  return kinesis.send(new GetRecordsCommand({ ShardIterator }));
}

/** The configuration of a delivery stream into `bucket`; buffers are out after a minute. */
export function delivery(name, bucket, settings = {}) {
  return {
    DeliveryStreamName: name,
    ExtendedS3DestinationConfiguration: {
      BucketARN: `arn:aws:s3:::${bucket}`,
      RoleARN: "arn:aws:iam::000000000000:role/delivery",
      BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 60 },
      ...settings,
    },
  };
}

/** Fails if `work` takes so long that it must have slept. */
export async function withoutSleeping(work) {
  const started = performance.now();
  const result = await work();
  const ms = performance.now() - started;
  if (ms > 3_000) throw new Error(`it took ${Math.round(ms)} ms of real time`);
  return result;
}
