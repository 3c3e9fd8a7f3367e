//! Servers that do no more than no server can do without.

use core::convert::Infallible;
use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use anyhow::Result;
use bytes::Bytes;
use clap::ValueEnum;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use shardbrook_tests::bare;
use tokio::net::TcpListener;

/// What a bare server does with a request, beyond reading it.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Work {
    /// Nothing: each gets the same answer, that of a PutRecord.
    Answer,
    /// Each is taken for a PutRecords: parsed, decoded, hashed and answered, but not stored.
    Parse,
}

const ANSWER: &[u8] = br#"{"SequenceNumber":"49680474754921970500000000000000000000000000000000000001","ShardId":"shardId-000000000000"}"#;

/// No request has more records, and so many numbers are set aside for each.
const MOST_RECORDS: u64 = 500;

/// Serves until the process is killed.
#[tokio::main]
pub(crate) async fn serve(work: Work, port: u16) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let serial = Arc::new(AtomicU64::new(0));
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let serial = Arc::clone(&serial);
        let service = hyper::service::service_fn(move |request| answer(work, Arc::clone(&serial), request));
        tokio::spawn(async move {
            let builder = auto::Builder::new(TokioExecutor::new());
            // How it ended is the client's business.
            drop(builder.serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

async fn answer(
    work: Work,
    serial: Arc<AtomicU64>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let Ok(body) = request.into_body().collect().await else { return Ok(Response::default()) };
    let body = body.to_bytes();
    let answer = match work {
        Work::Answer => Bytes::from_static(ANSWER),
        Work::Parse => {
            let mut next = u128::from(serial.fetch_add(MOST_RECORDS, Ordering::Relaxed));
            let answer = bare::put_records(&body, &mut next);
            // What is no PutRecords, such as the question whether the server is up, has an answer too.
            answer.map_or(Bytes::from_static(ANSWER), Bytes::from)
        }
    };
    let mut response = Response::new(Full::new(answer));
    let json = hyper::header::HeaderValue::from_static("application/x-amz-json-1.1");
    response.headers_mut().insert(hyper::header::CONTENT_TYPE, json);
    Ok(response)
}
