// engine.listen: real clients and hostile ones on one port.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import { test } from "node:test";
import { promisify } from "node:util";
import {
  GetRecordsCommand,
  KinesisClient,
  ListStreamsCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
} from "@aws-sdk/client-kinesis";
import { FirehoseClient, ListDeliveryStreamsCommand } from "@aws-sdk/client-firehose";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { decode, put as putTo, readFirstShard, setUp, shardbrook } from "./support.mjs";

const STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";
const SHARD = "shardId-000000000000";
const SCOPE = "test/20130101/us-east-1/kinesis/aws4_request";
const credentials = { accessKeyId: "test", secretAccessKey: "test" };
const file = (name) => readFile(new URL(`tls/${name}.pem`, import.meta.url));

/** The ways in which a client may come: what the SDK does by itself first. */
const WAYS = {
  "HTTP/2, the SDK's default": () => undefined,
  "HTTP/1.1": () => new NodeHttpHandler(),
};

/** An engine that listens, and clients for it. */
async function listening(t, options = {}, listen = {}) {
  const { engine } = await setUp(t, { initializeStreams: "orders:1", ...options });
  const listener = await engine.listen(listen);
  t.after(() => listener.close());
  const client = (requestHandler, more = {}) => {
    const handler = requestHandler === undefined ? {} : { requestHandler };
    const made = new KinesisClient({ endpoint: listener.url, region: "us-east-1", credentials, ...handler, ...more });
    t.after(() => made.destroy());
    return made;
  };
  return { engine, listener, client };
}

const put = (text) => putTo("orders", text);

async function subscribe(kinesis, sending = {}) {
  const command = new RegisterStreamConsumerCommand({ StreamARN: STREAM, ConsumerName: "billing" });
  const { Consumer } = await kinesis.send(command);
  const StartingPosition = { Type: "TRIM_HORIZON" };
  const input = { ConsumerARN: Consumer.ConsumerARN, ShardId: SHARD, StartingPosition };
  return (await kinesis.send(new SubscribeToShardCommand(input), sending)).EventStream[Symbol.asyncIterator]();
}

const dataOf = async (events) => (await events.next()).value.SubscribeToShardEvent.Records.map(({ Data }) => decode(Data));

/** Sends bytes, and gives what comes back until the other end closes. */
async function sendBytes({ port }, bytes, { end = false } = {}) {
  const socket = connect(port, "127.0.0.1");
  const pieces = [];
  socket.on("data", (piece) => pieces.push(piece));
  socket.on("error", () => {});
  socket.write(bytes);
  if (end) socket.end();
  await once(socket, "close");
  return Buffer.concat(pieces);
}

for (const [way, handler] of Object.entries(WAYS)) {
  test(`put and read over ${way}`, async (t) => {
    const { engine, client } = await listening(t);
    const kinesis = client(handler());
    await kinesis.send(put("hello"));
    const { Records } = await readFirstShard(kinesis, "orders");
    assert.deepEqual(Records.map(({ Data }) => decode(Data)), ["hello"]);
    assert.deepEqual(Array.from(engine.records("orders"), ({ data }) => decode(data)), ["hello"]);
    await assert.rejects(kinesis.send(new GetRecordsCommand({ ShardIterator: "none" })), /Invalid ShardIterator/);
  });

  test(`a large answer over ${way}`, async (t) => {
    const { client } = await listening(t);
    const kinesis = client(handler());
    const Data = new Uint8Array(1_000_000).fill(7);
    const Records = Array.from({ length: 9 }, (_, i) => ({ PartitionKey: `${i}`, Data }));
    await kinesis.send(new PutRecordsCommand({ StreamName: "orders", Records }));
    const found = await readFirstShard(kinesis, "orders");
    assert.deepEqual(found.Records.map((record) => Buffer.compare(record.Data, Data)), Records.map(() => 0));
  });

  test(`a subscription over ${way}`, async (t) => {
    const { engine, client } = await listening(t);
    const kinesis = client(handler());
    const abort = new AbortController();
    const events = await subscribe(kinesis, { abortSignal: abort.signal });
    await kinesis.send(put("hello"));
    assert.deepEqual(await dataOf(events), ["hello"]);
    const heartbeat = events.next();
    await engine.clock.advance(5_000);
    assert.deepEqual((await heartbeat).value.SubscribeToShardEvent.Records, []);
    // That the client is gone reaches the engine, in its own time: nothing is due any more.
    assert.equal(await engine.clock.advanceToNext(), true);
    abort.abort();
    await events.next().catch(() => {});
    while (await engine.clock.advanceToNext()) await new Promise(setImmediate);
  });

  test(`a dropped connection over ${way} is retried`, async (t) => {
    const { engine, client } = await listening(t);
    engine.faults.add({ operation: "PutRecord", drop: "before", times: 1 });
    const { $metadata } = await client(handler()).send(put("hello"));
    assert.equal($metadata.attempts, 2);
    assert.equal(Array.from(engine.records("orders")).length, 1);
    engine.faults.add({ operation: "PutRecord", drop: "after" });
    await assert.rejects(client(handler(), { maxAttempts: 1 }).send(put("again")));
    assert.equal(Array.from(engine.records("orders")).length, 2);
  });

  test(`an answer that is late over ${way} comes when the clock moves`, async (t) => {
    const { engine, client } = await listening(t);
    engine.faults.add({ operation: "ListStreams", latencyMs: 60_000 });
    const listed = client(handler()).send(new ListStreamsCommand({}));
    while (!(await engine.clock.advanceToNext())) await new Promise(setImmediate);
    assert.deepEqual((await listed).StreamNames, ["orders"]);
  });

  test(`closing ends a subscription over ${way}`, async (t) => {
    const { listener, client } = await listening(t);
    const events = await subscribe(client(handler()));
    const next = events.next();
    await listener.close();
    // The SDK ends a stream that broke off as it ends a whole one, with HTTP/1.1 at least.
    const ended = await next.then(({ done }) => done, () => true);
    assert.equal(ended, true);
    await assert.rejects(client(handler(), { maxAttempts: 1 }).send(put("late")));
  });
}

