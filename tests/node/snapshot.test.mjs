// Snapshots: the same bytes in every language, and an engine that goes on where they were taken.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { setUp, shardbrook } from "./support.mjs";

const { restoreEngine, restoreEngineSync } = shardbrook;
const expected = JSON.parse(await readFile(new URL("../vectors/snapshot.json", import.meta.url), "utf8"));

async function prepared(t) {
  const { engine } = await setUp(t, { clock: "manual", now: expected.now, seed: 5 });
  for (const { target, in: body, advance_ms } of expected.requests) {
    assert.equal((await engine.request(target, body)).status, 200);
    await engine.clock.advance(advance_ms);
  }
  return engine;
}

async function read(engine) {
  const records = [];
  for await (const { sequenceNumber, data } of engine.records("orders")) records.push([sequenceNumber, data]);
  const objects = engine.objects.list("lake").map(({ key }) => [key, engine.objects.get("lake", key).body]);
  return { records, objects };
}

test("the same calls give the same bytes as in every language", async (t) => {
  const engine = await prepared(t);
  assert.equal(createHash("sha256").update(engine.snapshot()).digest("hex"), expected.sha256);
});

test("a restored engine goes on", async (t) => {
  const engine = await prepared(t);
  const taken = engine.snapshot();
  const restored = await restoreEngine(taken);
  t.after(() => restored.close());
  assert.deepEqual([restored.clock.kind, restored.clock.now()], ["manual", engine.clock.now()]);
  const before = await read(engine);
  assert.ok(before.records.length > 0 && before.objects.length > 0);
  assert.deepEqual(await read(restored), before);
  assert.deepEqual(restored.snapshot(), taken);
  await restored.request("Kinesis_20131202.PutRecord", { StreamName: "orders", PartitionKey: "k", Data: "aGk=" });
  assert.equal((await read(restored)).records.length, before.records.length + 1);
});

test("other bytes are refused", async (t) => {
  const taken = (await prepared(t)).snapshot();
  const changed = (at, value) => taken.with(at, value);
  for (const [bytes, what] of [
    [new Uint8Array(), /not a snapshot/],
    [taken.subarray(0, -1), /damaged/],
    [changed(100, taken[100] ^ 1), /damaged/],
    [changed(19, 99), /format 99/],
  ]) {
    assert.throws(() => restoreEngineSync(bytes), { code: "SnapshotError", message: what });
  }
  assert.throws(() => restoreEngineSync("text"), { code: "InvalidInputError" });
});
