//! Ports, connections, and the end of both.

use core::fmt;
use core::net::SocketAddr;
use core::pin::pin;
use core::time::Duration;
use std::io;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{interval, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use crate::auth::AccessKeys;
use crate::clock::ManualClock;
use crate::connection::{Connection, Phase};
use crate::cors::Cors;
use crate::front::Front;
use crate::host::Host;
use crate::limits::ConnectionLimits;
use crate::tls::Certificate;

/// How long a failing `accept` is left alone: the machine is out of something.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How often those who wait for records are told that the server stops; some may have come since.
const RELEASE_INTERVAL: Duration = Duration::from_millis(50);
/// How often expired records are dropped from shards that nobody writes to.
const TRIM_INTERVAL: Duration = Duration::from_secs(30);

/// Where a server listens, and what it allows.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerConfig {
    /// The address or name to listen on. Default: `127.0.0.1`, which no other machine reaches.
    pub host: String,
    /// The ports; 0 stands for one that is free. Each speaks HTTP/1.1, HTTP/2 and both over TLS. Default: 4567.
    pub ports: Vec<u16>,
    /// The certificate for TLS.
    pub certificate: Certificate,
    /// The keys that requests must be signed with. Without any, signatures are not verified.
    pub access_keys: AccessKeys,
    /// Which web pages may ask.
    pub cors: Cors,
    /// What connections may cost.
    pub limits: ConnectionLimits,
    /// The host's clock, if operators may move it.
    pub manual_clock: Option<Arc<ManualClock>>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            ports: vec![4567],
            certificate: Certificate::default(),
            access_keys: AccessKeys::default(),
            cors: Cors::default(),
            limits: ConnectionLimits::default(),
            manual_clock: None,
        }
    }
}

/// A server that has its ports.
pub struct Server {
    config: ServerConfig,
    listeners: Vec<TcpListener>,
    tls: TlsAcceptor,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Server {
    /// Takes the ports.
    ///
    /// # Errors
    /// When a port can't be had, or the certificate can't be made or read.
    pub async fn bind(config: ServerConfig) -> io::Result<Self> {
        let tls = config.certificate.acceptor(&config.host)?;
        let mut listeners = Vec::new();
        for &port in &config.ports {
            let listener = TcpListener::bind((config.host.as_str(), port)).await.map_err(|error| {
                io::Error::new(error.kind(), format!("cannot listen on {}:{port}: {error}", config.host))
            })?;
            listeners.push(listener);
        }
        Ok(Self { config, listeners, tls })
    }

    /// The addresses it listens on.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        self.listeners.iter().map(TcpListener::local_addr).collect()
    }

    /// Serves until `stop` is ready; then takes no more connections and finishes what is under way, for as long as the
    /// limits say.
    pub async fn serve(self, host: Arc<Host>, stop: impl Future<Output = ()>) {
        let Self { config, listeners, tls } = self;
        let limits = config.limits;
        let room = Arc::new(Semaphore::new(limits.connections));
        let (phase, phases) = watch::channel(Phase::Open);
        let front = Arc::new(Front::new(Arc::clone(&host), config));
        let mut accepting = JoinSet::new();
        for listener in listeners {
            let connection = Connection::new(Arc::clone(&front), tls.clone(), phases.clone());
            accepting.spawn(accept(listener, Arc::clone(&room), connection));
        }
        let mut stop = pin!(stop);
        let mut trims = interval(TRIM_INTERVAL);
        loop {
            tokio::select! {
                () = &mut stop => break,
                () = host.run_timers() => {}
                _ = trims.tick() => host.trim_expired(),
            }
        }
        accepting.shutdown().await;
        phase.send_replace(Phase::Draining);
        if timeout(limits.shutdown, drained(&host, &room, limits.connections)).await.is_err() {
            let connections = limits.connections - room.available_permits();
            warn!(connections, "cut off what was still under way");
        }
        phase.send_replace(Phase::Over);
    }
}

/// Takes connections, and serves each as soon as there is room for it.
async fn accept(listener: TcpListener, room: Arc<Semaphore>, connection: Connection) {
    let mut was_full = false;
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!(%error, "cannot take a connection");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let is_full = room.available_permits() == 0;
        if is_full && !was_full {
            warn!("there are as many connections as allowed; more have to wait");
        }
        was_full = is_full;
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        let connection = connection.clone();
        tokio::spawn(async move {
            if let Err(error) = connection.serve(stream).await {
                debug!(%peer, error, "a connection ended early");
            }
            drop(place);
        });
    }
}

/// Waits until every connection is closed.
async fn drained(host: &Host, room: &Semaphore, connections: usize) {
    let all = u32::try_from(connections).unwrap_or(u32::MAX);
    let mut closed = pin!(room.acquire_many(all));
    loop {
        host.end_exchanges();
        tokio::select! {
            _ = &mut closed => return,
            () = sleep(RELEASE_INTERVAL) => {}
        }
    }
}
