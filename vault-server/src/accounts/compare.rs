//! What of an account's change concerns other sites.

use vault_state::SiteAccount;

/// Whether other sites should hear of it: a record, roster, passkey, removal or round's end. Votes
/// are asked for when they are needed.
pub fn is_news(before: Option<&SiteAccount>, after: &SiteAccount) -> bool {
    let Some(before) = before else { return true };
    let (old, new) = (&before.facts, &after.facts);
    let gained_boxes = old.sealed().is_none() && new.sealed().is_some();
    gained_boxes
        || old.record() != new.record()
        || old.roster() != new.roster()
        || old.passkeys().len() != new.passkeys().len()
        || old.is_removed() != new.is_removed()
        || old.round_end() != new.round_end()
}
