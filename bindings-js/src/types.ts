/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The public interface of shardbrook in JavaScript, the same in both npm packages.
 *
 * Times are milliseconds since the Unix epoch where they are numbers, and durations are milliseconds.
 */

/** Whose time an engine follows. */
export type ClockKind = "system" | "manual";

/** How an engine starts. Every member may be left out. */
export interface EngineOptions {
  /**
   * `"system"`, the default, asks `Date.now()` whenever the engine is used, so that fake timers move the engine.
   * `"manual"` stands still until {@link Clock.advance} moves it.
   */
  clock?: ClockKind | undefined;
  /** Where a manual clock starts. Default: 1970-01-01T00:00:00Z. */
  now?: Date | number | undefined;
  /** Where all randomness comes from; two engines with the same seed and inputs do the same. Default: 0. */
  seed?: number | undefined;
  /** The account of callers whose access key id is not a twelve-digit account number. Default: `"000000000000"`. */
  account?: string | undefined;
  /** The region of callers that name none, and of {@link Engine.clientConfig}. Default: `"us-east-1"`. */
  region?: string | undefined;
  /** Throughput quotas: `"off"`, the default, `"aws"`, or single values. Sizes and counts are limited always. */
  limits?: "off" | "aws" | Limits | undefined;
  /** How long resources are in their transitional states. Default: 0 each, over at the moment they start. */
  durations?: Durations | undefined;
  /** Open shards that an account may have in a region. Default: 20,000. */
  shardLimit?: number | undefined;
  /** On-demand streams of an account in a region. Default: 50. */
  onDemandStreamLimit?: number | undefined;
  /** Streams that exist from the start: `"orders:2,clicks::eu-west-1"` is name, shards (4) and region (the default). */
  initializeStreams?: string | undefined;
  /** The most bytes of objects that the engine keeps; a delivery beyond it fails and is retried. Default: 4 GiB. */
  objectCapacityBytes?: number | undefined;
}

/** A quota: how much a second holds, as AWS has it, or nothing that is enforced. */
export type Limit = number | "aws" | "off";

/** Single quotas. What is not named is off, or as AWS has it where `preset` is `"aws"`. */
export interface Limits {
  /** What the quotas are that are not named. Default: `"off"`. */
  preset?: "aws" | "off" | undefined;
  /** Bytes of data and partition keys that each shard takes. AWS: 1 MiB. */
  shardWriteBytesPerSecond?: Limit | undefined;
  /** Records that each shard takes. AWS: 1,000. */
  shardWriteRecordsPerSecond?: Limit | undefined;
  /** Bytes that `GetRecords` reads from each shard. AWS: 2 MiB. */
  shardReadBytesPerSecond?: Limit | undefined;
  /** Bytes that each registered consumer gets from each shard. AWS: 2 MiB. */
  consumerReadBytesPerSecond?: Limit | undefined;
  /** A shard of an on-demand stream that takes more bytes than these is split 15 minutes later. AWS: 500 KiB. */
  onDemandSplitBytesPerSecond?: Limit | undefined;
  /** Calls by operation, or of all operations: `{ DescribeStream: 10 }`. */
  callsPerSecond?: "aws" | "off" | Record<string, Limit> | undefined;
}

/** How long transitional states last, in milliseconds of the engine's clock. */
export interface Durations {
  /** CREATING of a stream. */
  createStream?: number | undefined;
  /** DELETING of a stream. */
  deleteStream?: number | undefined;
  /** CREATING of a stream's consumer. */
  createConsumer?: number | undefined;
  /** DELETING of a stream's consumer. */
  deleteConsumer?: number | undefined;
  /** UPDATING of a stream whose shards, capacity mode or encryption change. */
  updateStream?: number | undefined;
  /** CREATING of a queue. */
  createQueue?: number | undefined;
  /** DELETING of a queue. */
  deleteQueue?: number | undefined;
  /** UPDATING of a queue. */
  updateQueue?: number | undefined;
  /** CREATING of a delivery stream. */
  createDeliveryStream?: number | undefined;
  /** DELETING of a delivery stream. */
  deleteDeliveryStream?: number | undefined;
  /** CREATING of a channel. */
  createChannel?: number | undefined;
  /** UPDATING of a channel. */
  updateChannel?: number | undefined;
  /** DELETING of a channel. */
  deleteChannel?: number | undefined;
}

