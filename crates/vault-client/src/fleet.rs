//! A verified fleet and the way to it.

use crate::error::{SiteProblem, VaultError};
use crate::site_session::SiteSession;
use crate::transport::Transport;
use fleet_evidence::VerifiedBundle;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use vault_protocol::{Answer, Bundle, Refusal, Request, Site, SiteIndex};

/// The sites of one fleet, as its verified bundle names them.
pub struct Fleet<'a> {
    pub(crate) verified: &'a VerifiedBundle,
    pub(crate) transport: &'a dyn Transport,
}

pub(crate) type SiteAnswer<'a> = (SiteIndex, Result<(SiteSession<'a>, Answer), SiteProblem>);

impl<'a> Fleet<'a> {
    pub fn new(verified: &'a VerifiedBundle, transport: &'a dyn Transport) -> Self {
        Self { verified, transport }
    }

    pub fn bundle(&self) -> &'a Bundle {
        self.verified.bundle()
    }

    pub(crate) fn threshold(&self) -> usize {
        usize::from(self.bundle().threshold)
    }

    /// Opens a session with every site and asks each the same, side by side; yields answers as they come.
    pub(crate) fn ask_all<'r>(
        &'r self,
        request: &'r Request,
    ) -> FuturesUnordered<impl Future<Output = SiteAnswer<'a>> + 'r>
    where
        'a: 'r,
    {
        self.bundle().sites.iter().map(|site| async move { (site.index, self.ask_site(site, request).await) }).collect()
    }

    async fn ask_site(&self, site: &'a Site, request: &Request) -> Result<(SiteSession<'a>, Answer), SiteProblem> {
        let id = self.verified.id();
        let mut session = SiteSession::open(self.transport, self.bundle(), &id, site).await?;
        let answer = session.ask(request).await?;
        Ok((session, answer))
    }

    /// Waits for all sites.
    pub(crate) async fn collect(&self, request: &Request) -> Vec<SiteAnswer<'a>> {
        let mut all: Vec<_> = self.ask_all(request).collect().await;
        all.sort_by_key(|(index, _)| *index);
        all
    }
}

/// What to tell the caller when too few sites helped: a refusal that most of them gave, else that they were too few.
pub(crate) fn verdict(
    problems: Vec<(SiteIndex, SiteProblem)>,
    answered: usize,
    needed: usize,
    sites: usize,
) -> VaultError {
    let agreed = |wanted: fn(&Refusal) -> Option<VaultError>| {
        let mut given: Vec<_> = problems
            .iter()
            .filter_map(|(_, p)| if let SiteProblem::Refused(r) = p { wanted(r) } else { None })
            .collect();
        // A minority may lie: a refusal counts once it could not come from liars alone.
        (given.len() > sites - needed).then(|| given.swap_remove(given.len() / 2))
    };
    let kinds: [fn(&Refusal) -> Option<VaultError>; 9] = [
        |r| matches!(r, Refusal::Destroyed).then_some(VaultError::Destroyed),
        |r| if let Refusal::TooSoon { at } = r { Some(VaultError::TooSoon { at: *at }) } else { None },
        |r| matches!(r, Refusal::NoSuchAccount).then_some(VaultError::NoSuchAccount),
        |r| {
            if let Refusal::WrongVersion { current } = r {
                Some(VaultError::WrongVersion { current: *current })
            } else {
                None
            }
        },
        |r| matches!(r, Refusal::NotOwner).then_some(VaultError::NotOwner),
        |r| matches!(r, Refusal::NoSuchPasskey).then_some(VaultError::NoSuchPasskey),
        |r| matches!(r, Refusal::PasskeyInvalid).then_some(VaultError::PasskeyInvalid),
        |r| matches!(r, Refusal::NonceMismatch).then_some(VaultError::ChallengeExpired),
        |r| {
            if let Refusal::WrongChange { current } = r {
                Some(VaultError::WrongChange { current: *current })
            } else {
                None
            }
        },
    ];
    kinds.into_iter().find_map(agreed).unwrap_or(VaultError::TooFewSites { answered, needed, sites, problems })
}
