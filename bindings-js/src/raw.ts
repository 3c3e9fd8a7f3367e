/**
 * What the wasm module and the native add-on both export. Users never see it.
 *
 * Lists of texts and bytes cross packed: all pieces in one array, and where each ends.
 */

/** Names and shapes are those of `bindings-wasm/src` and `bindings-node/src`. */
export interface RawModule {
  RawEngine: {
    new (optionsJson: string): RawEngine;
    /** The engine goes on when the snapshot was taken. */
    restore(snapshot: Uint8Array): RawEngine;
  };
  hashKey(partitionKey: string): bigint;
  /**
   * Shards are given by their ranges, a start and an end each with commas between all numbers, or without any by how many
   * there are.
   */
  assignShards(keys: Uint8Array, keyEnds: Uint32Array, count: number, ranges: string): Uint32Array;
  /** As above; a `count` of 0 stands for no shards. The texts are partition key and explicit hash key. */
  aggregate(
    keys: Uint8Array,
    keyEnds: Uint32Array,
    hashKeys: Uint8Array,
    hashKeyEnds: Uint32Array,
    data: Uint8Array,
    dataEnds: Uint32Array,
    maxBytes: number | undefined,
    count: number,
    ranges: string,
  ): RawColumns;
  /** The texts are partition key, explicit hash key and what is wrong; the number is the sub-sequence number. */
  deaggregate(data: Uint8Array, partitionKey: string, shard: string, mode: string): RawColumns;
  errorKinds(): RawErrorKind[];
}

export interface RawEngine {
  /** `headers` are names and values by turns, a line each. */
  handleRequest(now: number, method: string, path: string, headers: string, body: Uint8Array): RawAnswer;
  snapshot(now: number): Uint8Array<ArrayBuffer>;
  /** Kind of clock, account and region. */
  settings(): string[];
  handleDisconnect(now: number, id: number): void;
  handleTimeout(now: number): void;
  handleEffectResult(now: number, id: number, latencyMs: number, body?: Uint8Array, error?: string): void;
  /** Lets the frames of a streamed answer wait in the engine. */
  pauseFrames(id: number): void;
  resumeFrames(id: number): void;
  pollOutput(): RawAnswer;
  now(): number;
  reset(now: number): void;
  awaitsHost(): boolean;
  listBuckets(): string[];
  listObjects(bucket: string, prefix: string): RawObject[];
  getObject(bucket: string, key: string): RawObject | null | undefined;
  clearObjects(): void;
  addFault(faultJson: string): void;
  clearFaults(): void;
  /** A JSON array of {@link Metric}s. */
  metrics(now: number, stream: string): string;
  records(now: number, stream: string): RawReader;
  /**
   * The texts are shard, sequence number, partition key, explicit hash key and what is wrong; the numbers are arrival
   * time and sub-sequence number.
   */
  nextBatch(now: number, reader: RawReader): RawColumns;
  /** Only in wasm, whose memory the garbage collector does not see. */
  free?(): void;
}

/** Where in a stream a reader is. */
export interface RawReader {
  free?(): void;
}

/** What became of a request, or an output. */
export interface RawAnswer {
  /** `done`, `pending`, `stream`; `response`, `frame`, `end`, `reset`, `effect`, `event`, `timeout`. */
  kind: string;
  id?: number | null | undefined;
  status?: number | null | undefined;
  headers: string;
  body?: Uint8Array<ArrayBuffer> | null | undefined;
  due?: number | null | undefined;
  object: string[];
}

export interface RawColumns {
  text: Uint8Array<ArrayBuffer>;
  textEnds: Uint32Array;
  data: Uint8Array<ArrayBuffer>;
  dataEnds: Uint32Array;
  numbers: Float64Array;
}

export interface RawObject {
  key: string;
  size: number;
  lastModified: number;
  contentType: string;
  contentEncoding?: string | null | undefined;
  storageClass: string;
  kmsKeyId?: string | null | undefined;
  body?: Uint8Array<ArrayBuffer> | null | undefined;
}

export interface RawErrorKind {
  code: string;
  status: number;
  retryable: boolean;
}