/**
 * Kinesis Data Streams and Data Firehose in this process.
 *
 * ```js
 * const engine = await createEngine();
 * const kinesis = new KinesisClient(engine.clientConfig());
 * await kinesis.send(new CreateStreamCommand({ StreamName: "orders", ShardCount: 2 }));
 * ```
 */
export interface Engine {
  /** The engine's time. */
  readonly clock: Clock;
  /** What delivery streams have delivered. */
  readonly objects: ObjectStore;
  /** Errors and delays on purpose. */
  readonly faults: Faults;

  /**
   * The configuration of an AWS SDK client that talks to this engine: `new KinesisClient(engine.clientConfig())`,
   * `new FirehoseClient(engine.clientConfig())`. Add to it what you like:
   * `{ ...engine.clientConfig(), maxAttempts: 5 }`.
   *
   * Under a manual clock it brings a retry strategy, which waits by moving the engine's clock instead of sleeping;
   * and a waiter such as `waitUntilStreamExists` that would have to sleep gets its answer from the time when there
   * is something new. A waiter is known by the name of the SDK's function in the call stack; where code is minified or
   * the browser is not built on V8, use {@link Engine.waiter}.
   */
  clientConfig(options?: ClientOptions): ClientConfig;

  /**
   * The first argument of an SDK waiter, for code in which waiters cannot be told from other callers:
   * `waitUntilStreamExists(engine.waiter({ client, maxWaitTime: 60 }), { StreamName: "orders" })`.
   */
  waiter<Options extends { client: object }>(options: Options): Options;

  /**
   * Sends one request as a client would, without an SDK. The answer of a failed request is returned like any other.
   *
   * @param target the value of `X-Amz-Target`, such as `Kinesis_20131202.PutRecord`
   * @param body bytes, a text, or a value that is sent as JSON
   */
  request(target: string, body?: Uint8Array | string | object, options?: RequestOptions): Promise<EngineResponse>;

  /**
   * Opens a port behind which this engine answers, for programs that cannot be given {@link Engine.clientConfig}: other
   * processes, other languages. HTTP/1.1, HTTP/2 with prior knowledge, which the SDK's client for Kinesis speaks by
   * default, and both over TLS where a certificate is given. What comes over the port and what comes from this process
   * concern the same streams, clock and faults. Signatures are not checked.
   *
   * Needs Node.js and the package's main entry point; elsewhere it fails with the code `NotSupportedError`.
   */
  listen(options?: ListenOptions): Promise<Listener>;

  /**
   * What a stream was used for, by the names that its metrics have in CloudWatch, counted from its creation on: those of
   * the stream, and those of its shards as far as enhanced monitoring is switched on.
   *
   * @param stream a name in the default account and region, or an ARN
   */
  metrics(stream: string): Metric[];

  /**
   * The user records of a stream, from the oldest on: all shards, parents before children, aggregates taken apart.
   * Records of one partition key come in the order in which they were put. The iteration ends at the last record;
   * `for await` lets other work run between batches. Each iteration starts from the beginning.
   *
   * @param stream a name in the default account and region, or an ARN
   */
  records(stream: string): RecordSequence;

  /**
   * Resolves when all that is due has happened and, under a system clock, no answer is outstanding. Under a manual
   * clock answers that are due in the future stay outstanding, for only {@link Clock.advance} can make them come.
   */
  settled(): Promise<void>;

