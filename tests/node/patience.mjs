// Run by listen.test.mjs, in a process of its own: the package must find timers that move by hand when it is loaded.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { mock } from "node:test";

mock.timers.enable({ apis: ["setTimeout"] });
const { createEngine } = await import(process.env.SHARDBROOK_PACKAGE ?? "shardbrook");
const engine = await createEngine();
const { port } = await engine.listen();

/** Lets the other ends of all connections run. */
async function pause() {
  for (let round = 0; round < 200; round += 1) await new Promise(setImmediate);
}

async function open(bytes) {
  const socket = connect(port, "127.0.0.1").on("error", () => {}).resume();
  socket.isClosed = once(socket, "close").then(() => true);
  await once(socket, "connect");
  socket.write(bytes);
  return socket;
}

const isOpen = (socket) => Promise.race([socket.isClosed.then(() => false), pause().then(() => true)]);
const head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ";
const tooSlow = await Promise.all(["", "POST / HT", `${head}100000\r\n\r\nsome`, "PRI * HTTP/2.0\r\n"].map(open));
const idle = await open(`${head}0\r\n\r\n`);
await pause();
mock.timers.tick(19_000);
for (const socket of [...tooSlow, idle]) assert.equal(await isOpen(socket), true);
mock.timers.tick(2_000);
for (const socket of tooSlow) assert.equal(await socket.isClosed, true);
assert.equal(await isOpen(idle), true);
mock.timers.tick(60_000);
assert.equal(await idle.isClosed, true);
engine.close();
