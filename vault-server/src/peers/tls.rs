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

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{path}: {reason}")]
    File { path: PathBuf, reason: String },
    #[error("TLS: {0}")]
    Rustls(#[from] rustls::Error),
    #[error("the fleet's CA cannot verify peers: {0}")]
    Verifier(String),
}

/// PEM files of one identity.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    pub cert: PathBuf,
    pub key: PathBuf,
}

/// The DNS name in a site's peer certificate. It is never looked up.
pub fn peer_name(site: SiteIndex) -> String {
    format!("site-{site}.peer.keepsake")
}

/// The site that a verified certificate names; none if it names no site, or two.
pub fn named_site(certificate: &CertificateDer<'_>) -> Option<SiteIndex> {
    let parsed = ParsedCertificate::try_from(certificate).ok()?;
    let names = |site: &SiteIndex| {
        ServerName::try_from(peer_name(*site)).is_ok_and(|name| verify_server_name(&parsed, &name).is_ok())
    };
    let mut sites = (1..=u8::try_from(MAX_SITES).ok()?).map(SiteIndex).filter(names);
    let site = sites.next()?;
    sites.next().is_none().then_some(site)
}

/// For the client API: nobody is asked for a certificate.
pub fn public_server(identity: &Identity) -> Result<ServerConfig, TlsError> {
    let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    let (chain, key) = load(identity)?;
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// For the peer listener: only certificates of the fleet's CA.
pub fn peer_server(identity: &Identity, ca: &Path) -> Result<ServerConfig, TlsError> {
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots(ca)?), provider())
        .build()
        .map_err(|e| TlsError::Verifier(e.to_string()))?;
    let builder = ServerConfig::builder_with_provider(provider()).with_protocol_versions(&[&rustls::version::TLS13])?;
    let (chain, key) = load(identity)?;
    let mut config = builder.with_client_cert_verifier(verifier).with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// For calling peers: only the fleet's CA is trusted, and the name must be that of the site called.
pub fn peer_client(identity: &Identity, ca: &Path) -> Result<ClientConfig, TlsError> {
    let builder = ClientConfig::builder_with_provider(provider()).with_protocol_versions(&[&rustls::version::TLS13])?;
    let (chain, key) = load(identity)?;
    Ok(builder.with_root_certificates(roots(ca)?).with_client_auth_cert(chain, key)?)
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn roots(ca: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(ca)? {
        roots.add(certificate)?;
    }
    Ok(roots)
}

fn load(identity: &Identity) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
    let key = PrivateKeyDer::from_pem_file(&identity.key).map_err(|e| unreadable(&identity.key, &e))?;
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

fn unreadable(path: &Path, reason: &dyn std::fmt::Display) -> TlsError {
    TlsError::File { path: path.to_owned(), reason: reason.to_string() }
}
