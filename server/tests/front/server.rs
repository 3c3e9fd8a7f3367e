//! A server on a port of its own.

use core::net::SocketAddr;
use core::time::Duration;
use std::sync::Arc;

use shardbrook::{Engine, EngineConfig};
use shardbrook_server::{Host, ManualClock, Server, ServerConfig, SystemClock};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// No test waits longer for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) host: Arc<Host>,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
}

impl Running {
    /// Starts a server on a port that is free.
    pub(crate) async fn start(configure: impl FnOnce(&mut ServerConfig)) -> Self {
        let engine =
            Engine::new(EngineConfig { initialize_streams: "s:1".into(), ..EngineConfig::default() })
                .unwrap();
        Self::start_with(Host::new(engine, Arc::new(SystemClock)), configure).await
    }

    /// The same, with a clock that the test moves.
    pub(crate) async fn start_manual() -> Self {
        let engine =
            Engine::new(EngineConfig { initialize_streams: "s:1".into(), ..EngineConfig::default() })
                .unwrap();
        let clock = Arc::new(ManualClock::starting_at(engine.now()));
        let host = Host::new(engine, Arc::clone(&clock) as _);
        Self::start_with(host, |config| config.manual_clock = Some(clock)).await
    }

    /// Starts a server of this host.
    pub(crate) async fn start_with(host: Arc<Host>, configure: impl FnOnce(&mut ServerConfig)) -> Self {
        let mut config = ServerConfig::default();
        config.ports = vec![0];
        configure(&mut config);
        let server = Server::bind(config).await.unwrap();
        let address = server.addresses().unwrap()[0];
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = server.serve(Arc::clone(&host), async {
            drop(stopped.await);
        });
        Self { address, host, stop: Some(stop), served: tokio::spawn(serving) }
    }

    /// Asks the server to stop.
    pub(crate) fn ask_to_stop(&mut self) {
        self.stop = None;
    }

    /// Waits until it did.
    pub(crate) async fn stopped(self) {
        timeout(PATIENCE, self.served).await.unwrap().unwrap();
    }

    /// Ends the server, which others must have left in order.
    pub(crate) async fn stop(mut self) {
        assert_eq!(crate::client::get(self.address, "/_shardbrook/health").await.status, 200);
        self.ask_to_stop();
        self.stopped().await;
    }
}
