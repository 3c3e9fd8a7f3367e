// The example in examples/node, on the first flights: the same digest as in every other host.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { runFlights } from "../../examples/job.mjs";
import { expected, skip, writeSlice } from "./flights.mjs";
import { shardbrook } from "./support.mjs";

const EXAMPLE = fileURLToPath(new URL("../../examples/node/flights.mjs", import.meta.url));

test("the first flights give the digest of every host", { skip }, async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, [EXAMPLE, await writeSlice(t)]);
  const { digest, flights } = await expected();
  assert.ok(stdout.includes(`digest ${digest}`), stdout);
  assert.ok(stdout.includes(`${flights} put, ${flights} read, ${flights} delivered`), stdout);
  assert.match(stdout, /shardId-000000000006/);
});

test("a file without the columns is refused", async () => {
  await assert.rejects(runFlights(shardbrook, "year,month\n2013,1\n"), /time_hour and tailnum/);
});
