/** The ways to say which shards there are. */
import { invalid } from "./errors.js";
import type { HashKeyRange, ListedShard, Shards } from "./types.js";

/** Shards for the raw module. */
export interface RawShards {
  count: number;
  /** A start and an end each, in decimal, with commas between all numbers; empty for `count` equal ranges. */
  ranges: string;
  /** For each of the shards, its place in the caller's list; nothing where that is the same. */
  places?: Uint32Array;
}

/** Reads what a caller gave as shards. */
export function readShards(shards: Shards): RawShards {
  if (typeof shards === "number") {
    if (!Number.isInteger(shards) || shards < 1 || shards > 1_000_000) {
      throw invalid(`the number of shards must be 1 to 1,000,000, not ${shards}`);
    }
    return { count: shards, ranges: "" };
  }
  const list = (isList(shards) ? shards : (shards as { Shards?: unknown } | null)?.Shards) ?? undefined;
  if (!Array.isArray(list)) throw invalid("shards must be a number, a list, or what ListShards gives");
  const places = [...list.keys()].filter((place) => !isClosed(list[place]));
  if (places.length === 0) throw invalid("there must be at least one open shard");
  const ranges = places.map((place) => readRange(list[place])).join(",");
  const isWhole = places.length === list.length;
  return { count: places.length, ranges, ...(isWhole ? {} : { places: Uint32Array.from(places) }) };
}

/** Start and end of a shard, in decimal, with a comma between them. */
export function readRange(shard: HashKeyRange | ListedShard): string {
  const listed = (shard as ListedShard | null)?.HashKeyRange;
  const { start, end } = (shard ?? {}) as HashKeyRange;
  const bounds = listed ? [listed.StartingHashKey, listed.EndingHashKey] : [start, end];
  const [first, last] = bounds.map((bound) => (typeof bound === "bigint" ? String(bound) : bound));
  if (typeof first !== "string" || typeof last !== "string") {
    throw invalid("a shard must be { start, end } or have a HashKeyRange");
  }
  return `${first},${last}`;
}

function isList(shards: Shards): shards is readonly (HashKeyRange | ListedShard)[] {
  return Array.isArray(shards);
}

/** A closed shard overlaps its children and gets no records. */
function isClosed(shard: HashKeyRange | ListedShard): boolean {
  return (shard as ListedShard | null)?.SequenceNumberRange?.EndingSequenceNumber !== undefined;
}
