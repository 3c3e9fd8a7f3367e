//! What operators ask, and what the server may hold.

use crate::client::{self, Answer};
use crate::server::Running;

async fn send(server: &Running, method: &str, path: &str, body: &str) -> Answer {
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    Answer::parse(&client::exchange(client::connect(server.address).await, request.as_bytes()).await)
}

#[tokio::test]
async fn the_clock_moves_when_it_is_told_to() {
    let server = Running::start_manual().await;
    assert_eq!(client::get(server.address, "/_shardbrook/clock").await.body, r#"{"now":0}"#);
    let advance = r#"{"advanceMs": 60000}"#;
    assert_eq!(send(&server, "POST", "/_shardbrook/clock", advance).await.body, r#"{"now":60000}"#);
    for body in ["", "{}", r#"{"advanceMs": -1}"#, "[1]"] {
        assert_eq!(send(&server, "POST", "/_shardbrook/clock", body).await.status, 400, "{body}");
    }
    assert_eq!(send(&server, "PUT", "/_shardbrook/clock", "").await.status, 405);
    assert_eq!(client::get(server.address, "/_shardbrook/clock").await.body, r#"{"now":60000}"#);
    server.stop().await;
}

#[tokio::test]
async fn the_clock_of_the_machine_is_left_alone() {
    let server = Running::start(|_| {}).await;
    let answer = send(&server, "POST", "/_shardbrook/clock", r#"{"advanceMs": 1}"#).await;
    assert_eq!(answer.status, 409);
    assert!(answer.body.contains("--clock manual"), "{answer:?}");
    assert_eq!(client::get(server.address, "/_shardbrook/nothing").await.status, 404);
    server.stop().await;
}

#[tokio::test]
async fn faults_come_and_go() {
    let server = Running::start(|_| {}).await;
    let fault = r#"{"operation":"ListStreams","error":"LimitExceededException"}"#;
    assert_eq!(send(&server, "POST", "/_shardbrook/faults", fault).await.status, 200);
    assert!(client::call(server.address, "ListStreams", "{}").await.body.contains("LimitExceededException"));
    let bad = send(&server, "POST", "/_shardbrook/faults", r#"{"operation":"Nothing"}"#).await;
    assert_eq!(bad.status, 400);
    assert!(bad.body.contains("there is no operation"), "{bad:?}");
    for method in ["GET", "PUT"] {
        assert_eq!(send(&server, method, "/_shardbrook/faults", fault).await.status, 405, "{method}");
    }
    assert_eq!(send(&server, "DELETE", "/_shardbrook/faults", "").await.status, 200);
    assert_eq!(client::call(server.address, "ListStreams", "{}").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn metrics_count_requests_by_operation_and_status() {
    let server = Running::start(|_| {}).await;
    client::call(server.address, "ListStreams", "{}").await;
    client::call(server.address, "DescribeStream", r#"{"StreamName":"none"}"#).await;
    client::call(server.address, "MadeUp", "{}").await;
    let put = r#"{"StreamName":"s","PartitionKey":"k","Data":"QUFB"}"#;
    client::call(server.address, "PutRecord", put).await;
    let metrics = client::get(server.address, "/metrics").await;
    assert!(metrics.head.contains("content-type: application/openmetrics-text"), "{metrics:?}");
    for line in [
        r#"shardbrook_requests_total{service="kinesis",operation="ListStreams",status="200"} 1"#,
        r#"shardbrook_requests_total{service="kinesis",operation="DescribeStream",status="400"} 1"#,
        r#"shardbrook_requests_total{service="none",operation="none",status="400"} 1"#,
        r#"shardbrook_request_duration_seconds_count{service="kinesis",operation="PutRecord"} 1"#,
        "shardbrook_connections_total 5",
        "shardbrook_open_connections 1",
        "shardbrook_open_exchanges 0",
        "# EOF",
    ] {
        assert!(metrics.body.contains(line), "{line}\n{}", metrics.body);
    }
    assert_eq!(client::get(server.address, "/_shardbrook/metrics").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn a_full_server_refuses_puts_and_goes_on_reading() {
    let server = Running::start(|_| {}).await;
    server.host.limit_memory(1 << 20);
    let put = format!(r#"{{"StreamName":"s","PartitionKey":"k","Data":"{}"}}"#, "QUFB".repeat(25_000));
    let mut stored = 0;
    let refused = loop {
        let answer = client::call(server.address, "PutRecord", &put).await;
        if answer.status != 200 {
            break answer;
        }
        stored += 1;
        assert!(stored < 30, "it has no end");
    };
    // Records of 75,000 bytes: 13 fit.
    assert!((11..=14).contains(&stored), "{stored}");
    assert_eq!(refused.status, 503);
    assert!(
        refused.body.contains("ServiceUnavailableException") && refused.body.contains("--max-memory"),
        "{refused:?}"
    );
    server.host.limit_memory(stored as u64 * 75_000);
    let made = client::call(server.address, "CreateStream", r#"{"StreamName":"t","ShardCount":1}"#).await;
    assert_eq!(made.status, 503);
    // Both open shards.
    let stream = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
    for (operation, change) in [
        ("UpdateStreamMode", r#""StreamModeDetails":{"StreamMode":"ON_DEMAND"}"#),
        ("UpdateStreamWarmThroughput", r#""WarmThroughputMiBps":100"#),
    ] {
        let body = format!(r#"{{"StreamARN":"{stream}",{change}}}"#);
        let changed = client::call(server.address, operation, &body).await;
        assert_eq!(changed.status, 503, "{changed:?}");
    }
    let iterator =
        r#"{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}"#;
    let answer = client::call(server.address, "GetShardIterator", iterator).await;
    let read = client::call(server.address, "GetRecords", &answer.body).await;
    assert_eq!(read.body.matches("SequenceNumber").count(), stored);
    assert_eq!(client::call(server.address, "DeleteStream", r#"{"StreamName":"s"}"#).await.status, 200);
    tokio::time::sleep(core::time::Duration::from_millis(300)).await;
    let made = client::call(server.address, "CreateStream", r#"{"StreamName":"t","ShardCount":1}"#).await;
    assert_eq!(made.status, 200, "{made:?}");
    server.stop().await;
}
