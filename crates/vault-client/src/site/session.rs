//! Opening a session with a site, and speaking in it.

use super::{Link, door};
use crate::ports::{Post, Reply, Transport};
use crate::site_notes::SiteProblem;
use recovery_crypto::Draw;
use recovery_crypto::session::{Prologue, Session, initiate};
use vault_protocol::{
    ACCOUNT_HEADER, Answer, BUNDLE_HEADER, BundleId, COOKIE_HEADER, Refusal, Request, Response,
    SessionId, Site,
};

/// A cookie may run out while its work is done: then there is another.
const COOKIES: usize = 2;
/// Characters of a site's own words that are passed on.
const MAX_REASON: usize = 200;

/// A session that both sides are in.
pub(super) struct OpenSession {
    endpoint: String,
    path: String,
    session: Session,
}

impl OpenSession {
    pub(super) fn handshake(&self) -> [u8; 32] {
        self.session.handshake_hash()
    }

    /// One message out, one in. After an error the two sides are out of step.
    pub(super) async fn exchange(
        &mut self,
        transport: &dyn Transport,
        request: &Request,
    ) -> Result<Response, SiteProblem> {
        let body = self.session.seal(&request.to_bytes())?;
        let endpoint = self.endpoint.clone();
        let message = Post { endpoint, path: self.path.clone(), headers: vec![], body };
        let reply = transport.post(message).await?;
        match reply.status {
            200 => {}
            400 | 404 => return Err(SiteProblem::SessionLost),
            _ => return Err(turned_away(&reply)),
        }
        let plain = self.session.open(&reply.body)?;
        let response = Answer::response_from_bytes(&plain).map_err(|_| SiteProblem::BadAnswer)?;
        Ok(response.map_err(|refusal| match refusal {
            Refusal::Unavailable { reason } => Refusal::Unavailable { reason: printable(&reason) },
            refusal => refusal,
        }))
    }
}

impl Link {
    /// Handshakes; the site has then proved that its device holds its session key.
    pub(super) async fn open_with(
        &mut self,
        bundle: BundleId,
        site: &Site,
    ) -> Result<OpenSession, SiteProblem> {
        let device = site.device().ok_or(SiteProblem::BadAnswer)?;
        let prologue = Prologue { bundle, site: site.index };
        let rng = &mut Draw(&*self.ports.randomness);
        let (initiated, first) = initiate(&prologue, &device.session_key, rng)?;
        let reply = self.knock(bundle, site, first).await?;
        self.note_bundle(&reply);
        match reply.status {
            200 => {}
            404 | 410 => return Err(SiteProblem::OlderVersion),
            409 => return Err(SiteProblem::OtherBundle(reply.bundle.unwrap_or(BundleId([0; 32])))),
            _ => return Err(turned_away(&reply)),
        }
        let (id, second) =
            reply.body.split_at_checked(SessionId::LEN).ok_or(SiteProblem::NotAuthentic)?;
        let id = SessionId::from_slice(id).ok_or(SiteProblem::NotAuthentic)?;
        let session = initiated.finish(second)?;
        let endpoint = site.endpoint.clone();
        Ok(OpenSession { endpoint, path: format!("/v2/session/{id}"), session })
    }

    /// Sends the first message, and shows the site what it asks for.
    async fn knock(
        &self,
        bundle: BundleId,
        site: &Site,
        first: Vec<u8>,
    ) -> Result<Reply, SiteProblem> {
        let mut headers = vec![(BUNDLE_HEADER, bundle.to_string())];
        headers.extend(self.tag.map(|tag| (ACCOUNT_HEADER, tag.to_string())));
        let message = Post {
            endpoint: site.endpoint.clone(),
            path: "/v2/session".into(),
            headers,
            body: first,
        };
        let mut reply = self.ports.transport.post(message.clone()).await?;
        for _ in 0..COOKIES {
            if reply.status != 428 {
                break;
            }
            let solved = door::solve(&reply.body, &message.body).await;
            let solved = solved.ok_or(SiteProblem::BadAnswer)?;
            let mut again = message.clone();
            again.headers.push((COOKIE_HEADER, solved.to_string()));
            reply = self.ports.transport.post(again).await?;
        }
        Ok(reply)
    }

    fn note_bundle(&mut self, reply: &Reply) {
        let verified = |id: &BundleId| self.known.bundles.iter().any(|(known, _)| known == id);
        self.other_bundle = reply.bundle.filter(|id| !verified(id));
    }
}

/// What an HTTP status that is an error means, in or before a session.
fn turned_away(reply: &Reply) -> SiteProblem {
    match (reply.status, reply.retry_after) {
        (428 | 429, seconds) => SiteProblem::Busy { seconds: seconds.unwrap_or(1) },
        (503, Some(seconds)) => SiteProblem::Busy { seconds },
        (500..=599, _) => {
            SiteProblem::Unavailable(printable(&String::from_utf8_lossy(&reply.body)))
        }
        _ => SiteProblem::BadAnswer,
    }
}

/// A site's own words, as they may be shown: nothing that could pass for something else on a
/// screen.
fn printable(text: &str) -> String {
    let plain = |c: &char| c.is_ascii_graphic() || *c == ' ';
    text.chars().filter(plain).take(MAX_REASON).collect()
}
