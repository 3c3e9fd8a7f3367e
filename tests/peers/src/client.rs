//! Connections to a server, and requests that are ready to be sent.

use core::net::SocketAddr;
use core::time::Duration;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::{http1, http2};
use hyper::{HeaderMap, Request, Response, Uri, header};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use shardbrook_tests::client::{Message, Signer};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::plan::Protocol;

/// Nobody takes longer for an answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// A request, ready to be sent any number of times.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    headers: HeaderMap,
    body: Bytes,
}

impl Prepared {
    /// A call of an operation, with the headers of an SDK.
    pub(crate) fn new(operation: &str, input: &Value) -> Result<Self> {
        let message = Message::call(operation, Signer::default(), input);
        let mut headers = HeaderMap::new();
        for (name, value) in &message.headers {
            headers.insert(header::HeaderName::try_from(name)?, value.parse()?);
        }
        Ok(Self { headers, body: message.body.into() })
    }
}

/// A connection that is kept alive, and made anew where the server closes it.
pub(crate) struct Connection {
    address: SocketAddr,
    uri: Uri,
    protocol: Protocol,
    sender: Option<Sender>,
}

enum Sender {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

impl Connection {
    pub(crate) fn new(address: SocketAddr, protocol: Protocol) -> Result<Self> {
        let uri = match protocol {
            Protocol::Http1 => Uri::from_static("/"),
            Protocol::Http2 => format!("http://{address}/").parse()?,
        };
        Ok(Self { address, uri, protocol, sender: None })
    }

    /// Sends a request, and gives the body of the answer if that is one of success.
    pub(crate) async fn exchange(&mut self, prepared: &Prepared) -> Result<Bytes> {
        let mut request = Request::new(Full::new(prepared.body.clone()));
        *request.method_mut() = hyper::Method::POST;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = prepared.headers.clone();
        let exchange = async {
            let response = self.send(request).await?;
            let status = response.status();
            let body = response.into_body().collect().await?.to_bytes();
            if !status.is_success() {
                bail!("{status}: {}", String::from_utf8_lossy(&body[..body.len().min(200)]));
            }
            Ok(body)
        };
        timeout(ANSWER_LIMIT, exchange).await.context("no answer in time")?
    }

    /// Connects, unless the connection is there.
    pub(crate) async fn open(&mut self) -> Result<()> {
        let is_ready = match &mut self.sender {
            Some(Sender::Http1(sender)) => sender.ready().await.is_ok(),
            Some(Sender::Http2(sender)) => sender.ready().await.is_ok(),
            None => false,
        };
        if !is_ready {
            self.sender = Some(self.connect().await?);
        }
        Ok(())
    }

    async fn send(&mut self, mut request: Request<Full<Bytes>>) -> Result<Response<hyper::body::Incoming>> {
        self.open().await?;
        Ok(match &mut self.sender {
            Some(Sender::Http1(sender)) => sender.send_request(request).await?,
            Some(Sender::Http2(sender)) => {
                request.headers_mut().remove(header::HOST);
                sender.send_request(request).await?
            }
            None => bail!("no connection"),
        })
    }

    async fn connect(&self) -> Result<Sender> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let io = TokioIo::new(stream);
        // How a connection ends, the request that is on it is told.
        Ok(match self.protocol {
            Protocol::Http1 => {
                let (sender, connection) = http1::handshake(io).await?;
                tokio::spawn(connection);
                Sender::Http1(sender)
            }
            Protocol::Http2 => {
                let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await?;
                tokio::spawn(connection);
                Sender::Http2(sender)
            }
        })
    }
}

/// Calls an operation once.
pub(crate) async fn call(address: SocketAddr, operation: &str, input: &Value) -> Result<Value> {
    let mut connection = Connection::new(address, Protocol::Http1)?;
    let body = connection.exchange(&Prepared::new(operation, input)?).await.context(operation.to_owned())?;
    Ok(if body.is_empty() { Value::Null } else { serde_json::from_slice(&body)? })
}