test("TLS, for HTTP/2 and HTTP/1.1, beside plain HTTP", async (t) => {
  const [cert, key] = await Promise.all([file("cert"), file("key")]);
  const { engine, listener, client } = await listening(t, {}, { cert, key });
  assert.match(listener.url, /^https:/);
  const { Agent } = await import("node:https");
  await client(new NodeHttpHandler({ httpsAgent: new Agent({ ca: cert }) })).send(put("one"));
  const session = connectHttp2(listener.url, { ca: cert });
  t.after(() => session.destroy());
  const stream = session.request({ ":method": "POST", ":path": "/" });
  stream.end();
  const [headers] = await once(stream, "response");
  assert.equal(headers[":status"], 400);
  assert.equal(session.alpnProtocol, "h2");
  stream.resume();
  await client(undefined, { endpoint: listener.url.replace("https", "http") }).send(put("two"));
  assert.equal(Array.from(engine.records("orders")).length, 2);
});

test("a port without a certificate refuses TLS", async (t) => {
  const { listener } = await listening(t);
  const answer = await sendBytes(listener, Buffer.from([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0]));
  assert.deepEqual([...answer], [0x15, 3, 3, 0, 2, 2, 40]);
});

test("Firehose is on the same port", async (t) => {
  const { listener } = await listening(t);
  const firehose = new FirehoseClient({ endpoint: listener.url, region: "us-east-1", credentials });
  t.after(() => firehose.destroy());
  assert.deepEqual((await firehose.send(new ListDeliveryStreamsCommand({}))).DeliveryStreamNames, []);
});

test("engines listen beside each other, each on a port of its own", async (t) => {
  const all = await Promise.all([1, 2, 3, 4].map(() => listening(t)));
  assert.equal(new Set(all.map(({ listener }) => listener.port)).size, all.length);
  await Promise.all(all.map(({ client }, i) => client().send(put(`engine ${i}`))));
  for (const [i, { engine }] of all.entries()) {
    assert.deepEqual(Array.from(engine.records("orders"), ({ data }) => decode(data)), [`engine ${i}`]);
  }
});

