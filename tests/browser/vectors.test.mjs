// Every scenario of tests/vectors, in the page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readScenarios } from "../node/vectors/files.mjs";
import { openPage } from "./page.mjs";

/** Scenarios that cannot run in a page, each with the reason. */
const SKIPS = {};

let page;
let close;
before(async () => ({ page, close } = await openPage()));
after(() => close());

test("every scenario holds in Chromium", async () => {
  const scenarios = await readScenarios();
  assert.ok(scenarios.length > 0);
  const failures = await page.evaluate(
    async ([scenarios, skips]) => {
      const { runAll } = await import("/tests/node/vectors/runner.mjs");
      return runAll(scenarios, skips, await import("shardbrook"));
    },
    [scenarios, SKIPS],
  );
  assert.equal(failures.length, 0, `${failures.length} of ${scenarios.length}\n${failures.join("\n")}`);
});
