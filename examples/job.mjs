// The job of the examples, the same in Node.js and in a browser: a year of flights goes through the AWS SDK into a
// sharded stream, is read back in order, and a delivery stream writes it to gzipped objects. A year takes one hour of
// the engine's time, which takes seconds.
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordsCommand,
  SplitShardCommand,
  waitUntilStreamExists,
} from "@aws-sdk/client-kinesis";
import { CreateDeliveryStreamCommand, FirehoseClient } from "@aws-sdk/client-firehose";

const START = Date.UTC(2013, 0, 1);
const SPEED = 8760;
const StreamName = "flights";
const Bucket = "flights";
const RoleARN = "arn:aws:iam::000000000000:role/example";

/** Runs the job on the text of `flights.csv`, with `shardbrook` or `shardbrook-node`; says how it went. */
export async function runFlights({ createEngine, aggregate, assignShards }, csv, onProgress = async () => {}) {
  const batches = readBatches(csv);
  const total = batches.reduce((sum, batch) => sum + batch.entries.length, 0);
  const engine = await createEngine({ clock: "manual", now: START });
  const kinesis = new KinesisClient(engine.clientConfig());
  const firehose = new FirehoseClient(engine.clientConfig());

  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 4 }));
  await waitUntilStreamExists({ client: kinesis, maxWaitTime: 60 }, { StreamName });
  const described = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
  await firehose.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: "flights-delivery",
      DeliveryStreamType: "KinesisStreamAsSource",
      KinesisStreamSourceConfiguration: { KinesisStreamARN: described.StreamDescriptionSummary.StreamARN, RoleARN },
      ExtendedS3DestinationConfiguration: {
        BucketARN: `arn:aws:s3:::${Bucket}`,
        RoleARN,
        BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 60 },
        CompressionFormat: "GZIP",
      },
    }),
  );

  // Put hour by hour. When half is through, split the busiest shard and merge the two quietest neighbours.
  let shards = await listShards(kinesis, "AT_LATEST");
  const counts = shards.map(() => 0);
  let put = 0;
  for (const { time, entries } of batches) {
    await engine.clock.advance(START + Math.floor((time - START) / SPEED) - engine.clock.now());
    const packed = aggregate(entries, { shards });
    for (let i = 0; i < packed.length; i += 500) {
      await kinesis.send(new PutRecordsCommand({ StreamName, Records: packed.slice(i, i + 500) }));
    }
    const wasFirstHalf = put * 2 <= total;
    put += entries.length;
    if (wasFirstHalf) {
      const keys = entries.map((entry) => entry.PartitionKey);
      for (const shard of assignShards(keys, shards)) counts[shard] += 1;
      if (put * 2 > total) {
        await reshard(kinesis, shards, counts);
        shards = await listShards(kinesis, "AT_LATEST");
      }
    }
    await onProgress("putting flights", put / total);
  }
  // So much later every buffer is out.
  await engine.clock.advance(120_000);

  const { read, perShard } = await checkRecords(engine.records(StreamName), batches, async (read) => {
    await onProgress("reading them back in order", read / total);
  });
  await onProgress("unpacking what was delivered", 1);
  const objects = engine.objects.list(Bucket).map(({ key }) => ({ key, ...engine.objects.get(Bucket, key) }));
  const { delivered, deliveredBytes } = await countDelivered(objects);
  if (read !== total || delivered !== total) throw new Error(`${total} put, ${read} read, ${delivered} delivered`);

  const table = (await listShards(kinesis, "FROM_TRIM_HORIZON")).map((shard) => ({
    shard: shard.ShardId,
    range: shard.HashKeyRange,
    isOpen: shard.SequenceNumberRange.EndingSequenceNumber === undefined,
    ...(perShard.get(shard.ShardId) ?? { records: 0, bytes: 0 }),
  }));
  const objectBytes = objects.reduce((sum, object) => sum + object.size, 0);
  const digest = await digestOf(objects);
  engine.close();
  return { total, read, delivered, table, objects: objects.length, objectBytes, deliveredBytes, digest };
}

