// SubscribeToShard through the SDK.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  RegisterStreamConsumerCommand,
  SplitShardCommand,
  SubscribeToShardCommand,
} from "@aws-sdk/client-kinesis";
import { START, decode, put as putTo, setUp } from "./support.mjs";

const STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";
const SHARD = "shardId-000000000000";

async function setUpConsumer(t, options = {}) {
  const { engine, kinesis } = await setUp(t, { initializeStreams: "orders:1", ...options });
  const command = new RegisterStreamConsumerCommand({ StreamARN: STREAM, ConsumerName: "billing" });
  const { Consumer } = await kinesis.send(command);
  const subscribe = async (type = "LATEST", sending = {}) => {
    const position = { ConsumerARN: Consumer.ConsumerARN, ShardId: SHARD, StartingPosition: { Type: type } };
    return (await kinesis.send(new SubscribeToShardCommand(position), sending)).EventStream;
  };
  const put = (text) => kinesis.send(putTo("orders", text));
  return { engine, kinesis, subscribe, put };
}

/** Reads to the end; `seen` has the event and the clock's time of each, `ended` how it ended. */
function readAll(engine, events) {
  const reading = { seen: [], ended: undefined };
  reading.done = (async () => {
    try {
      for await (const { SubscribeToShardEvent: event } of events) {
        reading.seen.push({ event, at: engine.clock.now() - START });
      }
      reading.ended = "end";
    } catch (error) {
      reading.ended = error.name;
    }
  })();
  return reading;
}

test("records come when they are put, and heartbeats at their own times", async (t) => {
  const { engine, subscribe, put } = await setUpConsumer(t);
  const { seen } = readAll(engine, await subscribe());
  await engine.settled();
  assert.equal(seen.length, 0);
  await put("hello");
  await engine.settled();
  assert.deepEqual(seen.map(({ event }) => event.Records.map(({ Data }) => decode(Data))), [["hello"]]);
  await engine.clock.advance(12_000);
  assert.deepEqual(seen.map(({ at }) => at), [0, 5_000, 10_000]);
});

test("a subscription ends after five minutes", async (t) => {
  const { engine, subscribe } = await setUpConsumer(t);
  const reading = readAll(engine, await subscribe());
  await engine.clock.advance(3_600_000);
  await reading.done;
  assert.equal(reading.ended, "end");
  assert.equal(reading.seen.length, 59);
});

test("a shard ends with its children", async (t) => {
  const { engine, kinesis, subscribe } = await setUpConsumer(t);
  const reading = readAll(engine, await subscribe());
  const split = { StreamName: "orders", ShardToSplit: SHARD, NewStartingHashKey: "5" };
  await kinesis.send(new SplitShardCommand(split));
  await reading.done;
  const [{ event }] = reading.seen;
  assert.equal(event.ChildShards.length, 2);
  assert.equal(event.ContinuationSequenceNumber, undefined);
});

test("a later subscription takes over", async (t) => {
  const { engine, subscribe } = await setUpConsumer(t);
  const first = readAll(engine, await subscribe());
  await assert.rejects(subscribe(), { name: "ResourceInUseException" });
  await engine.clock.advance(5_000);
  await subscribe();
  await first.done;
  assert.equal(first.ended, "ResourceInUseException");
});

test("an aborted subscription is forgotten", async (t) => {
  const { engine, subscribe } = await setUpConsumer(t);
  const abort = new AbortController();
  const reading = readAll(engine, await subscribe("LATEST", { abortSignal: abort.signal }));
  await engine.settled();
  assert.equal(await engine.clock.advanceToNext(), true);
  abort.abort();
  await reading.done;
  assert.equal(reading.ended, "AbortError");
  assert.equal(await engine.clock.advanceToNext(), false);
});

test("a body that is cancelled is forgotten", async (t) => {
  const { engine } = await setUpConsumer(t);
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "Kinesis_20131202.SubscribeToShard",
    "x-amz-date": "20130101T000000Z",
    authorization: "AWS4-HMAC-SHA256 Credential=test/20130101/us-east-1/kinesis/aws4_request, SignedHeaders=a, Signature=b",
  };
  const ConsumerARN = `${STREAM}/consumer/billing:${START / 1_000}`;
  const body = JSON.stringify({ ConsumerARN, ShardId: SHARD, StartingPosition: { Type: "LATEST" } });
  const request = { method: "POST", path: "/", headers, body };
  const { response } = await engine.clientConfig().requestHandler.handle(request);
  for await (const frame of response.body) {
    assert.ok(frame.length > 0);
    break;
  }
  assert.equal(await engine.clock.advanceToNext(), false);
});

test("a reset breaks the connection", async (t) => {
  const { engine, subscribe } = await setUpConsumer(t);
  const reading = readAll(engine, await subscribe());
  await engine.settled();
  engine.reset();
  await reading.done;
  assert.notEqual(reading.ended, "end");
});
