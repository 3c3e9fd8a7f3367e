// Every kind of error: the engine answers with it, and the SDK and the raw request both name it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { decode, setUp, shardbrook } from "./support.mjs";

test("there are kinds of errors, each once", () => {
  const codes = shardbrook.errorKinds().map((kind) => kind.code);
  assert.ok(codes.length > 20);
  assert.deepEqual([...new Set(codes)].sort(), codes.toSorted?.() ?? [...codes].sort());
  assert.ok(codes.includes("ProvisionedThroughputExceededException"));
});

for (const { code, status, retryable } of shardbrook.errorKinds()) {
  test(`${code} reaches the client`, async (t) => {
    const { engine } = await setUp(t);
    const once = new KinesisClient({ ...engine.clientConfig(), maxAttempts: 1 });
    engine.faults.add({ operation: "ListStreams", error: code });
    const answer = await engine.request("Kinesis_20131202.ListStreams");
    assert.equal(answer.status, status);
    assert.equal(JSON.parse(decode(answer.body)).__type, code);
    await assert.rejects(once.send(new ListStreamsCommand({})), (error) => {
      assert.equal(error.name, code);
      assert.equal(error.$metadata.httpStatusCode, status);
      return true;
    });
    assert.equal(typeof retryable, "boolean");
    const error = new shardbrook.EngineError(code, "a message", retryable);
    assert.deepEqual([error.name, error.code, error.retryable, error instanceof Error], [code, code, retryable, true]);
  });
}
