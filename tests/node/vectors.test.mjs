// Every scenario of tests/vectors, by raw requests and through the AWS SDK.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { shardbrook } from "./support.mjs";
import { readScenarios } from "./vectors/files.mjs";
import { runAll, skipsOf } from "./vectors/runner.mjs";
import { inProcess, sdkCalls } from "./vectors/sdk.mjs";

const scenarios = await readScenarios();

test("there are scenarios", () => assert.ok(scenarios.length > 0));

/** Scenarios that cannot run by raw requests, each with the reason. */
const RAW_SKIPS = {};

/** Scenarios that cannot run through the SDK, each with the reason. */
const SDK_SKIPS = {};

const NO_QUEUES = "This version of the SDK has no commands for queues.";

/** Operations that the SDK does not have, each with the reason why scenarios that call it are skipped. */
const SDK_OPERATION_SKIPS = {
  AcknowledgeDeadLetterQueueRecords: NO_QUEUES,
  AcknowledgeQueueRecords: NO_QUEUES,
  CreateQueue: NO_QUEUES,
  DeleteQueue: NO_QUEUES,
  DescribeQueue: NO_QUEUES,
  ListQueues: NO_QUEUES,
  ReceiveDeadLetterQueueRecords: NO_QUEUES,
  ReceiveQueueRecords: NO_QUEUES,
  RestoreDeadLetterQueueRecords: NO_QUEUES,
  UpdateDeadLetterQueueRecordsVisibility: NO_QUEUES,
  UpdateQueue: NO_QUEUES,
  UpdateQueueRecordsVisibility: NO_QUEUES,
};

test("every scenario holds, by raw requests", async () => {
  const failures = await runAll(scenarios, RAW_SKIPS, shardbrook);
  assert.equal(failures.length, 0, `${failures.length} of ${scenarios.length}\n${failures.join("\n")}`);
});

test("every scenario holds, through the SDK", async () => {
  const failures = await runAll(
    scenarios,
    { ...skipsOf(scenarios, SDK_OPERATION_SKIPS), ...SDK_SKIPS },
    shardbrook,
    inProcess,
  );
  assert.equal(failures.length, 0, `${failures.length} of ${scenarios.length}\n${failures.join("\n")}`);
});

/**
 * Over a port nobody can say when a request is there that is to wait; listen.test.mjs has such. And the SDK sends what has a
 * StreamId to a host of AWS, whatever endpoint it is given.
 */
const isForPorts = ({ steps }) => steps.every(({ as, waits_ms: waits, in: input }) => !as && !waits && !input?.StreamId);
const forPorts = scenarios.filter(isForPorts);

/** The code that listens is the same in both packages: one is asked over HTTP/1.1, one as the SDK does by itself. */
const isNative = process.env.SHARDBROOK_PACKAGE === "shardbrook-node";
const handler = () => (isNative ? {} : { requestHandler: new NodeHttpHandler() });

/** Makes calls by clients that know nothing of the engine. */
async function overPort(engine) {
  const { url: endpoint } = await engine.listen();
  return sdkCalls(({ accountId }) => {
    const credentials = { accessKeyId: accountId, secretAccessKey: "test" };
    return { endpoint, credentials, maxAttempts: 1, ...handler() };
  });
}

test(`scenarios hold through the SDK over ${isNative ? "HTTP/2" : "HTTP/1.1"}`, async () => {
  assert.ok(forPorts.length > 0.9 * scenarios.length || scenarios.length < 100);
  const failures = await runAll(forPorts, skipsOf(forPorts, SDK_OPERATION_SKIPS), shardbrook, overPort);
  assert.equal(failures.length, 0, `${failures.length} of ${forPorts.length}\n${failures.join("\n")}`);
});

test("skips need a sentence, a case and a failure", async () => {
  const one = scenarios.slice(0, 1);
  const [{ name }] = one;
  assert.match((await runAll(one, { [name]: "it cannot run here" }, shardbrook))[0], /it is skipped, but it passes/);
  assert.match((await runAll(one, { [name]: "" }, shardbrook))[0], /does not say why/);
  assert.match((await runAll(one, { "no/such": "it cannot run here" }, shardbrook))[0], /names no scenario/);
});