  /**
   * The whole state as bytes: streams with their records, delivery streams with their buffers, delivered objects,
   * faults and settings. The same calls give the same bytes. {@link restoreEngine} makes an engine of them, in any
   * language. Requests whose answers are pending are not part of it.
   */
  snapshot(): Uint8Array<ArrayBuffer>;

  /**
   * Back to the beginning: streams, delivery streams, objects and faults are gone, initial streams are there again.
   * The clock stays. Clients with a pending request see a broken connection, which the SDK retries.
   */
  reset(): void;

  /** Frees the engine. Whatever uses it afterwards fails with the code `EngineClosedError`. */
  close(): void;
}

/** Where an engine listens. */
export interface ListenOptions {
  /** Default: 0, one that is free; {@link Listener.port} says which. */
  port?: number | undefined;
  /** The address to listen on. Default: `127.0.0.1`, which no other machine reaches. */
  host?: string | undefined;
  /** The certificate for TLS, with those that vouch for it, in PEM. Default: no TLS. */
  cert?: string | Uint8Array | undefined;
  /** Its private key, in PEM. */
  key?: string | Uint8Array | undefined;
  /**
   * The web pages that may ask, such as `https://app.example.com`, or `"*"` for all. Those of this machine, as
   * `http://localhost:3000`, may always; programs that are no browsers are not concerned.
   */
  origins?: readonly string[] | undefined;
}

