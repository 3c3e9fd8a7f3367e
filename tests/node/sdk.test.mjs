// The AWS SDK's own clients, unmodified but for the configuration object: retries, paginators, waiters, aborts.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as kinesisSdk from "@aws-sdk/client-kinesis";
import * as firehoseSdk from "@aws-sdk/client-firehose";
import { START, delivery, encode, put, readFirstShard, setUp, shardbrook, withoutSleeping } from "./support.mjs";

const {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  KinesisClient,
  ListStreamsCommand,
  PutRecordsCommand,
  ResourceNotFoundException,
  paginateListStreams,
  waitUntilStreamExists,
  waitUntilStreamNotExists,
} = kinesisSdk;

/** An engine on the system clock with a client. */
async function onSystemClock(t, options = {}) {
  const engine = await shardbrook.createEngine(options);
  t.after(() => engine.close());
  return { engine, kinesis: new KinesisClient(engine.clientConfig()) };
}

const clocks = [
  ["manual", setUp],
  ["system", onSystemClock],
];

for (const [clock, start] of clocks) {
  test(`put and get, ${clock} clock`, async (t) => {
    const { kinesis } = await start(t);
    await kinesis.send(new CreateStreamCommand({ StreamName: "a", ShardCount: 1 }));
    const records = [encode("one"), encode("two")].map((Data, i) => ({ PartitionKey: `k${i}`, Data }));
    const { FailedRecordCount } = await kinesis.send(new PutRecordsCommand({ StreamName: "a", Records: records }));
    assert.equal(FailedRecordCount, 0);
    const read = await readFirstShard(kinesis, "a");
    assert.deepEqual(
      read.Records.map(({ PartitionKey, Data }) => ({ PartitionKey, Data: Uint8Array.from(Data) })),
      records,
    );
    assert.ok(read.Records[0].ApproximateArrivalTimestamp instanceof Date);
    assert.ok(read.$metadata.requestId);
  });

  test(`errors are the SDK's own classes, ${clock} clock`, async (t) => {
    const { kinesis } = await start(t);
    await assert.rejects(kinesis.send(new DescribeStreamCommand({ StreamName: "nope" })), (error) => {
      assert.ok(error instanceof ResourceNotFoundException);
      assert.equal(error.$metadata.httpStatusCode, 400);
      assert.match(error.message, /nope/);
      return true;
    });
  });

  test(`retries, ${clock} clock`, async (t) => {
    const { engine, kinesis } = await start(t, { initializeStreams: "a:1" });
    engine.faults.add({ operation: "PutRecord", error: "InternalFailure", times: 2 });
    const { $metadata } = await kinesis.send(put("a", "x"));
    assert.equal($metadata.attempts, 3);
    engine.faults.add({ operation: "PutRecord", error: "InternalFailure", times: 3 });
    await assert.rejects(kinesis.send(put("a", "x")), { name: "InternalFailure" });
    assert.equal([...engine.records("a")].length, 1);
  });

  test(`paginators, ${clock} clock`, async (t) => {
    const names = Array.from({ length: 7 }, (_, i) => `s${i}`);
    const { kinesis } = await start(t, { initializeStreams: names.map((name) => `${name}:1`).join(",") });
    const found = [];
    let pages = 0;
    for await (const page of paginateListStreams({ client: kinesis, pageSize: 3 }, {})) {
      found.push(...page.StreamNames);
      pages += 1;
    }
    assert.deepEqual(found, names);
    assert.equal(pages, 3);
  });

  test(`waiters that have nothing to wait for, ${clock} clock`, async (t) => {
    const { kinesis } = await start(t);
    const target = { StreamName: "a" };
    await kinesis.send(new CreateStreamCommand({ ...target, ShardCount: 1 }));
    await withoutSleeping(() => waitUntilStreamExists({ client: kinesis, maxWaitTime: 60 }, target));
    await kinesis.send(new DeleteStreamCommand(target));
    await withoutSleeping(() => waitUntilStreamNotExists({ client: kinesis, maxWaitTime: 60 }, target));
  });
}

test("retries wait on a manual clock, throttled ones longer", async (t) => {
  const { engine, kinesis } = await setUp(t, { initializeStreams: "a:1" });
  engine.faults.add({ operation: "PutRecord", error: "InternalFailure", times: 2 });
  await kinesis.send(put("a", "x"));
  assert.equal(engine.clock.now() - START, 50 + 100);
  engine.faults.add({ operation: "PutRecord", error: "ProvisionedThroughputExceededException", times: 2 });
  await withoutSleeping(() => kinesis.send(put("a", "x")));
  assert.equal(engine.clock.now() - START, 150 + 1_000 + 2_000);
});

