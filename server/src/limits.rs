//! What connections may cost.

use core::time::Duration;

/// What connections and requests may take of the server. Whoever goes beyond gets an error or is cut off; others do not
/// notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionLimits {
    /// Connections at a time; more wait until one is closed. Default: 1,024.
    pub connections: usize,
    /// The largest body of a request. Default: 16 MiB, above the 10 MiB of data of the largest PutRecords in base64.
    pub body_bytes: usize,
    /// Requests and answers that are on their way, heads and bodies, of all connections together. Beyond it requests are
    /// answered as if the service were busy. Default: 512 MiB.
    pub bytes_in_flight: usize,
    /// A connection on which no request is under way is closed after this time. Default: 75 s, more than the 60 s after
    /// which SDKs drop theirs.
    pub idle: Duration,
    /// The first request of a connection must have come up to its body by then; TLS included. Default: 20 s.
    pub first_request: Duration,
    /// What the body of a request may take beyond what its bytes take at 8 KiB a second.
    /// Default: 20 s.
    pub body_grace: Duration,
    /// A client that takes nothing of its answers for this time is cut off. Default: 30 s.
    pub write_stall: Duration,
    /// What is left open of requests when the server stops is cut off after this time. Default: 10 s.
    pub shutdown: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            connections: 1024,
            body_bytes: 16 << 20,
            bytes_in_flight: 512 << 20,
            idle: Duration::from_secs(75),
            first_request: Duration::from_secs(20),
            body_grace: Duration::from_secs(20),
            write_stall: Duration::from_secs(30),
            shutdown: Duration::from_secs(10),
        }
    }
}

/// Bodies that come more slowly than this are given up.
pub(crate) const SLOWEST_BODY_BYTES_PER_SECOND: u64 = 8 << 10;
/// Bytes of all headers of a request over HTTP/2. A session token has some 2 KiB.
pub(crate) const HEADER_LIST_BYTES: u32 = 64 << 10;
/// Headers of a request over HTTP/1.1.
pub(crate) const HEADERS: usize = 100;
/// What is read ahead of a connection with HTTP/1.1: at least all headers of a request.
pub(crate) const READ_AHEAD_BYTES: usize = 128 << 10;
/// Requests at a time on a connection with HTTP/2.
pub(crate) const H2_STREAMS: u32 = 128;
/// Bytes of one request that a client may send before they are asked for, with HTTP/2.
pub(crate) const H2_STREAM_WINDOW_BYTES: u32 = 1 << 20;
/// The same for all requests of a connection.
pub(crate) const H2_CONNECTION_WINDOW_BYTES: u32 = 2 << 20;
/// What an answer keeps ready for a connection with HTTP/2.
pub(crate) const H2_SEND_BYTES: usize = 256 << 10;
/// Requests that a client may take back before they are looked at; with more the connection is closed.
pub(crate) const H2_PENDING_RESETS: usize = 20;
/// Streams that the server may have to reset on a connection, for what the client did wrong.
pub(crate) const H2_LOCAL_RESETS: usize = 64;
/// An HTTP/2 connection is asked so often whether it is still there.
pub(crate) const H2_PING_INTERVAL: Duration = Duration::from_secs(20);
/// And has so long to answer.
pub(crate) const H2_PING_TIMEOUT: Duration = Duration::from_secs(20);
