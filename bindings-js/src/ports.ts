/** Where `engine.listen` comes from: browsers have no ports, so the entry points for Node.js bring it. */
import type { EngineHost } from "./engine.js";
import { EngineError } from "./errors.js";
import type { Listener, ListenOptions } from "./types.js";

/** Opens a port behind which an engine answers. */
export type OpenPort = (engine: EngineHost, options: ListenOptions) => Promise<Listener>;

let openPort: OpenPort | undefined;

/** Says how a port is opened. */
export function setOpenPort(open: OpenPort): void {
  openPort = open;
}

/** Opens a port. */
export function listen(engine: EngineHost, options: ListenOptions): Promise<Listener> {
  if (openPort !== undefined) return openPort(engine, options);
  throw new EngineError(
    "NotSupportedError",
    "there are no ports here: engine.listen() needs Node.js and the package's main entry point. " +
      "In a page, new KinesisClient(engine.clientConfig()) does without",
  );
}
