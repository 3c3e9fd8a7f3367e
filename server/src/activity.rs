//! A connection that is given up when its client stops.

use core::pin::Pin;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// How long a subscription lasts.
/// Source: <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html>
const SUBSCRIPTION_TIME: Duration = Duration::from_secs(300);

/// What is under way on a connection.
#[derive(Debug)]
pub(crate) struct Activity {
    began: Instant,
    /// Requests whose answers are not complete.
    requests: AtomicUsize,
    /// When the last answer was complete, in milliseconds since the beginning; 0 before the first.
    idle_since: AtomicU64,
    /// Answers that are there and that the client has not taken.
    answers: AtomicUsize,
    /// The same for pieces of subscriptions.
    pieces: AtomicUsize,
    /// When the client last took something of either, in milliseconds since the beginning.
    taken_at: AtomicU64,
    /// Subscriptions that are not complete.
    subscriptions: AtomicUsize,
}

impl Activity {
    pub(crate) fn starting_now() -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            requests: AtomicUsize::new(0),
            idle_since: AtomicU64::new(0),
            answers: AtomicUsize::new(0),
            pieces: AtomicUsize::new(0),
            taken_at: AtomicU64::new(0),
            subscriptions: AtomicUsize::new(0),
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

    /// How long a write may wait for the client to take what came before. A subscriber that is busy with what it has lets
    /// the connection fill; nobody else does.
    fn stall(&self, patience: &Patience) -> Duration {
        let subscribes = self.subscriptions.load(Ordering::SeqCst) > 0;
        if subscribes && self.answers.load(Ordering::SeqCst) == 0 {
            return patience.piece_stall();
        }
        patience.write_stall
    }

    /// When the connection is to be closed if no request comes and nothing is taken; never while the server is at work.
    fn deadline(&self, patience: &Patience) -> Option<Instant> {
        let since = |since| self.began + Duration::from_millis(since);
        let taken_at = since(self.taken_at.load(Ordering::SeqCst));
        if self.answers.load(Ordering::SeqCst) > 0 {
            return Some(taken_at + patience.write_stall);
        }
        if self.pieces.load(Ordering::SeqCst) > 0 {
            return Some(taken_at + patience.piece_stall());
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
        Sending::new(self, |activity| &activity.answers)
    }

    /// Its answer comes in pieces until the guard is dropped.
    pub(crate) fn subscribe(self) -> Subscription {
        self.0.subscriptions.fetch_add(1, Ordering::SeqCst);
        Subscription(self)
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

/// A subscription that is under way.
#[derive(Debug)]
pub(crate) struct Subscription(Busy);

impl Subscription {
    /// A piece of it is on its way until the guard is dropped.
    pub(crate) fn sending(&self) -> Sending {
        Sending::new(self.0.clone(), |activity| &activity.pieces)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.0.0.subscriptions.fetch_sub(1, Ordering::SeqCst);
    }
}

/// An answer, or a piece of one, that is on its way.
#[derive(Debug)]
pub(crate) struct Sending {
    busy: Busy,
    /// Where it is counted.
    counted: fn(&Activity) -> &AtomicUsize,
}

impl Sending {
    fn new(busy: Busy, counted: fn(&Activity) -> &AtomicUsize) -> Self {
        busy.0.taken_now();
        counted(&busy.0).fetch_add(1, Ordering::SeqCst);
        Self { busy, counted }
    }

    /// The client took something of it.
    pub(crate) fn taken(&self) {
        self.busy.0.taken_now();
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.taken();
        (self.counted)(&self.busy.0).fetch_sub(1, Ordering::SeqCst);
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
    /// A subscriber takes pieces when it is done with those before, within the time that a subscription lasts.
    fn piece_stall(&self) -> Duration {
        self.write_stall.max(SUBSCRIPTION_TIME)
    }

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
    /// While something that was written is not taken: the connection is not idle, even if no answer is left.
    stalled: Option<Busy>,
}

impl<S> Watched<S> {
    pub(crate) fn new(inner: S, activity: Arc<Activity>, patience: Patience) -> Self {
        let now = Instant::now();
        let reading = Box::pin(sleep_until(now + patience.first_request.min(patience.shortest())));
        let writing = Box::pin(sleep_until(now));
        Self { inner, activity, patience, reading, writing, stalled: None }
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

    /// Passes on what came of writing, unless nothing was taken for too long. Whoever is told to wait asks again when it
    /// is woken, so that waiting ends.
    fn watch_write<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.stalled = None;
            return outcome;
        }
        if self.stalled.is_none() {
            self.stalled = Some(self.activity.begin());
            self.writing.as_mut().reset(Instant::now() + self.activity.stall(&self.patience));
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

#[cfg(test)]
mod tests {
    use core::task::Waker;

    use super::*;

    const PATIENCE: Patience = Patience {
        first_request: Duration::from_secs(20),
        idle: Duration::from_secs(75),
        write_stall: Duration::from_secs(30),
    };

    /// Seconds that are left to a connection.
    fn left(activity: &Activity) -> Option<u64> {
        let deadline = activity.deadline(&PATIENCE)?;
        Some((deadline - Instant::now() + Duration::from_millis(500)).as_secs())
    }

    #[test]
    fn each_thing_has_its_patience() {
        let activity = Activity::starting_now();
        let stall = || activity.stall(&PATIENCE).as_secs();
        assert_eq!((left(&activity), stall()), (Some(20), 30));
        let subscription = activity.begin().subscribe();
        assert_eq!((left(&activity), stall()), (None, 300));
        let piece = subscription.sending();
        assert_eq!((left(&activity), stall()), (Some(300), 300));
        let answer = activity.begin().sending();
        assert_eq!((left(&activity), stall()), (Some(30), 30));
        drop(answer);
        assert_eq!((left(&activity), stall()), (Some(300), 300));
        drop(subscription);
        assert_eq!((left(&activity), stall()), (Some(300), 30));
        drop(piece);
        assert_eq!((left(&activity), stall()), (Some(75), 30));
    }

    /// Takes nothing.
    struct Full;

    impl AsyncWrite for Full {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Pending
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn a_connection_that_has_something_to_send_is_not_idle() {
        let activity = Activity::starting_now();
        let mut watched = Watched::new(Full, Arc::clone(&activity), PATIENCE);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut watched).poll_write(&mut cx, b"x").is_pending());
        assert_eq!(left(&activity), None);
        assert!(Pin::new(&mut watched).poll_flush(&mut cx).is_ready());
        assert_eq!(left(&activity), Some(75));
    }
}
