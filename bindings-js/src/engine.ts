/** The engine as users see it. */
import { ENGINE_PANICKED, asEngineError } from "./calls.js";
import { ManualClock, SystemClock, nextTask, readTime } from "./clock.js";
import { EngineError, invalid, text } from "./errors.js";
import { type Answer, Exchanges, type StreamDriver, abortError, readAnswer } from "./exchanges.js";
import { init, rawModule } from "./module.js";
import { listen } from "./ports.js";
import type { RawEngine, RawModule, RawObject } from "./raw.js";
import { readRecords } from "./records.js";
import { buildRequest, type RequestDefaults } from "./request.js";
import { Timer } from "./timer.js";
import { clientConfig } from "./transport.js";
import type {
  ClientConfig,
  ClientOptions,
  ClockKind,
  Engine,
  EngineOptions,
  EngineResponse,
  Fault,
  Faults,
  Listener,
  ListenOptions,
  Metric,
  ObjectStore,
  ObjectSummary,
  RecordSequence,
  RequestOptions,
  StoredObject,
} from "./types.js";
import { asWaiter } from "./waiter.js";

/** One request, ready for the raw engine. */
export interface HttpRequest {
  method: string;
  path: string;
  /** Names and values by turns, a line each. */
  headers: string;
  body: Uint8Array;
}

export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  await init();
  return createEngineSync(options);
}

export function createEngineSync(options: EngineOptions = {}): Engine {
  const { now, ...config } = readOptions(options);
  const { clock = "system" } = config;
  if (clock !== "system" && clock !== "manual")
    throw configError(`clock must be system or manual, not ${String(clock)}`);
  if (clock === "system" && now !== undefined) throw configError('now is for the clock "manual" only');
  if ("objectStore" in config) throw configError("objectStore: objects are kept by the engine");
  const start = clock === "system" ? new SystemClock().now() : now === undefined ? 0 : readTime(now, "now");
  return new EngineHost(rawEngine((module) => new module.RawEngine(JSON.stringify({ ...config, now: start }))));
}

export async function restoreEngine(snapshot: Uint8Array): Promise<Engine> {
  await init();
  return restoreEngineSync(snapshot);
}

export function restoreEngineSync(snapshot: Uint8Array): Engine {
  if (!(snapshot instanceof Uint8Array)) throw invalid("a snapshot is a Uint8Array");
  return new EngineHost(rawEngine((module) => module.RawEngine.restore(snapshot)));
}

function rawEngine(make: (module: RawModule) => RawEngine): RawEngine {
  const module = rawModule();
  try {
    return make(module);
  } catch (thrown) {
    throw asEngineError(thrown);
  }
}

/** A raw engine with its clock, and those who wait for its answers. */
export class EngineHost implements Engine {
  readonly clock: SystemClock | ManualClock;
  readonly objects: ObjectStore;
  readonly faults: Faults;
  readonly defaults: RequestDefaults;
  readonly #exchanges = new Exchanges();
  readonly #timer = new Timer(() => this.#wake());
  #raw: RawEngine | undefined;
  /** Why there is no raw engine. */
  #end = new EngineError("EngineClosedError", "the engine is closed");
  #idle: (() => void)[] = [];
  #listeners: Listener[] = [];

