/** Calls of the raw module: what it throws becomes an {@link EngineError}. */
import { EngineError, hasCode } from "./errors.js";
import { rawModule } from "./module.js";
import type { RawModule } from "./raw.js";

/** What a panic leaves behind is not to be trusted. */
export const ENGINE_PANICKED = "EnginePanickedError";

let retryableCodes: Set<string> | undefined;

/** The error for users of whatever a raw module threw. */
export function asEngineError(thrown: unknown): EngineError {
  if (thrown instanceof EngineError) return thrown;
  if (!hasCode(thrown)) return new EngineError(ENGINE_PANICKED, `the engine panicked: ${String(thrown)}`);
  retryableCodes ??= new Set(
    rawModule()
      .errorKinds()
      .filter((kind) => kind.retryable)
      .map((kind) => kind.code),
  );
  return new EngineError(thrown.code, thrown.message, retryableCodes.has(thrown.code));
}

/** Calls a function of the raw module. */
export function callModule<T>(call: (module: RawModule) => T): T {
  const module = rawModule();
  try {
    return call(module);
  } catch (thrown) {
    throw asEngineError(thrown);
  }
}
