//! HTTP to requests of the host, and back.

use core::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::HeaderValue;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use shardbrook::{Request, Response};
use tokio::net::{TcpListener, TcpStream};

use crate::exchanges::{Frames, Reset};
use crate::host::{Answer, Host};

/// Why a request gets no answer: its body broke off, or the connection is to be dropped.
type Broken = Box<dyn core::error::Error + Send + Sync>;

/// The body of an answer: whole, or in pieces.
type Body = UnsyncBoxBody<Bytes, Reset>;

/// Serves connections until the future is dropped.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(host: &Arc<Host>, listener: TcpListener) -> std::io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(connection(Arc::clone(host), stream));
    }
}

/// Serves one connection.
async fn connection(host: Arc<Host>, stream: TcpStream) {
    let service = hyper::service::service_fn(move |request| answer(Arc::clone(&host), request));
    let builder = auto::Builder::new(TokioExecutor::new());
    // How it ended is the client's business.
    drop(builder.serve_connection(TokioIo::new(stream), service).await);
}

async fn answer(host: Arc<Host>, request: hyper::Request<Incoming>) -> Result<hyper::Response<Body>, Broken> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let headers: Vec<(&str, &str)> = head
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), core::str::from_utf8(value.as_bytes()).ok()?)))
        .collect();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let request = Request { method: head.method.as_str(), path, headers: &headers, body: &body };
    Ok(match host.call(&request).await {
        Answer::Whole(response) => whole(response),
        Answer::Later(later) => whole(later.wait().await.ok_or(Reset)?),
        Answer::Pieces(head, frames) => respond(head, |_| pieces(frames)),
    })
}

fn whole(response: Response) -> hyper::Response<Body> {
    respond(response, |body| {
        Full::new(body.into()).map_err(|never: Infallible| match never {}).boxed_unsync()
    })
}

fn respond(response: Response, body: impl FnOnce(Vec<u8>) -> Body) -> hyper::Response<Body> {
    let mut answer = hyper::Response::new(body(response.body));
    *answer.status_mut() = hyper::StatusCode::from_u16(response.status).unwrap_or_default();
    for (name, value) in &response.headers {
        if let (Ok(name), Ok(value)) =
            (hyper::header::HeaderName::try_from(*name), HeaderValue::try_from(&**value))
        {
            answer.headers_mut().append(name, value);
        }
    }
    answer
}

fn pieces(frames: Frames) -> Body {
    let stream = futures_util::stream::unfold(frames, |mut frames| async {
        let piece = frames.next().await?;
        Some((piece.map(|bytes| Frame::data(bytes.into())), frames))
    });
    StreamBody::new(stream).boxed_unsync()
}