test("a body that is too large is refused, and others are not concerned", async (t) => {
  const { listener, client } = await listening(t);
  const declared = await fetch(listener.url, { method: "POST", body: new Uint8Array(17 << 20) });
  assert.equal(declared.status, 413);
  assert.equal((await declared.json()).__type, "RequestEntityTooLargeException");
  const chunk = Buffer.alloc(1 << 20);
  const chunks = Array.from({ length: 17 }, () => [Buffer.from("100000\r\n"), chunk, Buffer.from("\r\n")]).flat();
  const head = Buffer.from("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  const answer = await sendBytes(listener, Buffer.concat([head, ...chunks, Buffer.from("0\r\n\r\n")]));
  assert.match(answer.toString(), /^HTTP\/1.1 413 /);
  const session = connectHttp2(listener.url);
  t.after(() => session.destroy());
  const stream = session.request({ ":method": "POST", ":path": "/" });
  stream.on("error", () => {});
  stream.end(Buffer.alloc(17 << 20));
  const [headers] = await once(stream, "response");
  assert.equal(headers[":status"], 413);
  await client().send(put("hello"));
});

test("a compressed body is refused", async (t) => {
  const { listener } = await listening(t);
  const answer = await fetch(listener.url, { method: "POST", headers: { "content-encoding": "gzip" }, body: "x" });
  assert.match((await answer.json()).message, /content encoding "gzip"/);
});

test("too many headers are refused", async (t) => {
  const { listener } = await listening(t);
  const many = Array.from({ length: 101 }, (_, i) => `x-${i}: ${i}\r\n`).join("");
  assert.match((await sendBytes(listener, `GET / HTTP/1.1\r\nHost: localhost\r\n${many}\r\n`)).toString(), /^HTTP\/1.1 431 /);
  const long = `x: ${"y".repeat(80_000)}\r\n`;
  assert.match((await sendBytes(listener, `GET / HTTP/1.1\r\nHost: localhost\r\n${long}\r\n`)).toString(), /^HTTP\/1.1 431 /);
});

test("bytes that are no HTTP end their connection, not others", async (t) => {
  const { listener, client } = await listening(t);
  const kinesis = client();
  const events = await subscribe(kinesis);
  assert.match((await sendBytes(listener, "\x00\x01\x02 garbage\r\n\r\n")).toString(), /^HTTP\/1.1 400 /);
  for (const bytes of ["P", "PR", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nno frame of HTTP/2 at all, none", "POST"]) {
    await sendBytes(listener, bytes, { end: true });
  }
  await kinesis.send(put("hello"));
  assert.deepEqual(await dataOf(events), ["hello"]);
});

test("a preface that comes byte by byte is one", async (t) => {
  const { listener } = await listening(t);
  const socket = connect(listener.port, "127.0.0.1");
  t.after(() => socket.destroy());
  for (const byte of "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") {
    socket.write(byte);
    await new Promise(setImmediate);
  }
  const [settings] = await once(socket, "data");
  // The type of the first frame of a server.
  assert.equal(settings[3], 4);
});

test("a request that is taken back leaves the others of its connection alone", async (t) => {
  const { engine, listener } = await listening(t);
  engine.faults.add({ operation: "ListStreams", latencyMs: 1_000, times: 1 });
  const session = connectHttp2(listener.url);
  t.after(() => session.destroy());
  const list = () => {
    const stream = session.request({
      ":method": "POST",
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "Kinesis_20131202.ListStreams",
      "x-amz-date": "20130101T000000Z",
      authorization: `AWS4-HMAC-SHA256 Credential=${SCOPE}, SignedHeaders=host, Signature=none`,
    });
    stream.end("{}");
    stream.resume();
    return stream;
  };
  const status = async (stream) => (await once(stream, "response"))[0][":status"];
  const late = list();
  // The other is there once this one is answered.
  assert.equal(await status(list()), 200);
  late.close(constants.NGHTTP2_CANCEL);
  assert.equal(await status(list()), 200);
  assert.equal(await engine.clock.advanceToNext(), false);
});

test("pages of other sites may not ask unless they are listed", async (t) => {
  const { listener } = await listening(t, {}, { origins: ["https://app.example"] });
  const answer = (origin) => fetch(listener.url, { method: "OPTIONS", headers: { origin } });
  const status = async (origin) => (await answer(origin)).status;
  for (const origin of ["https://evil.example", "http://localhost.evil.example", "null"]) {
    assert.equal((await (await answer(origin)).json()).__type, "AccessDeniedException", origin);
  }
  for (const origin of ["https://app.example", "http://localhost:3000", "http://127.0.0.1", "http://[::1]:8"]) {
    assert.equal(await status(origin), 200, origin);
  }
});

test("closing the engine closes its port", async (t) => {
  const { engine, listener } = await listening(t);
  engine.close();
  await assert.rejects(fetch(listener.url), { message: "fetch failed" });
  await assert.rejects(engine.listen(), { code: "EngineClosedError" });
});

test("a port that is taken, and options that make no sense", async (t) => {
  const { engine, listener } = await listening(t);
  await assert.rejects(engine.listen({ port: listener.port }), { code: "EADDRINUSE" });
  for (const options of [{ port: -1 }, { port: "4567" }, { port: 65_536 }, { host: "" }, { cert: "c" }]) {
    await assert.rejects(engine.listen(options), { code: "InvalidInputError" }, JSON.stringify(options));
  }
});

test("a listener is disposed of", async (t) => {
  const { engine } = await setUp(t);
  const listener = await engine.listen();
  await listener[Symbol.asyncDispose]();
  await assert.rejects(fetch(listener.url), { message: "fetch failed" });
});

test("an unreferenced port lets the process end", async () => {
  const name = process.env.SHARDBROOK_PACKAGE ?? "shardbrook";
  const program = `import { createEngine } from "${name}"; (await (await createEngine()).listen()).unref();`;
  const options = { cwd: import.meta.dirname, timeout: 20_000 };
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], options);
});

test("who sends too little, too slowly, is cut off", async () => {
  await promisify(execFile)(process.execPath, ["patience.mjs"], { cwd: import.meta.dirname, timeout: 60_000 });
});

const isWasm = (process.env.SHARDBROOK_PACKAGE ?? "shardbrook") === "shardbrook";
test("without ports, listen says so", { skip: !isWasm && "it has no other entry point" }, async () => {
  const program = `
    import { readFileSync } from "node:fs";
    import { createEngineSync, initSyncFrom } from "shardbrook/slim";
    initSyncFrom(readFileSync(new URL(import.meta.resolve("shardbrook/shardbrook.wasm"))));
    await createEngineSync().listen().catch(({ code }) => console.log(code));`;
  const options = { cwd: import.meta.dirname, timeout: 20_000 };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], options);
  assert.equal(stdout, "NotSupportedError\n");
});
