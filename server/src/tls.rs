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
                let Pair { cert, key } = Pair::generate(&[host.to_owned()])?;
                acceptor(cert.as_bytes(), key.as_bytes()).map_err(io::Error::other)
            }
            Self::KeptIn(directory) => {
                let kept = Kept::of(directory);
                kept.make_good_for(host).map_err(|error| {
                    io::Error::new(error.kind(), format!("{}: {error}", directory.display()))
                })?;
                from_files(&kept.cert, &kept.key)
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
    fn generate(hosts: &[String]) -> io::Result<Self> {
        let names: Vec<String> = NAMES.iter().map(ToString::to_string).chain(hosts.iter().cloned()).collect();
        let pair = rcgen::generate_simple_self_signed(names).map_err(io::Error::other)?;
        Ok(Self { cert: pair.cert.pem(), key: pair.signing_key.serialize_pem() })
    }
}

/// A certificate that outlives the process.
struct Kept {
    directory: PathBuf,
    cert: PathBuf,
    key: PathBuf,
    /// The hosts that it was made for, one in a line. It is there if the other files are whole and belong together.
    hosts: PathBuf,
}

impl Kept {
    fn of(directory: &Path) -> Self {
        let [cert, key, hosts] = ["cert.pem", "key.pem", "hosts"].map(|name| directory.join(name));
        Self { directory: directory.to_owned(), cert, key, hosts }
    }

    /// Makes a certificate for `host`, and for the hosts that there were, unless the one that is there is good for it.
    fn make_good_for(&self, host: &str) -> io::Result<()> {
        let known = fs::read_to_string(&self.hosts).ok().filter(|_| self.cert.exists() && self.key.exists());
        let mut hosts: Vec<String> =
            known.iter().flat_map(|known| known.lines()).map(str::to_owned).collect();
        if hosts.iter().any(|known| known == host) {
            return Ok(());
        }
        hosts.push(host.to_owned());
        let Pair { cert, key } = Pair::generate(&hosts)?;
        fs::create_dir_all(&self.directory)?;
        if self.hosts.exists() {
            fs::remove_file(&self.hosts)?;
        }
        write(&self.key, key.as_bytes())?;
        write(&self.cert, cert.as_bytes())?;
        write(&self.hosts, (hosts.join("\n") + "\n").as_bytes())
    }
}

/// Puts a file that nobody else may read in the place of another, if it can be written.
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let aside = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&aside)?;
    io::Write::write_all(&mut file, content)?;
    file.sync_all()?;
    fs::rename(&aside, path)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn start(directory: &Path, host: &str) -> (String, String) {
        Certificate::KeptIn(directory.to_owned()).acceptor(host).map(drop).unwrap();
        let read = |name| fs::read_to_string(directory.join(name)).unwrap();
        (read("cert.pem"), read("hosts"))
    }

    #[test]
    fn a_certificate_is_kept_as_long_as_it_is_good_for_the_host() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        let first = start(directory, "127.0.0.1");
        assert_eq!(start(directory, "127.0.0.1"), first);
        let second = start(directory, "build.example");
        assert_ne!(second.0, first.0);
        assert_eq!(second.1, "127.0.0.1\nbuild.example\n");
        // It is good for both.
        assert_eq!(start(directory, "127.0.0.1"), second);
        assert_eq!(start(directory, "build.example"), second);
    }

    #[test]
    fn what_was_not_written_whole_is_made_again() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        for name in ["cert.pem", "key.pem"] {
            let whole = start(directory, "localhost");
            // As a start leaves it that ends while it makes another.
            fs::remove_file(directory.join("hosts")).unwrap();
            fs::write(directory.join(name), "-----BEGIN").unwrap();
            let made = start(directory, "localhost");
            assert_ne!(made.0, whole.0);
            assert_eq!(made.1, whole.1);
        }
    }
}
