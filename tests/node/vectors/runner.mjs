// Runs scenarios, which tests/README.md describes, on an engine. Nothing here needs Node.js: the browser runs it, too.
import { compare, expand } from "./matcher.mjs";

const decoder = new TextDecoder();

/**
 * Runs one scenario; throws if an answer is not the expected one.
 *
 * @param shardbrook the package
 * @param connect gives, for an engine, the function that makes a call, or a promise of it: `(step, input) => { status, body }`, where the
 *   body of a streamed answer is an iterable of events
 */
export async function runScenario(scenario, shardbrook, connect = rawCalls) {
  const realNow = Date.now;
  let now = scenario.steps[0].at ?? 0;
  // Scenarios let time run backwards, which a manual clock cannot do: the host's clock can.
  Date.now = () => now;
  const engine = await shardbrook.createEngine({ clock: "system", ...scenario.options });
  const call = await connect(engine);
  const bindings = new Map();
  const streams = new Map();
  try {
    for (const [i, step] of scenario.steps.entries()) {
      now = step.at ?? now + (step.advance_ms ?? 0);
      const running = runStep(engine, call, step, bindings, streams);
      if (step.waits_ms !== undefined) {
        // The request is under way; time passes, and whoever looks at the engine makes it do what is due.
        await new Promise((resolve) => setTimeout(resolve, 1));
        now += step.waits_ms;
        engine.objects.list("none");
      }
      const problems = await running;
      if (problems.length > 0) throw new Error(`step ${i + 1} (${step.call ?? "wire"}): ${problems.join("\n")}`);
    }
  } finally {
    engine.close();
    Date.now = realNow;
  }
}

/** Runs scenarios but for the skipped ones, and says what went wrong. `skips` gives, by name, the reason. */
export async function runAll(scenarios, skips, shardbrook, connect) {
  const failures = [];
  for (const [name, reason] of Object.entries(skips)) {
    if (!/\s/.test(reason.trim())) failures.push(`${name}: the skip does not say why`);
    if (!scenarios.some((scenario) => scenario.name === name)) failures.push(`${name}: the skip names no scenario`);
  }
  for (const scenario of scenarios) {
    const isSkipped = scenario.name in skips;
    try {
      await runScenario(scenario, shardbrook, connect);
      if (isSkipped) failures.push(`${scenario.name}: it is skipped, but it passes`);
    } catch (error) {
      if (!isSkipped) failures.push(`${scenario.name}: ${error.message}`);
    }
  }
  return failures;
}

/** Skips for all scenarios that call one of these operations, each of which comes with a reason. */
export function skipsOf(scenarios, operations) {
  const reason = ({ steps }) => steps.map(({ call }) => operations[call]).find((text) => text !== undefined);
  const skipped = scenarios.filter((scenario) => reason(scenario) !== undefined);
  return Object.fromEntries(skipped.map((scenario) => [scenario.name, reason(scenario)]));
}

async function runStep(engine, call, step, bindings, streams) {
  if (step.events !== undefined) return compare(step.out, await takeEvents(engine, streams.get(step.events)), bindings);
  if (step.objects !== undefined) return compare(step.out, await listObjects(engine, step.objects), bindings);
  if (step.fault !== undefined) engine.faults.add(step.fault);
  if (step.call === undefined && step.wire === undefined) return [];
  const answer =
    step.wire === undefined ? await call(step, expand(step.in, bindings)) : await sendWire(engine, step.wire);
  if (step.as !== undefined) {
    if (answer.status !== 200) return [`a streamed answer expected, found ${JSON.stringify(answer)}`];
    const events = [];
    streams.set(step.as, events);
    void collect(answer.body, events);
    return [];
  }
  const isSuccess = step.out !== undefined || step.out_hex !== undefined;
  const status = step.status ?? (isSuccess ? 200 : undefined);
  const problems = status === undefined ? [] : compare(status, answer.status, bindings, "status");
  if (step.out_hex !== undefined) return [...problems, ...compare(step.out_hex, toHex(answer.bytes), bindings)];
  if (step.out !== undefined) return [...problems, ...compare(step.out, answer.body, bindings)];
  if (step.error === undefined) return problems;
  const { code, message } = step.error;
  const isError = answer.status >= 400 ? [] : [`an error expected, found ${JSON.stringify(answer.body)}`];
  const found = answer.body.__type?.split("#").at(-1);
  const text = answer.body.message ?? answer.body.Message;
  const messageProblems = message === undefined ? [] : compare(message, text, bindings, "message");
  return [...problems, ...isError, ...compare(code, found, bindings, "error code"), ...messageProblems];
}

