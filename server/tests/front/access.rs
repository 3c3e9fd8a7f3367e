//! Who may ask: signatures and web pages.

use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use shardbrook::Timestamp;
use shardbrook_server::{AccessKey, Cors, ServerConfig};

use crate::client::{self, Answer, SIGNED};
use crate::server::Running;

fn with_key(config: &mut ServerConfig) {
    config.access_keys = [AccessKey::new("AKIDTEST", "a secret")].into_iter().collect();
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The headers of a signature over `body`, by these words of AWS's documentation and nothing of the server's.
fn sign(id: &str, secret: &str, operation: &str, body: &str, seconds_ago: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let at = Timestamp::from_millis(now.checked_add_signed(-seconds_ago).unwrap() * 1000).to_civil();
    let day = format!("{:04}{:02}{:02}", at.year, at.month, at.day);
    let date = format!("{day}T{:02}{:02}{:02}Z", at.hour, at.minute, at.second);
    let canonical = format!(
        "POST\n/\n\nhost:localhost\nx-amz-date:{date}\nx-amz-target:Kinesis_20131202.{operation}\n\n\
         host;x-amz-date;x-amz-target\n{}",
        hex(&Sha256::digest(body))
    );
    let scope = format!("{day}/us-east-1/kinesis/aws4_request");
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
    let hmac = |key: &[u8], text: &str| {
        Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes().to_vec()
    };
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in scope.split('/') {
        key = hmac(&key, part);
    }
    let signature = hex(&hmac(&key, &text));
    format!(
        "X-Amz-Date: {date}\r\nAuthorization: AWS4-HMAC-SHA256 Credential={id}/{scope}, \
         SignedHeaders=host;x-amz-date;x-amz-target, Signature={signature}\r\n"
    )
}

#[tokio::test]
async fn signed_requests_are_answered_and_others_are_not() {
    let server = Running::start(with_key).await;
    let body = r#"{"StreamName":"s","PartitionKey":"k","Data":"QQ=="}"#;
    let ask =
        async |headers: &str, body: &str| client::call_with(server.address, "PutRecord", headers, body).await;
    let right = sign("AKIDTEST", "a secret", "PutRecord", body, 0);
    assert_eq!(ask(&right, body).await.status, 200);
    let wrong = ask(&sign("AKIDTEST", "another", "PutRecord", body, 0), body).await;
    assert_eq!(wrong.status, 400);
    assert!(
        wrong.body.starts_with(
            r#"{"__type":"InvalidSignatureException","message":"The request signature we calculated does not match the signature you provided."#
        ),
        "{wrong:?}"
    );
    let changed = ask(&right, &body.replace("QQ==", "Qg==")).await;
    assert!(changed.body.contains("InvalidSignatureException"), "{changed:?}");
    let unknown = ask(&sign("NOBODY", "a secret", "PutRecord", body, 0), body).await;
    assert_eq!(
        unknown.body,
        r#"{"__type":"UnrecognizedClientException","message":"The security token included in the request is invalid."}"#
    );
    let late = ask(&sign("AKIDTEST", "a secret", "PutRecord", body, 1000), body).await;
    assert!(late.body.contains("Signature expired: "), "{late:?}");
    let early = ask(&sign("AKIDTEST", "a secret", "PutRecord", body, -1000), body).await;
    assert!(early.body.contains("Signature not yet current: "), "{early:?}");
    let none = ask("", body).await;
    assert!(none.body.contains("MissingAuthenticationTokenException"), "{none:?}");
    let stored = server.host.with_engine(|engine, now| {
        let mut reader = engine.records(now, "s").unwrap();
        reader.next_batch(engine, now).unwrap().len()
    });
    assert_eq!(stored, 1, "only the one that was signed right");
    server.stop().await;
}

#[tokio::test]
async fn a_refusal_is_in_the_protocol_asked() {
    let server = Running::start(with_key).await;
    let request = client::request("ListStreams", SIGNED, "{}").replace("x-amz-json-1.1", "x-amz-cbor-1.1");
    let answer = client::exchange(client::connect(server.address).await, request.as_bytes()).await;
    assert!(String::from_utf8_lossy(&answer).contains("content-type: application/x-amz-cbor-1.1"));
    // A CBOR map, and its first key.
    let body = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    assert!(matches!(answer[body], 0xa2 | 0xbf), "{:02x?}", &answer[body..]);
    server.stop().await;
}

#[tokio::test]
async fn nobody_moves_a_clock_or_adds_faults_without_a_signature() {
    let server = Running::start(with_key).await;
    for path in ["/_shardbrook/clock", "/_shardbrook/faults"] {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        );
        let answer =
            Answer::parse(&client::exchange(client::connect(server.address).await, request.as_bytes()).await);
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains("MissingAuthenticationTokenException"), "{answer:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn pages_of_this_machine_may_ask_and_others_may_not() {
    let server = Running::start(|_| {}).await;
    let from = async |origin: &str| {
        let headers = format!("Origin: {origin}\r\n{SIGNED}");
        client::call_with(server.address, "ListStreams", &headers, "{}").await
    };
    let own = from("http://localhost:3000").await;
    assert_eq!(own.status, 200);
    assert!(own.head.contains("access-control-allow-origin: http://localhost:3000"), "{own:?}");
    assert!(own.head.contains("vary: origin"), "{own:?}");
    for origin in ["https://evil.example", "null", "http://localhost.evil.example"] {
        let other = from(origin).await;
        assert_eq!(other.status, 400, "{other:?}");
        assert!(other.body.contains("AccessDeniedException"), "{other:?}");
        assert!(!other.head.contains("access-control-allow-origin"), "{other:?}");
    }
    assert!(!client::call(server.address, "ListStreams", "{}").await.head.contains("access-control"));
    server.stop().await;
}

async fn preflight(server: &Running, origin: &str) -> Answer {
    let request = format!(
        "OPTIONS / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nOrigin: {origin}\r\n\
         Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x-amz-target\r\n\r\n"
    );
    Answer::parse(&client::exchange(client::connect(server.address).await, request.as_bytes()).await)
}

#[tokio::test]
async fn a_list_of_origins_counts_for_the_question_before_too() {
    let allowed = "https://app.example";
    let server = Running::start(|config| {
        with_key(config);
        config.cors = Cors::Listed(vec![allowed.parse().unwrap()]);
    })
    .await;
    let granted = preflight(&server, allowed).await;
    assert_eq!(granted.status, 200);
    assert!(granted.head.contains("access-control-allow-origin: https://app.example"), "{granted:?}");
    assert!(granted.head.contains("access-control-allow-headers: x-amz-target"), "{granted:?}");
    let denied = preflight(&server, "http://localhost:3000").await;
    assert!(!denied.head.contains("access-control-allow"), "{denied:?}");
    server.stop().await;

    let server = Running::start(|config| config.cors = Cors::Any).await;
    assert!(preflight(&server, "https://any.example").await.head.contains("access-control-allow-origin: *"));
    server.stop().await;
}
