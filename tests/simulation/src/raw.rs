//! A client without scruples: it asks whatever it likes, of whichever site it likes.

use crate::dice::Dice;
use crate::fleet::{Fleet, SimulatedTransport};
use recovery_crypto::session::{Prologue, Session, initiate};
use std::collections::BTreeMap;
use vault_client::{Post, Transport};
use vault_protocol::{Answer, BUNDLE_HEADER, Bundle, Request, Response, SessionId, SiteIndex};
use vault_server::site::ports::Draw;

/// Sessions with all sites, opened when they are needed.
pub struct RawClient {
    bundle: Bundle,
    transport: SimulatedTransport,
    dice: Dice,
    sessions: BTreeMap<SiteIndex, (SessionId, Session)>,
}

impl RawClient {
    pub fn new(fleet: &Fleet, client: u8) -> Self {
        let dice = Dice::new(fleet.plan().seed, &format!("raw client {client}"));
        let transport = fleet.transport(client);
        Self { bundle: fleet.bundle(), transport, dice, sessions: BTreeMap::new() }
    }

    /// A site's answer, if there is one.
    pub async fn ask(&mut self, site: SiteIndex, request: &Request) -> Option<Response> {
        let mut open = match self.sessions.remove(&site) {
            Some(open) => open,
            None => self.open(site).await?,
        };
        let (id, session) = &mut open;
        let body = session.seal(&request.to_bytes()).ok()?;
        let body = self.post(site, format!("/v2/session/{id}"), body).await?;
        let plain = session.open(&body).ok()?;
        let response = Answer::response_from_bytes(&plain).ok()?;
        self.sessions.insert(site, open);
        Some(response)
    }

    async fn open(&self, site: SiteIndex) -> Option<(SessionId, Session)> {
        let prologue = Prologue { bundle: self.bundle.id(), site };
        let key = self.bundle.site(site)?.device()?.session_key;
        let (initiated, first) = initiate(&prologue, &key, &mut Draw(&self.dice)).ok()?;
        let body = self.post(site, "/v2/session".into(), first).await?;
        let (id, second) = body.split_at_checked(SessionId::LEN)?;
        Some((SessionId::from_slice(id)?, initiated.finish(second).ok()?))
    }

    async fn post(&self, site: SiteIndex, path: String, body: Vec<u8>) -> Option<Vec<u8>> {
        let endpoint = self.bundle.site(site)?.endpoint.clone();
        let headers = vec![(BUNDLE_HEADER, self.bundle.id().to_string())];
        let reply = self.transport.post(Post { endpoint, path, headers, body }).await.ok()?;
        (reply.status == 200).then_some(reply.body)
    }
}
