// A page in headless Chromium that can import the wasm package and the AWS SDK, served from this checkout over
// loopback.
import { chromium } from "playwright-core";
import { serve } from "../../examples/browser/serve.mjs";

// Lets tests import packages by the names that users import them by.
const BLANK_PAGE = `<!doctype html><title>shardbrook</title>
<script type="importmap">{"imports": {
  "shardbrook": "/bindings-wasm/dist/index.js",
  "shardbrook/slim": "/bindings-wasm/dist/slim.js",
  "@aws-sdk/client-firehose": "/examples/browser/aws-sdk/firehose.js",
  "@aws-sdk/client-kinesis": "/examples/browser/aws-sdk/kinesis.js"
}}</script>`;

// Chromium's own chatter with the network would only delay the tests.
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Opens a page: a blank one, or the one at `path` of this checkout. `files` are further paths, with the files that
 * they show.
 *
 * Returns Playwright's `page` and `close()`, which fails if the page threw an error that nobody caught, or asked for a
 * file that is not there.
 */
export async function openPage({ path, files } = {}) {
  const server = await serve({ files });
  const browser = await chromium.launch({
    args: ARGUMENTS,
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  });
  const page = await browser.newPage({ viewport: { width: 1100, height: 1000 } });
  const errors = [];
  page.on("pageerror", (error) => errors.push(error));
  page.on("response", (response) => {
    if (!response.ok()) errors.push(new Error(`${response.url()}: ${response.status()}`));
  });
  if (path === undefined) {
    await page.route(`${server.url}blank`, (route) => route.fulfill({ contentType: "text/html", body: BLANK_PAGE }));
    await page.goto(`${server.url}blank`);
  } else {
    await page.goto(new URL(path, server.url).href);
  }
  const close = async () => {
    await browser.close();
    await server.close();
    if (errors.length > 0) throw new AggregateError(errors, "the page had errors");
  };
  return { page, close };
}
