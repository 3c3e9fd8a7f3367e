//! A server as a process of its own, which ends with the measurement whatever happens.

use core::net::{Ipv4Addr, SocketAddr};
use core::time::Duration;
use std::fs::File;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use serde_json::json;
use shardbrook_peers::client::call;
use shardbrook_peers::machine::{self, Pinning};

use crate::plan::{Plan, Server};

/// No peer takes longer to start.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How long to wait before asking again whether a server is up.
const ASK_AGAIN: Duration = Duration::from_micros(200);

/// A server that runs.
pub(crate) struct Running {
    child: Child,
    pub(crate) address: SocketAddr,
    /// From the start of the process to the first answer.
    pub(crate) first_answer: Duration,
    folder: PathBuf,
}

impl Running {
    /// Starts a server, on its core, and waits until it answers.
    pub(crate) async fn start(plan: &Plan, server: &Server, pinning: Pinning) -> Result<Self> {
        let [port, spare] = free_ports()?;
        let folder = plan.folder.join("data");
        clear(&folder)?;
        std::fs::create_dir_all(&folder)?;
        let fill_in = |text: &String| {
            let text = text.replace("{port}", &port.to_string()).replace("{spare}", &spare.to_string());
            text.replace("{folder}", &folder.to_string_lossy())
        };
        let words: Vec<String> = server.command.iter().map(fill_in).collect();
        let (program, arguments) = words.split_first().context("an empty command")?;
        let log = File::create(plan.folder.join(format!("{}.log", server.name.replace(' ', "-"))))?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .envs(server.env.iter().map(|(name, value)| (name, fill_in(value))))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let start = Instant::now();
        let child =
            pinning.on_server_core(|| command.spawn())?.with_context(|| format!("cannot start {program}"))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut running = Self { child, address, first_answer: Duration::ZERO, folder };
        while call(address, "ListStreams", &json!({})).await.is_err() {
            if let Some(status) = running.child.try_wait()? {
                bail!("it ended at once: {status}");
            }
            if start.elapsed() > START_LIMIT {
                bail!("it does not answer");
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
        running.first_answer = start.elapsed();
        Ok(running)
    }

    /// The memory that it occupies, in bytes.
    pub(crate) fn memory(&self) -> Result<u64> {
        machine::memory(self.child.id())
    }

    /// The time that it has been running on its core.
    pub(crate) fn cpu_time(&self) -> Result<Duration> {
        machine::cpu_time(self.child.id())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
        drop(clear(&self.folder));
    }
}

fn clear(folder: &PathBuf) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    Ok(())
}

/// Ports that nobody listens on. Both are held until both are known, so that they differ.
fn free_ports() -> Result<[u16; 2]> {
    let listeners = [(); 2].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
    let mut ports = [0; 2];
    for (port, listener) in ports.iter_mut().zip(&listeners) {
        *port = listener.as_ref().ok().context("no free port")?.local_addr()?.port();
    }
    Ok(ports)
}
