/** The entry point for browsers and bundlers: the module is fetched from where this file is. */
import { setLoader } from "./module.js";
import load, * as glue from "./wasm/shardbrook.js";

setLoader({
  async async() {
    await load({ module_or_path: new URL("./wasm/shardbrook_bg.wasm", import.meta.url) });
    return glue;
  },
});

export * from "./api.js";