/** Makes calls by requests of the engine. */
export function rawCalls(engine) {
  return async ({ call, as, region = "us-east-1", access_key_id: accessKeyId = "test" }, input) => {
    if (as === undefined) {
      return readAnswer(await engine.request(target(call), JSON.stringify(input), { region, accessKeyId }));
    }
    // `request` waits for the whole answer; the SDK's way does not.
    const credential = `${accessKeyId}/20130101/${region}/kinesis/aws4_request`;
    const headers = {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": target(call),
      "x-amz-date": "20130101T000000Z",
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=${"0".repeat(64)}`,
    };
    const request = { method: "POST", path: "/", headers, body: JSON.stringify(input) };
    const { response } = await engine.clientConfig().requestHandler.handle(request);
    if (response.body instanceof Uint8Array) return readAnswer({ status: response.statusCode, body: response.body });
    return { status: response.statusCode, body: readFrames(response.body) };
  };
}

/** The events in frames of `application/vnd.amazon.eventstream`, which come one at a time. */
async function* readFrames(body) {
  let isFirst = true;
  const reader = body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const [kind, payload] = readFrame(next.value);
    if (isFirst !== (kind === "initial-response")) throw new Error(`${kind} is the wrong frame here`);
    if (!isFirst) yield { [kind]: payload };
    isFirst = false;
  }
}

function readFrame(frame) {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const payload = 12 + view.getUint32(4);
  const text = (from, to) => decoder.decode(frame.subarray(from, to));
  let kind;
  for (let at = 12; at < payload; ) {
    const value = at + 1 + view.getUint8(at) + 3;
    const end = value + view.getUint16(value - 2);
    const name = text(at + 1, value - 3);
    if (name === ":event-type" || name === ":exception-type") kind = text(value, end);
    at = end;
  }
  return [kind, JSON.parse(text(payload, frame.byteLength - 4))];
}

/** Takes events as they come, and notes the end. */
async function collect(source, events) {
  try {
    for await (const event of source) events.push(event);
  } catch (error) {
    // An SDK throws the error that ends a stream.
    if (error.name === "EngineClosedError") return;
    events.push({ [error.name]: { message: error.message } });
  }
  events.push("end");
}

/** What came since the last look. */
async function takeEvents(engine, events) {
  let before;
  do {
    before = events.length;
    await engine.settled();
  } while (events.length > before);
  return events.splice(0);
}

async function sendWire(engine, wire) {
  const { region = "us-east-1", access_key_id: accessKeyId = "test", method, path, content_type: contentType } = wire;
  const body = wire.body ?? fromHex(wire.body_hex ?? "");
  const options = { region, accessKeyId, method, path, contentType, headers: wire.headers };
  return readAnswer(await engine.request(wire.target ?? "", body, options));
}

function readAnswer({ status, body }) {
  const text = decoder.decode(body);
  if (text === "") return { status, body: {}, bytes: body };
  try {
    return { status, body: JSON.parse(text), bytes: body };
  } catch {
    return { status, body: text, bytes: body };
  }
}

async function listObjects(engine, { bucket, prefix }) {
  const objects = engine.objects.list(bucket, { prefix });
  return Promise.all(
    objects.map(async ({ key, size, contentEncoding, storageClass, kmsKeyId }) => {
      const { body } = engine.objects.get(bucket, key);
      const plain = contentEncoding === "gzip" ? await gunzip(body) : body;
      const text = decoder.decode(plain);
      const encoding = contentEncoding === undefined ? {} : { content_encoding: contentEncoding };
      const handling = { storage_class: storageClass === "STANDARD" ? undefined : storageClass, kms_key_id: kmsKeyId };
      return { key, size, body: toBase64(body), text, ...encoding, ...handling };
    }),
  );
}

async function gunzip(body) {
  const plain = new Blob([body]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(plain).arrayBuffer());
}

/** The `X-Amz-Target` of an operation. */
export function target(call) {
  const [service, operation] = call.startsWith("Firehose.")
    ? ["Firehose_20150804", call.slice("Firehose.".length)]
    : ["Kinesis_20131202", call];
  return `${service}.${operation}`;
}

export const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
export const fromBase64 = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
