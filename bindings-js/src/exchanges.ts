/** Requests whose answer comes later, or in pieces. */
import type { RawAnswer } from "./raw.js";

/** An answer for a client. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;
}

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** What a streamed answer needs of its engine. */
export interface StreamDriver {
  /** Lets frames come, and hands out those that are there. */
  resume(id: number): void;
  /** Lets frames wait in the engine. */
  pause(id: number): void;
  disconnect(id: number): void;
}

type Controller = ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;

/** A streamed answer whose end was not read yet. */
interface Streaming {
  /** Who never reads on need not be kept: the body is then collected, and the engine told. */
  controller: WeakRef<Controller>;
  /** The same, while someone waits for the next frame. */
  reading: Controller | undefined;
  end(): void;
}

/** The outstanding requests of an engine, by their ids. */
export class Exchanges {
  readonly #pending = new Map<number, Waiting>();
  readonly #streams = new Map<number, Streaming>();
  readonly #abandoned = new FinalizationRegistry<() => void>((leave) => leave());

  /** Whether someone waits for a whole answer. */
  get isAwaited(): boolean {
    return this.#pending.size > 0;
  }

  /** Whether someone waits for an answer, or for the next piece of one. */
  get isOpen(): boolean {
    return this.#pending.size + this.#streams.size > 0;
  }

  /** The answer to a pending request. */
  wait(id: number, signal: AbortSignal | undefined, onDisconnect: (id: number) => void): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        if (this.#pending.delete(id)) onDisconnect(id);
        reject(abortError());
      };
      const end = () => signal?.removeEventListener("abort", onAbort);
      this.#pending.set(id, {
        resolve: (answer) => (end(), resolve(answer)),
        reject: (error) => (end(), reject(error)),
      });
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** The head of a streamed answer, whose body gives a frame for each read. */
  stream(head: RawAnswer, signal: AbortSignal | undefined, driver: StreamDriver): Answer {
    const id = head.id!;
    driver.pause(id);
    const leave = () => {
      if (!this.#streams.has(id)) return;
      this.#forget(id);
      driver.disconnect(id);
    };
    const source: UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> = {
      start: (controller) => {
        const reference = new WeakRef(controller);
        const onAbort = () => {
          leave();
          reference.deref()?.error(abortError());
        };
        signal?.addEventListener("abort", onAbort, { once: true });
        const end = () => signal?.removeEventListener("abort", onAbort);
        this.#streams.set(id, { controller: reference, reading: undefined, end });
      },
      pull: (controller) => {
        const stream = this.#streams.get(id);
        if (stream === undefined) return;
        stream.reading = controller;
        driver.resume(id);
      },
      cancel: leave,
    };
    // Nothing is read ahead: what nobody waits for stays in the engine, which knows when it is too much.
    const body = new ReadableStream(source, { highWaterMark: 0 });
    this.#abandoned.register(body, leave);
    return { ...readAnswer(head), body };
  }

  /** Takes an output that is about an exchange. */
  take(output: RawAnswer, pause: (id: number) => void): void {
    const id = output.id!;
    switch (output.kind) {
      case "response":
        this.#take(id)?.resolve(readAnswer(output));
        break;
      case "frame": {
        const stream = this.#streams.get(id);
        const reading = stream?.reading;
        if (stream === undefined || reading === undefined) break;
        stream.reading = undefined;
        pause(id);
        reading.enqueue(output.body!);
        break;
      }
      case "end":
        this.#forget(id)?.close();
        break;
      case "reset":
        this.#fail(id, connectionReset());
        break;
    }
  }

  /** Fails everything that is outstanding. */
  failAll(error: Error): void {
    for (const id of [...this.#pending.keys(), ...this.#streams.keys()]) this.#fail(id, error);
  }

  #fail(id: number, error: Error): void {
    this.#take(id)?.reject(error);
    this.#forget(id)?.error(error);
  }

  /** Ends a streamed answer; gives who is to be told, if there was one and its body is still there. */
  #forget(id: number): Controller | undefined {
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    stream?.end();
    return stream?.reading ?? stream?.controller.deref();
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#pending.get(id);
    this.#pending.delete(id);
    return waiting;
  }
}

/** An answer as a raw module gives it. */
export function readAnswer(raw: RawAnswer): Answer & { body: Uint8Array<ArrayBuffer> } {
  const headers: Record<string, string> = {};
  const lines = raw.headers.split("\n");
  for (let i = 0; i + 1 < lines.length; i += 2) headers[lines[i]!.toLowerCase()] = lines[i + 1]!;
  return { status: raw.status!, headers, body: raw.body ?? new Uint8Array() };
}

/** What the SDK's own handlers reject with when a request is aborted. */
export function abortError(): Error {
  return Object.assign(new Error("Request aborted"), { name: "AbortError" });
}

/** What a client sees when its connection is dropped; SDKs retry it. */
function connectionReset(): Error {
  return Object.assign(new Error("the connection was reset"), { code: "ECONNRESET" });
}
