//! Clients that break the rules: they are refused or cut off, and others do not notice.

use core::time::Duration;

use bytes::Bytes;
use shardbrook_server::ServerConfig;
use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, sleep, timeout};

use crate::client::{self, Answer, SIGNED};
use crate::server::{PATIENCE, Running};

/// Times so short that a test can wait for them.
fn impatient(config: &mut ServerConfig) {
    config.limits.first_request = Duration::from_millis(300);
    config.limits.idle = Duration::from_millis(300);
    config.limits.body_grace = Duration::from_millis(300);
    config.limits.write_stall = Duration::from_millis(300);
}

#[tokio::test]
async fn who_sends_no_whole_request_is_cut_off() {
    let server = Running::start(impatient).await;
    let cases: [&[u8]; 8] = [
        b"",
        b"P",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-",
        b"PRI * HT",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        // A frame of headers that does not end: its length says 100, and 4 bytes came.
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x64\x01\x04\0\0\0\x01\x82\x86\x84\x41",
        // The beginning of a client's hello.
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"\x16\x03\x01\xff\xff garbage in place of a hello",
    ];
    for bytes in cases {
        let began = Instant::now();
        let answer = client::exchange_open(server.address, bytes).await;
        assert!(began.elapsed() < Duration::from_secs(20), "{bytes:?} {answer:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_only_pings_is_idle() {
    let server = Running::start(impatient).await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let ping = b"\0\0\x08\x06\0\0\0\0\0 a ping ";
    let mut stream = client::connect(server.address).await;
    stream.write_all(preface).await.unwrap();
    let (read, mut write) = stream.into_split();
    let pings = async {
        while write.write_all(ping).await.is_ok() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        () = pings => {}
        answer = client::read_to_end(read) => assert!(answer.len() < 100_000),
    }
    server.stop().await;
}

#[tokio::test]
async fn floods_of_frames_are_answered_one_by_one_or_end_the_connection() {
    let server = Running::start(|config| config.limits.first_request = Duration::from_secs(2)).await;
    let settings = b"\0\0\0\x04\0\0\0\0\0";
    let ping = b"\0\0\x08\x06\0\0\0\0\0 a ping ";
    let empty_headers = b"\0\0\0\x01\x04\0\0\0\x01";
    let continuation = b"\0\0\0\x09\0\0\0\0\x01";
    for frame in [&settings[..], ping, empty_headers, continuation] {
        let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
        for _ in 0..20_000 {
            bytes.extend_from_slice(frame);
        }
        // Nothing of the answers is read until all is sent, which the server may not take.
        let mut stream = client::connect(server.address).await;
        let _ = timeout(Duration::from_secs(5), stream.write_all(&bytes)).await;
        let answers = client::read_to_end(stream).await;
        assert!(answers.len() < 2 * bytes.len(), "{} bytes", answers.len());
    }
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_resets_what_it_asks_ends_its_connection_alone() {
    let server = Running::start(|_| {}).await;
    let (other, other_connection) = client::h2(client::connect(server.address).await).await;
    let (sender, connection) = client::h2(client::connect(server.address).await).await;
    for _ in 0..20_000 {
        let Ok(Ok(mut ready)) = timeout(PATIENCE, sender.clone().ready()).await else { break };
        let Ok((_, mut stream)) = ready.send_request(client::h2_request("ListStreams"), false) else { break };
        stream.send_reset(h2::Reason::CANCEL);
        if connection.is_finished() {
            break;
        }
    }
    // It was told to go, or it got through all of them; others are served either way.
    assert_eq!(client::h2_call(&other, "ListStreams", "{}").await.status, 200);
    connection.abort();
    drop((other, other_connection));
    server.stop().await;
}

#[tokio::test]
async fn a_connection_takes_so_many_streams_at_a_time() {
    let server = Running::start(|_| {}).await;
    let (sender, connection) = client::h2(client::connect(server.address).await).await;
    assert_eq!(client::h2_call(&sender, "ListStreams", "{}").await.status, 200);
    let mut open = Vec::new();
    for _ in 0..128 {
        let mut ready = timeout(PATIENCE, sender.clone().ready()).await.unwrap().unwrap();
        open.push(ready.send_request(client::h2_request("ListStreams"), false).unwrap());
    }
    // The next one would be answered at once, and has to wait.
    let next = client::h2_call(&sender, "ListStreams", "{}");
    tokio::pin!(next);
    assert!(timeout(Duration::from_millis(500), &mut next).await.is_err());
    let (_, mut first) = open.swap_remove(0);
    first.send_data(Bytes::from_static(b"{}"), true).unwrap();
    assert_eq!(timeout(PATIENCE, next).await.unwrap().status, 200);
    connection.abort();
    server.stop().await;
}

#[tokio::test]
async fn headers_have_an_end() {
    let server = Running::start(|_| {}).await;
    let giant = format!("X-Giant: {}\r\n{SIGNED}", "x".repeat(300 << 10));
    let answer = client::call_with(server.address, "ListStreams", &giant, "{}").await;
    assert_eq!(answer.status, 431, "{answer:?}");
    let many = "X-Many: x\r\n".repeat(200) + SIGNED;
    let answer = client::call_with(server.address, "ListStreams", &many, "{}").await;
    assert_eq!(answer.status, 431, "{answer:?}");

    let (sender, connection) = client::h2(client::connect(server.address).await).await;
    let mut request = client::h2_request("ListStreams");
    request.headers_mut().insert("x-giant", "x".repeat(100 << 10).parse().unwrap());
    let mut ready = timeout(PATIENCE, sender.clone().ready()).await.unwrap().unwrap();
    let (answer, _) = ready.send_request(request, true).unwrap();
    match timeout(PATIENCE, answer).await.unwrap() {
        Ok(answer) => assert_eq!(answer.status(), 431),
        Err(error) => assert!(error.is_reset() || error.is_go_away() || error.is_io(), "{error}"),
    }
    drop((sender, connection));
    server.stop().await;
}

#[tokio::test]
async fn bodies_have_an_end() {
    let server = Running::start(|config| config.limits.body_bytes = 1 << 20).await;
    let large = "x".repeat((1 << 20) + 1);
    for (headers, body) in [
        (format!("Content-Length: {}\r\n", large.len()), large.clone()),
        ("Transfer-Encoding: chunked\r\n".to_owned(), format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len())),
    ] {
        let request =
            client::request("ListStreams", SIGNED, "").replace("Content-Length: 0\r\n", &headers) + &body;
        let answer =
            Answer::parse(&client::exchange(client::connect(server.address).await, request.as_bytes()).await);
        assert_eq!(answer.status, 413, "{answer:?}");
        assert!(answer.body.contains(r#""__type":"RequestEntityTooLargeException""#), "{answer:?}");
    }
    // What asks first hears of it before it sends anything.
    let headers = format!("Expect: 100-continue\r\nContent-Length: {}\r\n", 2 << 20);
    let request = client::request("ListStreams", SIGNED, "").replace("Content-Length: 0\r\n", &headers);
    let answer = client::exchange(client::connect(server.address).await, request.as_bytes()).await;
    assert_eq!(Answer::parse(&answer).status, 413);
    // Another length than that of the body is the client's to wait for.
    let (sender, connection) = client::h2(client::connect(server.address).await).await;
    assert_eq!(client::h2_call(&sender, "ListStreams", &large).await.status, 413);
    drop((sender, connection));
    server.stop().await;
}

#[tokio::test]
async fn a_body_that_trickles_is_given_up() {
    let server = Running::start(impatient).await;
    let request =
        client::request("ListStreams", SIGNED, "").replace("Content-Length: 0", "Content-Length: 1000000");
    let began = Instant::now();
    let (read, mut write) = client::connect(server.address).await.into_split();
    write.write_all(request.as_bytes()).await.unwrap();
    let trickle = async {
        while write.write_all(b"x").await.is_ok() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        () = trickle => {}
        answer = client::read_to_end(read) => assert_eq!(answer, b""),
    }
    assert!(began.elapsed() < Duration::from_secs(20));
    server.stop().await;
}

#[tokio::test]
async fn compressed_bodies_are_refused_in_the_protocol_asked() {
    let server = Running::start(|_| {}).await;
    for encoding in ["gzip", "deflate", "br", "zstd", "gzip, gzip"] {
        let headers = format!("Content-Encoding: {encoding}\r\n{SIGNED}");
        let answer = client::call_with(server.address, "PutRecord", &headers, "\u{1f}\u{8b}").await;
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(
            answer.body.contains("SerializationException") && answer.body.contains(encoding),
            "{answer:?}"
        );
    }
    let headers = format!("Content-Encoding: identity\r\n{SIGNED}");
    assert_eq!(client::call_with(server.address, "ListStreams", &headers, "{}").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn more_connections_than_allowed_wait_their_turn() {
    let server = Running::start(|config| config.limits.connections = 2).await;
    let held = [client::connect(server.address).await, client::connect(server.address).await];
    sleep(Duration::from_millis(100)).await;
    let third = tokio::spawn(client::call(server.address, "ListStreams", "{}"));
    sleep(Duration::from_millis(300)).await;
    assert!(!third.is_finished());
    drop(held);
    assert_eq!(timeout(PATIENCE, third).await.unwrap().unwrap().status, 200);
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_reads_no_answers_is_cut_off_and_others_are_served() {
    let server = Running::start(|config| {
        config.limits.write_stall = Duration::from_millis(300);
        config.limits.bytes_in_flight = 64 << 20;
    })
    .await;
    let body = client::fill(server.address, 8).await;
    let read = client::request("GetRecords", SIGNED, &body).replace("Connection: close\r\n", "");
    let mut stream = client::connect(server.address).await;
    // Each answer has some 6 MB, and nobody reads them.
    for _ in 0..50 {
        if timeout(Duration::from_secs(1), stream.write_all(read.as_bytes())).await.is_err() {
            break;
        }
    }
    sleep(Duration::from_secs(2)).await;
    let rest = client::read_to_end(stream).await;
    assert!(rest.len() < 50 << 20, "{} bytes", rest.len());
    server.stop().await;
}

#[tokio::test]
async fn what_is_on_its_way_is_bounded_over_all_connections() {
    let server = Running::start(|config| config.limits.bytes_in_flight = 100_000).await;
    let (sender, connection) = client::h2(client::connect(server.address).await).await;
    let mut ready = timeout(PATIENCE, sender.clone().ready()).await.unwrap().unwrap();
    let (slow, mut body) = ready.send_request(client::h2_request("ListStreams"), false).unwrap();
    body.send_data(Bytes::from(vec![b'x'; 60_000]), false).unwrap();
    sleep(Duration::from_millis(300)).await;
    let busy = client::call(server.address, "ListStreams", &"x".repeat(60_000)).await;
    assert_eq!(busy.status, 503, "{busy:?}");
    assert!(busy.body.contains("ServiceUnavailableException"), "{busy:?}");
    body.send_reset(h2::Reason::CANCEL);
    drop(slow);
    sleep(Duration::from_millis(300)).await;
    assert_eq!(client::call(server.address, "ListStreams", &"x".repeat(60_000)).await.status, 400);
    connection.abort();
    server.stop().await;
}
