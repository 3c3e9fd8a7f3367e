//! When to stop.

use tokio::sync::oneshot;
use tracing::info;

/// The exit code of a program that a signal ended begins here.
const SIGNALLED: i32 = 128;

/// Gives a future that is ready at the first signal to stop. The second one ends the process at once.
pub(super) fn stop() -> std::io::Result<impl Future<Output = ()>> {
    let (first, stopped) = oneshot::channel();
    let mut signals = Signals::new()?;
    tokio::spawn(async move {
        let name = signals.next().await.0;
        info!(signal = name, "stopping; the same again ends at once");
        // Nobody waits if the server ended by itself.
        let _ = first.send(());
        std::process::exit(SIGNALLED + signals.next().await.1);
    });
    Ok(async {
        // The sender is dropped only with the runtime.
        drop(stopped.await);
    })
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// The next signal: its name and its number.
    async fn next(&mut self) -> (&'static str, i32) {
        tokio::select! {
            _ = self.terminate.recv() => ("SIGTERM", 15),
            _ = self.interrupt.recv() => ("SIGINT", 2),
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> (&'static str, i32) {
        if tokio::signal::ctrl_c().await.is_err() {
            core::future::pending::<()>().await;
        }
        ("Ctrl-C", 2)
    }
}
