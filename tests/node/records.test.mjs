// Reading a stream in order, and the objects that delivery streams write.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import * as kinesisSdk from "@aws-sdk/client-kinesis";
import * as firehoseSdk from "@aws-sdk/client-firehose";
import { START, decode, delivery, encode, setUp, shardbrook } from "./support.mjs";

const { CreateStreamCommand, MergeShardsCommand, PutRecordsCommand, SplitShardCommand } = kinesisSdk;
const { aggregate } = shardbrook;

const entry = (PartitionKey, text) => ({ PartitionKey, Data: encode(text) });

async function put(kinesis, Records) {
  const { FailedRecordCount } = await kinesis.send(new PutRecordsCommand({ StreamName: "a", Records }));
  assert.equal(FailedRecordCount, 0);
}

test("records come as they were put, taken apart", async (t) => {
  const { engine, kinesis } = await setUp(t, { initializeStreams: "a:1" });
  await put(kinesis, [entry("k", "raw")]);
  await engine.clock.advance(1_500);
  await put(
    kinesis,
    aggregate([entry("é", "one"), { ...entry("\u{1f980}", "two"), ExplicitHashKey: "5" }, entry("\ufeffx", "")]),
  );
  const [raw, one, two, three] = engine.records("a");
  assert.deepEqual(raw, {
    shardId: "shardId-000000000000",
    sequenceNumber: raw.sequenceNumber,
    subSequenceNumber: 0,
    approximateArrivalTimestamp: new Date(START),
    partitionKey: "k",
    data: encode("raw"),
  });
  assert.match(raw.sequenceNumber, /^\d{56}$/);
  assert.deepEqual([one.partitionKey, decode(one.data), one.explicitHashKey], ["é", "one", undefined]);
  assert.deepEqual([two.partitionKey, decode(two.data), two.explicitHashKey], ["\u{1f980}", "two", "5"]);
  assert.deepEqual([three.partitionKey, three.data.length, three.subSequenceNumber], ["\ufeffx", 0, 2]);
  assert.equal(one.sequenceNumber, three.sequenceNumber);
  assert.deepEqual(one.approximateArrivalTimestamp, new Date(START + 1_500));
});

test("for and for await give the same, each from the beginning", async (t) => {
  const { engine, kinesis } = await setUp(t, { initializeStreams: "a:3" });
  for (let i = 0; i < 8; i += 1) {
    await put(
      kinesis,
      Array.from({ length: 500 }, (_, j) => entry(`k${i}-${j}`, "x".repeat(100))),
    );
  }
  const records = engine.records("a");
  const once = [...records];
  const again = [];
  for await (const record of records) again.push(record);
  assert.equal(once.length, 4_000);
  assert.deepEqual(again, once);
  // Breaking off is no trouble.
  for (const record of records) {
    assert.ok(record);
    break;
  }
  for await (const record of records) {
    assert.ok(record);
    break;
  }
});

test("parents come before their children", async (t) => {
  const { engine, kinesis } = await setUp(t);
  await kinesis.send(new CreateStreamCommand({ StreamName: "a", ShardCount: 2 }));
  const all = (round) => Array.from({ length: 40 }, (_, i) => entry(`k${i}`, `${round}`));
  await put(kinesis, all(0));
  const half = String(1n << 126n);
  await kinesis.send(
    new SplitShardCommand({ StreamName: "a", ShardToSplit: "shardId-000000000000", NewStartingHashKey: half }),
  );
  await put(kinesis, all(1));
  const ShardToMerge = "shardId-000000000003";
  const AdjacentShardToMerge = "shardId-000000000001";
  await kinesis.send(new MergeShardsCommand({ StreamName: "a", ShardToMerge, AdjacentShardToMerge }));
  await put(kinesis, all(2));
  const rounds = new Map();
  for (const { partitionKey, data } of engine.records("a")) {
    rounds.set(partitionKey, (rounds.get(partitionKey) ?? "") + decode(data));
  }
  assert.deepEqual([...new Set(rounds.values())], ["012"]);
  assert.equal(rounds.size, 40);
});