test("maxAttempts is the client's under a manual clock, too", async (t) => {
  const { engine } = await setUp(t, { initializeStreams: "a:1" });
  engine.faults.add({ operation: "PutRecord", error: "ProvisionedThroughputExceededException", times: 7 });
  const patient = new KinesisClient({ ...engine.clientConfig(), maxAttempts: 8 });
  const { $metadata } = await withoutSleeping(() => patient.send(put("a", "x")));
  assert.equal($metadata.attempts, 8);
  engine.faults.add({ operation: "PutRecord", error: "InternalFailure", times: 1 });
  const impatient = new KinesisClient({ ...engine.clientConfig(), maxAttempts: 1 });
  await assert.rejects(impatient.send(put("a", "x")), { name: "InternalFailure" });
});

test("throttled puts succeed after the SDK's own retries", async (t) => {
  const limits = { shardWriteRecordsPerSecond: 1, callsPerSecond: { ListStreams: 1 } };
  const { engine, kinesis } = await setUp(t, { initializeStreams: "a:1", limits });
  const attempts = await withoutSleeping(async () => [
    (await kinesis.send(put("a", "x"))).$metadata.attempts,
    (await kinesis.send(put("a", "x"))).$metadata.attempts,
    (await kinesis.send(new ListStreamsCommand({}))).$metadata.attempts,
    (await kinesis.send(new ListStreamsCommand({}))).$metadata.attempts,
  ]);
  assert.deepEqual(attempts, [1, 2, 1, 2]);
  assert.equal(engine.clock.now() - START, 2_000);
  const metric = (name) => engine.metrics("a").find((metric) => metric.name === name);
  assert.deepEqual(metric("WriteProvisionedThroughputExceeded"), {
    name: "WriteProvisionedThroughputExceeded",
    unit: "Count",
    sum: 1,
    samples: 3,
    maximum: 1,
  });
  assert.equal(metric("PutRecord.Success").sum, 2);
  // What PutRecords refuses record by record is the program's to put again.
  await engine.clock.advance(1_000);
  const Records = [1, 2].map(() => ({ PartitionKey: "k", Data: encode("x") }));
  const answer = await kinesis.send(new PutRecordsCommand({ StreamName: "a", Records }));
  const codes = answer.Records.map(({ ErrorCode }) => ErrorCode);
  assert.deepEqual(codes, [undefined, "ProvisionedThroughputExceededException"]);
  assert.throws(() => engine.metrics("nope"), { code: "ResourceNotFoundException" });
  assert.throws(() => engine.metrics(5), { code: "InvalidInputError" });
});

test("errors that no retry helps are not retried", async (t) => {
  const { engine, kinesis } = await setUp(t);
  engine.faults.add({ operation: "ListStreams", error: "AccessDeniedException" });
  await assert.rejects(kinesis.send(new ListStreamsCommand({})), (error) => error.$metadata.attempts === 1);
});

test("waiters neither sleep nor starve under a manual clock", async (t) => {
  const durations = { createStream: 30_000, deleteStream: 20_000 };
  const { engine, kinesis } = await setUp(t, { durations });
  const target = { StreamName: "a" };
  const describe = async () => (await kinesis.send(new DescribeStreamCommand(target))).StreamDescription.StreamStatus;

  await kinesis.send(new CreateStreamCommand({ ...target, ShardCount: 1 }));
  // Whoever just looks sees the state as it is, however often.
  assert.deepEqual([await describe(), await describe()], ["CREATING", "CREATING"]);
  await withoutSleeping(() => waitUntilStreamExists({ client: kinesis, maxWaitTime: 60 }, target));
  assert.equal(engine.clock.now() - START, 30_000);

  await kinesis.send(new DeleteStreamCommand(target));
  assert.equal(await describe(), "DELETING");
  await withoutSleeping(() => waitUntilStreamNotExists({ client: kinesis, maxWaitTime: 60 }, target));
  assert.equal(engine.clock.now() - START, 50_000);
});

test("a waiter that cannot be told from others is announced", async (t) => {
  const { engine, kinesis } = await setUp(t, { durations: { createStream: 30_000 } });
  const target = { StreamName: "a" };
  await kinesis.send(new CreateStreamCommand({ ...target, ShardCount: 1 }));
  // As in minified code: the function that polls has another name.
  const poll = async ({ client }) =>
    (await client.send(new DescribeStreamCommand(target))).StreamDescription.StreamStatus;
  assert.equal(await poll({ client: kinesis }), "CREATING");
  assert.equal(await poll(engine.waiter({ client: kinesis, maxWaitTime: 60 })), "ACTIVE");
  await withoutSleeping(() => waitUntilStreamExists(engine.waiter({ client: kinesis, maxWaitTime: 60 }), target));
});

