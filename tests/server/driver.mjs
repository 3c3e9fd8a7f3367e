// Makes the calls of scenarios through the AWS SDK for JavaScript: with its own handler, which speaks HTTP/2 with Kinesis, or
// with that for HTTP/1.1. Reads commands as lines of JSON and answers likewise; see clients.py. Where the server is stands in
// the environment.
import { createInterface } from "node:readline";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { sdkCalls } from "../node/vectors/sdk.mjs";

const requestHandler = process.argv[2] === "http1" ? { requestHandler: new NodeHttpHandler() } : {};
const configOf = ({ accountId }) => {
  const credentials = { accessKeyId: accountId, secretAccessKey: "test" };
  return { credentials, maxAttempts: 1, ...requestHandler };
};
const call = sdkCalls(configOf);
const streams = new Map();

async function run(command) {
  if (command.events !== undefined) return { events: await take(streams.get(command.events), command.count) };
  const { status, body } = await call({ ...command, access_key_id: command.account }, command.in);
  if (command.as === undefined || status !== 200) return { status, body };
  streams.set(command.as, body[Symbol.asyncIterator]());
  return { status, body: {} };
}

async function take(stream, count) {
  const events = [];
  while (events.length < count) {
    try {
      const { value, done } = await stream.next();
      events.push(done ? "end" : value);
    } catch (error) {
      // An SDK throws the error that ends a stream.
      events.push({ [error.name]: { message: error.message } });
    }
  }
  return events;
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = await run(JSON.parse(line));
  } catch (error) {
    // What comes from a socket has a code; all else is the SDK's own opinion.
    answer = error.code === undefined ? { unsendable: String(error) } : { failed: String(error) };
  }
  console.log(JSON.stringify(answer));
}
process.exit();
