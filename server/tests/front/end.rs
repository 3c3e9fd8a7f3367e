//! The end of a server: what is under way is finished.

use core::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, sleep, timeout};

use crate::client::{self, Answer};
use crate::server::{PATIENCE, Running};

/// A queue on an on-demand stream, by its ARN.
async fn queue(server: &Running) -> String {
    let make = r#"{"StreamName":"q","StreamModeDetails":{"StreamMode":"ON_DEMAND"}}"#;
    assert_eq!(client::call(server.address, "CreateStream", make).await.status, 200);
    let stream = "arn:aws:kinesis:us-east-1:000000000000:stream/q";
    let make = format!(r#"{{"QueueName":"jobs","StreamConfigurationList":[{{"StreamARN":"{stream}"}}]}}"#);
    let made = client::call(server.address, "CreateQueue", &make).await;
    assert_eq!(made.status, 200, "{made:?}");
    let at = made.body.find("arn:").unwrap();
    made.body[at..].split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_long_poll_is_answered() {
    let mut server = Running::start(|_| {}).await;
    let queue = queue(&server).await;
    let receive = format!(r#"{{"QueueARN":"{queue}","WaitTimeSeconds":20}}"#);
    let address = server.address;
    let waiting = tokio::spawn(async move { client::call(address, "ReceiveQueueRecords", &receive).await });
    sleep(Duration::from_millis(500)).await;
    assert!(!waiting.is_finished(), "{:?}", waiting.await);
    let began = Instant::now();
    server.ask_to_stop();
    let answer = timeout(PATIENCE, waiting).await.unwrap().unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    server.stopped().await;
    assert!(began.elapsed() < Duration::from_secs(8), "nothing was cut off");
}

#[tokio::test]
async fn a_subscription_ends() {
    let mut server = Running::start(|_| {}).await;
    let (sender, connection) = client::h2(client::connect(server.address).await).await;
    let mut events = client::subscribe(&server, &sender).await;
    let first = timeout(PATIENCE, events.data()).await.unwrap().unwrap().unwrap();
    assert!(first.windows(16).any(|window| window == b"initial-response"));
    let began = Instant::now();
    server.ask_to_stop();
    while let Some(event) = timeout(PATIENCE, events.data()).await.unwrap() {
        event.unwrap();
    }
    drop(sender);
    server.stopped().await;
    assert!(began.elapsed() < Duration::from_secs(8), "nothing was cut off");
    drop(connection);
}

#[tokio::test]
async fn what_does_not_finish_in_time_is_cut_off() {
    let mut server = Running::start(|config| config.limits.shutdown = Duration::from_millis(500)).await;
    let mut stuck = client::connect(server.address).await;
    stuck.write_all(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{").await.unwrap();
    sleep(Duration::from_millis(200)).await;
    let began = Instant::now();
    server.ask_to_stop();
    server.stopped().await;
    assert!((Duration::from_millis(400)..Duration::from_secs(8)).contains(&began.elapsed()));
    assert_eq!(client::read_to_end(stuck).await, b"");
}

#[tokio::test]
async fn who_has_said_nothing_holds_nobody_up() {
    let mut server = Running::start(|_| {}).await;
    let silent = client::connect(server.address).await;
    let mut shaking_hands = client::connect(server.address).await;
    // The beginning of a client's hello.
    shaking_hands.write_all(b"\x16\x03\x01\x02\x00\x01\x00").await.unwrap();
    let mut beginning = client::connect(server.address).await;
    beginning.write_all(b"PRI").await.unwrap();
    sleep(Duration::from_millis(200)).await;
    let began = Instant::now();
    server.ask_to_stop();
    server.stopped().await;
    assert!(began.elapsed() < Duration::from_secs(8), "nothing was cut off");
    for stream in [silent, shaking_hands, beginning] {
        assert_eq!(client::read_to_end(stream).await, b"");
    }
}

#[tokio::test]
async fn a_request_under_way_is_answered_and_no_connection_is_taken_after() {
    let mut server = Running::start(|_| {}).await;
    let request = client::request("ListStreams", client::SIGNED, "{}");
    let (head, body) = request.split_at(request.len() - 1);
    let mut stream = client::connect(server.address).await;
    stream.write_all(head.as_bytes()).await.unwrap();
    sleep(Duration::from_millis(200)).await;
    server.ask_to_stop();
    sleep(Duration::from_millis(200)).await;
    let answer = Answer::parse(&client::exchange(stream, body.as_bytes()).await);
    assert_eq!(answer.status, 200, "{answer:?}");
    let address = server.address;
    server.stopped().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
