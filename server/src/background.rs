//! Ports in threads of their own, for programs that have other things to do.

use core::net::SocketAddr;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::{Host, Server, ServerConfig};

/// A server that runs beside the program, until it is stopped or dropped.
#[derive(Debug)]
pub struct Background {
    addresses: Vec<SocketAddr>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Takes the ports and starts to serve.
    ///
    /// # Errors
    /// When a port can't be had, the certificate can't be made or read, or no thread can be started.
    pub fn start(host: Arc<Host>, config: ServerConfig) -> io::Result<Self> {
        // One thread reads and writes; the engine is behind a lock anyway.
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_io().enable_time().build()?;
        let server = runtime.block_on(Server::bind(config))?;
        let addresses = server.addresses()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = move || {
            runtime.block_on(server.serve(host, async {
                // Also when the sender is dropped.
                drop(stopped.await);
            }));
        };
        let thread = thread::Builder::new().name("shardbrook".to_owned()).spawn(serve)?;
        Ok(Self { addresses, stop: Some(stop), thread: Some(thread) })
    }

    /// The addresses it listens on.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.stop.take());
        // A panic there was printed; there is nobody to pass it on to.
        drop(self.thread.take().map(JoinHandle::join));
    }
}
