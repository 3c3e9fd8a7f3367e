// The system clock: fake timers move the engine, and the one real timer is set only when something is outstanding.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { START, decode, shardbrook } from "./support.mjs";

const { createEngine } = shardbrook;

async function status(engine) {
  const { body } = await engine.request("Kinesis_20131202.DescribeStreamSummary", { StreamName: "a" });
  return JSON.parse(decode(body)).StreamDescriptionSummary.StreamStatus;
}

/** Long enough for the SDK to sign and send a request. */
async function letWorkGoOn() {
  for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

test("fake timers move the engine", async (t) => {
  t.mock.timers.enable({ apis: ["Date", "setTimeout", "setInterval", "setImmediate"], now: START });
  const engine = await createEngine({ durations: { createStream: 500 } });
  t.after(() => engine.close());
  await engine.request("Kinesis_20131202.CreateStream", { StreamName: "a", ShardCount: 1 });
  assert.equal(engine.clock.now(), START);
  assert.equal(await status(engine), "CREATING");
  t.mock.timers.tick(500);
  assert.equal(engine.clock.now(), START + 500);
  assert.equal(await status(engine), "ACTIVE");
  // Setting the time counts as well as letting it pass.
  t.mock.timers.setTime(START + 86_400_000);
  await engine.request("Kinesis_20131202.PutRecord", { StreamName: "a", PartitionKey: "k", Data: "aGk=" });
  const [record] = engine.records("a");
  assert.deepEqual(record.approximateArrivalTimestamp, new Date(START + 86_400_000));
});

test("fake timers bring answers that are held back", async (t) => {
  t.mock.timers.enable({ apis: ["Date", "setTimeout"], now: START });
  const engine = await createEngine();
  t.after(() => engine.close());
  const client = new KinesisClient(engine.clientConfig());
  // The first request of a client reads files; the next ones need no real time.
  await client.send(new ListStreamsCommand({}));
  engine.faults.add({ operation: "ListStreams", latencyMs: 60_000, times: 1 });
  const answer = client.send(new ListStreamsCommand({}));
  let isThere = false;
  answer.then(() => (isThere = true));
  await letWorkGoOn();
  t.mock.timers.tick(59_999);
  await letWorkGoOn();
  assert.equal(isThere, false);
  t.mock.timers.tick(1);
  assert.deepEqual((await answer).StreamNames, []);
});

test("time that runs backwards stands still", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: START });
  const engine = await createEngine({ initializeStreams: "a:1" });
  t.after(() => engine.close());
  const put = () => engine.request("Kinesis_20131202.PutRecord", { StreamName: "a", PartitionKey: "k", Data: "aGk=" });
  await put();
  t.mock.timers.setTime(START - 5_000);
  await put();
  const arrivals = [...engine.records("a")].map((record) => record.approximateArrivalTimestamp.getTime());
  assert.deepEqual(arrivals, [START, START]);
});

test("real time brings answers that are held back, and settled waits for them", async (t) => {
  const engine = await createEngine();
  t.after(() => engine.close());
  engine.faults.add({ operation: "ListStreams", latencyMs: 40 });
  const started = performance.now();
  let isThere = false;
  engine.request("Kinesis_20131202.ListStreams").then(() => (isThere = true));
  await engine.settled();
  await null;
  assert.ok(isThere);
  assert.ok(performance.now() - started >= 35);
  await engine.settled();
});

// An engine must not keep a process alive, but a client that waits for an answer must.
for (const [what, script, output] of [
  ["an idle engine", "", ""],
  [
    "a buffer that is not due",
    `await engine.request("Firehose_20150804.CreateDeliveryStream", { DeliveryStreamName: "d",
       S3DestinationConfiguration: { BucketARN: "arn:aws:s3:::b", RoleARN: "arn:aws:iam::000000000000:role/r" } });
     await engine.request("Firehose_20150804.PutRecord", { DeliveryStreamName: "d", Record: { Data: "aGk=" } });`,
    "",
  ],
  [
    "a client that waits",
    `engine.faults.add({ operation: "ListStreams", latencyMs: 100 });
     await engine.request("Kinesis_20131202.ListStreams");
     console.log("answered");`,
    "answered\n",
  ],
]) {
  test(`${what}: the process ends when it should`, () => {
    const name = process.env.SHARDBROOK_PACKAGE ?? "shardbrook";
    const program = `const { createEngine } = await import("${name}"); const engine = await createEngine(); ${script}`;
    const options = { cwd: import.meta.dirname, encoding: "utf8", timeout: 20_000 };
    const run = spawnSync(process.execPath, ["--input-type=module", "--eval", program], options);
    assert.deepEqual([run.status, run.stdout, run.stderr], [0, output, ""]);
  });
}
