//! An account as the sites of a fleet show it: what is proved, and what single sites say.

use crate::error::VaultError;
use crate::fleet::Known;
use crate::gathered::{Gathered, SiteView};
use crate::site_notes::SiteNotes;
use crate::verdict;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use vault_facts::AccountFacts;
use vault_protocol::{
    AccountId, Claim, CodeState, PasskeyHead, PasskeyStatus, Record, RosterNumber, Round,
    SiteIndex, Slot, Version,
};

/// What was seen of an account. Nothing of it was spent for that.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Which account.
    pub account: AccountId,
    /// Each site that showed the account, with its own words.
    pub views: BTreeMap<SiteIndex, SiteView>,
    /// What there is to say of single sites.
    pub notes: SiteNotes,
    facts: AccountFacts,
    /// The record that t sites showed.
    agreed: Option<Record>,
    known: Arc<Known>,
    /// Seconds that each site waits before it votes in the next slot, by its own word.
    waits: BTreeMap<SiteIndex, u64>,
    /// Unix seconds, as most sites say.
    time: u64,
}

/// What has become of an account's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// There are passkeys alone.
    None,
    /// So many tries are left in this round, by votes that hold.
    Open {
        /// 1 or more.
        tries_left: Slot,
    },
    /// An own code whose tries are used up: after so many seconds, as most sites say, it is
    /// destroyed, unless its owner gives the tries back.
    Frozen {
        /// Until it is destroyed.
        seconds: u64,
    },
    /// The tries are used up, and t sites say that their boxes are gone.
    Destroyed,
    /// The owner's signed word.
    Removed,
}

/// One passkey of an account, which the owner's newest roster names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenPasskey {
    /// As the roster names it.
    pub head: PasskeyHead,
    /// Unix seconds: when the first of the sites that show it learned of it.
    pub added: u64,
    /// Unix seconds of its last use, as the site says that knows of the last.
    pub last_used: Option<u64>,
    /// Sites that show it.
    pub sites: Vec<SiteIndex>,
}

impl Seen {
    /// # Errors
    /// [`VaultError::NoSuchAccount`] if t sites say so and none showed it,
    /// [`VaultError::TooFewSites`], [`VaultError::OlderFleet`].
    pub(crate) fn of(
        gathered: Gathered,
        known: Arc<Known>,
        notes: SiteNotes,
        now: Duration,
    ) -> Result<Self, VaultError> {
        let notes = SiteNotes { liars: gathered.liars.0.clone(), ..notes };
        let showed = gathered.views().count();
        let Some(facts) = gathered.facts().filter(|_| showed > 0).cloned() else {
            return Err(match gathered.without().len() {
                without if without >= known.threshold() => VaultError::NoSuchAccount,
                without => verdict::too_few(&known, without, known.threshold(), notes),
            });
        };
        if !facts.is_removed() && showed + gathered.without().len() < known.threshold() {
            return Err(verdict::too_few(&known, showed, known.threshold(), notes));
        }
        let agreed = gathered.agreed_record().map(|signed| signed.record);
        let next = next_slot(&known, &facts);
        let waits = gathered.views().map(|(s, _)| (s, gathered.wait_of(s, next, now))).collect();
        let time = gathered.time(now).unwrap_or_default();
        let views = gathered.views().map(|(site, view)| (site, view.clone())).collect();
        let account = gathered.account;
        Ok(Self { account, views, notes, facts, agreed, known, waits, time })
    }

    /// Whose account it is.
    pub fn claim(&self) -> &Claim {
        self.facts.claim()
    }

    /// Everything that is proved.
    pub fn facts(&self) -> &AccountFacts {
        &self.facts
    }

    /// The record that t sites showed: what a backup's header must agree with. `None` if there is
    /// no code, or while fewer than t of the sites agree.
    pub fn record(&self) -> Option<&Record> {
        self.agreed.as_ref()
    }

    /// The newest version that the owner signed, whoever showed it; 0 if there is no code.
    pub fn newest_version(&self) -> Version {
        self.facts.record().map_or(0, |signed| signed.record.version)
    }

    /// The running round.
    pub fn round(&self) -> Round {
        self.facts.round()
    }

