/**
 * Waiters of the SDK under a manual clock.
 *
 * A waiter asks, sleeps for seconds on a timer of its own, and asks again. That timer cannot be reached from outside,
 * so a waiter must never have to sleep: if it asks about a resource in a transitional state, the clock is moved to the
 * state's end first. Anyone else who asks must see the state as it is. The requests of both are the same; what tells
 * them apart is who calls.
 */
import type { Answer } from "./exchanges.js";

/** Marks the requests of {@link asWaiter}. */
const IS_WAITING = Symbol("waiting");

/** The SDK's function that asks and sleeps (`@smithy/core`, before that `@smithy/util-waiter`). */
const POLLING_FUNCTION = /\brunPolling\b/;
/** Deep enough for the SDK's middleware. */
const STACK_DEPTH = 100;

const TRANSITIONAL_STATUS = /"\w*Status":"(?:CREATING|DELETING|UPDATING)"/;
const decoder = new TextDecoder();

/** Whether a waiter sends the request that is being handled. */
export function isFromWaiter(options: object | undefined): boolean {
  if (options !== undefined && IS_WAITING in options) return true;
  const stacks = Error as { stackTraceLimit?: number };
  const { stackTraceLimit = STACK_DEPTH } = stacks;
  stacks.stackTraceLimit = STACK_DEPTH;
  const { stack = "" } = new Error();
  stacks.stackTraceLimit = stackTraceLimit;
  return POLLING_FUNCTION.test(stack);
}

/** Whether an answer says that a resource is about to change by itself. */
export function isTransitional({ body }: Answer): boolean {
  return body instanceof Uint8Array && TRANSITIONAL_STATUS.test(decoder.decode(body));
}

/** The options of a waiter, with a client whose requests say that they come from one. */
export function asWaiter<Options extends { client: object }>(options: Options): Options {
  const { client } = options as { client: { send(command: unknown, options?: object): unknown } };
  const send = (command: unknown, sendOptions?: object) => client.send(command, { ...sendOptions, [IS_WAITING]: true });
  return { ...options, client: Object.create(client, { send: { value: send } }) };
}
