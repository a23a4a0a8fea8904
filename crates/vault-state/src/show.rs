//! An account as it is shown to whoever knows its id.

use crate::{Site, SiteAccount};
use vault_protocol::{
    Admission, CodeState, News, OwnState, PasskeyRecord, PasskeyStatus, SealedRecord, Shown,
    SiteFacts, VoteKeyCertificate, box_of,
};

impl Site<'_> {
    /// Everything that proves itself, and where this site stands. `certificate` is of its vote key.
    pub fn show(&self, account: &SiteAccount, certificate: VoteKeyCertificate, now: u64) -> Shown {
        Shown {
            clock: now,
            certificate,
            record: account.facts.record().copied(),
            news: account.facts.news(self.proofs.vote_keys),
            passkeys: account.facts.passkeys().iter().map(|p| status(account, p)).collect(),
            own: self.own_state(account),
        }
    }

    /// What another site may have: also boxes and access key, which prove themselves as well.
    pub fn tell(&self, account: &SiteAccount) -> SiteFacts {
        let facts = &account.facts;
        let whole = facts.record().zip(facts.sealed());
        let mut news = facts.news(self.proofs.vote_keys);
        let admission = facts.admission();
        if let Some(Admission::Tickets(tickets)) = &admission {
            let known = tickets.iter().filter_map(|t| self.proofs.vote_keys.certificate_of(t));
            news.certificates.extend(known);
            news.certificates.sort_unstable();
            news.certificates.dedup();
        }
        SiteFacts {
            account: facts.account(),
            admission,
            record: whole
                .map(|(signed, sealed)| SealedRecord { signed: *signed, sealed: sealed.clone() }),
            passkeys: facts.passkeys().to_vec(),
            news: News { ..news },
        }
    }

    fn own_state(&self, account: &SiteAccount) -> OwnState {
        let keys = self.proofs.keys;
        let code = account.code_state(keys);
        let boxes = account.facts.sealed().map(|sealed| &sealed.boxes);
        let next = account.facts.next_slot(keys, account.max_tries());
        let next_vote_at = match code {
            CodeState::Open => account.may_vote_at(next),
            _ => 0,
        };
        OwnState {
            code,
            has_box: boxes.is_some_and(|b| box_of(b, self.index, self.serial).is_some()),
            next_vote_at,
        }
    }
}

fn status(account: &SiteAccount, passkey: &PasskeyRecord) -> PasskeyStatus {
    let digest = passkey.digest();
    let own = account.own.passkeys.iter().find(|p| p.digest == digest);
    PasskeyStatus {
        head: passkey.head.clone(),
        added: own.map_or(account.own.since, |p| p.added),
        last_used: own.and_then(|p| p.last_used),
    }
}
