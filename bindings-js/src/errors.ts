/** The error that everything here throws, and checks of what plain JavaScript passes. */
import type { BadMember, UserRecord } from "./types.js";

export class EngineError extends Error {
  readonly code: string;
  readonly retryable: boolean;

  constructor(code: string, message: string, retryable = false) {
    super(message);
    this.name = code;
    this.code = code;
    this.retryable = retryable;
  }
}

/** Members of an aggregate that cannot be read. */
export class BadMemberError extends EngineError {
  readonly records: UserRecord[];
  readonly bad: BadMember[];

  constructor(message: string, records: UserRecord[] = [], bad: BadMember[] = []) {
    super("BadMemberError", message);
    this.records = records;
    this.bad = bad;
  }
}

/** An argument that makes no sense. */
export function invalid(message: string): EngineError {
  return new EngineError("InvalidInputError", message);
}

/** `value` if it is a text; callers in plain JavaScript pass anything. */
export function text(value: unknown, name: string): string {
  if (typeof value !== "string") throw invalid(`${name} must be a string, not ${typeof value}`);
  return value;
}

/** `value` if it is an array of bytes. */
export function bytes(value: unknown, name: string): Uint8Array {
  if (!(value instanceof Uint8Array)) throw invalid(`${name} must be a Uint8Array, not ${typeof value}`);
  return value;
}

/** Whether a raw module threw `error` on purpose: it has a code then. Anything else is a defect. */
export function hasCode(error: unknown): error is Error & { code: string } {
  return error instanceof Error && typeof (error as { code?: unknown }).code === "string";
}
