// The scenarios on disk.
import { readFile, readdir } from "node:fs/promises";

const FOLDER = new URL("../../vectors/scenario/", import.meta.url);

/** All scenarios, in order of their names; with SHARDBROOK_VECTORS, those whose name contains its value. */
export async function readScenarios() {
  const files = (await readdir(FOLDER, { recursive: true })).filter((file) => file.endsWith(".json")).sort();
  const scenarios = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(new URL(file, FOLDER), "utf8"))),
  );
  return scenarios.filter((scenario) => scenario.name.includes(process.env.SHARDBROOK_VECTORS ?? ""));
}
