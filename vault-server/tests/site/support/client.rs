//! A client without a client's checks: it must be able to misbehave.

use super::fleet::Fleet;
use crate::people::{Asks, Reach};
use rand_core::OsRng;
use recovery_crypto::session::{Prologue, Session, initiate};
use std::net::{IpAddr, Ipv4Addr};
use vault_protocol::{
    Answer, Bundle, Point, Request, Response, SessionId, SiteIndex, VoteKeyCertificate,
};
use vault_server::accounts::MemoryStore;
use vault_server::site::{MessageError, OpenError, Opening, Origin, Site};

/// An open session with one site.
pub(crate) struct Client {
    pub site: Site<MemoryStore>,
    pub id: SessionId,
    pub session: Session,
}

impl Client {
    pub(crate) async fn open(fleet: &Fleet, site: u8) -> Result<Self, OpenError> {
        Self::open_from(fleet, site, Ipv4Addr::new(192, 0, 2, 1).into()).await
    }

    pub(crate) async fn open_from(
        fleet: &Fleet,
        site: u8,
        from: IpAddr,
    ) -> Result<Self, OpenError> {
        let away = || OpenError::Unavailable("it is cut off".into());
        let running = fleet.reach(site).ok_or_else(away)?;
        let index = SiteIndex(site);
        let prologue = Prologue { bundle: fleet.bundle.id(), site: index };
        let key: Point = fleet.bundle.site(index).unwrap().device().unwrap().session_key;
        let (initiated, message) = initiate(&prologue, &key, &mut OsRng).unwrap();
        let bundle = Some(fleet.bundle.id());
        let opening = Opening { bundle, message, origin: Origin::of(from) };
        let (id, answer) = running.open_session(opening).await?;
        Ok(Self { site: running, id, session: initiated.finish(&answer).unwrap() })
    }

    pub(crate) async fn try_ask(&mut self, request: Request) -> Result<Response, MessageError> {
        let message = self.session.seal(&request.to_bytes()).unwrap();
        let answer = self.site.message(&self.id, message).await?;
        let plain = self.session.open(&answer).unwrap();
        Ok(Answer::response_from_bytes(&plain).unwrap())
    }
}

impl Asks for Client {
    async fn ask(&mut self, request: Request) -> Response {
        self.try_ask(request).await.unwrap()
    }

    fn handshake_hash(&self) -> [u8; 32] {
        self.session.handshake_hash()
    }
}

impl Reach for Fleet {
    type Client = Client;

    fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    async fn open(&self, site: u8) -> Option<Client> {
        Client::open(self, site).await.ok()
    }

    async fn certificates(&self) -> Vec<VoteKeyCertificate> {
        let running = Reach::sites(self).filter_map(|site| self.reach(site));
        running.map(|site| site.certificate()).collect()
    }
}
