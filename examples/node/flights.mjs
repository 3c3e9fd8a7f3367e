// A year of New York's flights through Kinesis and Firehose, in this process:
//
//     node examples/node/flights.mjs flights.csv
import { readFile } from "node:fs/promises";
import { runFlights } from "../job.mjs";

const file = process.argv[2];
if (file === undefined) throw new Error("usage: node flights.mjs flights.csv");
// shardbrook is wasm and runs anywhere; shardbrook-node is a native add-on and faster.
const shardbrook = await import(process.env.SHARDBROOK_PACKAGE ?? "shardbrook");

const started = performance.now();
const result = await runFlights(shardbrook, await readFile(file, "utf8"), async (stage, done) => {
  const bar = "█".repeat(Math.floor(done * 30)).padEnd(30, "░");
  if (process.stderr.isTTY) process.stderr.write(`\r${bar} ${Math.floor(done * 100)} %, ${stage}\x1b[K`);
});
const seconds = (performance.now() - started) / 1000;
if (process.stderr.isTTY) process.stderr.write("\n");

const hex = (hashKey) => BigInt(hashKey).toString(16).padStart(32, "0").slice(0, 8);
console.table(
  result.table.map(({ shard, range, isOpen, records, bytes }) => ({
    shard,
    "hash keys": `${hex(range.StartingHashKey)}… to ${hex(range.EndingHashKey)}…`,
    state: isOpen ? "open" : "closed",
    records,
    bytes,
    share: `${((100 * records) / result.total).toFixed(1)} %`,
  })),
);
const ratio = (result.deliveredBytes / result.objectBytes).toFixed(1);
console.log(`${result.objects} objects, ${result.objectBytes} bytes, ${ratio} times smaller than what is in them`);
console.log(`${result.total} put, ${result.read} read, ${result.delivered} delivered, every key in order`);
console.log(`${seconds.toFixed(1)} s, ${Math.round(result.total / seconds)} flights a second`);
console.log(`digest ${result.digest}`);
