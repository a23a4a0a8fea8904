//! What the site can prove about an account, and where it stands itself.

use crate::accounts::AccountStore;
use crate::site::Site;
use crate::site::sessions::Conversation;
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
    let ring = site.keyring_of(&held).await?;
    let rules = site.0.rules.with(&ring.keys);
    Ok(Answer::Shown(Box::new(rules.show(&held, site.certificate(), site.now()))))
}
