//! Bodies: of requests, read within limits, and of answers.

use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Version, header};
use shardbrook::{Error, ErrorKind};
use tokio::time::{Instant, timeout, timeout_at};

use crate::activity::{Busy, Sending, Subscription};
use crate::budget::{Budget, Held};
use crate::connection::Broken;
use crate::exchanges::{Frames, Reset};
use crate::limits::{ConnectionLimits, SLOWEST_BODY_BYTES_PER_SECOND};

/// Room that is made for a body before any of it came; more only as it comes.
const FIRST_ROOM_BYTES: usize = 1 << 20;
/// How long bytes are taken that nobody reads, so that their sender gets to read the answer.
const DISCARD_TIME: Duration = Duration::from_secs(2);

/// Why a body was not read.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// It is larger than allowed.
    TooLarge,
    /// It comes too slowly.
    TooSlow,
    /// Too much is on its way already.
    Busy,
    /// The connection broke off.
    Broken(hyper::Error),
}

impl BodyError {
    /// What the client is told, if it is told anything.
    pub(crate) fn into_answer(self, limits: &ConnectionLimits) -> Result<Error, Broken> {
        match self {
            Self::TooLarge => {
                let message = format!("The body is larger than {} bytes.", limits.body_bytes);
                Ok(Error::new(ErrorKind::RequestEntityTooLarge, message))
            }
            Self::Busy => {
                let message = "The server has too many requests and answers under way.";
                Ok(Error::new(ErrorKind::ServiceUnavailable, message))
            }
            Self::TooSlow => Err("the body came too slowly".into()),
            Self::Broken(error) => Err(error.into()),
        }
    }
}

/// Reads a body within `limits`.
pub(crate) async fn read(
    mut body: Incoming,
    limits: &ConnectionLimits,
    budget: &Arc<Budget>,
) -> Result<(Bytes, Held), (BodyError, Incoming)> {
    let mut held = budget.hold();
    if body.size_hint().lower() > limits.body_bytes as u64 {
        return Err((BodyError::TooLarge, body));
    }
    let start = Instant::now() + limits.body_grace;
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    let mut length = 0;
    loop {
        let deadline = start + Duration::from_millis(length as u64 * 1000 / SLOWEST_BODY_BYTES_PER_SECOND);
        let frame = match timeout_at(deadline, body.frame()).await {
            Err(_) => return Err((BodyError::TooSlow, body)),
            Ok(None) => break,
            Ok(Some(Err(error))) => return Err((BodyError::Broken(error), body)),
            Ok(Some(Ok(frame))) => frame,
        };
        // Trailers say nothing that matters here.
        let Ok(data) = frame.into_data() else { continue };
        length += data.len();
        if length > limits.body_bytes {
            return Err((BodyError::TooLarge, body));
        }
        if !held.add(data.len()) {
            return Err((BodyError::Busy, body));
        }
        if first.is_empty() {
            first = data;
        } else {
            if whole.is_empty() {
                let expected = body.size_hint().lower() as usize + length;
                whole.reserve(expected.min(FIRST_ROOM_BYTES));
                whole.extend_from_slice(&first);
            }
            whole.extend_from_slice(&data);
        }
    }
    Ok((if whole.is_empty() { first } else { whole.freeze() }, held))
}

/// Takes what still comes of a body, for a while: a client of HTTP/1.1 reads the answer only when it has sent it all,
/// unless it asked before it sent anything.
pub(crate) async fn discard(head: &Parts, mut body: Incoming, limits: &ConnectionLimits) {
    if head.version > Version::HTTP_11 || head.headers.contains_key(header::EXPECT) {
        return;
    }
    let mut left = limits.body_bytes;
    let all = async {
        while let Some(Ok(frame)) = body.frame().await {
            match left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) {
                Some(rest) => left = rest,
                None => break,
            }
        }
    };
    // It is over, or it is not; nobody waits longer.
    drop(timeout(DISCARD_TIME, all).await);
}

/// The body of an answer. The request is under way until it, and what it consists of, is dropped.
#[derive(Debug)]
pub(crate) struct AnswerBody {
    content: Content,
    _busy: Option<Busy>,
}

/// Bytes of an answer, which count until the last of them is handed to the connection: the body itself is dropped before
/// that. What a connection keeps of them then is bounded, and it is not idle until it is sent.
#[derive(Debug)]
pub(crate) struct Counted {
    bytes: Vec<u8>,
    /// How many are handed on.
    sent: usize,
    _held: Held,
    sending: Sending,
}

impl Counted {
    fn new(bytes: Vec<u8>, held: Held, sending: Sending) -> Self {
        Self { bytes, sent: 0, _held: held, sending }
    }
}

impl Buf for Counted {
    fn remaining(&self) -> usize {
        self.bytes.len() - self.sent
    }

    fn chunk(&self) -> &[u8] {
        &self.bytes[self.sent..]
    }

    fn advance(&mut self, count: usize) {
        assert!(count <= self.remaining(), "there are no more bytes");
        self.sent += count;
        self.sending.taken();
    }
}

#[derive(Debug)]
enum Content {
    Whole(Option<Counted>),
    Pieces(Pieces),
}

/// Pieces that come, with the future of the next one.
struct Pieces(Pin<Box<dyn futures_util::Stream<Item = Result<Counted, Reset>> + Send>>);

impl core::fmt::Debug for Pieces {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Pieces")
    }
}

impl AnswerBody {
    /// All of it, which counts until it is sent.
    pub(crate) fn whole(bytes: Vec<u8>, held: Held, busy: Busy) -> Self {
        if bytes.is_empty() {
            return Self { content: Content::Whole(None), _busy: Some(busy) };
        }
        Self { content: Content::Whole(Some(Counted::new(bytes, held, busy.sending()))), _busy: None }
    }

    /// What comes of it. Never more than one piece is on its way.
    pub(crate) fn pieces(frames: Frames, budget: &Arc<Budget>, busy: Busy) -> Self {
        let parts = (frames, Arc::clone(budget), busy.subscribe());
        let stream = futures_util::stream::unfold(parts, next_piece);
        Self { content: Content::Pieces(Pieces(Box::pin(stream))), _busy: None }
    }
}

/// Where the pieces of an answer come from.
type Piecing = (Frames, Arc<Budget>, Subscription);

async fn next_piece(
    (mut frames, budget, subscription): Piecing,
) -> Option<(Result<Counted, Reset>, Piecing)> {
    let piece = frames.next().await?;
    let piece = piece.map(|bytes| {
        let mut held = budget.hold();
        // It is there already.
        let _ = held.add(bytes.len());
        Counted::new(bytes, held, subscription.sending())
    });
    Some((piece, (frames, budget, subscription)))
}

impl Body for AnswerBody {
    type Data = Counted;
    type Error = Reset;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Counted>, Reset>>> {
        match &mut self.get_mut().content {
            Content::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Content::Pieces(pieces) => {
                pieces.0.as_mut().poll_next(cx).map(|piece| piece.map(|piece| piece.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Whole(bytes) => bytes.is_none(),
            Content::Pieces(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Buf::remaining) as u64),
            Content::Pieces(_) => SizeHint::default(),
        }
    }
}