    /// Whether its owner ended it.
    pub fn is_removed(&self) -> bool {
        self.facts.is_removed()
    }

    /// The first slot that votes do not show to be spent; one beyond the last if all are.
    pub fn next_slot(&self) -> Slot {
        next_slot(&self.known, &self.facts)
    }

    /// What has become of its code.
    pub fn code(&self) -> Code {
        if self.is_removed() {
            return Code::Removed;
        }
        let Some(signed) = self.facts.record() else { return Code::None };
        let max = signed.record.policy.max_tries;
        let tries_left = max.saturating_add(1).saturating_sub(self.next_slot());
        if tries_left > 0 {
            return Code::Open { tries_left };
        }
        let states = self.views.values().map(|view| view.own.code);
        let destroyed = states.filter(|state| *state == CodeState::Destroyed).count();
        if destroyed >= self.known.threshold() {
            return Code::Destroyed;
        }
        match frozen_for(&self.known, self.views.values()) {
            Some(seconds) => Code::Frozen { seconds },
            None => Code::Open { tries_left: 0 },
        }
    }

    /// Seconds until enough sites vote in the next slot, by their own words: no site is believed
    /// alone.
    pub fn wait_seconds(&self) -> u64 {
        let quorum = self.known.keys.quorum(self.next_slot());
        let mut waits: Vec<_> = self.waits.values().copied().collect();
        waits.sort_unstable();
        waits.get(quorum.saturating_sub(1)).copied().unwrap_or(0)
    }

    /// Unix seconds, as most sites say.
    pub fn time(&self) -> u64 {
        self.time
    }

    /// Number of the owner's newest roster; 0 if there never was one.
    pub fn roster(&self) -> RosterNumber {
        self.facts.roster().map_or(0, |signed| signed.roster.number)
    }

    /// The passkeys that the owner's newest roster names, in its order. Of one that no site showed
    /// nothing is known but its digest, and it is not here.
    pub fn passkeys(&self) -> Vec<SeenPasskey> {
        let roster = self.facts.roster().map(|signed| &signed.roster.passkeys);
        let digests = roster.into_iter().flatten();
        digests.filter_map(|digest| self.passkey(digest)).collect()
    }

    fn passkey(&self, digest: &[u8; 32]) -> Option<SeenPasskey> {
        let of_site = |(site, view): (&SiteIndex, &'_ SiteView)| {
            let status = view.passkeys.iter().find(|status| status.head.digest() == *digest)?;
            Some((*site, status.clone()))
        };
        let shown: Vec<(SiteIndex, PasskeyStatus)> =
            self.views.iter().filter_map(of_site).collect();
        Some(SeenPasskey {
            head: shown.first()?.1.head.clone(),
            added: shown.iter().map(|(_, status)| status.added).min()?,
            last_used: shown.iter().filter_map(|(_, status)| status.last_used).max(),
            sites: shown.iter().map(|(site, _)| *site).collect(),
        })
    }
}

/// Every slot of the round is spent, which votes show: what that means for the code.
pub(crate) fn used_up(known: &Known, gathered: &Gathered) -> VaultError {
    match frozen_for(known, gathered.views().map(|(_, view)| view)) {
        Some(seconds) => VaultError::Frozen { seconds },
        None => VaultError::Destroyed,
    }
}

/// The middle of what sites say of a frozen code, each by its own clock. `None` unless t say so.
fn frozen_for<'a>(known: &Known, views: impl Iterator<Item = &'a SiteView>) -> Option<u64> {
    let frozen = views.filter_map(|view| match view.own.code {
        CodeState::Frozen { until } => Some(until.saturating_sub(view.clock)),
        _ => None,
    });
    let mut seconds: Vec<_> = frozen.collect();
    seconds.sort_unstable();
    let enough = seconds.len() >= known.threshold();
    enough.then(|| seconds[seconds.len() / 2])
}

pub(crate) fn next_slot(known: &Known, facts: &AccountFacts) -> Slot {
    let max = facts.record().map_or(0, |signed| signed.record.policy.max_tries);
    facts.next_slot(&known.keys, max)
}
