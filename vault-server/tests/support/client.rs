//! What a client does, without its checks: sessions, registration, recovery.

use ed25519_dalek::Signer;
use rand_core::{OsRng, RngCore};
use recovery_crypto::oprf::{Blinded, blind};
use recovery_crypto::session::{Session, initiate};
use recovery_crypto::{Opened, RecoverError, Registration, ShareAnswer, recover};
use std::path::Path;
use vault_protocol::{
    AccountId, Answer, Bundle, BundleId, CodeParameters, OwnerKey, Point, Policy, Record, Refusal, Request, Response,
    Signature64, SiteIndex, TryId, Version, confirm_proof, record_message, removal_message, try_id,
};

/// HTTPS to every site.
#[derive(Clone)]
pub struct Transport {
    pub http: reqwest::Client,
    endpoints: Vec<String>,
    bundle: BundleId,
    fleet_key: Point,
}

/// An open session with one site.
pub struct SiteSession {
    pub url: String,
    pub session: Session,
    http: reqwest::Client,
}

impl Transport {
    pub fn new(ca: &Path, bundle: &Bundle) -> Self {
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = rustls::RootCertStore::empty();
        let pem = rustls::pki_types::pem::PemObject::from_pem_file(ca);
        roots.add(pem.unwrap()).unwrap();
        let builder = rustls::ClientConfig::builder_with_provider(provider);
        let tls = builder.with_safe_default_protocol_versions().unwrap();
        let tls = tls.with_root_certificates(roots).with_no_client_auth();
        let http = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap();
        let endpoints = bundle.sites.iter().map(|s| s.endpoint.clone()).collect();
        Self { http, endpoints, bundle: bundle.id(), fleet_key: bundle.fleet_key }
    }

    pub fn url(&self, site: u8, path: &str) -> String {
        format!("{}{path}", self.endpoints[usize::from(site) - 1])
    }

    pub async fn get(&self, site: u8, path: &str) -> reqwest::Response {
        self.http.get(self.url(site, path)).send().await.unwrap()
    }

    pub async fn open(&self, site: u8) -> Result<SiteSession, u16> {
        let (initiated, message) = initiate(&self.bundle, &self.fleet_key, &mut OsRng).unwrap();
        let answer = self.http.post(self.url(site, "/v1/session")).body(message).send().await.map_err(|_| 0u16)?;
        if !answer.status().is_success() {
            return Err(answer.status().as_u16());
        }
        assert_eq!(answer.headers()["keepsake-bundle"], self.bundle.to_string());
        let body = answer.bytes().await.unwrap();
        let url = self.url(site, &format!("/v1/session/{}", hex::encode(&body[..16])));
        let session = initiated.finish(&body[16..]).unwrap();
        Ok(SiteSession { url, session, http: self.http.clone() })
    }

    /// One request in a session of its own.
    pub async fn ask(&self, site: u8, request: Request) -> Response {
        let away = |status: u16| Refusal::Unavailable { reason: format!("HTTP status {status}") };
        self.open(site).await.map_err(away)?.ask(&request).await.map_err(away)?
    }
}

impl SiteSession {
    pub async fn ask(&mut self, request: &Request) -> Result<Response, u16> {
        let sealed = self.session.seal(&request.to_bytes()).unwrap();
        let answer = self.send(sealed).await?;
        Ok(Answer::response_from_bytes(&self.session.open(&answer).unwrap()).unwrap())
    }

    /// Raw bytes; the HTTP status if it is not a success.
    pub async fn send(&self, body: Vec<u8>) -> Result<Vec<u8>, u16> {
        let answer = self.http.post(&self.url).body(body).send().await.map_err(|_| 0u16)?;
        match answer.status().as_u16() {
            200 => Ok(answer.bytes().await.unwrap().to_vec()),
            status => Err(status),
        }
    }
}

/// Someone with an account.
pub struct Person {
    pub account: AccountId,
    pub(super) owner: ed25519_dalek::SigningKey,
}

impl Person {
    pub fn new() -> Self {
        let mut account = AccountId([0; 16]);
        OsRng.fill_bytes(&mut account.0);
        Self { account, owner: ed25519_dalek::SigningKey::generate(&mut OsRng) }
    }

    /// Registers `code` as `version`, through all sites that answer; gives the vault key.
    pub async fn register(
        &self,
        transport: &Transport,
        bundle: &Bundle,
        version: Version,
        code: &str,
    ) -> Result<Vec<u8>, Refusal> {
        self.register_with(transport, bundle, version, code, Policy::default()).await
    }

