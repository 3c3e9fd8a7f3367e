// The packages as they are published: what they export, what their README shows, what is inside.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { publint } from "publint";
import { shardbrook } from "./support.mjs";

const name = process.env.SHARDBROOK_PACKAGE ?? "shardbrook";
const folder = new URL(name === "shardbrook" ? "../../bindings-wasm/" : "../../bindings-node/", import.meta.url);

test("what is exported is what the types say", async () => {
  const types = await readFile(new URL("dist/types.d.ts", folder), "utf8");
  const declared = Array.from(types.matchAll(/^export declare (?:function|class) (\w+)/gm), ([, name]) => name);
  assert.deepEqual(Object.keys(shardbrook).sort(), declared.sort());
});

test("publint has nothing to say", async () => {
  const { messages } = await publint({ pkgDir: fileURLToPath(folder), strict: true });
  assert.deepEqual(messages, []);
});

test("the example in the README runs", async () => {
  const readme = await readFile(new URL("README.md", folder), "utf8");
  const [, program] = /```js\n(.*?)```/s.exec(readme);
  const options = { cwd: import.meta.dirname };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], options);
  assert.equal(stdout, "customer-1 hello\n");
});

const canRequire = process.features.require_module === true;
test("CommonJS gets the same", { skip: !canRequire && "this Node.js cannot require modules" }, () => {
  const required = createRequire(import.meta.url)(name);
  assert.equal(required.createEngine, shardbrook.createEngine);
});

const isWasm = name === "shardbrook";
test("the module can be loaded by hand", { skip: !isWasm && "it is a native add-on" }, async () => {
  const module = await readFile(createRequire(import.meta.url).resolve("shardbrook/shardbrook.wasm"));
  const slim = await import("shardbrook/slim");
  slim.initSyncFrom(module);
  await slim.initFrom(module);
  slim.createEngineSync().close();
});
