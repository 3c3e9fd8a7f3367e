// A page in headless Chromium that can import the wasm package, served from this checkout over loopback.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const CONTENT_TYPES = {
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

// Lets tests import the package by the name that users import it by.
const BLANK_PAGE = `<!doctype html><title>shardbrook</title>
<script type="importmap">{"imports": {"shardbrook": "/bindings-wasm/dist/index.js"}}</script>`;

// Chromium's own chatter with the network would only delay the tests.
const ARGUMENTS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/**
 * Opens a blank page that serves `/` and every file of the checkout.
 *
 * Returns Playwright's `page` and `close()`, which fails if the page threw an error that nobody caught.
 */
export async function openPage() {
  const browser = await chromium.launch({
    args: ARGUMENTS,
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  });
  const server = createServer(serveFile);
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(error));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const close = async () => {
    await browser.close();
    server.close();
    if (errors.length > 0) throw new AggregateError(errors, "the page threw errors that nobody caught");
  };
  return { page, close };
}

async function serveFile(request, response) {
  const path = normalize(new URL(request.url, "http://localhost").pathname);
  if (path === "/") {
    response.writeHead(200, { "content-type": "text/html" }).end(BLANK_PAGE);
    return;
  }
  try {
    const body = await readFile(join(ROOT, path));
    response.writeHead(200, { "content-type": CONTENT_TYPES[extname(path)] ?? "application/octet-stream" }).end(body);
  } catch {
    response.writeHead(404).end();
  }
}
