//! A peer tells what it learned. What proves itself is stored before it is acknowledged.

use crate::accounts::AccountStore;
use crate::site::Site;
use crate::site::ports::PeerAnswer;
use vault_protocol::{Answer, Refusal, SiteFacts};

pub(super) async fn push<S: AccountStore>(
    site: &Site<S>,
    told: SiteFacts,
) -> Result<PeerAnswer, Refusal> {
    let account = told.account;
    let stored = site.join(account, vec![told]).await?.ok_or(Refusal::NotAdmitted)?;
    match site.acknowledge(&stored) {
        Answer::Acknowledged { words, certificates } => {
            let own = |word: &vault_protocol::Acknowledgement| word.statement.site == site.index();
            let words = words.into_iter().filter(own).collect();
            Ok(PeerAnswer::Acknowledged { words, certificates })
        }
        _ => Err(Refusal::Malformed),
    }
}
