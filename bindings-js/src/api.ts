/** What every entry point of both packages exports. */
export { createEngine, createEngineSync, restoreEngine, restoreEngineSync } from "./engine.js";
export { BadMemberError, EngineError } from "./errors.js";
export { aggregate, assignShards, deaggregate, errorKinds, hashKey } from "./functions.js";
export { init } from "./module.js";

import type * as api from "./api.js";
import type * as Public from "./types.js";

/** Fails to compile if this module is not what `types.ts`, which users see, says it is. */
type Check<Actual extends Expected, Expected> = [Actual, Expected];
export type IsAsDeclared = Check<typeof api, typeof Public>;
