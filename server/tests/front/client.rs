//! Clients by hand: bytes over a socket, and streams of HTTP/2.

use core::net::SocketAddr;

use bytes::Bytes;
use h2::client::SendRequest;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::server::{PATIENCE, Running};

/// Headers that every request of an AWS client has; the signature is none.
pub(crate) const SIGNED: &str = "Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/kinesis/aws4_request, \
    SignedHeaders=host, Signature=x\r\nX-Amz-Date: 20260101T000000Z\r\n";

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// Reads the one answer that `bytes` are.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
    }
}

pub(crate) async fn connect(address: SocketAddr) -> TcpStream {
    timeout(PATIENCE, TcpStream::connect(address)).await.unwrap().unwrap()
}

/// Sends bytes and reads all that comes until the server closes the connection.
pub(crate) async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, bytes: &[u8]) -> Vec<u8> {
    // A server that refuses may close before it has read everything.
    let _ = timeout(PATIENCE, stream.write_all(bytes)).await.unwrap();
    read_to_end(stream).await
}

/// Sends bytes on a new connection that stays open on this side, and reads until the server closes it.
pub(crate) async fn exchange_open(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    exchange(connect(address).await, bytes).await
}

/// Reads until the server closes the connection, or resets it.
pub(crate) async fn read_to_end(mut stream: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut answer = Vec::new();
    let _ =
        timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the server closes the connection");
    answer
}

/// A request as an AWS client sends it, after which the connection is closed.
pub(crate) fn request(operation: &str, headers: &str, body: &str) -> String {
    let target =
        if operation.contains('.') { operation.to_owned() } else { format!("Kinesis_20131202.{operation}") };
    format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.1\r\n\
         X-Amz-Target: {target}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub(crate) async fn call(address: SocketAddr, operation: &str, body: &str) -> Answer {
    call_with(address, operation, SIGNED, body).await
}

pub(crate) async fn call_with(address: SocketAddr, operation: &str, headers: &str, body: &str) -> Answer {
    let request = request(operation, headers, body);
    Answer::parse(&exchange(connect(address).await, request.as_bytes()).await)
}

pub(crate) async fn get(address: SocketAddr, path: &str) -> Answer {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    Answer::parse(&exchange(connect(address).await, request.as_bytes()).await)
}

/// A connection with HTTP/2, which runs until the handle is dropped.
pub(crate) async fn h2(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> (SendRequest<Bytes>, tokio::task::JoinHandle<Result<(), h2::Error>>) {
    let (sender, connection) = timeout(PATIENCE, h2::client::handshake(stream)).await.unwrap().unwrap();
    (sender, tokio::spawn(connection))
}

pub(crate) fn h2_request(operation: &str) -> http::Request<()> {
    http::Request::post("http://localhost/")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("Kinesis_20131202.{operation}"))
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=x",
        )
        .header("x-amz-date", "20260101T000000Z")
        .body(())
        .unwrap()
}

/// Makes a call on a connection with HTTP/2.
pub(crate) async fn h2_call(sender: &SendRequest<Bytes>, operation: &str, body: &str) -> Answer {
    let work = async {
        let mut sender = sender.clone().ready().await.unwrap();
        let (answer, mut stream) = sender.send_request(h2_request(operation), false).unwrap();
        stream.send_data(Bytes::copy_from_slice(body.as_bytes()), true).unwrap();
        let (head, mut body) = answer.await.unwrap().into_parts();
        let mut text = Vec::new();
        while let Some(data) = body.data().await {
            let data = data.unwrap();
            body.flow_control().release_capacity(data.len()).unwrap();
            text.extend_from_slice(&data);
        }
        Answer {
            status: head.status.as_u16(),
            head: format!("{:?}", head.headers),
            body: String::from_utf8(text).unwrap(),
        }
    };
    timeout(PATIENCE, work).await.unwrap()
}

/// Subscribes to the shard of the stream, from its end on.
pub(crate) async fn subscribe(server: &Running, sender: &SendRequest<Bytes>) -> h2::RecvStream {
    let stream = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
    let register = format!(r#"{{"StreamARN":"{stream}","ConsumerName":"c"}}"#);
    let made = call(server.address, "RegisterStreamConsumer", &register).await;
    let at = made.body.find("arn:").unwrap();
    let consumer = made.body[at..].split('"').next().unwrap().to_owned();
    let subscribe = format!(
        r#"{{"ConsumerARN":"{consumer}","ShardId":"shardId-000000000000","StartingPosition":{{"Type":"LATEST"}}}}"#
    );
    let mut ready = timeout(PATIENCE, sender.clone().ready()).await.unwrap().unwrap();
    let (answer, mut body) = ready.send_request(h2_request("SubscribeToShard"), false).unwrap();
    body.send_data(Bytes::from(subscribe), true).unwrap();
    let answer = timeout(PATIENCE, answer).await.unwrap().unwrap();
    assert_eq!(answer.status(), 200);
    answer.into_body()
}

/// Puts so many records of 600 kB into the stream, and gives a request for all of them.
pub(crate) async fn fill(address: SocketAddr, records: usize) -> String {
    let data = "QUFB".repeat(200_000);
    let put = format!(r#"{{"StreamName":"s","PartitionKey":"k","Data":"{data}"}}"#);
    for _ in 0..records {
        assert_eq!(call(address, "PutRecord", &put).await.status, 200);
    }
    let iterator =
        r#"{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}"#;
    call(address, "GetShardIterator", iterator).await.body
}
