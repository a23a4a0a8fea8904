//! What a site says of its own state, after it is stored.

use crate::{Site, SiteAccount};
use vault_protocol::{AccountId, Acknowledgement, Statement, StatementOf};

impl Site<'_> {
    /// Signs everything that this account's stored state shows.
    pub fn acknowledge(&self, account: &SiteAccount) -> Vec<Acknowledgement> {
        let id = account.facts.account();
        let sign = |subject| {
            let of = StatementOf::Acknowledgement { account: id, subject: &subject };
            Acknowledgement { subject, statement: self.state(&of) }
        };
        account.facts.subjects(self.proofs.keys).into_iter().map(sign).collect()
    }

    /// Towards a first registration: this site was asked for the account.
    pub fn ticket(&self, account: AccountId) -> Statement {
        self.state(&StatementOf::Ticket { account })
    }
}
