//! One open session with one site.

use crate::error::SiteProblem;
use crate::transport::{Reply, Transport, TransportError};
use rand_core::OsRng;
use recovery_crypto::session::{Session, initiate};
use vault_protocol::{Answer, Bundle, BundleId, Request, SessionId, Site, SiteIndex};

pub(crate) struct SiteSession<'a> {
    pub index: SiteIndex,
    site: &'a Site,
    id: SessionId,
    session: Session,
    transport: &'a dyn Transport,
}

impl<'a> SiteSession<'a> {
    /// Handshakes; the site has then proved that it holds the fleet key.
    pub async fn open(
        transport: &'a dyn Transport,
        bundle: &Bundle,
        id: &BundleId,
        site: &'a Site,
    ) -> Result<Self, SiteProblem> {
        let (initiated, first) = initiate(id, &bundle.fleet_key, &mut OsRng)?;
        let reply = transport.post(&site.endpoint, "/v1/session", first).await;
        let reply = reply.map_err(SiteProblem::from)?;
        if let Some(other) = reply.bundle.filter(|b| b != id) {
            return Err(SiteProblem::OtherBundle(other));
        }
        let (session_id, second) = reply.body.split_at_checked(SessionId::LEN).ok_or(SiteProblem::NotAuthentic)?;
        let session_id = SessionId::from_slice(session_id).ok_or(SiteProblem::NotAuthentic)?;
        Ok(Self { index: site.index, site, id: session_id, session: initiated.finish(second)?, transport })
    }

    /// One question, one answer.
    pub async fn ask(&mut self, request: &Request) -> Result<Answer, SiteProblem> {
        let path = format!("/v1/session/{}", self.id);
        let message = self.session.seal(&request.to_bytes())?;
        let Reply { body, .. } = match self.transport.post(&self.site.endpoint, &path, message).await {
            Err(TransportError::Status { status: 404 | 410, .. }) => return Err(SiteProblem::NotAuthentic),
            other => other?,
        };
        let plaintext = self.session.open(&body)?;
        let response = Answer::response_from_bytes(&plaintext).map_err(|_| SiteProblem::BadAnswer)?;
        response.map_err(SiteProblem::Refused)
    }
}
