/** Requests without an SDK. */
import type { HttpRequest } from "./engine.js";
import { invalid, text } from "./errors.js";
import type { RequestOptions } from "./types.js";

/** Who asks unless the caller says otherwise. */
export interface RequestDefaults {
  account: string;
  region: string;
}

const encoder = new TextEncoder();

/** The request that an AWS client would send; its signature is a placeholder, for the engine checks none. */
export function buildRequest(
  target: string,
  body: unknown,
  options: RequestOptions,
  defaults: RequestDefaults,
  now: number,
): HttpRequest {
  text(target, "target");
  const { contentType = "application/x-amz-json-1.1", method = "POST", path = "/" } = options;
  const { accessKeyId = defaults.account, region = defaults.region } = options;
  const date = new Date(now).toISOString().replace(/[-:]|\.\d+/g, "");
  const service = target.startsWith("Firehose_") ? "firehose" : "kinesis";
  const scope = `${accessKeyId}/${date.slice(0, 8)}/${region}/${service}/aws4_request`;
  const headers: Record<string, string | null> = {
    "content-type": contentType,
    "x-amz-target": target,
    "x-amz-date": date,
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
    ...options.headers,
  };
  return { method, path, headers: flatten(headers), body: readBody(body) };
}

/** Names and values by turns, a line each, without those that are `null`. */
export function flatten(headers: Record<string, string | null>): string {
  const lines: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (value === null || value === undefined) continue;
    if (/[\r\n]/.test(`${name}${value}`)) throw invalid(`the header ${JSON.stringify(name)} has a line break`);
    lines.push(name, String(value));
  }
  return lines.join("\n");
}

function readBody(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  if (typeof body === "string") return encoder.encode(body);
  if (typeof body === "object" && body !== null) return encoder.encode(JSON.stringify(body));
  throw invalid(`body must be a Uint8Array, a string or an object, not ${typeof body}`);
}
