/** The entry point: the native add-on lies beside this file. */
import { createRequire } from "node:module";
import "./listen.js";
import { setModule } from "./module.js";
import type { RawModule } from "./raw.js";

setModule(createRequire(import.meta.url)("./shardbrook.node") as RawModule);

export * from "./api.js";
