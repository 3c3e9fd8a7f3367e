//! A connection that is given up when its client stops.

use core::pin::Pin;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use core::task::{Context, Poll};
use core::time::Duration;
use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// What is under way on a connection.
#[derive(Debug)]
pub(crate) struct Activity {
    began: Instant,
    /// Requests whose answers are not complete.
    requests: AtomicUsize,
    /// When the last answer was complete, in milliseconds since the beginning; 0 before the first.
    idle_since: AtomicU64,
}

impl Activity {
    pub(crate) fn starting_now() -> Arc<Self> {
        Arc::new(Self { began: Instant::now(), requests: AtomicUsize::new(0), idle_since: AtomicU64::new(0) })
    }

    /// A request is under way until the guard is dropped.
    pub(crate) fn begin(self: &Arc<Self>) -> Busy {
        self.requests.fetch_add(1, Ordering::SeqCst);
        Busy(Arc::clone(self))
    }

    /// When the connection is to be closed if no request comes; never while one is under way.
    fn deadline(&self, first_request: Duration, idle: Duration) -> Option<Instant> {
        if self.requests.load(Ordering::SeqCst) > 0 {
            return None;
        }
        Some(match self.idle_since.load(Ordering::SeqCst) {
            0 => self.began + first_request,
            since => self.began + Duration::from_millis(since) + idle,
        })
    }
}

/// A request that is under way.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Activity>);

impl Drop for Busy {
    fn drop(&mut self) {
        let since = u64::try_from(self.0.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.idle_since.store(since.max(1), Ordering::SeqCst);
        self.0.requests.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The times after which a connection is given up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    pub(crate) first_request: Duration,
    pub(crate) idle: Duration,
    pub(crate) write_stall: Duration,
}

/// A connection that fails when its client sends no request, or takes nothing of an answer, for too long.
#[derive(Debug)]
pub(crate) struct Watched<S> {
    inner: S,
    activity: Arc<Activity>,
    patience: Patience,
    reading: Pin<Box<Sleep>>,
    writing: Pin<Box<Sleep>>,
    is_stalled: bool,
}

impl<S> Watched<S> {
    pub(crate) fn new(inner: S, activity: Arc<Activity>, patience: Patience) -> Self {
        let now = Instant::now();
        let [reading, writing] = [(); 2].map(|()| Box::pin(sleep_until(now)));
        Self { inner, activity, patience, reading, writing, is_stalled: false }
    }

    /// Passes on what came of writing, unless nothing was taken for too long.
    fn watch_write<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.is_stalled = false;
            return outcome;
        }
        if !core::mem::replace(&mut self.is_stalled, true) {
            self.writing.as_mut().reset(Instant::now() + self.patience.write_stall);
        }
        fail_after(self.writing.as_mut(), cx)
    }
}

fn fail_after<T>(sleep: Pin<&mut Sleep>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
    sleep.poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let Some(deadline) = this.activity.deadline(this.patience.first_request, this.patience.idle) else {
            return Pin::new(&mut this.inner).poll_read(cx, buf);
        };
        // Also if there is something to read: a client that sends anything but requests is idle.
        if this.reading.deadline() != deadline {
            this.reading.as_mut().reset(deadline);
        }
        if let Poll::Ready(failed) = fail_after(this.reading.as_mut(), cx) {
            return Poll::Ready(failed);
        }
        Pin::new(&mut this.inner).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.inner).poll_write(cx, buf);
        this.watch_write(cx, outcome)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.inner).poll_write_vectored(cx, bufs);
        this.watch_write(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.inner).poll_flush(cx);
        this.watch_write(cx, outcome)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.inner).poll_shutdown(cx);
        this.watch_write(cx, outcome)
    }
}
