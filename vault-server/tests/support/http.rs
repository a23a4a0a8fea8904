//! HTTPS to every site.

use super::Asks;
use rand_core::OsRng;
use recovery_crypto::session::{Prologue, initiate};
use std::path::Path;
use std::sync::Arc;
use vault_protocol::{
    ACCOUNT_HEADER, AccountTag, Answer, BUNDLE_HEADER, Bundle, BundleId, COOKIE_HEADER, Cookie,
    Point, Request, Response, SiteIndex, SolvedCookie,
};

#[derive(Clone)]
pub(crate) struct Http {
    pub client: reqwest::Client,
    pub endpoints: Vec<String>,
    pub bundle: BundleId,
    session_keys: Vec<Point>,
    /// Named at the door.
    pub account: Option<AccountTag>,
    ca: std::path::PathBuf,
}

/// An open session with one site.
pub(crate) struct Session {
    pub url: String,
    pub noise: recovery_crypto::session::Session,
    client: reqwest::Client,
}

/// A first message and what belongs to it.
pub(crate) struct First {
    pub message: Vec<u8>,
    initiated: recovery_crypto::session::Initiated,
}

impl Http {
    pub(crate) fn new(ca: &Path, bundle: &Bundle) -> Self {
        let device = |site: &vault_protocol::Site| site.device().unwrap().session_key;
        Self {
            client: client(ca),
            endpoints: bundle.sites.iter().map(|site| site.endpoint.clone()).collect(),
            bundle: bundle.id(),
            session_keys: bundle.sites.iter().map(device).collect(),
            account: None,
            ca: ca.to_owned(),
        }
    }

    /// As if a proxy in front of the sites named this client's address.
    pub(crate) fn named_by_a_proxy(&self, address: &str) -> Self {
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert("forwarded", format!("for={address}").parse().unwrap());
        Self { client: self.client_with(headers), ..self.clone() }
    }

    fn client_with(&self, headers: reqwest::header::HeaderMap) -> reqwest::Client {
        let builder = reqwest::Client::builder().tls_backend_preconfigured(self.tls());
        builder.default_headers(headers).no_proxy().build().unwrap()
    }

    pub(crate) fn tls(&self) -> rustls::ClientConfig {
        tls(&self.ca)
    }

    pub(crate) fn url(&self, site: u8, path: &str) -> String {
        format!("{}{path}", self.endpoints[usize::from(site) - 1])
    }

    pub(crate) async fn get(&self, site: u8, path: &str) -> reqwest::Response {
        self.client.get(self.url(site, path)).send().await.unwrap()
    }

    pub(crate) async fn get_json(&self, site: u8, path: &str) -> serde_json::Value {
        let answer = self.get(site, path).await;
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    /// The same of a site that may be away.
    pub(crate) async fn try_get_json(&self, site: u8, path: &str) -> Option<serde_json::Value> {
        let answer = self.client.get(self.url(site, path)).send().await.ok()?;
        serde_json::from_slice(&answer.bytes().await.ok()?).ok()
    }

    pub(crate) fn first(&self, site: u8) -> First {
        let prologue = Prologue { bundle: self.bundle, site: SiteIndex(site) };
        let key = &self.session_keys[usize::from(site) - 1];
        let (initiated, message) = initiate(&prologue, key, &mut OsRng).unwrap();
        First { message, initiated }
    }

    /// Sends a first message, with a solved cookie if there is one.
    pub(crate) async fn knock(
        &self,
        site: u8,
        message: &[u8],
        cookie: Option<SolvedCookie>,
    ) -> Result<reqwest::Response, reqwest::Error> {
        let mut request = self
            .client
            .post(self.url(site, "/v2/session"))
            .header(BUNDLE_HEADER, self.bundle.to_string())
            .body(message.to_vec());
        if let Some(tag) = self.account {
            request = request.header(ACCOUNT_HEADER, tag.to_string());
        }
        if let Some(cookie) = cookie {
            request = request.header(COOKIE_HEADER, cookie.to_string());
        }
        request.send().await
    }

    /// Opens a session, and does the work that is asked for.
    ///
    /// # Errors
    /// The status of the refusal; 0 if there was no answer.
    pub(crate) async fn open(&self, site: u8) -> Result<Session, u16> {
        let First { message, initiated } = self.first(site);
        let mut answer = self.knock(site, &message, None).await.map_err(|_| 0u16)?;
        if answer.status().as_u16() == 428 {
            let cookie: Cookie = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
            let solution = (0..).find(|x| cookie.is_solved_by(&message, *x)).unwrap();
            let solved = SolvedCookie { cookie, solution };
            answer = self.knock(site, &message, Some(solved)).await.map_err(|_| 0u16)?;
        }
        if !answer.status().is_success() {
            return Err(answer.status().as_u16());
        }
        let body = answer.bytes().await.map_err(|_| 0u16)?;
        let url = self.url(site, &format!("/v2/session/{}", hex::encode(&body[..16])));
        let noise = initiated.finish(&body[16..]).unwrap();
        Ok(Session { url, noise, client: self.client.clone() })
    }
}

impl Session {
    /// Sends a request; the status if it was not answered.
    pub(crate) async fn try_ask(&mut self, request: &Request) -> Result<Response, u16> {
        let message = self.noise.seal(&request.to_bytes()).unwrap();
        let answer = self.send(message).await?;
        let plain = self.noise.open(&answer).unwrap();
        Ok(Answer::response_from_bytes(&plain).unwrap())
    }

    pub(crate) async fn send(&self, message: Vec<u8>) -> Result<Vec<u8>, u16> {
        let answer = self.client.post(&self.url).body(message).send().await.map_err(|_| 0u16)?;
        if !answer.status().is_success() {
            return Err(answer.status().as_u16());
        }
        Ok(answer.bytes().await.map_err(|_| 0u16)?.to_vec())
    }
}

impl Asks for Session {
    async fn ask(&mut self, request: Request) -> Response {
        self.try_ask(&request).await.unwrap()
    }

    fn handshake_hash(&self) -> [u8; 32] {
        self.noise.handshake_hash()
    }
}

pub(super) fn client(ca: &Path) -> reqwest::Client {
    reqwest::Client::builder().tls_backend_preconfigured(tls(ca)).no_proxy().build().unwrap()
}

/// Trusts the fleet's own authority and shows no certificate.
pub(super) fn tls(ca: &Path) -> rustls::ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    let pem = rustls::pki_types::pem::PemObject::from_pem_file(ca);
    roots.add(pem.unwrap()).unwrap();
    let builder = rustls::ClientConfig::builder_with_provider(provider);
    let tls = builder.with_safe_default_protocol_versions().unwrap();
    tls.with_root_certificates(roots).with_no_client_auth()
}
