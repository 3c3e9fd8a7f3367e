/** Where the raw module comes from: each package, and each entry point of it, loads it in its own way. */
import { EngineError } from "./errors.js";
import type { RawModule } from "./raw.js";

/** How an entry point gets the raw module. At least one of the two is there. */
export interface Loader {
  /** Gives the module at once. */
  sync?: () => RawModule;
  /** Gives the module after a while. */
  async?: () => Promise<RawModule>;
}

let loader: Loader = {};
let loaded: RawModule | undefined;
let loading: Promise<RawModule> | undefined;

/** Says how the raw module is loaded when it is needed first. */
export function setLoader(newLoader: Loader): void {
  loader = newLoader;
}

/** Hands over a module that is there already. */
export function setModule(module: RawModule): void {
  loaded ??= module;
}

/** The raw module, at once. */
export function rawModule(): RawModule {
  loaded ??= loader.sync?.();
  if (loaded === undefined) {
    throw new EngineError(
      "NotInitializedError",
      "the engine's code is not loaded yet: await init() or createEngine() first",
    );
  }
  return loaded;
}

/** Loads the raw module. */
export async function init(): Promise<void> {
  if (loaded === undefined && loader.async !== undefined) {
    loading ??= loader.async();
    // A page that was offline may try again.
    loading.catch(() => (loading = undefined));
    loaded = await loading;
  }
  rawModule();
}
