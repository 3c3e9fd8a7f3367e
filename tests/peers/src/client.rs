//! Connections to a server, and requests that are ready to be sent.

use core::future::poll_fn;
use core::net::SocketAddr;
use core::str::FromStr as _;
use core::time::Duration;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use shardbrook_tests::client::{Message, Signer};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Nobody takes longer for an answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
/// What a server may send over HTTP/2 before it is asked to go on: for one answer, and for all of a connection.
const WINDOW_BYTES: [u32; 2] = [2 << 20, 5 << 20];

/// The protocol of a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Protocol {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2 with prior knowledge.
    Http2,
}

/// A request, ready to be sent any number of times.
#[derive(Clone, Debug)]
pub struct Prepared {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Prepared {
    /// A call of an operation, with the headers of an SDK.
    ///
    /// # Errors
    /// When a header cannot be sent.
    pub fn new(operation: &str, input: &Value) -> Result<Self> {
        Message::call(operation, Signer::default(), input).try_into()
    }
}

impl TryFrom<Message> for Prepared {
    type Error = anyhow::Error;

    fn try_from(message: Message) -> Result<Self> {
        let mut headers = HeaderMap::new();
        for (name, value) in &message.headers {
            headers.insert(header::HeaderName::try_from(name)?, value.parse()?);
        }
        let method = Method::from_str(&message.method)?;
        Ok(Self { method, path: message.path, headers, body: message.body.into() })
    }
}

/// A connection that is kept alive, and made anew where the server closes it.
#[derive(Debug)]
pub struct Connection {
    address: SocketAddr,
    uri: Uri,
    protocol: Protocol,
    sender: Option<Sender>,
}

#[derive(Debug)]
enum Sender {
    Http1(http1::SendRequest<Full<Bytes>>),
    /// Without hyper, which would send the head of each request by itself, and wait before it sends the body. Node, which
    /// the SDK for JavaScript speaks HTTP/2 with, sends both at once.
    Http2(h2::client::SendRequest<Bytes>),
}

/// An answer, of which the head is there.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Http1(Incoming),
    Http2(h2::RecvStream),
}

impl Answer {
    /// The next piece of the body; nothing at its end.
    ///
    /// # Errors
    /// When the connection breaks off.
    pub async fn piece(&mut self) -> Result<Option<Bytes>> {
        match &mut self.body {
            Body::Http1(body) => {
                while let Some(frame) = body.frame().await {
                    if let Ok(data) = frame?.into_data() {
                        return Ok(Some(data));
                    }
                }
                Ok(None)
            }
            Body::Http2(body) => {
                let Some(data) = body.data().await.transpose()? else { return Ok(None) };
                body.flow_control().release_capacity(data.len())?;
                Ok(Some(data))
            }
        }
    }

    /// The whole body.
    ///
    /// # Errors
    /// When the connection breaks off.
    pub async fn body(mut self) -> Result<Bytes> {
        let mut pieces = Vec::new();
        while let Some(piece) = self.piece().await? {
            pieces.push(piece);
        }
        Ok(if pieces.len() == 1 { pieces.remove(0) } else { pieces.concat().into() })
    }
}

impl Connection {
    /// A connection to a server, which is made when it is needed.
    ///
    /// # Errors
    /// When the address is none that a request can be sent to.
    pub fn new(address: SocketAddr, protocol: Protocol) -> Result<Self> {
        let uri = match protocol {
            Protocol::Http1 => Uri::from_static("/"),
            Protocol::Http2 => format!("http://{address}/").parse()?,
        };
        Ok(Self { address, uri, protocol, sender: None })
    }

    /// Sends a request, and gives the body of the answer if that is one of success.
    ///
    /// # Errors
    /// When the answer is another one, or does not come.
    pub async fn exchange(&mut self, prepared: &Prepared) -> Result<Bytes> {
        let (status, body) = self.ask(prepared).await?;
        if !status.is_success() {
            bail!("{status}: {}", String::from_utf8_lossy(&body[..body.len().min(200)]));
        }
        Ok(body)
    }

    /// Sends a request, and gives the status and the body of the answer.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn ask(&mut self, prepared: &Prepared) -> Result<(StatusCode, Bytes)> {
        let exchange = async {
            let answer = self.send(prepared).await?;
            Ok((answer.status, answer.body().await?))
        };
        timeout(ANSWER_LIMIT, exchange).await.context("no answer in time")?
    }

    /// Sends a request, and gives the answer when its head is there.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn begin(&mut self, prepared: &Prepared) -> Result<Answer> {
        timeout(ANSWER_LIMIT, self.send(prepared)).await.context("no answer in time")?
    }

    /// Connects, unless the connection is there.
    ///
    /// # Errors
    /// When that fails.
    pub async fn open(&mut self) -> Result<()> {
        let is_ready = match &mut self.sender {
            Some(Sender::Http1(sender)) => sender.ready().await.is_ok(),
            Some(Sender::Http2(sender)) => poll_fn(|cx| sender.poll_ready(cx)).await.is_ok(),
            None => false,
        };
        if !is_ready {
            self.sender = Some(self.connect().await?);
        }
        Ok(())
    }

    async fn send(&mut self, prepared: &Prepared) -> Result<Answer> {
        let mut request = Request::new(());
        *request.method_mut() = prepared.method.clone();
        *request.uri_mut() = self.uri.clone();
        if prepared.path != "/" {
            let (base, path) = (self.uri.to_string(), &prepared.path);
            *request.uri_mut() = format!("{}{path}", base.trim_end_matches('/')).parse()?;
        }
        *request.headers_mut() = prepared.headers.clone();
        self.open().await?;
        let body = prepared.body.clone();
        Ok(match &mut self.sender {
            Some(Sender::Http1(sender)) => {
                let answer = sender.send_request(request.map(|()| Full::new(body))).await?;
                Answer { status: answer.status(), body: Body::Http1(answer.into_body()) }
            }
            Some(Sender::Http2(sender)) => {
                request.headers_mut().remove(header::HOST);
                let (answer, mut stream) = sender.send_request(request, body.is_empty())?;
                if !body.is_empty() {
                    stream.send_data(body, true)?;
                }
                let answer: Response<_> = answer.await?;
                Answer { status: answer.status(), body: Body::Http2(answer.into_body()) }
            }
            None => bail!("no connection"),
        })
    }

    async fn connect(&self) -> Result<Sender> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        // How a connection ends, the request that is on it is told.
        Ok(match self.protocol {
            Protocol::Http1 => {
                let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
                tokio::spawn(connection);
                Sender::Http1(sender)
            }
            Protocol::Http2 => {
                let [answer, all] = WINDOW_BYTES;
                let mut client = h2::client::Builder::new();
                client.initial_window_size(answer).initial_connection_window_size(all);
                let (sender, connection) = client.handshake(stream).await?;
                tokio::spawn(connection);
                Sender::Http2(sender)
            }
        })
    }
}

/// Calls an operation once.
///
/// # Errors
/// When the answer is not one of success, or does not come.
pub async fn call(address: SocketAddr, operation: &str, input: &Value) -> Result<Value> {
    let mut connection = Connection::new(address, Protocol::Http1)?;
    let body = connection.exchange(&Prepared::new(operation, input)?).await.context(operation.to_owned())?;
    Ok(if body.is_empty() { Value::Null } else { serde_json::from_slice(&body)? })
}