test("a member that cannot be read is reported, and those around it come", async (t) => {
  const { engine, kinesis } = await setUp(t, { initializeStreams: "a:1" });
  const { createHash } = await import("node:crypto");
  // Key table "k"; records with key 0, with key 9, which is not there, and with key 0.
  const body = Buffer.from("0a016b" + "1a0508001a0131" + "1a0508091a0132" + "1a0508001a0133", "hex");
  const magic = Buffer.from("f3899ac2", "hex");
  const Data = Buffer.concat([magic, body, createHash("md5").update(body).digest()]);
  await put(kinesis, [{ PartitionKey: "k", Data }]);
  const isBad = (error) => {
    assert.ok(error instanceof shardbrook.BadMemberError && error instanceof shardbrook.EngineError);
    assert.equal(error.code, "BadMemberError");
    assert.deepEqual(
      error.bad.map((member) => member.subSequenceNumber),
      [1],
    );
    assert.match(error.message, /partition key index/);
    return true;
  };
  const records = engine.records("a")[Symbol.iterator]();
  assert.equal(decode(records.next().value.data), "1");
  assert.throws(() => records.next(), isBad);
  assert.deepEqual(
    Array.from(records, (record) => [decode(record.data), record.subSequenceNumber]),
    [["3", 2]],
  );
  assert.deepEqual(records.next(), { done: true, value: undefined });

  const inTurn = engine.records("a")[Symbol.asyncIterator]();
  assert.equal(decode((await inTurn.next()).value.data), "1");
  await assert.rejects(inTurn.next(), isBad);
  assert.equal(decode((await inTurn.next()).value.data), "3");
  assert.equal((await inTurn.next()).done, true);

  assert.throws(
    () => shardbrook.deaggregate({ Data, PartitionKey: "k", SequenceNumber: "7" }),
    (error) => {
      assert.deepEqual(
        error.records.map((record) => decode(record.data)),
        ["1", "3"],
      );
      assert.deepEqual(
        error.records.map((record) => record.sequenceNumber),
        ["7", "7"],
      );
      return isBad(error);
    },
  );
});

test("a stream in another region is read by its ARN", async (t) => {
  const { engine } = await setUp(t, { initializeStreams: "a:1:eu-west-1" });
  const kinesis = new kinesisSdk.KinesisClient(engine.clientConfig({ region: "eu-west-1" }));
  await put(kinesis, [entry("k", "x")]);
  assert.throws(() => [...engine.records("a")], { code: "ResourceNotFoundException" });
  assert.equal([...engine.records("arn:aws:kinesis:eu-west-1:000000000000:stream/a")].length, 1);
});

test("a stream that goes away while it is read", async (t) => {
  const { engine, kinesis } = await setUp(t, { initializeStreams: "a:1" });
  await put(kinesis, [entry("k", "x")]);
  const iterator = engine.records("a")[Symbol.iterator]();
  assert.equal(iterator.next().value.partitionKey, "k");
  await kinesis.send(new kinesisSdk.DeleteStreamCommand({ StreamName: "a" }));
  assert.throws(() => iterator.next(), { code: "ResourceNotFoundException" });
});

test("objects have bodies, dates and encodings", async (t) => {
  const { engine, firehose } = await setUp(t);
  const { CreateDeliveryStreamCommand, PutRecordCommand } = firehoseSdk;
  await firehose.send(new CreateDeliveryStreamCommand(delivery("plain", "b", { Prefix: "plain/" })));
  await firehose.send(
    new CreateDeliveryStreamCommand(delivery("small", "b", { Prefix: "small/", CompressionFormat: "GZIP" })),
  );
  for (const DeliveryStreamName of ["plain", "small"]) {
    await firehose.send(new PutRecordCommand({ DeliveryStreamName, Record: { Data: encode("hello\n") } }));
  }
  await engine.clock.advance(60_000);
  const [plain, small] = engine.objects.list("b");
  assert.match(plain.key, /^plain\/2013\/01\/01\/00\/plain-1-2013-01-01-00-\d\d-\d\d-[0-9a-f-]{36}$/);
  assert.deepEqual([plain.size, plain.contentEncoding, plain.lastModified], [6, undefined, new Date(START + 60_000)]);
  assert.equal(small.contentEncoding, "gzip");
  assert.deepEqual(engine.objects.list("b", { prefix: "small/" }), [small]);
  assert.equal(decode(engine.objects.get("b", plain.key).body), "hello\n");
  assert.equal(decode(gunzipSync(engine.objects.get("b", small.key).body)), "hello\n");
  assert.equal(engine.objects.get("b", small.key).body.length, small.size);
  assert.equal(engine.objects.get("b", "nope"), undefined);
  assert.deepEqual(engine.objects.list("nope"), []);
  assert.deepEqual(engine.objects.buckets(), ["b"]);
  engine.objects.clear();
  assert.deepEqual(engine.objects.list("b"), []);
});
