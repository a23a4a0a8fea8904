//! A client's first message.

use super::ports::DeviceFault;
use super::sessions::{Conversation, Origin};
use super::{Site, requests};
use crate::accounts::AccountStore;
use recovery_crypto::session::Prologue;
use std::sync::PoisonError;
use vault_protocol::{BundleId, SessionId};

/// What a client sends to open a session.
pub struct Opening {
    /// The bundle that it means; none: the newest.
    pub bundle: Option<BundleId>,
    /// Noise message 1.
    pub message: Vec<u8>,
    /// Where it comes from.
    pub origin: Origin,
}

/// Why no session was opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The client has another bundle, older or newer.
    #[error("this bundle is not served here")]
    OtherBundle,
    /// Not a Noise message for this site.
    #[error("not a handshake for this bundle and site")]
    NotAHandshake,
    /// The device, or the site, does not work now; why.
    #[error("{0}")]
    Unavailable(String),
}

impl<S: AccountStore> Site<S> {
    /// Noise message 2, and the name of the session.
    ///
    /// # Errors
    /// [`OpenError`]
    pub async fn open_session(&self, opening: Opening) -> Result<(SessionId, Vec<u8>), OpenError> {
        if let Some(reason) = self.broken() {
            return Err(OpenError::Unavailable(reason));
        }
        let bundle = self.meant(opening.bundle).ok_or(OpenError::OtherBundle)?;
        let prologue = Prologue { bundle, site: self.index() };
        let handshake = self.0.ports.device.open_session(prologue, opening.message);
        let opened = requests::in_time(handshake).await.map_err(|fault| match fault {
            DeviceFault::Refused(_) => OpenError::NotAHandshake,
            fault => OpenError::Unavailable(fault.to_string()),
        });
        let (session, answer) = opened?;
        let mut id = SessionId([0; 16]);
        self.0.ports.randomness.fill(&mut id.0);
        self.0.sessions.insert(id, Conversation::new(session, opening.origin));
        Ok((id, answer))
    }

    /// The bundle that a client means, if it is served.
    fn meant(&self, named: Option<BundleId>) -> Option<BundleId> {
        let bundles = self.0.bundles.read().unwrap_or_else(PoisonError::into_inner);
        match named {
            Some(id) => bundles.contains(&id).then_some(id),
            None => bundles.first().copied(),
        }
    }

    /// Why this site must not serve, if it must not.
    pub(super) fn broken(&self) -> Option<String> {
        self.0.ports.ledger.as_ref().and_then(|ledger| ledger.broken())
    }
}
