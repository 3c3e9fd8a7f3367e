/** Reading a stream in order. */
import { nextTask } from "./clock.js";
import { unpackBytes, unpackTexts } from "./columns.js";
import type { EngineHost } from "./engine.js";
import { BadMemberError } from "./errors.js";
import type { RawColumns, RawReader } from "./raw.js";
import type { ReadRecord, RecordSequence } from "./types.js";

/** The records of a stream. */
export function readRecords(host: EngineHost, stream: string): RecordSequence {
  return {
    [Symbol.iterator]: () => new RecordIterator(new Batches(host, stream)),
    [Symbol.asyncIterator]: () => new AsyncRecordIterator(new Batches(host, stream)),
  };
}

type Item = ReadRecord | BadMemberError;

/** Where in a stream an iteration is. The end is the end, even if more records come later. */
class Batches {
  readonly #host: EngineHost;
  readonly #stream: string;
  #reader: RawReader | undefined;
  #items: Item[] = [];
  #next = 0;
  #isOver = false;

  constructor(host: EngineHost, stream: string) {
    this.#host = host;
    this.#stream = stream;
  }

  /** Whether the next item has to be read from the engine. */
  get isAtBorder(): boolean {
    return this.#next === this.#items.length;
  }

  next(): IteratorResult<ReadRecord, undefined> {
    if (this.isAtBorder && !this.#isOver) this.#read();
    if (this.isAtBorder) return { done: true, value: undefined };
    const item = this.#items[this.#next++]!;
    if (item instanceof BadMemberError) throw item;
    return { done: false, value: item };
  }

  #read(): void {
    const reader = (this.#reader ??= this.#host.read((raw, now) => raw.records(now, this.#stream)));
    this.#items = readBatch(this.#host.read((raw, now) => raw.nextBatch(now, reader)));
    this.#next = 0;
    if (this.#items.length === 0) this.end();
  }

  end(): void {
    this.#isOver = true;
    this.#items = [];
    this.#next = 0;
    this.#reader?.free?.();
    this.#reader = undefined;
  }
}

class RecordIterator implements IterableIterator<ReadRecord, undefined> {
  readonly #batches: Batches;

  constructor(batches: Batches) {
    this.#batches = batches;
  }

  next(): IteratorResult<ReadRecord, undefined> {
    return this.#batches.next();
  }

  return(): IteratorResult<ReadRecord, undefined> {
    this.#batches.end();
    return { done: true, value: undefined };
  }

  [Symbol.iterator](): this {
    return this;
  }
}

class AsyncRecordIterator implements AsyncIterableIterator<ReadRecord, undefined> {
  readonly #batches: Batches;

  constructor(batches: Batches) {
    this.#batches = batches;
  }

  async next(): Promise<IteratorResult<ReadRecord, undefined>> {
    // Others come to their turn between two batches.
    if (this.#batches.isAtBorder) await nextTask();
    return this.#batches.next();
  }

  async return(): Promise<IteratorResult<ReadRecord, undefined>> {
    this.#batches.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function readBatch(batch: RawColumns): Item[] {
  const texts = unpackTexts(batch.text, batch.textEnds);
  return unpackBytes(batch.data, batch.dataEnds).map((data, i) => {
    const [shardId, sequenceNumber, partitionKey, explicitHashKey, message] = texts.slice(
      5 * i,
      5 * i + 5,
    ) as FiveTexts;
    const subSequenceNumber = batch.numbers[2 * i + 1]!;
    if (message !== "") return new BadMemberError(message, [], [{ subSequenceNumber, message }]);
    const approximateArrivalTimestamp = new Date(batch.numbers[2 * i]!);
    const record = { shardId, sequenceNumber, subSequenceNumber, approximateArrivalTimestamp, data };
    return {
      ...record,
      ...(partitionKey === "" ? {} : { partitionKey }),
      ...(explicitHashKey === "" ? {} : { explicitHashKey }),
    };
  });
}

type FiveTexts = [string, string, string, string, string];
