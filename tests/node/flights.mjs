// The first flights of the file that SHARDBROOK_FLIGHTS names, and what they must come to.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why a test of the flights is skipped, or `false`. */
export const skip =
  process.env.SHARDBROOK_FLIGHTS === undefined &&
  "SHARDBROOK_FLIGHTS names no flights.csv; `cargo xtask test` fetches it and sets it";

/** The digest and the number of flights that every host asserts. */
export async function expected() {
  return JSON.parse(await readFile(new URL("../flights_digest.json", import.meta.url), "utf8")).slice;
}

/** Writes the first flights into a file that is gone after the test `t`. */
export async function writeSlice(t) {
  const { flights } = await expected();
  const csv = await readFile(process.env.SHARDBROOK_FLIGHTS, "utf8");
  const folder = await mkdtemp(join(tmpdir(), "shardbrook-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "flights.csv");
  const lines = csv.split("\n", flights + 1);
  await writeFile(file, `${lines.join("\n")}\n`);
  return file;
}
