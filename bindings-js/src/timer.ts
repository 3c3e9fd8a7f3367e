/** The one real timer of an engine with a system clock, set only while something outstanding becomes due. */

/** The longest delay that timers take; a later due time is met in several steps. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export class Timer {
  readonly #wake: () => void;
  #handle: ReturnType<typeof setTimeout> | undefined;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /**
   * Wakes the engine in `delay` ms. A process that has nothing else to do stays for it only if `isAwaited`: someone
   * waits for an answer, as for one that comes through a socket.
   */
  set(delay: number, isAwaited: boolean): void {
    this.clear();
    // Looked up now, so that it is the fake one under fake timers.
    this.#handle = setTimeout(this.#wake, Math.min(Math.max(delay, 0), MAX_DELAY_MS));
    if (!isAwaited) (this.#handle as { unref?: () => void }).unref?.();
  }

  clear(): void {
    if (this.#handle !== undefined) clearTimeout(this.#handle);
    this.#handle = undefined;
  }
}
