// The published package loads in a browser as it is: no bundler, no server of its own.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage } from "./page.mjs";

let page;
let close;
before(async () => ({ page, close } = await openPage()));
after(() => close());

test("functions ask for the code to be loaded first", async () => {
  const thrown = await page.evaluate(async () => {
    const { createEngineSync, hashKey } = await import("shardbrook");
    return [() => hashKey("k"), () => createEngineSync()].map((use) => {
      try {
        use();
      } catch (error) {
        return error.code;
      }
    });
  });
  assert.deepEqual(thrown, ["NotInitializedError", "NotInitializedError"]);
});

test("a page imports the package by its name", async () => {
  const hash = await page.evaluate(async () => {
    const { createEngine, createEngineSync, hashKey, init } = await import("shardbrook");
    await Promise.all([init(), init()]);
    (await createEngine()).close();
    createEngineSync().close();
    return String(hashKey("a"));
  });
  assert.equal(hash, "16955237001963240173058271559858726497");
});

test("the slim entry point takes the module from wherever it comes", async () => {
  const hashes = await page.evaluate(async () => {
    const address = "/bindings-wasm/dist/wasm/shardbrook_bg.wasm";
    const slim = await import("shardbrook/slim");
    await slim.initFrom(fetch(address));
    return String(slim.hashKey("a"));
  });
  assert.equal(hashes, "16955237001963240173058271559858726497");
});

test("making an engine takes next to no time once the code is loaded", async () => {
  const ms = await page.evaluate(async () => {
    const { init, createEngineSync } = await import("shardbrook");
    await init();
    createEngineSync().close();
    const started = performance.now();
    for (let i = 0; i < 20; i += 1) createEngineSync().close();
    return (performance.now() - started) / 20;
  });
  assert.ok(ms < 5, `${ms} ms`);
});

test("there are no ports in a page", async () => {
  const code = await page.evaluate(async () => {
    const { createEngine } = await import("shardbrook");
    const engine = await createEngine();
    return engine.listen().catch((error) => error.code);
  });
  assert.equal(code, "NotSupportedError");
});

test("the SDK's own clients work, waiters included", async () => {
  const result = await page.evaluate(async () => {
    const { createEngine } = await import("shardbrook");
    const sdk = await import("@aws-sdk/client-kinesis");
    const engine = await createEngine({ clock: "manual", durations: { createStream: 30_000 } });
    const client = new sdk.KinesisClient(engine.clientConfig());
    const target = { StreamName: "a" };
    await client.send(new sdk.CreateStreamCommand({ ...target, ShardCount: 1 }));
    const started = performance.now();
    await sdk.waitUntilStreamExists({ client, maxWaitTime: 60 }, target);
    const waited = performance.now() - started;
    engine.faults.add({ operation: "PutRecord", error: "ProvisionedThroughputExceededException", times: 2 });
    const put = { ...target, PartitionKey: "k", Data: new TextEncoder().encode("hello") };
    const { $metadata } = await client.send(new sdk.PutRecordCommand(put));
    const [{ data }] = engine.records("a");
    const result = {
      now: engine.clock.now(),
      attempts: $metadata.attempts,
      text: new TextDecoder().decode(data),
      waited,
    };
    engine.close();
    return result;
  });
  assert.ok(result.waited < 3_000, `the waiter slept for ${result.waited} ms`);
  assert.deepEqual({ ...result, waited: 0 }, { now: 33_000, attempts: 3, text: "hello", waited: 0 });
});
