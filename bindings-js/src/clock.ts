/** The two kinds of time. */
import { invalid } from "./errors.js";
import type { Clock } from "./types.js";

/** What a clock needs of its engine. */
export interface ClockDriver {
  /** Does what is due at `now`; says when something is due next. */
  settle(now: number): number | undefined;
  /** Whether someone waits for an answer. */
  isAwaited(): boolean;
}

/** A time that callers give. */
export function readTime(time: Date | number, name: string): number {
  const ms = time instanceof Date ? time.getTime() : time;
  if (!Number.isSafeInteger(ms) || ms < 0) {
    throw invalid(`${name} must be a date from 1970 on, or whole milliseconds since then, not ${String(time)}`);
  }
  return ms;
}

/** The host's time. */
export class SystemClock implements Clock {
  readonly kind = "system";

  now(): number {
    // Time before 1970 is the beginning of time, as fake timers may have it.
    return Math.max(0, Math.floor(Date.now()));
  }

  async advance(): Promise<void> {
    throw invalid('only an engine with the clock "manual" can be moved; fake timers move one with the clock "system"');
  }
}

/** A time that stands still until it is moved. */
export class ManualClock implements Clock {
  readonly kind = "manual";
  readonly #driver: ClockDriver;
  #now: number;

  constructor(start: number, driver: ClockDriver) {
    this.#now = start;
    this.#driver = driver;
  }

  now(): number {
    return this.#now;
  }

  async advance(ms: number): Promise<void> {
    await this.#advanceTo(this.#now + readTime(ms, "advance"));
  }

  /** Moves the clock to the time when something is due next; gives `false` if nothing ever is. */
  async advanceToNext(): Promise<boolean> {
    const next = this.#driver.settle(this.#now);
    if (next !== undefined) await this.#advanceTo(next);
    return next !== undefined;
  }

  async #advanceTo(target: number): Promise<void> {
    let next = this.#driver.settle(this.#now);
    // Who waits for an answer acts on it at the time it comes: step from one due time to the next.
    while (this.#driver.isAwaited() && next !== undefined && next < target) {
      this.#now = Math.max(this.#now, next);
      this.#driver.settle(this.#now);
      await nextTask();
      next = this.#driver.settle(this.#now);
    }
    this.#now = Math.max(this.#now, target);
    const wasAwaited = this.#driver.isAwaited();
    this.#driver.settle(this.#now);
    if (wasAwaited) await nextTask();
  }
}

/** Lets all that is ready run. Message channels are real under fake timers, too. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
