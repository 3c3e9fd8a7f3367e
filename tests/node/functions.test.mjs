// The functions that need no engine, on the shared vectors and on bad input.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { decode, encode, setUp, shardbrook } from "./support.mjs";

const { BadMemberError, aggregate, assignShards, deaggregate, hashKey } = shardbrook;

const vectors = async (name) => JSON.parse(await readFile(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const bytes = (text) => Uint8Array.from(Buffer.from(text, "hex"));

test("hash keys", async () => {
  for (const { key, hash } of (await vectors("hash/keys")).cases) assert.equal(hashKey(key), BigInt(hash), key);
  for (const key of [undefined, null, 5, {}, new Uint8Array()]) {
    assert.throws(() => hashKey(key), { code: "InvalidInputError" });
  }
});

test("keys are placed one by one and in bulk alike", () => {
  const keys = Array.from({ length: 3_000 }, (_, i) =>
    i % 3 === 0 ? `key-${i}` : i % 3 === 1 ? `ключ-${i}` : `${i}`.repeat(30),
  );
  const width = (1n << 128n) / 7n;
  const expected = keys.map((key) => Number(hashKey(key) / width)).map((shard) => Math.min(shard, 6));
  assert.deepEqual([...assignShards(keys, 7)], expected);
  const ranges = Array.from({ length: 7 }, (_, i) => ({
    start: width * BigInt(i),
    end: i === 6 ? (1n << 128n) - 1n : width * BigInt(i + 1) - 1n,
  }));
  assert.deepEqual([...assignShards(keys, ranges)], expected);
  const texts = ranges.map(({ start, end }) => ({ start: String(start), end: String(end) }));
  assert.deepEqual([...assignShards(keys, texts)], expected);
  assert.deepEqual([...assignShards([], 4)], []);
});

test("what ListShards gives will do, and closed shards get nothing", async (t) => {
  const { kinesis } = await setUp(t, { initializeStreams: "a:2" });
  const { ListShardsCommand, SplitShardCommand } = await import("@aws-sdk/client-kinesis");
  const half = String(1n << 126n);
  await kinesis.send(
    new SplitShardCommand({ StreamName: "a", ShardToSplit: "shardId-000000000000", NewStartingHashKey: half }),
  );
  const listed = await kinesis.send(new ListShardsCommand({ StreamName: "a" }));
  assert.equal(listed.Shards.length, 4);
  const keys = Array.from({ length: 100 }, (_, i) => `k${i}`);
  for (const shards of [listed, listed.Shards]) {
    assignShards(keys, shards).forEach((shard, i) => {
      const { StartingHashKey, EndingHashKey } = listed.Shards[shard].HashKeyRange;
      const hash = hashKey(keys[i]);
      assert.ok(BigInt(StartingHashKey) <= hash && hash <= BigInt(EndingHashKey));
      assert.notEqual(shard, 0);
    });
  }
  const packed = aggregate(
    keys.map((PartitionKey) => ({ PartitionKey, Data: encode(PartitionKey) })),
    { shards: listed },
  );
  assert.equal(packed.length, 3);
});

test("a gap between shards is a place without a shard", () => {
  assert.deepEqual([...assignShards(["a", "b"], [{ start: 0n, end: 1n }])], [0xffffffff, 0xffffffff]);
});

test("aggregates are those of the shared vectors", async () => {
  for (const { name, max_bytes, shards, records, entries } of (await vectors("aggregate/encode")).cases) {
    const input = records.map((record) => ({
      PartitionKey: record.partition_key,
      Data: bytes(record.data),
      ...(record.explicit_hash_key === undefined ? {} : { ExplicitHashKey: record.explicit_hash_key }),
    }));
    const options = { maxBytes: max_bytes, ...(shards === null ? {} : { shards }) };
    const expected = entries.map((entry) => [entry.partition_key, entry.explicit_hash_key, entry.data]);
    const actual = aggregate(input, options).map((entry) => [
      entry.PartitionKey,
      entry.ExplicitHashKey,
      hex(entry.Data),
    ]);
    assert.deepEqual(actual, expected, name);
  }
});

/** The members that can be read, and those that cannot. */
function takeApart(record, options) {
  try {
    return { records: deaggregate(record, options), bad: [] };
  } catch (error) {
    assert.ok(error instanceof BadMemberError, error);
    return error;
  }
}

const MODES = { off: "off", per_record: "perRecord", kcl: "kcl" };

test("aggregates come apart as in the shared vectors", async () => {
  for (const { name, data, mode = "off", shard, result } of (await vectors("aggregate/deaggregate")).cases) {
    const options = {
      mode: MODES[mode],
      ...(shard ? { shard: { start: shard[0] ?? shard.start, end: shard[1] ?? shard.end } } : {}),
    };
    const { records: found, bad } = takeApart(
      { Data: bytes(data), PartitionKey: "outer", SequenceNumber: "7" },
      options,
    );
    assert.ok(found.every((record) => record.sequenceNumber === "7"));
    if (result === "raw") {
      assert.deepEqual(
        found,
        [{ partitionKey: "outer", data: bytes(data), sequenceNumber: "7", subSequenceNumber: 0 }],
        name,
      );
      continue;
    }
    const actual = found.map(({ partitionKey, explicitHashKey, data, subSequenceNumber }) => ({
      partition_key: partitionKey,
      ...(explicitHashKey === undefined ? {} : { explicit_hash_key: explicitHashKey }),
      data: hex(data),
      sub_sequence_number: subSequenceNumber,
    }));
    assert.deepEqual(actual, result.records, name);
    const places = bad.map((member) => member.subSequenceNumber);
    assert.deepEqual(
      places,
      result.bad.map((member) => member.index ?? member),
      name,
    );
  }
});

test("records of GetRecords and of Lambda events come apart alike", () => {
  const [{ Data, PartitionKey }] = aggregate([
    { PartitionKey: "k", Data: encode("one") },
    { PartitionKey: "l", Data: encode("two") },
  ]);
  const expected = [
    { partitionKey: "k", data: encode("one"), sequenceNumber: "42", subSequenceNumber: 0 },
    { partitionKey: "l", data: encode("two"), sequenceNumber: "42", subSequenceNumber: 1 },
  ];
  assert.deepEqual(deaggregate({ Data, PartitionKey, SequenceNumber: "42" }), expected);
  const kinesis = { data: Buffer.from(Data).toString("base64"), partitionKey: PartitionKey, sequenceNumber: "42" };
  assert.deepEqual(deaggregate({ kinesis, eventSource: "aws:kinesis" }), expected);
  assert.deepEqual(
    deaggregate(Data).map((record) => record.sequenceNumber),
    [undefined, undefined],
  );
  assert.deepEqual(deaggregate(encode("plain")), [{ partitionKey: "", data: encode("plain"), subSequenceNumber: 0 }]);
  assert.deepEqual(
    deaggregate(Buffer.from("plain")).map((record) => decode(record.data)),
    ["plain"],
  );
});

test("arguments that make no sense are refused", () => {
  const entry = { PartitionKey: "k", Data: encode("x") };
  for (const use of [
    () => assignShards("k", 4),
    () => assignShards([5], 4),
    () => assignShards(["k"]),
    () => assignShards(["k"], 0),
    () => assignShards(["k"], 1.5),
    () => assignShards(["k"], []),
    () => assignShards(["k"], [null]),
    () => assignShards(["k"], [{ start: "x", end: "1" }]),
    () => assignShards(["k"], [{ start: 0n, end: 1n << 128n }]),
    () => assignShards(["k"], [{ start: 2n, end: 1n }]),
    () =>
      assignShards(
        ["k"],
        [
          { start: 0n, end: 5n },
          { start: 5n, end: 9n },
        ],
      ),
    () => assignShards(["k"], { Shards: undefined }),
    () => aggregate(entry),
    () => aggregate([null]),
    () => aggregate([{ PartitionKey: "k", Data: "text" }]),
    () => aggregate([{ ...entry, PartitionKey: "" }]),
    () => aggregate([{ ...entry, PartitionKey: "k".repeat(257) }]),
    () => aggregate([{ ...entry, ExplicitHashKey: "-1" }]),
    () => aggregate([{ ...entry, ExplicitHashKey: 5 }]),
    () => aggregate([entry], { maxBytes: 10 }),
    () => aggregate([entry], { maxBytes: -1 }),
    () => aggregate([entry], { shards: 0 }),
    () => deaggregate(),
    () => deaggregate("text"),
    () => deaggregate({}),
    () => deaggregate({ kinesis: { data: "%", partitionKey: "k", sequenceNumber: "1" } }),
    () => deaggregate(encode("x"), { mode: "all" }),
    () => deaggregate(encode("x"), { shard: 5 }),
  ]) {
    assert.throws(use, { code: "InvalidInputError" }, `${use}`);
  }
  const tooLarge = { ...entry, Data: new Uint8Array(10 * 1024 * 1024) };
  assert.throws(() => aggregate([entry, tooLarge]), /entry 1: /);
});
