// An engine by itself: options, requests, the clock, reset, close, and bad input of every kind.
import assert from "node:assert/strict";
import { test } from "node:test";
import { START, decode, encode, setUp, shardbrook } from "./support.mjs";

const { createEngine, createEngineSync, EngineError } = shardbrook;

const json = ({ status, body }) => ({ status, body: body.length === 0 ? {} : JSON.parse(decode(body)) });

test("requests are bytes in and bytes out", async (t) => {
  const { engine } = await setUp(t);
  const created = await engine.request("Kinesis_20131202.CreateStream", { StreamName: "a", ShardCount: 1 });
  assert.equal(created.status, 200);
  const put = await engine.request("Kinesis_20131202.PutRecord", '{"StreamName":"a","PartitionKey":"k","Data":"aGk="}');
  assert.equal(json(put).body.ShardId, "shardId-000000000000");
  assert.equal(put.headers["content-type"], "application/x-amz-json-1.1");
  assert.ok(put.headers["x-amzn-requestid"]);
  const unknown = await engine.request("Kinesis_20131202.Nonsense", encode("{}"));
  assert.deepEqual([unknown.status, json(unknown).body.__type], [400, "UnknownOperationException"]);
});

test("region and account come from the signature", async (t) => {
  const { engine } = await setUp(t, { account: "111122223333", region: "eu-west-1" });
  const create = (options) =>
    engine.request("Kinesis_20131202.CreateStream", { StreamName: "a", ShardCount: 1 }, options);
  const describe = async (options) => {
    const answer = await engine.request("Kinesis_20131202.DescribeStreamSummary", { StreamName: "a" }, options);
    return json(answer).body.StreamDescriptionSummary?.StreamARN;
  };
  await create({});
  await create({ region: "us-west-2", accessKeyId: "444455556666" });
  assert.equal(await describe({}), "arn:aws:kinesis:eu-west-1:111122223333:stream/a");
  assert.equal(
    await describe({ region: "us-west-2", accessKeyId: "444455556666" }),
    "arn:aws:kinesis:us-west-2:444455556666:stream/a",
  );
  assert.equal(await describe({ region: "us-west-1" }), undefined);
});

test("headers, method and path can be anything", async (t) => {
  const { engine } = await setUp(t);
  const unsigned = await engine.request("Kinesis_20131202.ListStreams", {}, { headers: { authorization: null } });
  assert.equal(json(unsigned).body.__type, "MissingAuthenticationTokenException");
  const get = await engine.request("Kinesis_20131202.ListStreams", {}, { method: "GET" });
  assert.notEqual(get.status, 200);
  const text = await engine.request("Kinesis_20131202.ListStreams", {}, { contentType: "text/plain" });
  assert.notEqual(text.status, 200);
});

test("initial streams are there", async (t) => {
  const { engine } = await setUp(t, { initializeStreams: "orders:2,clicks::eu-west-1" });
  const names = async (region) =>
    json(await engine.request("Kinesis_20131202.ListStreams", {}, { region })).body.StreamNames;
  assert.deepEqual(await names("us-east-1"), ["orders"]);
  assert.deepEqual(await names("eu-west-1"), ["clicks"]);
});

test("a manual clock moves when it is told to, and runs what is due", async (t) => {
  const { engine } = await setUp(t, { durations: { createStream: 500 } });
  const status = async () => {
    const answer = await engine.request("Kinesis_20131202.DescribeStreamSummary", { StreamName: "a" });
    return json(answer).body.StreamDescriptionSummary.StreamStatus;
  };
  await engine.request("Kinesis_20131202.CreateStream", { StreamName: "a", ShardCount: 1 });
  assert.equal(await status(), "CREATING");
  await engine.clock.advance(499);
  assert.equal(await status(), "CREATING");
  await engine.clock.advance(1);
  assert.equal(await status(), "ACTIVE");
  assert.equal(engine.clock.now(), START + 500);
  await engine.clock.advance(365 * 86_400_000);
  await engine.settled();
});

test("a manual clock starts at the epoch unless told otherwise", async () => {
  for (const [now, start] of [
    [undefined, 0],
    [new Date("2013-01-01"), START],
    [START, START],
  ]) {
    const engine = await createEngine({ clock: "manual", now });
    assert.equal(engine.clock.now(), start);
    engine.close();
  }
});