  constructor(raw: RawEngine) {
    const [clock, account, region] = raw.settings() as [ClockKind, string, string];
    const isAwaited = () => this.#exchanges.isOpen;
    this.clock =
      clock === "system"
        ? new SystemClock()
        : new ManualClock(raw.now(), { settle: (at) => this.#settle(at), isAwaited });
    this.defaults = { account, region };
    this.#raw = raw;
    this.objects = objectStore(this);
    this.faults = faults(this);
  }

  /** Calls the raw engine. */
  call<T>(call: (raw: RawEngine, now: number) => T): T {
    if (this.#raw === undefined) throw this.#end;
    try {
      return call(this.#raw, this.clock.now());
    } catch (thrown) {
      const error = asEngineError(thrown);
      if (error.code === ENGINE_PANICKED) this.#stop(error);
      throw error;
    }
  }

  /** Calls a getter of the raw engine, with all done that is due. */
  read<T>(call: (raw: RawEngine, now: number) => T): T {
    this.#settle(this.clock.now());
    return this.call(call);
  }

  /** Sends a request; the promise rejects if its connection breaks. */
  exchange(request: HttpRequest, signal?: AbortSignal): Promise<Answer> {
    if (signal?.aborted) return Promise.reject(abortError());
    const { method, path, headers, body } = request;
    const handled = this.call((raw, now) => raw.handleRequest(now, method, path, headers, body));
    const onDisconnect = (id: number) =>
      this.#quietly(() => {
        this.call((raw, now) => raw.handleDisconnect(now, id));
        this.#drain();
      });
    let answer: Promise<Answer>;
    switch (handled.kind) {
      case "pending":
        answer = this.#exchanges.wait(handled.id!, signal, onDisconnect);
        break;
      case "stream": {
        const driver: StreamDriver = {
          resume: (id) =>
            this.#quietly(() => {
              this.call((raw) => raw.resumeFrames(id));
              this.#settle(this.clock.now());
            }),
          pause: (id) => this.call((raw) => raw.pauseFrames(id)),
          disconnect: onDisconnect,
        };
        answer = Promise.resolve(this.#exchanges.stream(handled, signal, driver));
        break;
      }
      default:
        answer = Promise.resolve(readAnswer(handled));
    }
    this.#drain();
    return answer;
  }

  clientConfig(options: ClientOptions = {}): ClientConfig {
    this.call(() => undefined);
    return clientConfig(this, options);
  }

  waiter<Options extends { client: object }>(options: Options): Options {
    return asWaiter(options);
  }

  async request(
    target: string,
    body: Uint8Array | string | object = {},
    options: RequestOptions = {},
  ): Promise<EngineResponse> {
    const answer = await this.exchange(buildRequest(target, body, options, this.defaults, this.clock.now()));
    if (answer.body instanceof Uint8Array) return { ...answer, body: answer.body };
    return { ...answer, body: new Uint8Array(await new Response(answer.body).arrayBuffer()) };
  }

  async listen(options: ListenOptions = {}): Promise<Listener> {
    this.call(() => undefined);
    const listener = await listen(this, options);
    this.#listeners.push(listener);
    if (this.#raw === undefined) this.#stop(this.#end);
    return listener;
  }

  metrics(stream: string): Metric[] {
    text(stream, "stream");
    return JSON.parse(this.read((raw, now) => raw.metrics(now, stream))) as Metric[];
  }

  records(stream: string): RecordSequence {
    text(stream, "stream");
    this.call(() => undefined);
    return readRecords(this, stream);
  }

  async settled(): Promise<void> {
    this.#settle(this.clock.now());
    await nextTask();
    if (this.clock.kind === "system" && this.#exchanges.isAwaited) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
      await nextTask();
    }
  }

  snapshot(): Uint8Array<ArrayBuffer> {
    return this.read((raw, now) => raw.snapshot(now));
  }

  reset(): void {
    this.call((raw, now) => raw.reset(now));
    this.#drain();
  }

  close(): void {
    this.#stop(this.#end);
  }

  /** Does what is due at `now`; says when something is due next. */
  #settle(now: number): number | undefined {
    this.call((raw) => raw.handleTimeout(now));
    return this.#drain();
  }

  /** Hands out what the engine has to say, and sets the timer for what comes later. */
  #drain(): number | undefined {
    if (this.#raw === undefined) return undefined;
    let output = this.call((raw) => raw.pollOutput());
    while (output.kind !== "timeout") {
      if (output.kind !== "event") {
        this.#exchanges.take(output, (id) => this.call((raw) => raw.pauseFrames(id)));
      }
      output = this.call((raw) => raw.pollOutput());
    }
    const due = output.due ?? undefined;
    const { isAwaited } = this.#exchanges;
    if (!isAwaited) this.#idle.splice(0).forEach((resolve) => resolve());
    if (this.clock.kind === "system") {
      if (due !== undefined && this.call((raw) => raw.awaitsHost())) {
        this.#timer.set(due - this.clock.now(), isAwaited);
      } else {
        this.#timer.clear();
      }
    }
    return due;
  }

  #wake(): void {
    this.#quietly(() => this.#settle(this.clock.now()));
  }

  /** Does work that nobody has called for. If it fails, those who wait for answers have been told already. */
  #quietly(work: () => void): void {
    try {
      if (this.#raw !== undefined) work();
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
    }
  }

  #stop(error: EngineError): void {
    for (const listener of this.#listeners.splice(0)) void listener.close();
    const raw = this.#raw;
    if (raw === undefined) return;
    this.#raw = undefined;
    this.#end = error;
    this.#timer.clear();
    this.#exchanges.failAll(error);
    this.#idle.splice(0).forEach((resolve) => resolve());
    // What a panic leaves behind cannot even be freed.
    if (error.code !== ENGINE_PANICKED) raw.free?.();
  }
}

function readOptions(options: EngineOptions): EngineOptions {
  if (typeof options !== "object" || options === null) throw configError("options must be an object");
  return options;
}

function configError(message: string): EngineError {
  return new EngineError("ConfigError", message);
}

function objectStore(host: EngineHost): ObjectStore {
  return {
    buckets() {
      return host.read((raw) => raw.listBuckets());
    },
    list(bucket, { prefix = "" } = {}) {
      text(bucket, "bucket");
      text(prefix, "prefix");
      return host.read((raw) => raw.listObjects(bucket, prefix)).map(readSummary);
    },
    get(bucket, key) {
      text(bucket, "bucket");
      text(key, "key");
      const object = host.read((raw) => raw.getObject(bucket, key)) ?? undefined;
      return object && readObject(object);
    },
    clear() {
      host.read((raw) => raw.clearObjects());
    },
  };
}

function readSummary(raw: RawObject): ObjectSummary {
  const { key, size, lastModified, contentType, contentEncoding, storageClass, kmsKeyId } = raw;
  return {
    key,
    size,
    lastModified: new Date(lastModified),
    contentType,
    ...(contentEncoding ? { contentEncoding } : {}),
    storageClass,
    ...(kmsKeyId ? { kmsKeyId } : {}),
  };
}

function readObject(raw: RawObject): StoredObject {
  return { ...readSummary(raw), body: raw.body! };
}

function faults(host: EngineHost): Faults {
  return {
    add(fault: Fault) {
      if (typeof fault !== "object" || fault === null) throw invalid("a fault must be an object");
      host.read((raw) => raw.addFault(JSON.stringify(fault)));
    },
    clear() {
      host.read((raw) => raw.clearFaults());
    },
  };
}
