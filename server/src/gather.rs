//! Frames of HTTP/2, written together.
//!
//! Most clients take frames of 16 KiB, and hyper writes and flushes each by itself: a large answer would be hundreds of
//! small writes. Here frames are put together as long as the connection has more to send, and written when there is enough
//! of them or no more.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::io::{self, IoSlice};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes that are written at once: four frames of 16 KiB with their heads.
const FULL_BYTES: usize = 66 << 10;
/// Room that is kept between bursts of frames.
const KEPT_BYTES: usize = 4 << 10;

/// A connection whose writes may be put together. Clones are of the same connection.
#[derive(Debug)]
pub(crate) struct Gather<S>(Arc<Mutex<Shared<S>>>);

#[derive(Debug)]
struct Shared<S> {
    inner: S,
    is_gathering: bool,
    waiting: Vec<u8>,
    /// What of `waiting` is written already.
    written: usize,
    /// What was written may be in a buffer below still, as that of TLS; nobody else asks for it to be sent.
    needs_flush: bool,
}

impl<S> Clone for Gather<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S> Gather<S> {
    /// Passes writes on as they are, until it is told to gather.
    pub(crate) fn new(inner: S) -> Self {
        Self(Arc::new(Mutex::new(Shared {
            inner,
            is_gathering: false,
            waiting: Vec::new(),
            written: 0,
            needs_flush: false,
        })))
    }

    /// Puts writes together from now on. Who does this calls [`poll_send`](Self::poll_send) each time that the connection
    /// was polled.
    pub(crate) fn gather(&self) {
        let mut shared = self.lock();
        shared.is_gathering = true;
        shared.needs_flush = true;
    }

