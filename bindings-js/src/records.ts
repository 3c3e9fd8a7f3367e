/** Reading a stream in order. */
import { nextTask } from "./clock.js";
import { unpackBytes, unpackTexts } from "./columns.js";
import type { EngineHost } from "./engine.js";
import { EngineError } from "./errors.js";
import { BAD_MEMBER } from "./functions.js";
import type { RawColumns } from "./raw.js";
import type { RecordSequence, StreamRecord } from "./types.js";

/** The records of a stream. */
export function readRecords(host: EngineHost, stream: string): RecordSequence {
  return {
    *[Symbol.iterator]() {
      for (const batch of batches(host, stream)) yield* batch;
    },
    async *[Symbol.asyncIterator]() {
      for (const batch of batches(host, stream)) {
        yield* batch;
        await nextTask();
      }
    },
  };
}

function* batches(host: EngineHost, stream: string): Generator<StreamRecord[]> {
  const reader = host.read((raw, now) => raw.records(now, stream));
  try {
    for (;;) {
      const batch = host.read((raw, now) => raw.nextBatch(now, reader));
      if (batch.dataEnds.length === 0) return;
      yield readBatch(batch);
    }
  } finally {
    reader.free?.();
  }
}

function readBatch(batch: RawColumns): StreamRecord[] {
  const texts = unpackTexts(batch.text, batch.textEnds);
  return unpackBytes(batch.data, batch.dataEnds).map((data, i) => {
    const [shardId, sequenceNumber, partitionKey, explicitHashKey, problem] = texts.slice(5 * i, 5 * i + 5) as [
      string,
      string,
      string,
      string,
      string,
    ];
    const subSequenceNumber = batch.numbers[2 * i + 1]!;
    if (problem !== "") {
      return { shardId, sequenceNumber, subSequenceNumber, error: new EngineError(BAD_MEMBER, problem) };
    }
    const approximateArrivalTimestamp = new Date(batch.numbers[2 * i]!);
    const record = { shardId, sequenceNumber, subSequenceNumber, approximateArrivalTimestamp, partitionKey, data };
    return explicitHashKey === "" ? record : { ...record, explicitHashKey };
  });
}
