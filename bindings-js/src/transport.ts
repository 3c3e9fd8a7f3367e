/** The AWS SDK's way to the engine: a request handler in place of sockets. */
import type { ManualClock } from "./clock.js";
import type { EngineHost, HttpRequest } from "./engine.js";
import { invalid } from "./errors.js";
import type { Answer } from "./exchanges.js";
import { flatten } from "./request.js";
import { ManualClockRetryStrategy } from "./retry.js";
import type {
  ClientConfig,
  ClientOptions,
  SdkHandlerOptions,
  SdkRequest,
  SdkRequestHandler,
  SdkResponse,
} from "./types.js";
import { isFromWaiter, isTransitional } from "./waiter.js";

const encoder = new TextEncoder();

/** The configuration of a client. */
export function clientConfig(host: EngineHost, options: ClientOptions): ClientConfig {
  const { region = host.defaults.region, accountId = host.defaults.account } = options;
  // The access key says which account it is, as with the emulators.
  const credentials = { accessKeyId: accountId, secretAccessKey: "shardbrook" };
  if (host.clock.kind === "system") return { region, credentials, requestHandler: new InProcessHandler(host) };
  const manual = { clock: host.clock, retryStrategy: new ManualClockRetryStrategy(host.clock) };
  const requestHandler = new InProcessHandler(host, manual);
  return { region, credentials, requestHandler, retryStrategy: manual.retryStrategy };
}

/** What a client under a manual clock needs. */
interface Manual {
  clock: ManualClock;
  retryStrategy: ManualClockRetryStrategy;
}

/** Hands a client's requests to the engine. */
class InProcessHandler implements SdkRequestHandler {
  readonly metadata = { handlerProtocol: "h2" };
  readonly #host: EngineHost;
  readonly #manual: Manual | undefined;

  constructor(host: EngineHost, manual?: Manual) {
    this.#host = host;
    this.#manual = manual;
  }

  async handle(request: SdkRequest, options?: SdkHandlerOptions): Promise<{ response: SdkResponse }> {
    const http = readRequest(request);
    const signal = options?.abortSignal as AbortSignal | undefined;
    const answer =
      this.#manual === undefined
        ? await this.#host.exchange(http, signal)
        : await this.#exchangeOnManualClock(this.#manual, request, http, options, signal);
    return { response: { statusCode: answer.status, headers: answer.headers, body: answer.body } };
  }

  /** Sees to it that nobody sleeps in real time for what the engine's clock will bring. */
  async #exchangeOnManualClock(
    { clock, retryStrategy }: Manual,
    request: SdkRequest,
    http: HttpRequest,
    options: SdkHandlerOptions | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const { "amz-sdk-request": attempt = "", "x-amz-target": target = "" } = request.headers;
    retryStrategy.maxAttempts = Number(/max=(\d+)/.exec(attempt)?.[1] ?? retryStrategy.maxAttempts);
    // Before anything is awaited: the call stack is a witness.
    const isPoll = target.includes(".Describe") && isFromWaiter(options);
    let answer = await this.#host.exchange(http, signal);
    while (isPoll && isTransitional(answer) && (await clock.advanceToNext())) {
      answer = await this.#host.exchange(http, signal);
    }
    return answer;
  }

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): Record<string, never> {
    return {};
  }

  destroy(): void {}
}

function readRequest(request: SdkRequest): HttpRequest {
  const { method, path, query = {}, headers } = request;
  const search = new URLSearchParams();
  for (const [name, values] of Object.entries(query)) {
    for (const value of [values ?? ""].flat()) search.append(name, value);
  }
  const suffix = search.size > 0 ? `?${search}` : "";
  return { method, path: path + suffix, headers: flatten(headers), body: readBody(request.body) };
}

/** The SDK's bodies are bytes that pretend to be a text, whose methods must not be called. */
function readBody(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  if (typeof body === "string") return encoder.encode(body);
  if (body === undefined || body === null) return new Uint8Array();
  throw invalid("the engine takes request bodies that are bytes or text");
}
