//! Mutual TLS between sites: the fleet's private CA, and a certificate that names exactly one site.

use rustls::client::verify_server_name;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use vault_protocol::SiteIndex;
use vault_protocol::limits::MAX_SITES;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be used.
    #[error("{path}: {reason}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Certificate and key do not make a configuration.
    #[error("TLS: {0}")]
    Rustls(#[from] rustls::Error),
}

/// PEM files of one identity.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// PEM: the certificate, and those above it.
    pub cert: PathBuf,
    /// PEM: its private key.
    pub key: PathBuf,
}

/// The site that a verified certificate names; none if it names no site, or two.
pub fn named_site(certificate: &CertificateDer<'_>) -> Option<SiteIndex> {
    let parsed = ParsedCertificate::try_from(certificate).ok()?;
    let names = |site: &SiteIndex| {
        ServerName::try_from(site.peer_name())
            .is_ok_and(|name| verify_server_name(&parsed, &name).is_ok())
    };
    let mut sites = (1..=u8::try_from(MAX_SITES).ok()?).map(SiteIndex).filter(names);
    let site = sites.next()?;
    sites.next().is_none().then_some(site)
}

/// For the client API: nobody is asked for a certificate.
pub fn public_server(identity: &Identity) -> Result<ServerConfig, TlsError> {
    let builder =
        ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    let (chain, key) = load(identity)?;
    let built = builder.with_no_client_auth().with_single_cert(chain, key);
    let mut config = built.map_err(|e| of_pair(identity, &e))?;
    // One request at a time on a connection: what an address may hold is then counted in
    // connections.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// For the peer listener: only certificates of the fleet's CA.
pub fn peer_server(identity: &Identity, ca: &Path) -> Result<ServerConfig, TlsError> {
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots(ca)?), provider())
        .build()
        .map_err(|e| unreadable(ca, &e))?;
    let builder = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?;
    let (chain, key) = load(identity)?;
    let built = builder.with_client_cert_verifier(verifier).with_single_cert(chain, key);
    let mut config = built.map_err(|e| of_pair(identity, &e))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// For calling peers: only the fleet's CA is trusted, and the name must be that of the site called.
pub fn peer_client(identity: &Identity, ca: &Path) -> Result<ClientConfig, TlsError> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?;
    let (chain, key) = load(identity)?;
    let builder = builder.with_root_certificates(roots(ca)?);
    builder.with_client_auth_cert(chain, key).map_err(|e| of_pair(identity, &e))
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn roots(ca: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(ca)? {
        roots.add(certificate).map_err(|e| unreadable(ca, &e))?;
    }
    Ok(roots)
}

fn load(
    identity: &Identity,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
    let key =
        PrivateKeyDer::from_pem_file(&identity.key).map_err(|e| unreadable(&identity.key, &e))?;
    Ok((certificates(&identity.cert)?, key))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(list) if list.is_empty() => Err(unreadable(path, &"no certificate")),
        Ok(list) => Ok(list),
        Err(e) => Err(unreadable(path, &e)),
    }
}

/// A key that is not the certificate's, most likely.
fn of_pair(identity: &Identity, reason: &rustls::Error) -> TlsError {
    let reason = format!("does not go with {}: {reason}", identity.key.display());
    TlsError::File { path: identity.cert.clone(), reason }
}

/// Unix seconds from which and until which a site's certificate is good.
///
/// # Errors
/// [`TlsError::File`]
pub fn validity(identity: &Identity) -> Result<(u64, u64), TlsError> {
    use x509_cert::der::Decode;
    let chain = certificates(&identity.cert)?;
    let leaf = chain.first().ok_or_else(|| unreadable(&identity.cert, &"no certificate"))?;
    let read =
        x509_cert::Certificate::from_der(leaf).map_err(|e| unreadable(&identity.cert, &e))?;
    let validity = read.tbs_certificate.validity;
    let seconds = |time: x509_cert::time::Time| time.to_unix_duration().as_secs();
    Ok((seconds(validity.not_before), seconds(validity.not_after)))
}

fn unreadable(path: &Path, reason: &dyn std::fmt::Display) -> TlsError {
    TlsError::File { path: path.to_owned(), reason: reason.to_string() }
}
