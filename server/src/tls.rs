//! The certificate that the server shows.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// Names that a self-signed certificate is good for, beside the host that the server listens on.
const NAMES: [&str; 4] = ["localhost", "*.localhost", "127.0.0.1", "::1"];

/// Where the certificate comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a certificate is made or given")]
pub enum Certificate {
    /// Made at the start, and signed by itself.
    #[default]
    SelfSigned,
    /// The same, kept in this directory as `cert.pem` and `key.pem`, so that clients need to trust it only once.
    KeptIn(PathBuf),
    /// Given, as PEM files.
    Files {
        /// The certificate, followed by those that vouch for it.
        cert: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
}

impl Certificate {
    /// What connections with TLS need.
    pub(crate) fn acceptor(&self, host: &str) -> io::Result<TlsAcceptor> {
        match self {
            Self::SelfSigned => {
                let Pair { cert, key } = Pair::generate(host)?;
                acceptor(cert.as_bytes(), key.as_bytes()).map_err(io::Error::other)
            }
            Self::KeptIn(directory) => {
                let (cert, key) = (directory.join("cert.pem"), directory.join("key.pem"));
                if !cert.exists() || !key.exists() {
                    Pair::generate(host)?.keep(directory, &cert, &key)?;
                }
                from_files(&cert, &key)
            }
            Self::Files { cert, key } => from_files(cert, key),
        }
    }
}

/// A certificate and its private key, as PEM.
struct Pair {
    cert: String,
    key: String,
}

impl Pair {
    fn generate(host: &str) -> io::Result<Self> {
        let names: Vec<String> = NAMES.iter().map(ToString::to_string).chain([host.to_owned()]).collect();
        let pair = rcgen::generate_simple_self_signed(names).map_err(io::Error::other)?;
        Ok(Self { cert: pair.cert.pem(), key: pair.signing_key.serialize_pem() })
    }

    fn keep(&self, directory: &Path, cert: &Path, key: &Path) -> io::Result<()> {
        let failed =
            |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", directory.display()));
        fs::create_dir_all(directory).map_err(failed)?;
        write_secret(key, self.key.as_bytes()).map_err(failed)?;
        fs::write(cert, &self.cert).map_err(failed)
    }
}

/// Writes a file that nobody else may read.
fn write_secret(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    io::Write::write_all(&mut options.open(path)?, content)
}

fn from_files(cert: &Path, key: &Path) -> io::Result<TlsAcceptor> {
    let read = |path: &Path| {
        fs::read(path).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
    };
    acceptor(&read(cert)?, &read(key)?).map_err(|error| {
        let files = format!("{} and {}", cert.display(), key.display());
        io::Error::new(io::ErrorKind::InvalidData, format!("{files} are no certificate and its key: {error}"))
    })
}

fn acceptor(cert: &[u8], key: &[u8]) -> Result<TlsAcceptor, Box<dyn core::error::Error + Send + Sync>> {
    let chain = CertificateDer::pem_slice_iter(cert).collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(key)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(rustls::DEFAULT_VERSIONS)?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
