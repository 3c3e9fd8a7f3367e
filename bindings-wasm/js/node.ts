/** The entry point for Node.js: the module is read from disk when it is needed first. */
import { readFileSync } from "node:fs";
import "./listen.js";
import { setLoader } from "./module.js";
import * as glue from "./wasm/shardbrook.js";

setLoader({
  sync() {
    glue.initSync({ module: readFileSync(new URL("./wasm/shardbrook_bg.wasm", import.meta.url)) });
    return glue;
  },
});

export * from "./api.js";
