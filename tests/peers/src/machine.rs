//! What Linux knows and does: cores, memory, the time that a process had.
//!
//! Other systems have no `/proc`; there, the first of these that is asked says so.

use core::time::Duration;

use anyhow::{Context as _, Result};

/// One core for the client, another for the servers; nothing is pinned where there are fewer than two.
#[derive(Clone, Copy, Debug)]
pub struct Pinning(Option<(usize, usize)>);

impl Pinning {
    /// The first two cores that this process may use.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn choose() -> Result<Self> {
        let cores = affinity::allowed()?;
        Ok(Self(cores.first().copied().zip(cores.get(1).copied())))
    }

    /// Whether the two are apart.
    #[must_use]
    pub fn is_pinned(self) -> bool {
        self.0.is_some()
    }

    /// Keeps this thread to the client's core.
    ///
    /// # Errors
    /// When the system does not let it.
    pub fn pin_client(self) -> Result<()> {
        self.0.map_or(Ok(()), |(client, _)| affinity::keep_to(client))
    }

    /// Does something on the servers' core. A process that is started there stays there.
    ///
    /// # Errors
    /// When the system does not let it.
    pub fn on_server_core<R>(self, act: impl FnOnce() -> R) -> Result<R> {
        if let Some((_, server)) = self.0 {
            affinity::keep_to(server)?;
        }
        let done = act();
        self.pin_client()?;
        Ok(done)
    }
}

/// The memory that a process occupies, in bytes.
///
/// # Errors
/// When the system does not say.
pub fn memory(pid: u32) -> Result<u64> {
    status(pid, "VmRSS:")
}

/// A number of KiB that the system says of a process, in bytes.
fn status(pid: u32, name: &str) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.with_context(|| format!("no {name}"))?.trim().trim_end_matches(" kB");
    Ok(kib.parse::<u64>()? * 1024)
}

/// The most memory that a process ever occupied, in bytes.
///
/// # Errors
/// When the system does not say.
pub fn peak_memory(pid: u32) -> Result<u64> {
    status(pid, "VmHWM:")
}

/// The time that the threads of a process have been running on a core.
///
/// # Errors
/// When the system does not say.
pub fn cpu_time(pid: u32) -> Result<Duration> {
    let mut nanos = 0;
    for thread in std::fs::read_dir(format!("/proc/{pid}/task")).context("no threads")? {
        // It may have ended since.
        let Ok(stat) = std::fs::read_to_string(thread?.path().join("schedstat")) else { continue };
        nanos += stat.split_whitespace().next().context("no time")?.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanos))
}

#[cfg(target_os = "linux")]
mod affinity {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    /// The cores that this thread may use, in order.
    pub(super) fn allowed() -> anyhow::Result<Vec<usize>> {
        let allowed = sched_getaffinity(None)?;
        Ok((0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core)).collect())
    }

    pub(super) fn keep_to(core: usize) -> anyhow::Result<()> {
        let mut only = CpuSet::new();
        only.set(core);
        Ok(sched_setaffinity(None, &only)?)
    }
}

#[cfg(not(target_os = "linux"))]
mod affinity {
    pub(super) fn allowed() -> anyhow::Result<Vec<usize>> {
        anyhow::bail!("servers are measured on Linux only")
    }

    pub(super) fn keep_to(_core: usize) -> anyhow::Result<()> {
        allowed().map(|_| ())
    }
}
