//! A connection that is given up when its client stops.

use core::pin::Pin;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use core::task::{Context, Poll, ready};
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
    /// Answers, and pieces of them, that are there and that the client has not taken.
    answers: AtomicUsize,
    /// When the client last took something of them, in milliseconds since the beginning.
    taken_at: AtomicU64,
}

impl Activity {
    pub(crate) fn starting_now() -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            requests: AtomicUsize::new(0),
            idle_since: AtomicU64::new(0),
            answers: AtomicUsize::new(0),
            taken_at: AtomicU64::new(0),
        })
    }

    /// A request is under way until the guard is dropped.
    pub(crate) fn begin(self: &Arc<Self>) -> Busy {
        self.requests.fetch_add(1, Ordering::SeqCst);
        Busy(Arc::clone(self))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn taken_now(&self) {
        self.taken_at.store(self.now(), Ordering::SeqCst);
    }

    /// When the connection is to be closed if no request comes and nothing is taken; never while the server is at work.
    fn deadline(&self, patience: &Patience) -> Option<Instant> {
        let since = |since| self.began + Duration::from_millis(since);
        if self.answers.load(Ordering::SeqCst) > 0 {
            return Some(since(self.taken_at.load(Ordering::SeqCst)) + patience.write_stall);
        }
        if self.requests.load(Ordering::SeqCst) > 0 {
            return None;
        }
        Some(match self.idle_since.load(Ordering::SeqCst) {
            0 => self.began + patience.first_request,
            idle_since => since(idle_since) + patience.idle,
        })
    }
}

/// A request that is under way.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Activity>);

impl Busy {
    /// Its answer is on its way until the guard is dropped.
    pub(crate) fn sending(self) -> Sending {
        self.0.taken_now();
        self.0.answers.fetch_add(1, Ordering::SeqCst);
        Sending(self)
    }
}

impl Clone for Busy {
    fn clone(&self) -> Self {
        self.0.begin()
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.idle_since.store(self.0.now().max(1), Ordering::SeqCst);
        self.0.requests.fetch_sub(1, Ordering::SeqCst);
    }
}

/// An answer, or a piece of one, that is on its way.
#[derive(Debug)]
pub(crate) struct Sending(Busy);

impl Sending {
    /// The client took something of it.
    pub(crate) fn taken(&self) {
        self.0.0.taken_now();
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.taken();
        self.0.0.answers.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The times after which a connection is given up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    pub(crate) first_request: Duration,
    pub(crate) idle: Duration,
    pub(crate) write_stall: Duration,
}

impl Patience {
    /// What can begin now cannot be too late before.
    fn shortest(&self) -> Duration {
        self.idle.min(self.write_stall)
    }
}

/// A connection that fails when its client sends no request, or takes nothing of an answer, for too long.
#[derive(Debug)]
pub(crate) struct Watched<S> {
    inner: S,
    activity: Arc<Activity>,
    patience: Patience,
    /// When to look whether it is too late; it may be later that it is.
    reading: Pin<Box<Sleep>>,
    writing: Pin<Box<Sleep>>,
    is_stalled: bool,
}

impl<S> Watched<S> {
    pub(crate) fn new(inner: S, activity: Arc<Activity>, patience: Patience) -> Self {
        let now = Instant::now();
        let reading = Box::pin(sleep_until(now + patience.first_request.min(patience.shortest())));
        let writing = Box::pin(sleep_until(now));
        Self { inner, activity, patience, reading, writing, is_stalled: false }
    }

    /// Waits for the connection to be given up.
    fn watch_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        loop {
            ready!(self.reading.as_mut().poll(cx));
            let now = Instant::now();
            let latest = now + self.patience.shortest();
            let deadline = self.activity.deadline(&self.patience).unwrap_or(latest);
            if deadline <= now {
                return Poll::Ready(io::ErrorKind::TimedOut.into());
            }
            self.reading.as_mut().reset(deadline.min(latest));
        }
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
        // Also if there is something to read: a client that sends anything but requests is idle.
        if let Poll::Ready(late) = this.watch_read(cx) {
            return Poll::Ready(Err(late));
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