test("who waits gets the answer at its time, and goes on at that time", async (t) => {
  const { engine } = await setUp(t);
  engine.faults.add({ operation: "ListStreams", latencyMs: 300 });
  const times = [];
  const chain = (async () => {
    for (let i = 0; i < 3; i += 1) {
      await engine.request("Kinesis_20131202.ListStreams");
      times.push(engine.clock.now() - START);
    }
  })();
  await engine.settled();
  assert.deepEqual(times, []);
  await engine.clock.advance(1_000);
  await chain;
  assert.deepEqual(times, [300, 600, 900]);
  assert.equal(engine.clock.now(), START + 1_000);
});

test("reset brings back the beginning and drops who waits", async (t) => {
  const { engine } = await setUp(t, { initializeStreams: "orders:1" });
  await engine.request("Kinesis_20131202.CreateStream", { StreamName: "a", ShardCount: 1 });
  engine.faults.add({ operation: "PutRecord", latencyMs: 10 });
  const put = { StreamName: "orders", PartitionKey: "k", Data: "aGk=" };
  const pending = assert.rejects(engine.request("Kinesis_20131202.PutRecord", put), { code: "ECONNRESET" });
  engine.reset();
  await pending;
  assert.deepEqual(json(await engine.request("Kinesis_20131202.ListStreams")).body.StreamNames, ["orders"]);
  assert.equal((await engine.request("Kinesis_20131202.PutRecord", put)).status, 200);
  assert.equal([...engine.records("orders")].length, 1);
});

test("two engines with the same inputs give the same bytes", async () => {
  const run = async (seed) => {
    const engine = await createEngine({ clock: "manual", now: START, ...(seed === undefined ? {} : { seed }) });
    const put = { StreamName: "a", PartitionKey: "k", Data: "aGk=" };
    const answers = [
      await engine.request("Kinesis_20131202.CreateStream", { StreamName: "a", ShardCount: 1 }),
      await engine.request("Kinesis_20131202.PutRecord", put),
    ];
    engine.close();
    return answers.map(({ headers, body }) => JSON.stringify(headers) + decode(body)).join("\n");
  };
  assert.equal(await run(), await run());
  assert.equal(await run(), await run(0));
  assert.notEqual(await run(1), await run(2));
});

test("a closed engine says so, whatever one does with it", async () => {
  const engine = await createEngine({ clock: "manual", initializeStreams: "a:1" });
  engine.faults.add({ operation: "ListStreams", latencyMs: 10 });
  const records = engine.records("a");
  const pending = engine.request("Kinesis_20131202.ListStreams");
  const rejected = assert.rejects(pending, { name: "EngineClosedError" });
  engine.close();
  engine.close();
  await rejected;
  const isClosed = (error) =>
    error instanceof EngineError &&
    error instanceof Error &&
    error.code === "EngineClosedError" &&
    error.retryable === false;
  for (const use of [
    () => engine.request("Kinesis_20131202.ListStreams"),
    () => engine.clock.advance(1),
    () => engine.settled(),
  ]) {
    await assert.rejects(use, isClosed);
  }
  for (const use of [
    () => engine.clientConfig(),
    () => engine.records("a"),
    () => [...records],
    () => engine.objects.list("b"),
    () => engine.objects.get("b", "k"),
    () => engine.objects.clear(),
    () => engine.faults.add({ operation: "PutRecord", error: "InternalFailure" }),
    () => engine.faults.clear(),
    () => engine.reset(),
  ]) {
    assert.throws(use, isClosed);
  }
});