    fn lock(&self) -> MutexGuard<'_, Shared<S>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: AsyncWrite + Unpin> Gather<S> {
    /// Writes what was put together, to the end: until it is ready, all that was written may not be sent.
    pub(crate) fn poll_send(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut shared = self.lock();
        if !shared.is_gathering {
            return Poll::Ready(Ok(()));
        }
        ready!(shared.poll_write_waiting(cx))?;
        if shared.needs_flush {
            ready!(Pin::new(&mut shared.inner).poll_flush(cx))?;
            shared.needs_flush = false;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> Shared<S> {
    fn poll_write_waiting(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.waiting.is_empty() {
            return Poll::Ready(Ok(()));
        }
        while self.written < self.waiting.len() {
            match ready!(Pin::new(&mut self.inner).poll_write(cx, &self.waiting[self.written..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.written += written,
            }
            self.needs_flush = true;
        }
        self.written = 0;
        self.waiting.clear();
        // An idle connection holds next to nothing.
        self.waiting.shrink_to(KEPT_BYTES);
        Poll::Ready(Ok(()))
    }

    /// Makes room for so many bytes to wait; says whether they are to wait at all.
    fn poll_room(&mut self, cx: &mut Context<'_>, bytes: usize) -> Poll<io::Result<bool>> {
        if !self.is_gathering {
            return Poll::Ready(Ok(false));
        }
        let full = self.waiting.len() + bytes;
        if full > FULL_BYTES {
            ready!(self.poll_write_waiting(cx))?;
        } else if full > KEPT_BYTES {
            self.waiting.reserve_exact(FULL_BYTES - self.waiting.len());
        }
        Poll::Ready(Ok(bytes <= FULL_BYTES))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Gather<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.lock().inner).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gather<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let mut shared = self.lock();
        if ready!(shared.poll_room(cx, buf.len()))? {
            shared.waiting.extend_from_slice(buf);
            return Poll::Ready(Ok(buf.len()));
        }
        let written = ready!(Pin::new(&mut shared.inner).poll_write(cx, buf));
        shared.needs_flush = true;
        Poll::Ready(written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut shared = self.lock();
        let bytes = bufs.iter().map(|buf| buf.len()).sum();
        if ready!(shared.poll_room(cx, bytes))? {
            bufs.iter().for_each(|buf| shared.waiting.extend_from_slice(buf));
            return Poll::Ready(Ok(bytes));
        }
        let written = ready!(Pin::new(&mut shared.inner).poll_write_vectored(cx, bufs));
        shared.needs_flush = true;
        Poll::Ready(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.lock().inner.is_write_vectored()
    }

    /// While writes are put together, [`poll_send`](Self::poll_send) is what flushes.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut shared = self.lock();
        if shared.is_gathering {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut shared.inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut shared = self.lock();
        ready!(shared.poll_write_waiting(cx))?;
        Pin::new(&mut shared.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use core::pin::pin;
    use core::task::Waker;

    use super::*;

    /// Takes so many bytes at a time, every other time, and keeps them until the second time that it is flushed, as TLS
    /// does; remembers what it took.
    #[derive(Debug, Default)]
    struct Slow {
        most: usize,
        is_tired: bool,
        writes: Vec<Vec<u8>>,
        is_flushing: bool,
        /// Writes that are sent.
        sent: usize,
        flushes: usize,
        is_shut: bool,
    }

    impl AsyncWrite for Slow {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
            let this = self.get_mut();
            this.is_tired = !this.is_tired;
            if this.is_tired {
                return Poll::Pending;
            }
            let taken = &buf[..buf.len().min(this.most)];
            this.writes.push(taken.to_vec());
            Poll::Ready(Ok(taken.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            let this = self.get_mut();
            this.is_flushing = !this.is_flushing && this.sent < this.writes.len();
            if this.is_flushing {
                return Poll::Pending;
            }
            this.sent = this.writes.len();
            this.flushes += 1;
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.get_mut().is_shut = true;
            Poll::Ready(Ok(()))
        }
    }

    fn stream(most: usize, gathers: bool) -> Gather<Slow> {
        let stream = Gather::new(Slow { most, ..Slow::default() });
        if gathers {
            stream.gather();
        }
        stream
    }

    /// Polls until it is ready; gives how often that was in vain.
    fn finish<T>(mut poll: impl FnMut(&mut Context<'_>) -> Poll<io::Result<T>>) -> (T, usize) {
        for vain in 0..10_000 {
            if let Poll::Ready(done) = poll(&mut Context::from_waker(Waker::noop())) {
                return (done.unwrap(), vain);
            }
        }
        panic!("it never is ready");
    }

    fn write(stream: &Gather<Slow>, bytes: &[u8]) -> usize {
        let mut stream = pin!(stream.clone());
        let mut rest = bytes;
        let mut vain = 0;
        while !rest.is_empty() {
            // As hyper does it: a head and a payload.
            let (head, payload) = rest.split_at(rest.len().min(9));
            let bufs = [IoSlice::new(head), IoSlice::new(payload)];
            let (written, times) = finish(|cx| match payload {
                [] => stream.as_mut().poll_write(cx, head),
                _ => stream.as_mut().poll_write_vectored(cx, &bufs),
            });
            rest = &rest[written..];
            vain += times;
        }
        finish(|cx| stream.as_mut().poll_flush(cx));
        vain
    }

    fn is_sent(stream: &Gather<Slow>) -> bool {
        let shared = stream.lock();
        shared.inner.sent == shared.inner.writes.len()
    }

    fn frame(number: usize, len: usize) -> Vec<u8> {
        (0..len).map(|at| (at * 7 + number) as u8).collect()
    }

    #[test]
    fn frames_are_written_together() {
        let stream = stream(usize::MAX, true);
        let frames: Vec<Vec<u8>> = (0..50).map(|number| frame(number, (16 << 10) + 9)).collect();
        let vain: usize = frames.iter().map(|frame| write(&stream, frame)).sum();
        assert_eq!(vain, stream.lock().inner.writes.len());
        assert_eq!(stream.lock().inner.flushes, 0);
        finish(|cx| stream.poll_send(cx));
        let shared = stream.lock();
        assert_eq!(shared.inner.writes.concat(), frames.concat());
        assert_eq!(shared.inner.writes.len(), 50_usize.div_ceil(4));
        assert_eq!((shared.inner.flushes, shared.inner.sent), (1, shared.inner.writes.len()));
        assert!(shared.waiting.capacity() <= KEPT_BYTES, "{}", shared.waiting.capacity());
    }

    #[test]
    fn a_client_that_takes_little_holds_up_the_writer() {
        let stream = stream(1000, true);
        let mut frames = Vec::new();
        let mut vain = 0;
        for (number, len) in
            [10, 40_000, 100, 30_000, 200_000, 1, FULL_BYTES, FULL_BYTES + 1, 5].into_iter().enumerate()
        {
            frames.push(frame(number, len));
            vain += write(&stream, &frames[number]);
            assert!(stream.lock().waiting.len() <= FULL_BYTES);
        }
        assert!(vain > 100, "{vain}");
        finish(|cx| stream.poll_send(cx));
        assert_eq!(stream.lock().inner.writes.concat(), frames.concat());
        assert!(is_sent(&stream));
        // There is nothing to send, and nothing to flush.
        let flushes = stream.lock().inner.flushes;
        finish(|cx| stream.poll_send(cx));
        assert_eq!(stream.lock().inner.flushes, flushes);
    }

    #[test]
    fn what_is_too_large_to_wait_is_sent_too() {
        let stream = stream(usize::MAX, true);
        finish(|cx| stream.poll_send(cx));
        let large = frame(0, FULL_BYTES + 1);
        let written = finish(|cx| pin!(stream.clone()).poll_write(cx, &large)).0;
        assert_eq!((written, stream.lock().inner.sent), (large.len(), 0));
        finish(|cx| stream.poll_send(cx));
        assert_eq!(stream.lock().inner.sent, 1);
    }

    #[test]
    fn what_was_written_before_is_sent_too() {
        let stream = stream(usize::MAX, false);
        let written = finish(|cx| pin!(stream.clone()).poll_write(cx, b"settings")).0;
        stream.gather();
        finish(|cx| pin!(stream.clone()).poll_flush(cx));
        assert_eq!((written, stream.lock().inner.sent), (8, 0));
        finish(|cx| stream.poll_send(cx));
        assert_eq!(stream.lock().inner.sent, 1);
    }

    #[test]
    fn other_writes_are_passed_on() {
        let stream = stream(usize::MAX, false);
        write(&stream, &frame(0, 100));
        write(&stream, &frame(1, 3));
        assert_eq!(stream.lock().inner.writes.concat(), [frame(0, 100), frame(1, 3)].concat());
        assert_eq!(stream.lock().inner.flushes, 2);
        assert!(is_sent(&stream));
        assert!(stream.lock().waiting.is_empty());
    }

    #[test]
    fn what_waits_is_written_before_the_end() {
        let stream = stream(7, true);
        write(&stream, &frame(0, 100));
        finish(|cx| pin!(stream.clone()).poll_shutdown(cx));
        assert_eq!(stream.lock().inner.writes.concat(), frame(0, 100));
        assert!(stream.lock().inner.is_shut);
    }
}
