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

/** The outstanding requests of an engine, by their ids. */
export class Exchanges {
  readonly #pending = new Map<number, Waiting>();
  readonly #streams = new Map<number, ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>>();

  /** Whether someone waits for an answer. */
  get isAwaited(): boolean {
    return this.#pending.size > 0;
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

  /** The head of a streamed answer, whose body grows with the frames. */
  stream(head: RawAnswer, onDisconnect: (id: number) => void): Answer {
    const id = head.id!;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => void this.#streams.set(id, controller),
      cancel: () => {
        if (this.#streams.delete(id)) onDisconnect(id);
      },
    });
    return { ...readAnswer(head), body };
  }

  /** Takes an output that is about an exchange. */
  take(output: RawAnswer): void {
    const id = output.id!;
    switch (output.kind) {
      case "response":
        this.#take(id)?.resolve(readAnswer(output));
        break;
      case "frame":
        this.#streams.get(id)?.enqueue(output.body!);
        break;
      case "end":
        this.#streams.get(id)?.close();
        this.#streams.delete(id);
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
    this.#streams.get(id)?.error(error);
    this.#streams.delete(id);
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
