// The example in examples/browser, on the first flights. A picture of the page is left in out/flights.png.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { expected, skip, writeSlice } from "../node/flights.mjs";
import { openPage } from "./page.mjs";

const OUT = fileURLToPath(new URL("../../out/", import.meta.url));

test("the first flights give the digest of every host", { skip }, async (t) => {
  const files = { "/slice.csv": await writeSlice(t) };
  const { page, close } = await openPage({ path: "/?csv=/slice.csv", files });
  t.after(close);
  await page.locator("#result").waitFor({ timeout: 120_000 });
  const { digest, flights } = await expected();
  assert.equal(await page.locator("#digest").textContent(), digest);
  assert.equal(await page.locator("#shards tr").count(), 7);
  const figures = await page.locator("#figures").textContent();
  assert.ok(figures.includes(`flights put${flights.toLocaleString("en")}`), figures);
  await mkdir(OUT, { recursive: true });
  await page.screenshot({ path: `${OUT}flights.png`, fullPage: true });
});

test("a file that has no flights is refused, and another can be chosen", async (t) => {
  const { page, close } = await openPage({ path: "/" });
  t.after(close);
  const buffer = Buffer.from("year,month\n2013,1\n");
  await page.locator("#file").setInputFiles({ name: "other.csv", mimeType: "text/csv", buffer });
  await page.locator("#error").waitFor();
  assert.match(await page.locator("#error").textContent(), /is it flights.csv/);
  assert.ok(await page.locator("#choose").isVisible());
});