test("waiters under the system clock sleep as the SDK does", async (t) => {
  const { kinesis } = await onSystemClock(t, { durations: { createStream: 50 } });
  const target = { StreamName: "a" };
  await kinesis.send(new CreateStreamCommand({ ...target, ShardCount: 1 }));
  const options = { client: kinesis, maxWaitTime: 20, minDelay: 0.1, maxDelay: 0.1 };
  await withoutSleeping(() => waitUntilStreamExists(options, target));
});

test("an aborted request is over for both sides", async (t) => {
  const { engine, kinesis } = await setUp(t);
  engine.faults.add({ operation: "ListStreams", latencyMs: 1_000, times: 1 });
  const controller = new AbortController();
  const request = kinesis.send(new ListStreamsCommand({}), { abortSignal: controller.signal });
  const aborted = assert.rejects(request, { name: "AbortError" });
  await engine.settled();
  controller.abort();
  await aborted;
  // Nothing is outstanding any more: the clock need not stop on its way.
  await engine.clock.advance(1_000);
  const before = kinesis.send(new ListStreamsCommand({}), { abortSignal: AbortSignal.abort() });
  await assert.rejects(before, { name: "AbortError" });
});

test("a dropped connection is retried", async (t) => {
  const { engine, kinesis } = await setUp(t, { initializeStreams: "a:1" });
  engine.faults.add({ operation: "ListStreams", latencyMs: 1_000, times: 1 });
  const request = kinesis.send(new ListStreamsCommand({}));
  await engine.settled();
  engine.reset();
  const { StreamNames, $metadata } = await request;
  assert.deepEqual(StreamNames, ["a"]);
  assert.equal($metadata.attempts, 2);
});

test("accounts and regions are apart", async (t) => {
  const { engine, kinesis } = await setUp(t);
  const other = new KinesisClient(engine.clientConfig({ region: "eu-west-1", accountId: "111122223333" }));
  await kinesis.send(new CreateStreamCommand({ StreamName: "a", ShardCount: 1 }));
  await other.send(new CreateStreamCommand({ StreamName: "b", ShardCount: 1 }));
  assert.deepEqual((await kinesis.send(new ListStreamsCommand({}))).StreamNames, ["a"]);
  const { StreamDescription } = await other.send(new DescribeStreamCommand({ StreamName: "b" }));
  assert.equal(StreamDescription.StreamARN, "arn:aws:kinesis:eu-west-1:111122223333:stream/b");
  // An ARN overrides both.
  const { StreamARN } = StreamDescription;
  assert.equal((await kinesis.send(new DescribeStreamCommand({ StreamARN }))).StreamDescription.StreamName, "b");
});

test("Firehose delivers to buckets", async (t) => {
  const { engine, firehose } = await setUp(t);
  const { CreateDeliveryStreamCommand, DescribeDeliveryStreamCommand, PutRecordBatchCommand } = firehoseSdk;
  await firehose.send(new CreateDeliveryStreamCommand(delivery("d", "bucket")));
  const described = await firehose.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: "d" }));
  assert.equal(described.DeliveryStreamDescription.DeliveryStreamStatus, "ACTIVE");
  const Records = ["one\n", "two\n"].map((text) => ({ Data: encode(text) }));
  await firehose.send(new PutRecordBatchCommand({ DeliveryStreamName: "d", Records }));
  await engine.clock.advance(59_999);
  assert.deepEqual(engine.objects.list("bucket"), []);
  await engine.clock.advance(1);
  assert.equal(engine.objects.list("bucket").length, 1);
});

test("many at once, with faults, under a manual clock", async (t) => {
  const { engine, kinesis } = await setUp(t, { initializeStreams: "a:4" });
  const error = "ProvisionedThroughputExceededException";
  engine.faults.add({ operation: "PutRecord", error, probability: 0.3, times: 60 });
  const client = new KinesisClient({ ...engine.clientConfig(), maxAttempts: 20 });
  const puts = Array.from({ length: 200 }, (_, i) => client.send(put("a", `${i}`, `k${i}`)));
  await withoutSleeping(() => Promise.all(puts));
  assert.equal(new Set(Array.from(engine.records("a"), (record) => record.partitionKey)).size, 200);
  assert.deepEqual((await kinesis.send(new ListStreamsCommand({}))).StreamNames, ["a"]);
});

test("a client outlives its engine with a clear error", async (t) => {
  const { engine, kinesis } = await setUp(t);
  engine.close();
  await assert.rejects(kinesis.send(new ListStreamsCommand({})), { name: "EngineClosedError" });
});
