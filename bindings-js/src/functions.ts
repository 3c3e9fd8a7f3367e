/** The functions that need no engine. */
import { callModule } from "./calls.js";
import { packBytes, packTexts, unpackBytes, unpackTexts } from "./columns.js";
import { BadMemberError, bytes, invalid, text } from "./errors.js";
import { readRange, readShards } from "./shards.js";
import type {
  AggregateOptions,
  AggregatedEntry,
  AggregatedRecord,
  BadMember,
  DeaggregateOptions,
  ErrorKind,
  PutEntry,
  Shards,
  UserRecord,
} from "./types.js";

const NO_SHARD = 0xffff_ffff;

export function hashKey(partitionKey: string): bigint {
  text(partitionKey, "partitionKey");
  return callModule((module) => module.hashKey(partitionKey));
}

export function assignShards(partitionKeys: readonly string[], shards: Shards): Uint32Array<ArrayBuffer> {
  const { count, ranges, places } = readShards(shards);
  if (!Array.isArray(partitionKeys)) throw invalid("partitionKeys must be a list");
  partitionKeys.forEach((key) => text(key, "a partition key"));
  const keys = packTexts(partitionKeys);
  const assigned = callModule((module) => module.assignShards(keys.bytes, keys.ends, count, ranges));
  if (places === undefined) return assigned as Uint32Array<ArrayBuffer>;
  return Uint32Array.from(assigned, (shard) => (shard === NO_SHARD ? NO_SHARD : places[shard]!));
}

export function aggregate(entries: readonly PutEntry[], options: AggregateOptions = {}): AggregatedEntry[] {
  const { count, ranges } = options.shards === undefined ? { count: 0, ranges: [] } : readShards(options.shards);
  if (!Array.isArray(entries)) throw invalid("entries must be a list");
  const keys = packTexts(entries.map((entry) => text(entry?.PartitionKey, "PartitionKey")));
  const hashKeys = packTexts(entries.map((entry) => text(entry.ExplicitHashKey ?? "", "ExplicitHashKey")));
  const data = packBytes(entries.map((entry) => bytes(entry.Data, "Data")));
  const out = callModule((module) =>
    module.aggregate(
      keys.bytes,
      keys.ends,
      hashKeys.bytes,
      hashKeys.ends,
      data.bytes,
      data.ends,
      options.maxBytes,
      count,
      ranges,
    ),
  );
  const texts = unpackTexts(out.text, out.textEnds);
  return unpackBytes(out.data, out.dataEnds).map((Data, i) => ({
    PartitionKey: texts[2 * i]!,
    Data,
    ExplicitHashKey: texts[2 * i + 1]!,
  }));
}

export function deaggregate(record: AggregatedRecord, options: DeaggregateOptions = {}): UserRecord[] {
  const { data, partitionKey, sequenceNumber } = readRecord(record);
  const shard = options.shard === undefined ? [] : readRange(options.shard);
  const mode = text(options.mode ?? "perRecord", "mode");
  const out = callModule((module) => module.deaggregate(data, partitionKey, shard, mode));
  const texts = unpackTexts(out.text, out.textEnds);
  const records: UserRecord[] = [];
  const bad: BadMember[] = [];
  unpackBytes(out.data, out.dataEnds).forEach((data, i) => {
    const [partitionKey, explicitHashKey, problem] = texts.slice(3 * i, 3 * i + 3) as [string, string, string];
    const subSequenceNumber = out.numbers[i]!;
    if (problem !== "") {
      bad.push({ subSequenceNumber, message: problem });
      return;
    }
    const record: UserRecord = { partitionKey, data, subSequenceNumber };
    if (explicitHashKey !== "") record.explicitHashKey = explicitHashKey;
    if (sequenceNumber !== undefined) record.sequenceNumber = sequenceNumber;
    records.push(record);
  });
  if (bad.length > 0) throw new BadMemberError(bad.map((member) => member.message).join("; "), records, bad);
  return records;
}

/** Bytes, a record from GetRecords, or a record of a Lambda event. */
function readRecord(record: AggregatedRecord): { data: Uint8Array; partitionKey: string; sequenceNumber?: string } {
  if (record instanceof Uint8Array) return { data: record, partitionKey: "" };
  const { kinesis } = (record ?? {}) as { kinesis?: { data: string; partitionKey: string; sequenceNumber: string } };
  if (kinesis !== undefined) {
    const { partitionKey, sequenceNumber } = kinesis;
    return { data: fromBase64(text(kinesis.data, "kinesis.data")), partitionKey, sequenceNumber };
  }
  const { Data, PartitionKey, SequenceNumber } = (record ?? {}) as Exclude<
    AggregatedRecord,
    Uint8Array | { kinesis: unknown }
  >;
  const outer = { data: bytes(Data, "Data"), partitionKey: PartitionKey ?? "" };
  return SequenceNumber === undefined ? outer : { ...outer, sequenceNumber: SequenceNumber };
}

function fromBase64(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    throw invalid("kinesis.data must be base64");
  }
}

export function errorKinds(): ErrorKind[] {
  return callModule((module) => module.errorKinds()).map(({ code, status, retryable }) => ({
    code,
    status,
    retryable,
  }));
}
