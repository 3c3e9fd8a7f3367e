//! `shardbrook health`, for containers that have no other program to ask with.

use core::time::Duration;
use std::io::{self, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::process::ExitCode;

use super::serve::DEFAULT_PORT;
use super::{aliases, fail, units};

/// The whole of a head that an answer begins with: `HTTP/1.1 200`.
const STATUS_BYTES: usize = 12;

#[derive(Debug, clap::Args)]
pub(super) struct Health {
    /// Where the server listens.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Its port; 4567, unless the variables that `serve` reads say otherwise.
    #[arg(long)]
    port: Option<u16>,
    /// How long to wait for its answer.
    #[arg(long, value_name = "DURATION", default_value = "3s", value_parser = units::duration)]
    timeout: Duration,
}

impl Health {
    pub(super) fn run(&self) -> ExitCode {
        match self.status() {
            Ok(200) => ExitCode::SUCCESS,
            Ok(status) => fail(format_args!("the server answers with status {status}")),
            Err(error) => fail(format_args!("{}: {error}", self.host)),
        }
    }

    fn status(&self) -> io::Result<u16> {
        let addresses = (self.host.as_str(), self.port()?).to_socket_addrs()?;
        let mut failed = io::Error::from(io::ErrorKind::NotFound);
        for address in addresses {
            match TcpStream::connect_timeout(&address, self.timeout) {
                Ok(stream) => return self.ask(stream),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    fn port(&self) -> io::Result<u16> {
        if let Some(port) = self.port {
            return Ok(port);
        }
        let ports = aliases::ports(|name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()));
        Ok(ports.map_err(io::Error::other)?.first().copied().unwrap_or(DEFAULT_PORT))
    }

    fn ask(&self, mut stream: TcpStream) -> io::Result<u16> {
        stream.set_read_timeout(Some(self.timeout))?;
        stream.set_write_timeout(Some(self.timeout))?;
        let host = &self.host;
        write!(stream, "GET /_shardbrook/health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
        let mut head = [0; STATUS_BYTES];
        stream.read_exact(&mut head)?;
        let status = core::str::from_utf8(&head).ok().and_then(|head| head.strip_prefix("HTTP/1.1 "));
        status
            .and_then(|status| status.parse().ok())
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "that is no HTTP server"))
    }
}
