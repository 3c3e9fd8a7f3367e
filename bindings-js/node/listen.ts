/** A port behind which an engine answers: HTTP/1.1, HTTP/2 without TLS, and both over TLS, told apart by their first bytes. */
import { type Server as HttpServer, createServer as createHttpServer } from "node:http";
import {
  type Http2Server,
  type ServerHttp2Session,
  createSecureServer,
  createServer as createHttp2Server,
} from "node:http2";
import { type AddressInfo, type Server, type Socket, createServer } from "node:net";
import { type Request, type Response, Responder } from "./answer.js";
import type { EngineHost } from "./engine.js";
import { invalid } from "./errors.js";
import * as limits from "./limits.js";
import { setOpenPort } from "./ports.js";
import type { ListenOptions, Listener } from "./types.js";

/** The timers of the machine, also where a test has put fake ones in their place since. */
const { setTimeout, clearTimeout } = globalThis;

/** How connections over HTTP/2 begin, as far as no method of HTTP/1.1 does. */
const HTTP2_PREFACE = Buffer.from("PRI");
/** How connections over TLS begin: a record with a handshake. */
const TLS_HANDSHAKE = 0x16;
/** A fatal alert: handshake failure. */
const TLS_REFUSAL = Buffer.from([0x15, 3, 3, 0, 2, 2, 40]);

setOpenPort(async (engine, options) => {
  const port = new Port(engine, options);
  await port.open();
  return port;
});

class Port implements Listener {
  readonly host: string;
  /** The one that was asked for, until it listens. */
  #port: number;
  readonly #sockets: Server;
  readonly #http: HttpServer;
  readonly #http2: Http2Server;
  readonly #tls: Http2Server | undefined;
  readonly #responder: Responder;
  /** By the other end. */
  readonly #connections = new Map<string, Connection>();

  constructor(engine: EngineHost, options: ListenOptions) {
    const { port = 0, host = "127.0.0.1", cert, key, origins = [] } = options;
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw invalid(`port must be 0 to 65535, not ${port}`);
    if (typeof host !== "string" || host === "") throw invalid("host must be an address or a name");
    if ((cert === undefined) !== (key === undefined)) throw invalid("cert and key go together");
    this.host = host;
    this.#port = port;
    this.#responder = new Responder(engine, origins);
    const onRequest = (request: Request, response: Response) => this.#answer(request, response);
    const h2 = {
      settings: {
        maxConcurrentStreams: limits.H2_STREAMS,
        maxHeaderListSize: limits.HEADER_BYTES,
        initialWindowSize: limits.H2_STREAM_WINDOW_BYTES,
      },
    };
    const onSession = (session: ServerHttp2Session) => session.setLocalWindowSize(limits.H2_CONNECTION_WINDOW_BYTES);
    // Connections are given up by this module's own rules, the same for all protocols.
    const h1 = { maxHeaderSize: limits.HEADER_BYTES, keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 };
    this.#http = createHttpServer(h1, onRequest);
    this.#http2 = createHttp2Server(h2, onRequest).on("session", onSession);
    if (cert !== undefined && key !== undefined) {
      const own = (file: string | Uint8Array) => (typeof file === "string" ? file : Buffer.from(file));
      const tls = { ...h2, ...h1, cert: own(cert), key: own(key), allowHTTP1: true };
      this.#tls = createSecureServer(tls, onRequest).on("session", onSession);
    }
    const keepAlive = { keepAlive: true, keepAliveInitialDelay: limits.KEEP_ALIVE_MS };
    this.#sockets = createServer({ allowHalfOpen: true, noDelay: true, ...keepAlive }, (socket) => this.#accept(socket));
    this.#sockets.maxConnections = limits.CONNECTIONS;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    const host = this.host.includes(":") ? `[${this.host}]` : this.host;
    return `${this.#tls === undefined ? "http" : "https"}://${host}:${this.port}`;
  }

  /** Takes the port. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#sockets.once("error", reject);
      this.#sockets.listen(this.#port, this.host, () => {
        this.#port = (this.#sockets.address() as AddressInfo).port;
        this.#sockets.off("error", reject);
        // What fails while it listens concerns one connection that was not to be had.
        this.#sockets.on("error", () => {});
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#sockets.close(() => resolve()));
    for (const connection of this.#connections.values()) connection.drop();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  unref(): this {
    this.#sockets.unref();
    return this;
  }

  #accept(socket: Socket): void {
    const name = nameOf(socket);
    const connection = new Connection(socket);
    this.#connections.set(name, connection);
    socket.on("close", () => {
      connection.drop();
      this.#connections.delete(name);
    });
    // What a client does to its connection is its own business.
    socket.on("error", () => {});
    this.#sniff(socket);
  }

  /** Reads so much that it is known who goes on. */
  #sniff(socket: Socket): void {
    let seen = Buffer.alloc(0);
    const onReadable = () => {
      const piece = socket.read() as Buffer | null;
      if (piece === null) return;
      seen = Buffer.concat([seen, piece]);
      const start = seen.subarray(0, HTTP2_PREFACE.length);
      const isUndecided = start.length < HTTP2_PREFACE.length && HTTP2_PREFACE.indexOf(start) === 0;
      if (isUndecided) return;
      socket.off("readable", onReadable);
      socket.off("end", onEnd);
      if (start[0] === TLS_HANDSHAKE && this.#tls === undefined) {
        socket.end(TLS_REFUSAL, () => socket.destroy());
        return;
      }
      socket.unshift(seen);
      const server = start[0] === TLS_HANDSHAKE ? this.#tls! : start.equals(HTTP2_PREFACE) ? this.#http2 : this.#http;
      server.emit("connection", socket);
    };
    const onEnd = () => socket.destroy();
    socket.on("readable", onReadable);
    socket.on("end", onEnd);
  }

  #answer(request: Request, response: Response): void {
    const connection = this.#connections.get(nameOf(request.socket));
    // It was closed while the request was read.
    if (connection === undefined) return;
    let isOpen = true;
    connection.begin();
    response.once("close", () => {
      isOpen = false;
      connection.end();
    });
    // It is not to be answered: a fault drops its connection, the engine is closed, or the client has broken a rule. A
    // client that takes a request back may have others on the same connection.
    this.#responder.answer(request, response).catch(() => isOpen && connection.drop());
  }
}

/** A connection, which is closed when it has no request under way for too long. */
class Connection {
  readonly #socket: Socket;
  #requests = 0;
  #timer: NodeJS.Timeout;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#timer = this.#dropAfter(limits.FIRST_REQUEST_MS);
  }

  begin(): void {
    this.#requests += 1;
    clearTimeout(this.#timer);
  }

  end(): void {
    this.#requests -= 1;
    if (this.#requests === 0 && !this.#socket.destroyed) this.#timer = this.#dropAfter(limits.IDLE_MS);
  }

  drop(): void {
    clearTimeout(this.#timer);
    this.#socket.destroy();
  }

  #dropAfter(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.drop(), ms).unref();
  }
}

/** What tells a connection of a port from the others: its other end. */
function nameOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
