//! The program as a process of its own.
#![allow(dead_code, reason = "no test needs all of it")]

use core::net::SocketAddr;
use core::time::Duration;
use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Instant;

/// A process takes no longer than this to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program, without the environment of the tests.
pub(crate) fn command(arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shardbrook"));
    command.args(arguments).env_clear().envs(variables.iter().copied()).stdin(Stdio::null());
    command
}

/// A server, which is killed if it still runs in the end.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// Open as long as the server runs, for it says more.
    output: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts a server, which says what goes wrong where `errors` says.
    pub(crate) fn serve(arguments: &[&str], variables: &[(&str, &str)], errors: Stdio) -> Self {
        let mut command = command(&[&["serve"], arguments].concat(), variables);
        let mut child = command.stdout(Stdio::piped()).stderr(errors).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, output }
    }

    /// Waits until it says where it listens; the next time for the next port.
    pub(crate) fn address(&mut self) -> SocketAddr {
        let address = self.output.find_map(|line| {
            let line = line.unwrap();
            let rest = line.strip_prefix("listening on http://")?;
            Some(rest.split(' ').next()?.parse().unwrap())
        });
        address.expect("it says where it listens")
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// How it ended, which it does by itself.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(began.elapsed() < PATIENCE, "it goes on");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL, on Unix. It may be gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
