//! The connector over TLS, as yubihsm-connector serves it with `--cert` and `--key`.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::error::Error;

/// A client that opens a connection and says nothing must not stay.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// A certificate and its key.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    certificate: String,
}

impl Tls {
    /// Makes a certificate for these names and IP addresses, that nobody has signed: a client must
    /// be given [`Tls::certificate_pem`].
    ///
    /// # Errors
    /// [`Error::Tls`] if one is no name.
    pub fn self_signed(names: &[&str]) -> Result<Self, Error> {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let made = rcgen::generate_simple_self_signed(names).map_err(invalid)?;
        Self::from_pem(&made.cert.pem(), &made.signing_key.serialize_pem())
    }

    /// Reads a chain of certificates, the server's first, and its private key, both in PEM.
    ///
    /// # Errors
    /// [`Error::Tls`]
    pub fn from_pem(chain: &str, key: &str) -> Result<Self, Error> {
        let certificates: Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(chain.as_bytes()).collect();
        let certificates = certificates.map_err(invalid)?;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(invalid)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(invalid)?
            .with_no_client_auth()
            .with_single_cert(certificates, key)
            .map_err(invalid)?;
        Ok(Self { config: Arc::new(config), certificate: chain.to_owned() })
    }

    /// As [`Tls::from_pem`], from two files.
    ///
    /// # Errors
    /// [`Error::Tls`], [`Error::Io`]
    pub fn from_files(chain: &Path, key: &Path) -> Result<Self, Error> {
        let read = |path: &Path| {
            let context = format!("reading {}", path.display());
            std::fs::read_to_string(path).map_err(Error::io(context))
        };
        Self::from_pem(&read(chain)?, &read(key)?)
    }

    /// The certificates in PEM, for the client.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate
    }

    pub(super) async fn accept<S>(&self, stream: S) -> std::io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let handshake = TlsAcceptor::from(self.config.clone()).accept(stream);
        tokio::time::timeout(HANDSHAKE, handshake).await?
    }
}

/// Without the key.
impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tls").field("certificate", &self.certificate).finish()
    }
}

fn invalid(error: impl fmt::Display) -> Error {
    Error::Tls(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_or_no_key_is_an_error_that_says_so() {
        let good = Tls::self_signed(&["localhost"]).unwrap();
        assert!(good.certificate_pem().contains("BEGIN CERTIFICATE"));
        assert!(!format!("{good:?}").contains("PRIVATE"));
        for (chain, key) in [("", ""), ("nonsense", "nonsense"), (good.certificate_pem(), "")] {
            assert!(matches!(Tls::from_pem(chain, key), Err(Error::Tls(_))), "{chain} {key}");
        }
        assert!(matches!(Tls::self_signed(&["not a name\n\u{e9}"]), Err(Error::Tls(_))));
    }
}
