//! A site destroys its own box when the tries are used up. It binds nobody else.

use crate::{Site, SiteAccount};
use vault_protocol::EventKind;

impl Site<'_> {
    /// Destroys this site's box if its time has come; says whether it did.
    pub fn destroy_if_due(&self, account: &mut SiteAccount, now: u64) -> bool {
        let due = account.ends_at(self.proofs.keys).is_some_and(|at| now >= at);
        if due {
            self.destroy(account, now);
        }
        due
    }

    pub(crate) fn destroy(&self, account: &mut SiteAccount, now: u64) {
        let Some(version) = account.record().map(|record| record.version) else { return };
        account.own.destroyed = Some(version);
        account.facts.forget_sealed();
        account.own.events.note(now, EventKind::Destroyed);
    }
}
