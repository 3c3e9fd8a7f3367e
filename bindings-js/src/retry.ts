/** Retries of the SDK under a manual clock. */
import type { ManualClock } from "./clock.js";
import type { SdkRetryStrategy, SdkRetryToken } from "./types.js";

/** The delays of the SDK's standard strategy, without their random part: an engine's time is the same in every run. */
const BASE_DELAY_MS = 50;
const THROTTLED_BASE_DELAY_MS = 1_000;
const MAX_DELAY_MS = 20_000;
const DEFAULT_MAX_ATTEMPTS = 3;

/** Waits as long as the SDK's standard strategy, by moving the engine's clock. */
export class ManualClockRetryStrategy implements SdkRetryStrategy {
  readonly mode = "standard";
  /** As the client's configuration says; the transport reads it from the client's requests. */
  maxAttempts = DEFAULT_MAX_ATTEMPTS;
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  async acquireInitialRetryToken(): Promise<SdkRetryToken> {
    return retryToken(0);
  }

  async refreshRetryTokenForRetry(token: SdkRetryToken, error: { errorType: string }): Promise<SdkRetryToken> {
    const retries = token.getRetryCount();
    const { errorType } = error;
    if ((errorType !== "THROTTLING" && errorType !== "TRANSIENT") || retries + 1 >= this.maxAttempts) {
      throw new Error("No retry token available");
    }
    const base = errorType === "THROTTLING" ? THROTTLED_BASE_DELAY_MS : BASE_DELAY_MS;
    await this.#clock.advance(Math.min(base * 2 ** retries, MAX_DELAY_MS));
    return retryToken(retries + 1);
  }

  recordSuccess(): void {}
}

/** The wait is over when a token is given out, so that it asks for none. */
function retryToken(retries: number): SdkRetryToken {
  return { getRetryCount: () => retries, getRetryDelay: () => 0, getRetryCost: () => undefined };
}
