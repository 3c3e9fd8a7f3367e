//! Clients that take their time over answers, and what is kept of answers that nobody takes.

use core::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;
use tokio::time::{Instant, sleep, timeout};

use crate::client::{self, SIGNED};
use crate::server::{PATIENCE, Running};

/// Fills the stream, and gives a request for all of it: some 10 MB.
async fn fill(server: &Running) -> String {
    let data = "QUFB".repeat(200_000);
    let put = format!(r#"{{"StreamName":"s","PartitionKey":"k","Data":"{data}"}}"#);
    for _ in 0..12 {
        assert_eq!(client::call(server.address, "PutRecord", &put).await.status, 200);
    }
    let iterator =
        r#"{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}"#;
    client::call(server.address, "GetShardIterator", iterator).await.body
}

#[tokio::test]
async fn an_answer_that_is_taken_slowly_is_taken_whole_over_http_1() {
    let server = Running::start(|config| config.limits.idle = Duration::from_millis(300)).await;
    let body = fill(&server).await;
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

#[tokio::test]
async fn an_answer_that_is_taken_slowly_is_taken_whole_over_http_2() {
    let server = Running::start(|config| config.limits.idle = Duration::from_millis(300)).await;
    let body = fill(&server).await;
    let (sender, connection) = client::h2(client::connect(server.address).await).await;
    let mut ready = timeout(PATIENCE, sender.clone().ready()).await.unwrap().unwrap();
    let (answer, mut stream) = ready.send_request(client::h2_request("GetRecords"), false).unwrap();
    stream.send_data(Bytes::from(body), true).unwrap();
    let mut answer = timeout(PATIENCE, answer).await.unwrap().unwrap().into_body();
    let (mut text, mut taken) = (Vec::new(), 0);
    while let Some(data) = timeout(PATIENCE, answer.data()).await.unwrap() {
        let data = data.unwrap();
        answer.flow_control().release_capacity(data.len()).unwrap();
        text.extend_from_slice(&data);
        if text.len() - taken > 64 << 10 {
            taken = text.len();
            sleep(Duration::from_millis(20)).await;
        }
    }
    assert_eq!(String::from_utf8(text).unwrap().matches("SequenceNumber").count(), 12);
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
    let body = fill(&server).await;
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
    let body = fill(&server).await;
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