    pub async fn register_with(
        &self,
        transport: &Transport,
        bundle: &Bundle,
        version: Version,
        code: &str,
        policy: Policy,
    ) -> Result<Vec<u8>, Refusal> {
        let blinded = blind(code.as_bytes(), &mut OsRng).unwrap();
        let mut betas = vec![];
        for site in sites(bundle) {
            let request = Request::EvaluateForRegistration { account: self.account, version, alpha: blinded.alpha() };
            if let Ok(Answer::Evaluated { beta }) = transport.ask(site, request).await {
                betas.push((SiteIndex(site), beta));
            }
        }
        let registration = Registration {
            bundle,
            account: self.account,
            version,
            owner: OwnerKey(self.owner.verifying_key().to_bytes()),
            parameters: CodeParameters { memory_kib: 8, passes: 1, lanes: 1 },
            policy,
        };
        let registered = registration
            .seal(&blinded, &betas, &mut OsRng)
            .map_err(|e| Refusal::Unavailable { reason: e.to_string() })?;
        let message = record_message(&bundle.fleet_id, &registered.record);
        let signature = Signature64(self.owner.sign(&message).to_bytes());
        let first = betas[0].0.0;
        transport.ask(first, Request::Register { record: registered.record, signature }).await?;
        Ok(registered.vault_key.expose().to_vec())
    }

    /// A well-formed record that no site evaluated for: its boxes open with nothing.
    pub fn record(&self, bundle: &Bundle, version: Version, code: &str) -> Record {
        let blinded = blind(code.as_bytes(), &mut OsRng).unwrap();
        let betas: Vec<_> = bundle.sites.iter().map(|s| (s.index, blinded.alpha())).collect();
        let registration = Registration {
            bundle,
            account: self.account,
            version,
            owner: OwnerKey(self.owner.verifying_key().to_bytes()),
            parameters: CodeParameters { memory_kib: 8, passes: 1, lanes: 1 },
            policy: Policy::default(),
        };
        registration.seal(&blinded, &betas, &mut OsRng).unwrap().record
    }

    pub fn sign(&self, bundle: &Bundle, record: &Record) -> Signature64 {
        Signature64(self.owner.sign(&record_message(&bundle.fleet_id, record)).to_bytes())
    }

    pub fn blind(&self, code: &str) -> Blinded {
        blind(code.as_bytes(), &mut OsRng).unwrap()
    }

    pub fn try_id(&self, version: Version, blinded: &Blinded) -> TryId {
        try_id(&blinded.alpha(), &self.account, version)
    }

    pub fn guess(&self, version: Version, blinded: &Blinded) -> Request {
        Request::Evaluate { account: self.account, version, alpha: blinded.alpha() }
    }

    /// Asks every site; gives what each said.
    pub async fn ask_all(&self, transport: &Transport, bundle: &Bundle, request: Request) -> Vec<(u8, Response)> {
        let asked = sites(bundle).map(|site| {
            let request = request.clone();
            async move { (site, transport.ask(site, request).await) }
        });
        futures::future::join_all(asked).await
    }

    pub async fn recover(
        &self,
        transport: &Transport,
        bundle: &Bundle,
        version: Version,
        blinded: &Blinded,
    ) -> Result<Opened, RecoverError> {
        let answers = self.ask_all(transport, bundle, self.guess(version, blinded)).await;
        let shares: Vec<_> = answers.into_iter().filter_map(|(site, answer)| share(site, answer)).collect();
        recover(bundle, self.account, version, blinded, &shares)
    }

    /// Confirms at every site that answers; whether the count was reset.
    pub async fn confirm(
        &self,
        transport: &Transport,
        version: Version,
        blinded: &Blinded,
        opened: &Opened,
        round: u64,
    ) -> Vec<Response> {
        let mut answers = vec![];
        for (site, tag) in &opened.tags {
            let try_id = self.try_id(version, blinded);
            let request = Request::Confirm {
                account: self.account,
                version,
                try_id,
                proof: confirm_proof(tag, &try_id, round, *site),
            };
            answers.push(transport.ask(site.0, request).await);
        }
        answers
    }

    pub async fn remove(&self, transport: &Transport, bundle: &Bundle, version: Version) -> Response {
        let message = removal_message(&bundle.fleet_id, &self.account, version);
        let signature = Signature64(self.owner.sign(&message).to_bytes());
        transport.ask(1, Request::Remove { account: self.account, version, signature }).await
    }

    pub async fn status(&self, transport: &Transport, site: u8) -> Response {
        transport.ask(site, Request::Status { account: self.account }).await
    }
}

fn share(site: u8, answer: Response) -> Option<ShareAnswer> {
    match answer {
        Ok(Answer::Share { beta, masked_share, commitment, .. }) => {
            Some(ShareAnswer { site: SiteIndex(site), beta, masked_share, commitment })
        }
        _ => None,
    }
}

fn sites(bundle: &Bundle) -> impl Iterator<Item = u8> + use<> {
    1..=bundle.sites.len() as u8
}
