// Serves this checkout and the AWS SDK, bundled for browsers, over loopback:
//
//     node examples/browser/serve.mjs [port]
//
// then open the address that it prints. A program of your own needs none of this: its bundler does the same.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SDK = "/examples/browser/aws-sdk/";

const CONTENT_TYPES = {
  ".css": "text/css",
  ".csv": "text/csv",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** Starts the server; gives its address and `close()`. `files` are further paths, with the files that they show. */
export async function serve({ port = 0, files = {} } = {}) {
  const bundled = await bundleSdk();
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const path = pathname === "/" ? "/examples/browser/index.html" : pathname;
    try {
      const body = bundled.get(path) ?? (await readFile(files[path] ?? join(ROOT, path)));
      const type = CONTENT_TYPES[extname(path)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type, "cache-control": "no-store" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(port, "127.0.0.1", listening));
  const close = () => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, close };
}

/** The clients of the SDK as modules that a browser loads, by their paths. */
async function bundleSdk() {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    bundle: true,
    entryPoints: ["@aws-sdk/client-firehose", "@aws-sdk/client-kinesis"].map((name) => ({
      in: name,
      out: name.replace("@aws-sdk/client-", ""),
    })),
    format: "esm",
    logLevel: "error",
    outdir: join(ROOT, SDK),
    platform: "browser",
    splitting: true,
    write: false,
  });
  return new Map(outputFiles.map((file) => [SDK + file.path.slice(join(ROOT, SDK).length), file.contents]));
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await serve({ port: Number(argv[2] ?? 8080) });
  console.log(`open ${url}`);
}
