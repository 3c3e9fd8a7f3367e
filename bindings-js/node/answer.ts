/** From a request over HTTP to the engine, and back. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { EngineHost, HttpRequest } from "./engine.js";
import type { Answer } from "./exchanges.js";
import * as limits from "./limits.js";
import { mayAsk } from "./origins.js";

export type Request = IncomingMessage | Http2ServerRequest;
export type Response = ServerResponse | Http2ServerResponse;

const { setTimeout, clearTimeout } = globalThis;

/** So much of an answer is given to a connection at a time. */
const PIECE_BYTES = 64 << 10;

/** Why a request is refused that the engine does not see. */
interface Refusal {
  status: number;
  code: string;
  message: string;
}

const TOO_LARGE: Refusal = {
  status: 413,
  code: "RequestEntityTooLargeException",
  message: `Request bodies have at most ${limits.BODY_BYTES} bytes.`,
};
const BUSY: Refusal = {
  status: 503,
  code: "ServiceUnavailableException",
  message: "Too many bytes of requests are under way.",
};
const TOO_MANY_HEADERS: Refusal = {
  status: 431,
  code: "SerializationException",
  message: `Requests have at most ${limits.HEADERS} headers.`,
};
const OTHER_PAGE: Refusal = {
  status: 400,
  code: "AccessDeniedException",
  message: "The page's origin is not among those that may ask: see the option origins.",
};

/** The connection is of no use any more: its client is gone, or does not go on. */
export class Broken extends Error {}

/** Answers requests, of all connections of a port. */
export class Responder {
  readonly #engine: EngineHost;
  readonly #origins: readonly string[];
  #bytesInFlight = 0;

  constructor(engine: EngineHost, origins: readonly string[]) {
    this.#engine = engine;
    this.#origins = origins;
  }

  /** Answers a request; rejects if the connection is to be dropped. */
  async answer(request: Request, response: Response): Promise<void> {
    const unread = refusalOf(request, this.#origins);
    if (unread !== undefined) return refuse(request, response, unread);
    const pieces: Buffer[] = [];
    try {
      const refusal = await this.#read(request, pieces);
      if (refusal !== undefined) return await refuse(request, response, refusal);
      const gone = new AbortController();
      response.once("close", () => gone.abort());
      await send(response, await this.#engine.exchange(httpRequest(request, Buffer.concat(pieces)), gone.signal));
    } finally {
      for (const piece of pieces) this.#bytesInFlight -= piece.length;
    }
  }

  /** Reads a body into `pieces`; gives why it is refused, if it is. */
  async #read(request: Request, pieces: Buffer[]): Promise<Refusal | undefined> {
    if (Number(request.headers["content-length"]) > limits.BODY_BYTES) return TOO_LARGE;
    const started = performance.now();
    let length = 0;
    let late: NodeJS.Timeout | undefined;
    const wait = () => {
      clearTimeout(late);
      const end = started + limits.BODY_GRACE_MS + length / limits.SLOWEST_BODY_BYTES_PER_MS;
      late = setTimeout(() => request.destroy(new Broken("the body comes too slowly")), end - performance.now());
    };
    try {
      wait();
      for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        length += piece.length;
        if (length > limits.BODY_BYTES) return TOO_LARGE;
        if (this.#bytesInFlight + piece.length > limits.BYTES_IN_FLIGHT) return BUSY;
        this.#bytesInFlight += piece.length;
        pieces.push(piece);
        wait();
      }
      return undefined;
    } finally {
      clearTimeout(late);
    }
  }
}

/** Why a request is not even read, if it is not. */
function refusalOf(request: Request, origins: readonly string[]): Refusal | undefined {
  const { origin, "content-encoding": encoding = "identity" } = request.headers;
  if (origin !== undefined && !mayAsk(origin, origins)) return OTHER_PAGE;
  if (request.rawHeaders.length > 2 * limits.HEADERS) return TOO_MANY_HEADERS;
  if (encoding === "" || encoding === "identity") return undefined;
  const message = `Bodies with the content encoding ${JSON.stringify(encoding)} are not read: send them as they are.`;
  return { status: 400, code: "SerializationException", message };
}

function httpRequest(request: Request, body: Buffer): HttpRequest {
  const lines: string[] = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i]!;
    // Those of HTTP/2 that are none begin with a colon.
    if (!name.startsWith(":")) lines.push(name, readText(request.rawHeaders[i + 1]!));
  }
  return { method: request.method!, path: request.url!, headers: lines.join("\n"), body };
}

/** Node.js reads bytes beyond ASCII as Latin-1; AWS's clients send UTF-8. */
function readText(value: string): string {
  return Buffer.from(value, "latin1").toString();
}

/** Answers with an error, after so much of the body that its sender gets to read the answer. */
async function refuse(request: Request, response: Response, refusal: Refusal): Promise<void> {
  await discard(request);
  const { status, code, message } = refusal;
  const headers = { "content-type": "application/x-amz-json-1.1", ...(isHttp1(request) ? { connection: "close" } : {}) };
  response.writeHead(status, headers);
  response.end(JSON.stringify({ __type: code, message }));
}

/** Takes what still comes of a body, for a while and as long as it is not too much. */
function discard(request: Request): Promise<void> {
  return new Promise((resolve) => {
    let left = limits.BODY_BYTES;
    const enough = setTimeout(resolve, limits.DISCARD_MS);
    const end = () => {
      clearTimeout(enough);
      resolve();
    };
    request.on("data", (piece: Buffer) => (left -= piece.length) < 0 && end());
    request.once("end", end);
    request.once("close", end);
  });
}

/** Whether a request came over HTTP/1.1, where its answer may say that the connection ends. */
function isHttp1(request: Request): request is IncomingMessage {
  return request.httpVersionMajor === 1;
}

async function send(response: Response, { status, headers, body }: Answer): Promise<void> {
  // Either kind of response has the same methods, which TypeScript does not call for both at a time.
  const out = response as ServerResponse;
  if (body instanceof Uint8Array) {
    out.writeHead(status, { ...headers, "content-length": body.length });
    for (let sent = 0; sent < body.length; sent += PIECE_BYTES) {
      await write(out, body.subarray(sent, sent + PIECE_BYTES));
    }
  } else {
    out.writeHead(status, headers);
    out.flushHeaders();
    for await (const frame of body) await write(out, frame);
  }
  out.end();
}

/** Gives bytes to a connection, and waits until it can take more. */
function write(out: ServerResponse, bytes: Uint8Array): Promise<void> | undefined {
  if (out.write(bytes)) return undefined;
  return new Promise((resolve, reject) => {
    const end = (act: () => void) => () => {
      clearTimeout(stalled);
      out.off("drain", onDrain);
      out.off("close", onClose);
      act();
    };
    const onDrain = end(resolve);
    const onClose = end(() => reject(new Broken("the client is gone")));
    const stalled = setTimeout(end(() => reject(new Broken("the client takes nothing"))), limits.WRITE_STALL_MS);
    out.once("drain", onDrain);
    out.once("close", onClose);
  });
}
