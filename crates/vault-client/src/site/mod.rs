//! One site, as a client meets it: its door, its session, one question and one answer at a time.

mod door;
mod session;

use crate::fleet::{Fleet, Known};
use crate::ports::{Ports, TransportError};
use crate::site_notes::SiteProblem;
use session::OpenSession;
use std::sync::Arc;
use vault_protocol::{AccountId, AccountTag, BundleId, Request, Response, SiteIndex};

/// The way to one site: a session that is opened when it is needed, and again when it was lost.
pub(crate) struct Link {
    pub index: SiteIndex,
    /// The newest bundle that the site named, if it is none that was verified.
    pub other_bundle: Option<BundleId>,
    known: Arc<Known>,
    ports: Ports,
    /// Of the account that is asked about: owners wait in a queue of their own.
    tag: Option<AccountTag>,
    open: Option<OpenSession>,
}

/// Whether a request makes sense in the session alone in which its nonce was given.
pub(crate) fn is_of_one_session(request: &Request) -> bool {
    match request {
        Request::Release { .. } => true,
        Request::SetRoster { added, .. } => added.is_some(),
        _ => false,
    }
}

impl Link {
    pub(crate) fn new(fleet: &Fleet, index: SiteIndex, account: Option<AccountId>) -> Self {
        Self {
            index,
            other_bundle: None,
            known: fleet.known.clone(),
            ports: fleet.ports.clone(),
            tag: account.map(|account| AccountTag::of(&account)),
            open: None,
        }
    }

    /// One question, one answer. After an error the session is gone, and the next question opens
    /// another.
    ///
    /// # Errors
    /// Whatever keeps the site from answering; its refusals are answers.
    pub(crate) async fn ask(&mut self, request: &Request) -> Result<Response, SiteProblem> {
        let mut session = match self.open.take() {
            Some(session) => session,
            None if is_of_one_session(request) => return Err(SiteProblem::SessionLost),
            None => self.open().await?,
        };
        let response = session.exchange(&*self.ports.transport, request).await?;
        self.open = Some(session);
        Ok(response)
    }

    /// Names the open session towards a passkey's challenge.
    pub(crate) fn handshake(&self) -> Option<[u8; 32]> {
        self.open.as_ref().map(OpenSession::handshake)
    }

    /// With the newest verified bundle that the site serves, at the address that this one names.
    async fn open(&mut self) -> Result<OpenSession, SiteProblem> {
        let known = self.known.clone();
        let mut problem = SiteProblem::BadAnswer;
        let mut silent: Vec<&str> = Vec::new();
        for (id, bundle) in &known.bundles {
            let Some(site) = bundle.site(self.index) else { continue };
            if silent.contains(&site.endpoint.as_str()) {
                continue;
            }
            match self.open_with(*id, site).await {
                Err(other @ SiteProblem::OtherBundle(_)) => problem = other,
                // Under another bundle it may have another address.
                Err(SiteProblem::Network(error @ TransportError::Unreachable(_))) => {
                    problem = SiteProblem::Network(error);
                    silent.push(&site.endpoint);
                }
                result => return result,
            }
        }
        Err(problem)
    }
}
