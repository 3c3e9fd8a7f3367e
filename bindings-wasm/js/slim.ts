/**
 * The entry point for those who fetch or bundle `shardbrook/shardbrook.wasm` in their own way: nothing works before
 * {@link initFrom} or {@link initSyncFrom}.
 */
import { setModule } from "./module.js";
import load, * as glue from "./wasm/shardbrook.js";

/** Where the module comes from: a compiled module, its bytes, a response to a request for it, or its address. */
export type ModuleSource = WebAssembly.Module | BufferSource | Response | URL | string;

/** Loads the module. */
export async function initFrom(source: ModuleSource | Promise<ModuleSource>): Promise<void> {
  await load({ module_or_path: source });
  setModule(glue);
}

/** Loads the module at once. Browsers compile only small ones at once on a page's main thread. */
export function initSyncFrom(module: WebAssembly.Module | BufferSource): void {
  glue.initSync({ module });
  setModule(glue);
}

export * from "./api.js";
