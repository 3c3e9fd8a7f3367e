/**
 * Which web pages may ask. A port on a developer's machine can be reached by every page that the developer has open; those
 * of the machine itself are let in, others only if they are listed. Programs that are no browsers name no origin.
 */

/** Whether a page of this origin may ask. */
export function mayAsk(origin: string, listed: readonly string[]): boolean {
  return listed.some((one) => one === "*" || one.toLowerCase() === origin.toLowerCase()) || isLoopback(origin);
}

function isLoopback(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  const isLocal = /^(?:(?:.*\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
  return isLocal && (protocol === "http:" || protocol === "https:");
}