/** A port behind which an engine answers. It keeps the process alive until it is closed, or the engine is. */
export interface Listener {
  readonly port: number;
  readonly host: string;
  /** For `endpoint`, `AWS_ENDPOINT_URL_KINESIS` and the like; `https:` where a certificate is given. */
  readonly url: string;
  /** Gives the port back, and drops all connections: who waits for an answer sees a broken connection. */
  close(): Promise<void>;
  /** Lets a process end that has nothing else to do. */
  unref(): this;
  /** As {@link Listener.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The time of an engine. */
export interface Clock {
  /** Whose time it is. */
  readonly kind: ClockKind;
  /** The engine's time, in milliseconds since the Unix epoch. */
  now(): number;
  /**
   * Moves a manual clock and does all that becomes due, each at its own time: who waits for an answer gets it, and
   * can send its next request, before the clock goes on. A system clock cannot be moved: use your test runner's fake
   * timers.
   */
  advance(ms: number): Promise<void>;
}

/** The objects that delivery streams have put into buckets. */
export interface ObjectStore {
  /** The names of the buckets that hold something, in order. */
  buckets(): string[];
  /** The objects of a bucket, in order of their keys; none for a bucket that has never been put to. */
  list(bucket: string, options?: { prefix?: string | undefined }): ObjectSummary[];
  /** An object with its body. */
  get(bucket: string, key: string): StoredObject | undefined;
  /** Forgets all objects. */
  clear(): void;
}

/** What there is to know of an object without its body. */
export interface ObjectSummary {
  key: string;
  /** The bytes of its body. */
  size: number;
  lastModified: Date;
  contentType: string;
  /** Such as `gzip`. */
  contentEncoding?: string;
  /** Such as `STANDARD`. */
  storageClass: string;
  /** The key that S3 would encrypt it with, if a channel names one. */
  kmsKeyId?: string;
}

/** An object. */
export interface StoredObject extends ObjectSummary {
  /** The bytes as they were put; compressed if they were. */
  body: Uint8Array<ArrayBuffer>;
}

/** Errors, delays and dropped connections on purpose, so that a program can prove that it copes. */
export interface Faults {
  /** Adds a fault. A request, or a record of PutRecords, gets the first fault that strikes it. */
  add(fault: Fault): void;
  /** Takes all faults away. */
  clear(): void;
}

/** What goes wrong, and for which requests or records. It needs an `error`, a `latencyMs` or a `drop`. */
export interface Fault {
  /** The operation that it strikes: `"PutRecords"`. */
  operation: string;
  /** Only requests about the stream or delivery stream with this name. */
  stream?: string | undefined;
  /**
   * Only requests about this shard: SplitShard, MergeShards and GetShardIterator that name it, GetRecords by its
   * iterators, PutRecord of a record that goes there. For PutRecords: the records that go there.
   */
  shardId?: string | undefined;
  /** The code of the error to answer with instead of doing anything; {@link errorKinds} lists them. */
  error?: string | undefined;
  /**
   * `"record"` strikes single records of PutRecords: they are not stored, and their entries of the answer have the
   * error, which is `ProvisionedThroughputExceededException` or `InternalFailure`. Default: `"request"`; for
   * PutRecords with a `shardId`, `"record"`.
   */
  per?: "request" | "record" | undefined;
  /**
   * Drops the connection instead of answering: `"before"` the request is carried out, or `"after"`. The client sees
   * `ECONNRESET` either way.
   */
  drop?: "before" | "after" | undefined;
  /** How likely each request or record is to be struck, 0 to 1. Default: 1. */
  probability?: number | undefined;
  /** How many requests or records are struck before the fault is over. Default: no end. */
  times?: number | undefined;
  /** How much later the answer comes, or the connection is dropped, in milliseconds of the engine's clock. Default: 0. */
  latencyMs?: number | undefined;
}

/** A statistic of everything since the creation of a stream or shard. */
export interface Metric {
  /** The name in CloudWatch: `"PutRecords.ThrottledRecords"`. */
  name: string;
  unit: "Bytes" | "Count" | "Milliseconds";
  /** The shard, for a metric of one shard. */
  shardId?: string;
  /** The values of all samples together. */
  sum: number;
  /** How many values there were: for most metrics one for each call. */
  samples: number;
  /** The greatest value; 0 where there is none. */
  maximum: number;
}

/** Who an SDK client is. */
export interface ClientOptions {
  /** Default: the engine's. */
  region?: string | undefined;
  /** Twelve digits. Default: the engine's. */
  accountId?: string | undefined;
}

/** The configuration of an SDK client. */
export interface ClientConfig {
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  requestHandler: SdkRequestHandler;
  /** Only under a manual clock. */
  retryStrategy?: SdkRetryStrategy;
}

/** As much of the SDK's `HttpHandler` as clients use. */
export interface SdkRequestHandler {
  readonly metadata: { handlerProtocol: string };
  handle(request: SdkRequest, options?: SdkHandlerOptions): Promise<{ response: SdkResponse }>;
  updateHttpClientConfig(key: never, value: never): void;
  httpHandlerConfigs(): Record<string, never>;
  /** Does nothing: the engine outlives its clients. */
  destroy(): void;
}

/** As much of the SDK's `HttpRequest` as the engine reads. */
export interface SdkRequest {
  method: string;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: unknown;
}

/** As much of the SDK's `HttpHandlerOptions` as the engine reads. */
export interface SdkHandlerOptions {
  abortSignal?: unknown;
}

/** The SDK's `HttpResponse`. */
export interface SdkResponse {
  statusCode: number;
  headers: Record<string, string>;
  body?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** The SDK's `RetryStrategyV2`. */
export interface SdkRetryStrategy {
  readonly mode: string;
  acquireInitialRetryToken(scope: string): Promise<SdkRetryToken>;
  refreshRetryTokenForRetry(token: SdkRetryToken, error: { errorType: string }): Promise<SdkRetryToken>;
  recordSuccess(token: SdkRetryToken): void;
}

/** The SDK's `StandardRetryToken`. */
export interface SdkRetryToken {
  getRetryCount(): number;
  getRetryDelay(): number;
  getRetryCost(): number | undefined;
}

/** How a request is sent. */
export interface RequestOptions {
  /** Default: `application/x-amz-json-1.1`. */
  contentType?: string | undefined;
  /** The region of the signature. Default: the engine's. */
  region?: string | undefined;
  /** The access key of the signature; twelve digits stand for the account. Default: the engine's account. */
  accessKeyId?: string | undefined;
  /** Further headers, in lower case. They replace the default ones; `null` leaves a default one out. */
  headers?: Record<string, string | null> | undefined;
  /** Default: `POST`. */
  method?: string | undefined;
  /** Default: `/`. */
  path?: string | undefined;
}

/** The answer to a request. */
export interface EngineResponse {
  status: number;
  /** Names are in lower case. */
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer>;
}

/**
 * A sequence for both `for` and `for await`.
 *
 * A member of an aggregate that cannot be read is thrown as a {@link BadMemberError}. Its iterator can be gone on with:
 *
 * ```js
 * const records = engine.records("orders")[Symbol.iterator]();
 * ```
 */
export interface RecordSequence extends Iterable<ReadRecord>, AsyncIterable<ReadRecord> {
  [Symbol.iterator](): IterableIterator<ReadRecord, undefined>;
  [Symbol.asyncIterator](): AsyncIterableIterator<ReadRecord, undefined>;
}

/** A user record as it is read from a stream. */
export interface ReadRecord {
  shardId: string;
  /** The sequence number of the stored record, which all members of an aggregate share. */
  sequenceNumber: string;
  /** The record's place in its aggregate; 0 for a record that is none. */
  subSequenceNumber: number;
  /** When the stored record arrived. */
  approximateArrivalTimestamp: Date;
  /** The record's own partition key; absent if it was put without one. */
  partitionKey?: string;
  /** The record's own explicit hash key, which only aggregates keep. */
  explicitHashKey?: string;
  data: Uint8Array<ArrayBuffer>;
}

/** An entry of PutRecords. */
export interface PutEntry {
  PartitionKey: string;
  Data: Uint8Array;
  /** 0 to 2^128 - 1, in decimal. */
  ExplicitHashKey?: string | undefined;
}

/** An entry of PutRecords that {@link aggregate} made. */
export interface AggregatedEntry {
  PartitionKey: string;
  Data: Uint8Array<ArrayBuffer>;
  ExplicitHashKey: string;
}

/** A range of hash keys, both ends included. */
export interface HashKeyRange {
  start: bigint | string;
  end: bigint | string;
}

/** A shard as ListShards describes it; closed shards get no records. */
export interface ListedShard {
  HashKeyRange: { StartingHashKey: string | undefined; EndingHashKey: string | undefined } | undefined;
  SequenceNumberRange?: { EndingSequenceNumber?: string | undefined } | undefined;
}

/** Shards: how many equal ones, their ranges, or what ListShards gives. */
export type Shards = number | readonly (HashKeyRange | ListedShard)[] | { Shards?: readonly ListedShard[] | undefined };

/** How records are aggregated. */
export interface AggregateOptions {
  /** Records of different shards are kept apart. Without shards all go together. */
  shards?: Shards | undefined;
  /** How large an aggregate grows, 64 bytes to 10 MiB. Default: 51,200, as in the Kinesis Producer Library. */
  maxBytes?: number | undefined;
}

/** What is taken apart: bytes, a record from GetRecords, or a record of a Lambda event. */
export type AggregatedRecord =
  | Uint8Array
  | { Data: Uint8Array | undefined; PartitionKey?: string | undefined; SequenceNumber?: string | undefined }
  | { kinesis: { data: string; partitionKey: string; sequenceNumber: string } };

/** How a record is taken apart. */
export interface DeaggregateOptions {
  /** The shard that is read: members outside it belong to another. */
  shard?: HashKeyRange | ListedShard | undefined;
  /**
   * `"perRecord"`, the default, drops members outside the shard; `"kcl"` drops the whole aggregate if one is outside,
   * as the Kinesis Client Library does; `"off"` drops nothing.
   */
  mode?: "perRecord" | "kcl" | "off" | undefined;
}

/** A user record that was inside a stream record. */
export interface UserRecord {
  /** Empty for bytes that are no aggregate, which have none. */
  partitionKey: string;
  explicitHashKey?: string;
  data: Uint8Array<ArrayBuffer>;
  /** That of the stream record, if it has one. */
  sequenceNumber?: string;
  /** The record's place in the aggregate; 0 if it was none. */
  subSequenceNumber: number;
}

/** A member of an aggregate that cannot be read. */
export interface BadMember {
  /** Its place in the aggregate. */
  subSequenceNumber: number;
  /** What is wrong with it. */
  message: string;
}

/** A kind of error that the services answer with. */
export interface ErrorKind {
  /** AWS's code: the `name` of the SDK's error and the `code` of ours. */
  code: string;
  /** The HTTP status of the answer. */
  status: number;
  /** Whether the same request may succeed later. */
  retryable: boolean;
}

/**
 * What this package throws. `name` and `code` are AWS's code of the error or, where it is not one of AWS's:
 *
 * - `BadMemberError`: members of an aggregate that cannot be read
 * - `ConfigError`: an option or a fault that makes no sense
 * - `EngineClosedError`: the engine is closed
 * - `EnginePanickedError`: the engine met a state that must not be, and is not usable any more; please report it
 * - `InvalidInputError`: an argument that makes no sense
 * - `NotInitializedError`: a function was called before {@link init} in a browser
 * - `NotSupportedError`: {@link Engine.listen} where there are no ports
 */
export declare class EngineError extends Error {
  constructor(code: string, message: string, retryable?: boolean);
  readonly code: string;
  /** Whether the same may succeed later. */
  readonly retryable: boolean;
}

/** Members of an aggregate that cannot be read; the others are in `records`. */
export declare class BadMemberError extends EngineError {
  constructor(message: string, records?: UserRecord[], bad?: BadMember[]);
  /** The user records of the aggregate that can be read; none while a stream is read, where they come by themselves. */
  readonly records: UserRecord[];
  /** The members that cannot. */
  readonly bad: BadMember[];
}

/** Makes an engine, and loads its code first where that takes time. */
export declare function createEngine(options?: EngineOptions): Promise<Engine>;

/** Makes an engine at once. In browsers the code must have been loaded before: see {@link init}. */
export declare function createEngineSync(options?: EngineOptions): Engine;

/**
 * Makes an engine of a snapshot, with the settings and the kind of clock that it was taken with. A manual clock goes on
 * when the snapshot was taken. Bytes that are no snapshot, of another version, cut off or changed are refused with an
 * error that says which.
 */
export declare function restoreEngine(snapshot: Uint8Array): Promise<Engine>;

/** As {@link restoreEngine}, at once. In browsers the code must have been loaded before: see {@link init}. */
export declare function restoreEngineSync(snapshot: Uint8Array): Engine;

/**
 * Loads the engine's code. {@link createEngine} does so by itself; it is needed in browsers alone, before the
 * functions that do not return a promise. Loading twice does nothing.
 */
export declare function init(): Promise<void>;

/** The hash of a partition key, 0 to 2^128 - 1, which decides its shard. */
export declare function hashKey(partitionKey: string): bigint;

/** The index in `shards` of each key's shard; 0xffffffff where no shard covers it. */
export declare function assignShards(partitionKeys: readonly string[], shards: Shards): Uint32Array<ArrayBuffer>;

/**
 * Packs user records into fewer stream records in the format of the Kinesis Producer Library. The result goes straight
 * into PutRecords, at most 500 entries and 10 MiB a call. Records keep their order, shard by shard.
 */
export declare function aggregate(entries: readonly PutEntry[], options?: AggregateOptions): AggregatedEntry[];

/**
 * The user records inside a stream record. A record that is no aggregate gives itself.
 *
 * @throws {BadMemberError} if members cannot be read; it has the others
 */
export declare function deaggregate(record: AggregatedRecord, options?: DeaggregateOptions): UserRecord[];

/** Every kind of error that the engine answers with. */
export declare function errorKinds(): ErrorKind[];
