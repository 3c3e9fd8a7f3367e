// What TypeScript says of a program that uses the packages; it is compiled, never run.
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { KinesisClient, ListShardsCommand, PutRecordsCommand, waitUntilStreamExists } from "@aws-sdk/client-kinesis";
import * as native from "shardbrook-node";
import {
  BadMemberError,
  EngineError,
  aggregate,
  assignShards,
  createEngine,
  createEngineSync,
  deaggregate,
  errorKinds,
  hashKey,
  init,
  type Engine,
  type EngineOptions,
} from "shardbrook";
import { initFrom, initSyncFrom } from "shardbrook/slim";

export async function use(data: Uint8Array): Promise<void> {
  await init();
  await initFrom(fetch("shardbrook.wasm"));
  initSyncFrom(data as Uint8Array<ArrayBuffer>);
  const options: EngineOptions = { clock: "manual", now: new Date(), durations: { createStream: 500 }, seed: 1 };
  const engine: Engine = await createEngine(options);
  const other: native.Engine = createEngineSync({});
  const kinesis = new KinesisClient(engine.clientConfig());
  const patient = new KinesisClient({ ...engine.clientConfig({ region: "eu-west-1" }), maxAttempts: 5 });
  new FirehoseClient(engine.clientConfig());
  await waitUntilStreamExists(engine.waiter({ client: patient, maxWaitTime: 60 }), { StreamName: "a" });

  const shards = await kinesis.send(new ListShardsCommand({ StreamName: "a" }));
  const entries = aggregate([{ PartitionKey: "k", Data: data }], { shards });
  await kinesis.send(new PutRecordsCommand({ StreamName: "a", Records: entries }));
  const places: Uint32Array = assignShards(["k"], shards.Shards ?? 4);
  const hash: bigint = hashKey("k");
  for (const record of engine.records("a")) {
    const bytes: Uint8Array = record.data;
    console.log(record.partitionKey?.length, record.approximateArrivalTimestamp.getTime(), bytes);
  }
  for await (const record of engine.records("a")) console.log(record.sequenceNumber);
  const [first] = deaggregate({ Data: data, PartitionKey: "k", SequenceNumber: "1" }, { mode: "kcl" });
  console.log(first?.subSequenceNumber, errorKinds()[0]?.retryable, places.length, hash);
  const { status, headers, body } = await engine.request("Kinesis_20131202.ListStreams", {}, { region: "eu-west-1" });
  console.log(status, headers["x-amzn-requestid"], body.length);
  engine.faults.add({ operation: "PutRecords", error: "InternalFailure", times: 2 });
  const size: number | undefined = engine.objects.get("bucket", "key")?.body.length;
  await engine.clock.advance(size ?? 0);
  const throttled = engine.metrics("a").find(({ name }) => name === "PutRecords.ThrottledRecords");
  console.log(throttled?.sum, throttled?.shardId?.length);
  createEngineSync({ limits: { preset: "aws", shardReadBytesPerSecond: 5, callsPerSecond: { ListStreams: "off" } } });
  await using port = await engine.listen({ port: 0, origins: ["https://app.example"] });
  console.log(port.unref().url, port.port.toFixed());
  // @ts-expect-error there is no such option
  await createEngine({ sede: 1 });
  // @ts-expect-error the time of a record's arrival is not a text
  engine.clock.advance("61s");
  try {
    other.close();
  } catch (error) {
    if (error instanceof BadMemberError) console.log(error.records.length, error.bad[0]?.message);
    if (error instanceof EngineError) console.log(error.code, error.retryable);
  }
}
