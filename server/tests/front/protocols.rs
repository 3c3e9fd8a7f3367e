//! HTTP/1.1, HTTP/2 and TLS on one port.

use core::net::SocketAddr;
use std::io;
use std::path::Path;
use std::sync::Arc;

use shardbrook_server::Certificate;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::client::{self, Answer, SIGNED};
use crate::server::{PATIENCE, Running};

#[tokio::test]
async fn one_port_speaks_http_1_and_http_2() {
    let server = Running::start(|_| {}).await;
    let plain = client::call(server.address, "ListStreams", "{}").await;
    assert_eq!(plain.status, 200, "{plain:?}");
    assert!(plain.body.contains(r#""StreamNames":["s"]"#), "{plain:?}");
    assert!(plain.head.contains("x-amzn-requestid: "), "{plain:?}");
    let (sender, connection) = client::h2(client::connect(server.address).await).await;
    let over_h2 = client::h2_call(&sender, "ListStreams", "{}").await;
    assert_eq!((over_h2.status, over_h2.body), (200, plain.body));
    drop((sender, connection));
    server.stop().await;
}

#[tokio::test]
async fn the_same_port_speaks_tls_with_both() {
    let directory = tempfile::tempdir().unwrap();
    let kept = directory.path().join("tls");
    let server = Running::start(|config| config.certificate = Certificate::KeptIn(kept.clone())).await;
    let stream = tls(&server, &kept, "http/1.1").await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let request = client::request("ListStreams", SIGNED, "{}");
    assert_eq!(Answer::parse(&client::exchange(stream, request.as_bytes()).await).status, 200);

    let stream = tls(&server, &kept, "h2").await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (sender, connection) = client::h2(stream).await;
    assert_eq!(client::h2_call(&sender, "ListStreams", "{}").await.status, 200);
    drop((sender, connection));
    let first = std::fs::read(kept.join("cert.pem")).unwrap();
    server.stop().await;

    // A client that trusts the certificate goes on trusting it.
    let server = Running::start(|config| config.certificate = Certificate::KeptIn(kept.clone())).await;
    assert_eq!(std::fs::read(kept.join("cert.pem")).unwrap(), first);
    drop(tls(&server, &kept, "h2").await);
    server.stop().await;
}

async fn tls(server: &Running, kept: &Path, protocol: &str) -> TlsStream<TcpStream> {
    handshake(server.address, roots(kept), protocol).await.unwrap()
}

/// The certificate that a server keeps in this directory.
pub(crate) fn roots(kept: &Path) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(kept.join("cert.pem")).unwrap()).unwrap();
    roots
}

/// Begins a connection with TLS as a client that trusts these certificates.
pub(crate) async fn handshake(
    address: SocketAddr,
    roots: RootCertStore,
    protocol: &str,
) -> io::Result<TlsStream<TcpStream>> {
    handshake_over(client::connect(address).await, roots, protocol).await
}

/// The same on a connection that is there.
pub(crate) async fn handshake_over<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    roots: RootCertStore,
    protocol: &str,
) -> io::Result<TlsStream<S>> {
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    timeout(PATIENCE, TlsConnector::from(Arc::new(config)).connect(name, stream)).await.unwrap()
}

#[tokio::test]
async fn a_connection_is_used_again_and_requests_may_be_pipelined() {
    let server = Running::start(|_| {}).await;
    let keep = client::request("ListStreams", SIGNED, "{}").replace("Connection: close\r\n", "");
    let last = client::request("ListStreams", SIGNED, "{}");
    let bytes = [keep.as_str(), keep.as_str(), last.as_str()].concat();
    let answers = client::exchange(client::connect(server.address).await, bytes.as_bytes()).await;
    let text = String::from_utf8(answers).unwrap();
    assert_eq!(text.matches("HTTP/1.1 200 OK\r\n").count(), 3, "{text}");
    server.stop().await;
}

#[tokio::test]
async fn who_asks_before_sending_a_body_is_told_to_go_on() {
    let server = Running::start(|_| {}).await;
    let mut stream = client::connect(server.address).await;
    let request = client::request("ListStreams", &format!("Expect: 100-continue\r\n{SIGNED}"), "{}");
    let (head, body) = request.split_at(request.len() - 2);
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut told = [0; 25];
    timeout(PATIENCE, tokio::io::AsyncReadExt::read_exact(&mut stream, &mut told)).await.unwrap().unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(Answer::parse(&client::exchange(stream, body.as_bytes()).await).status, 200);
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_call_is_answered_as_aws_does() {
    let server = Running::start(|_| {}).await;
    let page = client::get(server.address, "/").await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("<AccessDeniedException>"), "{page:?}");
    let head = b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let head = Answer::parse(&client::exchange(client::connect(server.address).await, head).await);
    assert_eq!((head.status, head.body.as_str()), (403, ""));
    server.stop().await;
}
