/** What connections may cost: the numbers of the server, where there are such. */

/** Connections at a time; more are closed at once. */
export const CONNECTIONS = 1024;
/** The largest body of a request, above the 10 MiB of data of the largest PutRecords in base64. */
export const BODY_BYTES = 16 << 20;
/** Bodies of all requests that are under way; beyond it the service is busy. */
export const BYTES_IN_FLIGHT = 512 << 20;
/** Bytes of all headers of a request. */
export const HEADER_BYTES = 64 << 10;
/** Headers of a request. */
export const HEADERS = 100;
/** Requests at a time on a connection with HTTP/2. */
export const H2_STREAMS = 128;
/** Bytes of one request that a client may send before they are asked for, with HTTP/2. */
export const H2_STREAM_WINDOW_BYTES = 1 << 20;
/** The same for all requests of a connection. */
export const H2_CONNECTION_WINDOW_BYTES = 2 << 20;
/** The first request of a connection must have come up to its body by then; TLS included. */
export const FIRST_REQUEST_MS = 20_000;
/** A connection on which no request is under way is closed after this time. */
export const IDLE_MS = 75_000;
/** What the body of a request may take beyond what its bytes take at {@link SLOWEST_BODY_BYTES_PER_MS}. */
export const BODY_GRACE_MS = 20_000;
/** Bodies that come more slowly than this are given up. */
export const SLOWEST_BODY_BYTES_PER_MS = 8;
/** How long bytes are taken that nobody reads, so that their sender gets to read the answer. */
export const DISCARD_MS = 2_000;
/** A client that takes nothing of its answer for this time is cut off. */
export const WRITE_STALL_MS = 30_000;
/** A connection is asked so often whether its other end is still there. */
export const KEEP_ALIVE_MS = 20_000;
