//! The program itself.

use core::net::SocketAddr;
use core::time::Duration;
use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;
use tokio_rustls::rustls::RootCertStore;

use crate::client;
use crate::process::{Process, command};
use crate::protocols;

/// Starts a server and waits until it says where it listens.
fn serve(arguments: &[&str], variables: &[(&str, &str)], ports: usize) -> (Process, Vec<SocketAddr>) {
    let mut process = Process::serve(arguments, variables, Stdio::null());
    let addresses = (0..ports).map(|_| process.address()).collect();
    (process, addresses)
}

#[tokio::test]
async fn it_says_where_it_listens_and_stops_when_told_to() {
    let (mut server, addresses) = serve(&["--port", "0", "--initialize-streams", "orders:2"], &[], 1);
    assert!(addresses[0].ip().is_loopback());
    let listed = client::call(addresses[0], "ListStreams", "{}").await;
    assert!(listed.body.contains(r#""orders""#), "{listed:?}");
    let port = addresses[0].port().to_string();
    assert!(command(&["health", "--port", &port], &[]).status().unwrap().success());
    assert!(command(&["health"], &[("KINESIS_MOCK_TLS_PORT", &port)]).status().unwrap().success());
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
    let health = command(&["health", "--port", &port], &[]).stderr(Stdio::null()).status().unwrap();
    assert_eq!(health.code(), Some(1));
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let (mut server, addresses) = serve(&["--port", "0", "--shutdown-timeout", "1h"], &[], 1);
    let mut stuck = client::connect(addresses[0]).await;
    stuck.write_all(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{").await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.signal("INT");
    std::thread::sleep(Duration::from_millis(500));
    assert!(!server.has_ended(), "a request is under way");
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(128 + 15));
}

#[tokio::test]
async fn both_ports_of_kinesis_mock_speak_everything() {
    let variables = [
        ("KINESIS_MOCK_TLS_PORT", "0"),
        ("KINESIS_MOCK_PLAIN_PORT", "0"),
        ("INITIALIZE_STREAMS", "a:1"),
        ("CREATE_STREAM_DURATION", "1 hour"),
        ("AWS_REGION", "eu-west-1"),
        ("SHARD_LIMIT", "2"),
    ];
    let (mut server, addresses) = serve(&[], &variables, 2);
    for address in &addresses {
        assert_eq!(client::call(*address, "ListStreams", "{}").await.status, 200);
        let (sender, connection) = client::h2(client::connect(*address).await).await;
        assert_eq!(client::h2_call(&sender, "ListStreams", "{}").await.status, 200);
        drop((sender, connection));
        // It shows a certificate, which nobody has to trust.
        let shown = protocols::handshake(*address, RootCertStore::empty(), "h2").await.unwrap_err();
        assert!(shown.to_string().contains("certificate"), "{shown}");
    }
    let made = client::call(addresses[0], "CreateStream", r#"{"StreamName":"b","ShardCount":2}"#).await;
    assert_eq!(made.status, 200, "{made:?}");
    let described = client::call(addresses[0], "DescribeStreamSummary", r#"{"StreamName":"b"}"#).await;
    assert!(described.body.contains(r#""CREATING""#), "{described:?}");
    let beyond = client::call(addresses[0], "CreateStream", r#"{"StreamName":"c","ShardCount":1}"#).await;
    assert!(beyond.body.contains("LimitExceededException"), "{beyond:?}");
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
}

#[test]
fn what_makes_no_sense_is_refused_with_a_sentence() {
    for (arguments, variables, code, expected) in [
        (&["serve", "--limits", "all"][..], &[][..], 1, "--limits"),
        (&["serve", "--fsync", "always"], &[], 2, "--data-dir"),
        (&["serve", "--now", "1"], &[], 2, "--clock manual"),
        (&["serve", "--cert", "x.pem"], &[], 2, "--key"),
        (&["serve", "--cert", "none.pem", "--key", "none.pem", "--port", "0"], &[], 1, "none.pem"),
        (&["serve", "--auth", "only-an-id"], &[], 1, "KEY_ID:SECRET"),
        (&["serve", "--initialize-streams", "a b"], &[], 1, "a b"),
        (&["serve"], &[("KINESIS_MOCK_CERT_PATH", "server.p12")], 1, "PKCS#12"),
        (&["serve"], &[("SHARD_LIMIT", "many")], 1, "SHARD_LIMIT"),
        (&["serve", "--log-level", "a=b=c"], &[], 1, "--log-level"),
        (&["server"], &[], 2, "serve"),
    ] {
        let output = command(arguments, variables).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {said}");
        assert!(said.contains(expected), "{arguments:?} {said}");
    }
}

#[test]
fn help_and_completions_are_there() {
    let help = command(&["serve", "--help"], &[]).output().unwrap();
    let text = String::from_utf8(help.stdout).unwrap();
    for word in ["Examples:", "AWS_ENDPOINT_URL_KINESIS", "--createStreamMs", "SHOULD_PERSIST_DATA"] {
        assert!(text.contains(word), "{word}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let completions = command(&["completions", shell], &[]).output().unwrap();
        assert!(String::from_utf8_lossy(&completions.stdout).contains("initialize-streams"), "{shell}");
    }
}
