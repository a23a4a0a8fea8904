//! What is due by the clock.

use super::Site;
use super::steps::Done;
use super::vote_keys::Keyring;
use crate::accounts::AccountStore;
use futures::FutureExt;
use futures::future::BoxFuture;
use vault_protocol::{AccountId, Refusal};

/// Accounts of one tick; the rest is due again at the next one.
const PAGE: u32 = 200;

impl<S: AccountStore> Site<S> {
    /// Destroys boxes and forgets accounts whose time has come, and wipes from memory what is not
    /// needed any more. To be called every few seconds.
    ///
    /// Boxed: whoever calls it need not know that all of it may change threads.
    pub fn tick(&self) -> BoxFuture<'_, ()> {
        self.do_what_is_due().boxed()
    }

    async fn do_what_is_due(&self) {
        self.0.sessions.sweep();
        self.0.recent.sweep();
        self.0.limits.sweep();
        self.0.peer_words.sweep();
        match self.store().due(self.now(), PAGE).await {
            Ok(due) => {
                for account in due {
                    if let Err(refusal) = self.look_at(account).await {
                        tracing::warn!(%refusal, "an account that is due was not looked at");
                        break;
                    }
                }
            }
            Err(error) => tracing::error!(%error, "the accounts that are due were not found"),
        }
    }

    async fn look_at(&self, account: AccountId) -> Result<(), Refusal> {
        self.step(account, Keyring::default(), |site, before, now| {
            let Some(mut account) = before else { return Done::new((), None) };
            if account.forgotten_at().is_some_and(|at| now >= at) {
                return Done::new((), None);
            }
            site.destroy_if_due(&mut account, now);
            Done::new((), Some(account))
        })
        .await
    }
}
