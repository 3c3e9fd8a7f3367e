// Makes the calls of scenarios through the AWS SDK. Blobs and timestamps are what they are on the wire on one side,
// bytes and dates on the other.
import * as kinesisSdk from "@aws-sdk/client-kinesis";
import * as firehoseSdk from "@aws-sdk/client-firehose";
import { fromBase64, toBase64 } from "./runner.mjs";

const BLOBS = new Set(["Data"]);
const TIMESTAMPS = new Set(["Timestamp", "StreamCreationTimestamp"]);

/** Makes calls by clients of the SDK in process. */
export function inProcess(engine) {
  // The SDK derives an endpoint from ARNs, and refuses bad ones by itself, unless it is given one.
  return sdkCalls((who) => ({ ...engine.clientConfig(who), endpoint: "https://localhost", maxAttempts: 1 }));
}

/** Makes calls by clients of the SDK; `configOf` gives the configuration of one for a `region` and an `accountId`. */
export function sdkCalls(configOf) {
  const clients = new Map();
  const client = (Client, region, accountId) => {
    const name = `${Client.name} ${region} ${accountId}`;
    if (!clients.has(name)) clients.set(name, new Client({ region, ...configOf({ region, accountId }) }));
    return clients.get(name);
  };
  return async ({ call, region = "us-east-1", access_key_id: accountId = "test" }, input) => {
    const isFirehose = call.startsWith("Firehose.");
    const sdk = isFirehose ? firehoseSdk : kinesisSdk;
    const Client = isFirehose ? sdk.FirehoseClient : sdk.KinesisClient;
    const Command = sdk[`${call.replace("Firehose.", "")}Command`];
    try {
      const { $metadata, ...output } = await client(Client, region, accountId).send(new Command(toSdk(input)));
      const body = output.EventStream === undefined ? fromSdk(output) : eventsFromSdk(output.EventStream);
      return { status: $metadata.httpStatusCode ?? 200, body };
    } catch (error) {
      const status = error.$metadata?.httpStatusCode;
      if (status === undefined) throw error;
      return { status, body: { __type: error.name, message: error.message } };
    }
  };
}

function toSdk(value, name) {
  if (BLOBS.has(name)) return fromBase64(value);
  if (TIMESTAMPS.has(name)) return new Date(value * 1000);
  if (Array.isArray(value)) return value.map((item) => toSdk(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([member, inner]) => [member, toSdk(inner, member)]));
}

async function* eventsFromSdk(events) {
  for await (const event of events) yield fromSdk(event);
}

function fromSdk(value) {
  if (value instanceof Uint8Array) return toBase64(value);
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(fromSdk);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(members.map(([member, inner]) => [member, fromSdk(inner)]));
}
