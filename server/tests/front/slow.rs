//! Clients that take their time over answers, and what is kept of answers that nobody takes.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::io;

use bytes::Bytes;
use shardbrook_server::{Certificate, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, Sleep, sleep, timeout};

use crate::client::{self, SIGNED};
use crate::protocols;
use crate::server::{PATIENCE, Running};

#[tokio::test]
async fn an_answer_that_is_taken_slowly_is_taken_whole_over_http_1() {
    let server = Running::start(|config| config.limits.idle = Duration::from_millis(300)).await;
    let body = client::fill(server.address, 12).await;
    let socket = TcpSocket::new_v4().unwrap();
    // So that the answer waits in the server, not on the way.
    socket.set_recv_buffer_size(64 << 10).unwrap();
    let mut stream = timeout(PATIENCE, socket.connect(server.address)).await.unwrap().unwrap();
    stream.write_all(client::request("GetRecords", SIGNED, &body).as_bytes()).await.unwrap();
    let (mut answer, mut buffer, began) = (Vec::new(), vec![0; 64 << 10], Instant::now());
    loop {
        let read = timeout(PATIENCE, stream.read(&mut buffer)).await.unwrap().unwrap();
        answer.extend_from_slice(&buffer[..read]);
        if read == 0 {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    assert!(began.elapsed() > Duration::from_secs(1), "that was not slow");
    let answer = client::Answer::parse(&answer);
    assert_eq!((answer.status, answer.body.matches("SequenceNumber").count()), (200, 12));
    server.stop().await;
}

/// Bytes that slow clients take before they pause.
const SOME_BYTES: usize = 64 << 10;

/// A connection whose client reads some 6 MB a second, with next to no room on the way.
struct Slow {
    stream: TcpStream,
    /// What may be read before the next pause.
    left: usize,
    pause: Pin<Box<Sleep>>,
}

impl Slow {
    async fn connect(server: &Running) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(64 << 10).unwrap();
        let stream = timeout(PATIENCE, socket.connect(server.address)).await.unwrap().unwrap();
        Self { stream, left: SOME_BYTES, pause: Box::pin(sleep(Duration::ZERO)) }
    }
}

impl AsyncRead for Slow {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.pause.as_mut().poll(cx));
        let mut some = vec![0; buf.remaining().min(this.left)];
        let mut some = ReadBuf::new(&mut some);
        ready!(Pin::new(&mut this.stream).poll_read(cx, &mut some))?;
        buf.put_slice(some.filled());
        this.left -= some.filled().len();
        if this.left == 0 {
            this.left = SOME_BYTES;
            this.pause.as_mut().reset(Instant::now() + Duration::from_millis(10));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Slow {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// Asks with HTTP/2 for all that is in the stream, and takes it with pauses; gives how long that took.
async fn take_over_http_2(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    body: &str,
    window: u32,
    pause: Duration,
) -> Duration {
    let handshake = h2::client::Builder::new()
        .initial_window_size(window)
        .initial_connection_window_size(window)
        .handshake(stream);
    let (sender, connection) = timeout(PATIENCE, handshake).await.unwrap().unwrap();
    let connection = tokio::spawn(connection);
    let began = Instant::now();
    let (status, mut answer) = ask(&sender, body, 1).await.remove(0);
    let (mut text, mut taken) = (Vec::new(), 0);
    while let Some(data) = timeout(PATIENCE, answer.data()).await.unwrap() {
        let data = data.unwrap();
        answer.flow_control().release_capacity(data.len()).unwrap();
        text.extend_from_slice(&data);
        if text.len() - taken > SOME_BYTES {
            taken = text.len();
            sleep(pause).await;
        }
    }
    let took = began.elapsed();
    connection.abort();
    let text = String::from_utf8(text).unwrap();
    assert_eq!((status, text.matches("SequenceNumber").count()), (200, 12));
    took
}

const IDLE: Duration = Duration::from_millis(300);
/// A window of HTTP/2 that no answer fills.
const WIDE: u32 = 64 << 20;

#[tokio::test]
async fn an_answer_that_waits_for_the_window_is_taken_whole() {
    let server = Running::start(|config| config.limits.idle = IDLE).await;
    let body = client::fill(server.address, 12).await;
    let stream = client::connect(server.address).await;
    let took = take_over_http_2(stream, &body, 65_535, Duration::from_millis(20)).await;
    assert!(took > 3 * IDLE, "that was not slow");
    server.stop().await;
}

#[tokio::test]
async fn an_answer_that_waits_for_the_connection_is_taken_whole() {
    let server = Running::start(|config| config.limits.idle = IDLE).await;
    let body = client::fill(server.address, 12).await;
    let took = take_over_http_2(Slow::connect(&server).await, &body, WIDE, Duration::ZERO).await;
    assert!(took > 3 * IDLE, "that was not slow");
    server.stop().await;
}

/// With TLS an answer also waits in the session.
#[tokio::test]
async fn an_answer_that_waits_for_the_connection_is_taken_whole_over_tls() {
    let directory = tempfile::tempdir().unwrap();
    let kept = directory.path().join("tls");
    for idle in [ServerConfig::default().limits.idle, IDLE] {
        let server = Running::start(|config| {
            config.limits.idle = idle;
            config.certificate = Certificate::KeptIn(kept.clone());
        })
        .await;
        let body = client::fill(server.address, 12).await;
        let slow = Slow::connect(&server).await;
        let stream = protocols::handshake_over(slow, protocols::roots(&kept), "h2").await.unwrap();
        let took = take_over_http_2(stream, &body, WIDE, Duration::ZERO).await;
        assert!(took > 3 * IDLE, "that was not slow");
        assert!(took < Duration::from_secs(18), "a ping pushed it out: {took:?}");
        server.stop().await;
    }
}

/// Clients that read nothing until the server can write no more: at one of so many lengths, what fills the connection ends
/// in the session of TLS.
#[tokio::test]
async fn no_end_of_an_answer_stays_in_the_session() {
    let directory = tempfile::tempdir().unwrap();
    let kept = directory.path().join("tls");
    let server = Running::start(|config| config.certificate = Certificate::KeptIn(kept.clone())).await;
    let data = "QUFB".repeat(8 << 10);
    let put = format!(r#"{{"StreamName":"s","PartitionKey":"k","Data":"{data}"}}"#);
    for _ in 0..160 {
        assert_eq!(client::call(server.address, "PutRecord", &put).await.status, 200);
    }
    let iterator =
        r#"{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}"#;
    let body = client::call(server.address, "GetShardIterator", iterator).await.body;
    let take = async |count: usize| {
        let slow = Slow::connect(&server).await;
        let stream = protocols::handshake_over(slow, protocols::roots(&kept), "h2").await.unwrap();
        let handshake = h2::client::Builder::new()
            .initial_window_size(WIDE)
            .initial_connection_window_size(WIDE)
            .handshake(stream);
        let (sender, mut connection) = handshake.await.unwrap();
        let mut ready = poll_with(&mut connection, sender.ready()).await.unwrap();
        let (answer, mut stream) = ready.send_request(client::h2_request("GetRecords"), false).unwrap();
        let limited = body.replacen('{', &format!(r#"{{"Limit":{count},"#), 1);
        stream.send_data(Bytes::from(limited), true).unwrap();
        // The request goes out, and the connection is left alone.
        drop(timeout(Duration::from_millis(1), &mut connection).await);
        sleep(Duration::from_millis(500)).await;
        let whole = async {
            let mut answer = answer.await.unwrap().into_body();
            let mut len = 0;
            while let Some(data) = answer.data().await {
                let data = data.unwrap();
                answer.flow_control().release_capacity(data.len()).unwrap();
                len += data.len();
            }
            len
        };
        let len = timeout(Duration::from_secs(12), poll_with(&mut connection, whole)).await;
        assert!(len.unwrap_or_else(|_| panic!("the end of {count} does not come")) > count * data.len());
    };
    for first in (1..160).step_by(40) {
        futures_util::future::join_all((first..first + 40).map(take)).await;
    }
    server.stop().await;
}

/// Goes on with a connection as long as something of it is waited for.
async fn poll_with<T>(connection: impl Future + Unpin, waited_for: impl Future<Output = T>) -> T {
    tokio::select! {
        done = waited_for => done,
        _ = connection => panic!("the connection ended"),
    }
}

/// Who subscribes takes pieces when it is done with those before.
#[tokio::test]
async fn a_subscriber_may_let_pieces_wait() {
    let server = Running::start(|config| config.limits.write_stall = Duration::from_millis(300)).await;
    let stream = client::connect(server.address).await;
    let handshake = h2::client::Builder::new().initial_window_size(1000).handshake(stream);
    let (sender, connection) = timeout(PATIENCE, handshake).await.unwrap().unwrap();
    let connection = tokio::spawn(connection);
    let mut events = client::subscribe(&server, &sender).await;
    let data = "QUFB".repeat(1000);
    let put = format!(r#"{{"StreamName":"s","PartitionKey":"k","Data":"{data}"}}"#);
    assert_eq!(client::call(server.address, "PutRecord", &put).await.status, 200);
    sleep(Duration::from_millis(1500)).await;
    let mut taken = Vec::new();
    while !taken.windows(data.len()).any(|window| window == data.as_bytes()) {
        let event = timeout(PATIENCE, events.data()).await.unwrap().unwrap().unwrap();
        events.flow_control().release_capacity(event.len()).unwrap();
        taken.extend_from_slice(&event);
    }
    drop((events, sender));
    connection.abort();
    server.stop().await;
}

/// A connection with HTTP/2 whose client lets nothing of answers come, and that goes on in the background.
async fn shut(
    server: &Running,
) -> (h2::client::SendRequest<Bytes>, tokio::task::JoinHandle<Result<(), h2::Error>>) {
    let stream = client::connect(server.address).await;
    let handshake = h2::client::Builder::new().initial_window_size(0).handshake(stream);
    let (sender, mut connection) = timeout(PATIENCE, handshake).await.unwrap().unwrap();
    let mut pings = connection.ping_pong().unwrap();
    tokio::spawn(async move { while pings.ping(h2::Ping::opaque()).await.is_ok() {} });
    (sender, tokio::spawn(connection))
}

/// Sends requests, and gives what their heads say.
async fn ask(
    sender: &h2::client::SendRequest<Bytes>,
    body: &str,
    count: usize,
) -> Vec<(u16, h2::RecvStream)> {
    let mut answers = Vec::new();
    for _ in 0..count {
        let mut ready = timeout(PATIENCE, sender.clone().ready()).await.unwrap().unwrap();
        let (answer, mut stream) = ready.send_request(client::h2_request("GetRecords"), false).unwrap();
        stream.send_data(Bytes::copy_from_slice(body.as_bytes()), true).unwrap();
        let answer = timeout(PATIENCE, answer).await.unwrap().unwrap();
        answers.push((answer.status().as_u16(), answer.into_body()));
    }
    answers
}

#[tokio::test]
async fn a_client_that_lets_no_answer_come_is_cut_off() {
    let server = Running::start(|config| {
        config.limits.write_stall = Duration::from_millis(500);
        config.limits.bytes_in_flight = 16 << 20;
    })
    .await;
    let body = client::fill(server.address, 12).await;
    let (sender, connection) = shut(&server).await;
    let mut answers = ask(&sender, &body, 1).await;
    assert_eq!(answers[0].0, 200);
    // It answers pings, sends its own, and takes nothing of what it asked for.
    let ended = timeout(Duration::from_secs(20), connection).await.expect("it is cut off");
    drop((sender, ended));
    let (_, mut answer) = answers.remove(0);
    let data = timeout(PATIENCE, answer.data()).await.unwrap();
    assert!(data.is_none_or(|data| data.is_err()), "nothing of it came");
    assert_eq!(client::call(server.address, "GetRecords", &body).await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn answers_that_nobody_takes_are_bounded() {
    let server = Running::start(|config| config.limits.bytes_in_flight = 16 << 20).await;
    let body = client::fill(server.address, 12).await;
    let (sender, connection) = shut(&server).await;
    let answers = ask(&sender, &body, 5).await;
    let statuses: Vec<u16> = answers.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [200, 503, 503, 503, 503]);
    let metrics = client::get(server.address, "/metrics").await.body;
    let in_flight =
        metrics.lines().find_map(|line| line.strip_prefix("shardbrook_in_flight_bytes ")).unwrap();
    let in_flight: u64 = in_flight.parse().unwrap();
    assert!((9 << 20..16 << 20).contains(&in_flight), "{in_flight}");
    // Who lets go makes room.
    drop((sender, answers));
    connection.abort();
    let mut status = 0;
    for _ in 0..100 {
        status = client::call(server.address, "GetRecords", &body).await.status;
        if status == 200 {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(status, 200);
    server.stop().await;
}

#[tokio::test]
async fn heads_count_as_long_as_their_requests_are_under_way() {
    let server = Running::start(|config| config.limits.bytes_in_flight = 100_000).await;
    let (sender, connection) = client::h2(client::connect(server.address).await).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut request = client::h2_request("ListStreams");
        request.headers_mut().insert("x-large", "x".repeat(30_000).parse().unwrap());
        let mut ready = timeout(PATIENCE, sender.clone().ready()).await.unwrap().unwrap();
        open.push(ready.send_request(request, false).unwrap());
    }
    sleep(Duration::from_millis(300)).await;
    let large = format!("X-Large: {}\r\n{SIGNED}", "x".repeat(30_000));
    let busy = client::call_with(server.address, "ListStreams", &large, "{}").await;
    assert_eq!(busy.status, 503, "{busy:?}");
    assert!(busy.body.contains("ServiceUnavailableException"), "{busy:?}");
    assert_eq!(client::get(server.address, "/_shardbrook/health").await.status, 200);
    for (_, stream) in &mut open {
        stream.send_reset(h2::Reason::CANCEL);
    }
    sleep(Duration::from_millis(300)).await;
    assert_eq!(client::call_with(server.address, "ListStreams", &large, "{}").await.status, 200);
    connection.abort();
    server.stop().await;
}