test("options that make no sense are refused", async () => {
  for (const [options, word] of [
    [{ sede: 1 }, "sede"],
    [{ limits: "all" }, "all"],
    [{ limits: { shardWriteRecordsPerSecond: 0 } }, "shardWriteRecordsPerSecond"],
    [{ limits: { callsPerSecond: { PutRecords: 1 } } }, "PutRecords"],
    [{ seed: -1 }, "-1"],
    [{ seed: "x" }, "x"],
    [{ account: "12" }, "12"],
    [{ region: "EU WEST" }, "EU WEST"],
    [{ initializeStreams: "a:0" }, "a:0"],
    [{ durations: { createStream: -1 } }, "-1"],
    [{ durations: { sleep: 1 } }, "sleep"],
    [{ objectStore: "host" }, "objectStore"],
    [{ clock: "fake" }, "fake"],
    [{ clock: "system", now: 5 }, "now"],
    [{ now: 5 }, "now"],
    [null, "object"],
    ["manual", "object"],
  ]) {
    const isConfigError = (error) => error.name === "ConfigError" && error.message.includes(word);
    assert.throws(() => createEngineSync(options), isConfigError, `${JSON.stringify(options)}`);
    await assert.rejects(createEngine(options), isConfigError);
  }
  for (const now of [-1, 0.5, NaN, Infinity, new Date(NaN), "2013", 2 ** 53]) {
    assert.throws(() => createEngineSync({ clock: "manual", now }), { code: "InvalidInputError" }, `${now}`);
  }
});

test("arguments that make no sense are refused, and the engine goes on", async (t) => {
  const { engine } = await setUp(t, { initializeStreams: "a:1" });
  for (const use of [
    () => engine.clock.advance(-1),
    () => engine.clock.advance(0.5),
    () => engine.clock.advance("61s"),
    () => engine.clock.advance(),
    () => engine.request(),
    () => engine.request("Kinesis_20131202.ListStreams", 5),
    () => engine.request("Kinesis_20131202.ListStreams", null),
    () => engine.request("Kinesis_20131202.ListStreams", {}, { headers: { "x-a": "b\nc: d" } }),
  ]) {
    await assert.rejects(use, { code: "InvalidInputError" }, `${use}`);
  }
  for (const use of [
    () => engine.records(),
    () => engine.records(5),
    () => engine.objects.list(),
    () => engine.objects.list("b", { prefix: 5 }),
    () => engine.objects.get("b"),
    () => engine.faults.add(),
    () => engine.faults.add("PutRecord"),
  ]) {
    assert.throws(use, { code: "InvalidInputError" }, `${use}`);
  }
  for (const use of [
    () => engine.faults.add({}),
    () => engine.faults.add({ operation: "PutRecord" }),
    () => engine.faults.add({ operation: "Nonsense", error: "InternalFailure" }),
    () => engine.faults.add({ operation: "PutRecord", error: "Nonsense" }),
    () => engine.faults.add({ operation: "PutRecord", latencyMs: -1 }),
    () => engine.faults.add({ operation: "PutRecord", error: "InternalFailure", probability: 2 }),
    () => engine.faults.add({ operation: "PutRecord", error: "InternalFailure", tiems: 2 }),
  ]) {
    assert.throws(use, { code: "ConfigError" }, `${use}`);
  }
  assert.throws(() => [...engine.records("nope")], { code: "ResourceNotFoundException", retryable: false });
  assert.throws(() => [...engine.records("arn:nonsense")], EngineError);
  for (const body of ["", "{", "[]", "null", '{"StreamName":5}', '{"StreamName":"a","Data":"!"}', "\ud800", "\0"]) {
    const answer = await engine.request("Kinesis_20131202.PutRecord", body);
    assert.equal(answer.status, 400, body);
    assert.match(json(answer).body.__type, /Exception$/);
  }
  const put = { StreamName: "a", PartitionKey: "k", Data: "aGk=" };
  assert.equal((await engine.request("Kinesis_20131202.PutRecord", put)).status, 200);
});

test("an engine on the system clock cannot be moved", async () => {
  const engine = await createEngine();
  assert.equal(engine.clock.kind, "system");
  await assert.rejects(engine.clock.advance(1), { code: "InvalidInputError" });
  assert.ok(Math.abs(engine.clock.now() - Date.now()) < 1_000);
  engine.close();
});

test("making an engine takes next to no time", async () => {
  const limit = process.env.SHARDBROOK_PACKAGE === "shardbrook-node" ? 1 : 5;
  createEngineSync().close();
  const runs = 50;
  const started = performance.now();
  for (let i = 0; i < runs; i += 1) createEngineSync().close();
  const ms = (performance.now() - started) / runs;
  assert.ok(ms < limit, `${ms} ms`);
});
