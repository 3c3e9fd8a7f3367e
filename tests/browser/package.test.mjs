// The published package loads in a browser as it is: no bundler, no server of its own.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage } from "./page.mjs";

let page;
let close;
before(async () => ({ page, close } = await openPage()));
after(() => close());

test("a page imports the package by its name", async () => {
  const names = await page.evaluate(async () => Object.keys(await import("shardbrook")));
  assert.ok(names.includes("createEngine"), `the package exports ${names.join(", ")}`);
});
