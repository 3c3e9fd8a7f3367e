//! One connection: which protocol it speaks, and how long it may last.

use core::future::poll_fn;
use core::pin::{Pin, pin};
use core::task::Poll;
use std::io;
use std::sync::Arc;

use hyper::Version;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::activity::{Activity, Patience, Watched};
use crate::front::Front;
use crate::gather::Gather;
use crate::http;
use crate::limits;

/// The first byte of a connection with TLS: the type of the record that holds the client's hello.
const TLS_HANDSHAKE: u8 = 0x16;

/// What connections are to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Open,
    /// Finish what is under way.
    Draining,
    /// End at once.
    Over,
}

/// Why a connection ended early, or a request gets no answer.
pub(crate) type Broken = Box<dyn core::error::Error + Send + Sync>;

/// How a connection begins.
enum Begun {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    Nothing,
}

/// What every connection is served with.
#[derive(Clone)]
pub(crate) struct Connection {
    front: Arc<Front>,
    tls: TlsAcceptor,
    phases: watch::Receiver<Phase>,
    protocols: auto::Builder<TokioExecutor>,
}

impl Connection {
    pub(crate) fn new(front: Arc<Front>, tls: TlsAcceptor, phases: watch::Receiver<Phase>) -> Self {
        Self { front, tls, phases, protocols: protocols() }
    }

    /// Serves a connection to its end.
    pub(crate) async fn serve(self, stream: TcpStream) -> Result<(), Broken> {
        let _open = self.front.metrics().connection();
        // Answers are written whole; waiting for more would only delay them.
        stream.set_nodelay(true)?;
        let mut phases = self.phases.clone();
        tokio::select! {
            served = self.sniff(stream) => served,
            _ = phases.wait_for(|phase| *phase == Phase::Over) => Ok(()),
        }
    }

    async fn sniff(self, stream: TcpStream) -> Result<(), Broken> {
        let activity = Activity::starting_now();
        let first_request = self.front.limits().first_request;
        let mut phases = self.phases.clone();
        let begun = tokio::select! {
            biased;
            begun = timeout(first_request, self.begin(stream)) => begun.map_err(io::Error::from)??,
            // Nothing is under way yet.
            _ = phases.wait_for(|phase| *phase != Phase::Open) => return Ok(()),
        };
        match begun {
            Begun::Plain(stream) => self.speak(stream, activity).await,
            Begun::Tls(stream) => self.speak(stream, activity).await,
            Begun::Nothing => Ok(()),
        }
    }

    /// Waits for the first byte, and for the end of the handshake if that is what it begins.
    async fn begin(&self, stream: TcpStream) -> io::Result<Begun> {
        let mut first = [0];
        Ok(match stream.peek(&mut first).await? {
            0 => Begun::Nothing,
            _ if first == [TLS_HANDSHAKE] => Begun::Tls(Box::new(self.tls.accept(stream).await?)),
            _ => Begun::Plain(stream),
        })
    }

    async fn speak(
        mut self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        activity: Arc<Activity>,
    ) -> Result<(), Broken> {
        let limits = self.front.limits();
        let patience = Patience {
            first_request: limits.first_request,
            idle: limits.idle,
            write_stall: limits.write_stall,
        };
        let stream = Gather::new(Watched::new(stream, Arc::clone(&activity), patience));
        let (front, gathering) = (self.front, stream.clone());
        let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
            if request.version() == Version::HTTP_2 {
                gathering.gather();
            }
            // In a box: it is large, and would be moved several times before it is where it stays.
            Box::pin(http::answer(Arc::clone(&front), activity.begin(), request))
        });
        let mut connection = pin!(self.protocols.serve_connection(TokioIo::new(stream.clone()), service));
        tokio::select! {
            served = sending(&stream, connection.as_mut()) => return served,
            _ = self.phases.wait_for(|phase| *phase != Phase::Open) => {}
        }
        connection.as_mut().graceful_shutdown();
        sending(&stream, connection).await
    }
}

/// Serves a connection, and sends what it put together each time that it has no more to add.
async fn sending<T>(
    stream: &Gather<impl AsyncWrite + Unpin>,
    mut connection: Pin<&mut impl Future<Output = Result<T, Broken>>>,
) -> Result<T, Broken> {
    poll_fn(|cx| {
        let served = connection.as_mut().poll(cx);
        match stream.poll_send(cx) {
            Poll::Ready(Err(error)) if served.is_pending() => Poll::Ready(Err(error.into())),
            Poll::Ready(_) | Poll::Pending => served,
        }
    })
    .await
}

fn protocols() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // What is too slow is given up by `Watched`, whatever the protocol.
    builder
        .http1()
        .header_read_timeout(None)
        .max_headers(limits::HEADERS)
        .max_buf_size(limits::READ_AHEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits::H2_STREAMS)
        .max_header_list_size(limits::HEADER_LIST_BYTES)
        .max_pending_accept_reset_streams(limits::H2_PENDING_RESETS)
        .max_local_error_reset_streams(limits::H2_LOCAL_RESETS)
        .initial_stream_window_size(limits::H2_STREAM_WINDOW_BYTES)
        .initial_connection_window_size(limits::H2_CONNECTION_WINDOW_BYTES)
        .max_send_buf_size(limits::H2_SEND_BYTES)
        .keep_alive_interval(limits::H2_PING_INTERVAL)
        .keep_alive_timeout(limits::H2_PING_TIMEOUT);
    builder
}
