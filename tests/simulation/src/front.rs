//! What stands behind a site's address: bytes in, bytes out.

use async_trait::async_trait;
use std::net::{IpAddr, Ipv4Addr};
use vault_client::{Post, Reply};
use vault_protocol::{BUNDLE_HEADER, BundleId, SessionId, SiteIndex};
use vault_server::accounts::AccountStore;
use vault_server::site::ports::{PeerAnswer, PeerRequest};
use vault_server::site::{MessageError, OpenError, Opening, Origin, Site};

/// One running site, honest or not.
#[async_trait]
pub trait Front: Send + Sync {
    /// A client's first message.
    async fn open(&self, opening: Opening) -> Result<(SessionId, Vec<u8>), OpenError>;

    /// Each further one. `None`: no answer ever comes.
    async fn message(
        &self,
        session: SessionId,
        message: Vec<u8>,
    ) -> Option<Result<Vec<u8>, MessageError>>;

    /// What another site asks.
    async fn peer(&self, from: SiteIndex, request: PeerRequest) -> PeerAnswer;

    /// The newest bundle that it serves.
    fn bundle(&self) -> Option<BundleId>;
}

/// A site as it is built, and the bundles that it serves, newest first.
pub struct Honest<S> {
    pub site: Site<S>,
    pub bundles: Vec<BundleId>,
}

#[async_trait]
impl<S: AccountStore> Front for Honest<S> {
    async fn open(&self, opening: Opening) -> Result<(SessionId, Vec<u8>), OpenError> {
        self.site.open_session(opening).await
    }

    async fn message(
        &self,
        session: SessionId,
        message: Vec<u8>,
    ) -> Option<Result<Vec<u8>, MessageError>> {
        Some(self.site.message(&session, message).await)
    }

    async fn peer(&self, _: SiteIndex, request: PeerRequest) -> PeerAnswer {
        self.site.peer(request).await
    }

    fn bundle(&self) -> Option<BundleId> {
        self.bundles.first().copied()
    }
}

/// The client API as far as a recovery needs it (spec/vault-protocol.md section 4). `None`: no
/// answer.
pub async fn http(front: &dyn Front, client: u8, post: Post) -> Option<Reply> {
    let path = post.path.strip_prefix("/v2/session");
    let answer = match path {
        Some("") => {
            let named = post.headers.iter().find(|(name, _)| *name == BUNDLE_HEADER);
            let bundle = named.and_then(|(_, id)| BundleId::from_hex(id));
            let opening = Opening { bundle, message: post.body, origin: origin(client) };
            match front.open(opening).await {
                Ok((id, second)) => (200, [&id.0[..], &second].concat()),
                Err(OpenError::OtherBundle) => (409, vec![]),
                Err(OpenError::NotAHandshake) => (400, vec![]),
                Err(OpenError::Unavailable(reason)) => (503, reason.into_bytes()),
            }
        }
        Some(id) => match id.strip_prefix('/').and_then(SessionId::from_hex) {
            Some(id) => match front.message(id, post.body).await? {
                Ok(body) => (200, body),
                Err(MessageError::NoSuchSession) => (404, vec![]),
                Err(MessageError::NotOfSession) => (400, vec![]),
            },
            None => (404, vec![]),
        },
        None => (404, vec![]),
    };
    let (status, body) = answer;
    Some(Reply { status, body, bundle: front.bundle(), retry_after: None })
}

/// Each client has an address of its own.
fn origin(client: u8) -> Origin {
    Origin::of(IpAddr::V4(Ipv4Addr::new(192, 0, 2, client)))
}