/** The flights of each hour as entries for PutRecords, in order of time and, within an hour, of the file. */
function readBatches(csv) {
  const [header, ...lines] = csv.split("\n").filter((line) => line !== "");
  const columns = header.split(",");
  const [timeAt, keyAt] = ["time_hour", "tailnum"].map((name) => columns.indexOf(name));
  if (timeAt < 0 || keyAt < 0) throw new Error("the file has no columns time_hour and tailnum: is it flights.csv?");
  const encoder = new TextEncoder();
  const hours = new Map();
  for (const line of lines) {
    const values = line.split(",");
    const flight = Object.fromEntries(columns.map((column, i) => [column, values[i]]));
    const entry = { PartitionKey: values[keyAt], Data: encoder.encode(`${JSON.stringify(flight)}\n`) };
    const time = Date.parse(values[timeAt]);
    if (!hours.has(time)) hours.set(time, []);
    hours.get(time).push(entry);
  }
  const times = [...hours.keys()].sort((a, b) => a - b);
  return times.map((time) => ({ time, entries: hours.get(time) }));
}

async function listShards(kinesis, Type) {
  return (await kinesis.send(new ListShardsCommand({ StreamName, ShardFilter: { Type } }))).Shards;
}

/** Splits the busiest shard in the middle, and merges the quietest two of the others that are neighbours. */
async function reshard(kinesis, shards, counts) {
  const busiest = counts.indexOf(Math.max(...counts));
  const [start, end] = bounds(shards[busiest]);
  const pairs = shards.flatMap((left, i) =>
    shards.flatMap((right, j) => {
      const areNeighbours = bounds(left)[1] + 1n === bounds(right)[0] && i !== busiest && j !== busiest;
      return areNeighbours ? [{ left, right, records: counts[i] + counts[j] }] : [];
    }),
  );
  const { left, right } = pairs.reduce((best, pair) => (pair.records < best.records ? pair : best));
  const NewStartingHashKey = String(start + (end - start + 1n) / 2n);
  const ShardToSplit = shards[busiest].ShardId;
  await kinesis.send(new SplitShardCommand({ StreamName, ShardToSplit, NewStartingHashKey }));
  const merge = { StreamName, ShardToMerge: left.ShardId, AdjacentShardToMerge: right.ShardId };
  await kinesis.send(new MergeShardsCommand(merge));
}

const bounds = ({ HashKeyRange }) => [BigInt(HashKeyRange.StartingHashKey), BigInt(HashKeyRange.EndingHashKey)];

/** Counts what was read; fails unless each key's records are those that were put, in that order. */
async function checkRecords(records, batches, onRead) {
  const expected = new Map();
  for (const { entries } of batches) {
    for (const { PartitionKey, Data } of entries) {
      if (!expected.has(PartitionKey)) expected.set(PartitionKey, { next: 0, all: [] });
      expected.get(PartitionKey).all.push(Data);
    }
  }
  const perShard = new Map();
  let read = 0;
  for await (const { shardId, partitionKey, data } of records) {
    const ofKey = expected.get(partitionKey);
    const put = ofKey.all[ofKey.next++];
    if (put?.length !== data.length || put.some((byte, i) => byte !== data[i])) {
      throw new Error(`a record of ${partitionKey} is lost, twice there or out of order`);
    }
    if (!perShard.has(shardId)) perShard.set(shardId, { records: 0, bytes: 0 });
    perShard.get(shardId).records += 1;
    perShard.get(shardId).bytes += data.length;
    read += 1;
    if (read % 10_000 === 0) await onRead(read);
  }
  return { read, perShard };
}

async function countDelivered(objects) {
  let delivered = 0;
  let deliveredBytes = 0;
  for (const { body } of objects) {
    const unpacked = new Blob([body]).stream().pipeThrough(new DecompressionStream("gzip"));
    const bytes = new Uint8Array(await new Response(unpacked).arrayBuffer());
    delivered += bytes.reduce((lines, byte) => lines + (byte === 10 ? 1 : 0), 0);
    deliveredBytes += bytes.length;
  }
  return { delivered, deliveredBytes };
}

/** SHA-256 of all objects in order of their keys: key, line feed, length, line feed, bytes. */
async function digestOf(objects) {
  const all = new Blob(objects.flatMap(({ key, size, body }) => [`${key}\n${size}\n`, body]));
  const digest = await crypto.subtle.digest("SHA-256", await all.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
