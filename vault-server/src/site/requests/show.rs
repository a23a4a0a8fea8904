//! What the site can prove about an account, and where it stands itself.

use crate::accounts::AccountStore;
use crate::site::Site;
use crate::site::sessions::Conversation;
use crate::site::steps::Done;
use crate::site::vote_keys::Keyring;
use vault_protocol::{AccountId, Answer, Refusal, Response};
use vault_state::SiteAccount;

pub(super) async fn show<S: AccountStore>(
    site: &Site<S>,
    conversation: &mut Conversation,
    account: AccountId,
) -> Response {
    // A vote follows: what the peers know is then here already.
    let asked = site.ask_peers(&mut conversation.asked, account);
    let held = match (site.read(account).await?, asked) {
        (None, Some(asked)) => {
            // This site may have been away while the account was made.
            asked.await;
            site.read(account).await?
        }
        (held, _) => held,
    };
    let held: SiteAccount = held.ok_or(Refusal::NoSuchAccount)?;
    let held =
        if held.is_ahead_of(site.now()) { set_clock_right(site, account).await? } else { held };
    let ring = site.keyring_of(&held).await?;
    let rules = site.0.rules.with(&ring.keys);
    Ok(Answer::Shown(Box::new(rules.show(&held, site.certificate(), site.now()))))
}

/// The clock was set back since: a client would be shown a wait that never ends.
async fn set_clock_right<S: AccountStore>(
    site: &Site<S>,
    account: AccountId,
) -> Result<SiteAccount, Refusal> {
    let set = site.step(account, Keyring::default(), |site, before, now| {
        let mut account = before;
        if let Some(account) = &mut account {
            site.set_clock_right(account, now);
        }
        Done::new(account.clone(), account)
    });
    set.await?.ok_or(Refusal::NoSuchAccount)
}
