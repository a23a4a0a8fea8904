//! This site's share, for a passkey that this site has verified in this session.

use super::{device, in_time, own_nonce_is_listed};
use crate::accounts::AccountStore;
use crate::site::Site;
use crate::site::sessions::{Conversation, NonceFor};
use crate::site::steps::Done;
use crate::site::vote_keys::Keyring;
use crate::webauthn::has_extension_results;
use vault_protocol::{AccountId, Answer, Refusal, Response, SiteNonce, passkey_box_info};
use vault_state::Release;

pub(super) async fn release<S: AccountStore>(
    site: &Site<S>,
    conversation: &mut Conversation,
    account: AccountId,
    nonces: Vec<SiteNonce>,
    assertion: Vec<u8>,
) -> Response {
    if has_extension_results(&assertion) {
        return Err(Refusal::ExtensionResults);
    }
    own_nonce_is_listed(site, conversation, NonceFor::Release, account, &nonces)?;
    let verified = site.step(account, Keyring::default(), move |site, before, now| {
        let Some(mut account) = before else {
            return Done::new(Err(Refusal::NoSuchAccount), None);
        };
        let verified = site.release(&mut account, &nonces, &assertion, now);
        Done::new(verified, Some(account))
    });
    let Release { credential, sealed } = verified.await??;
    let rules = &site.0.rules;
    let (keys, serial) = (&rules.keys.digest, rules.serial);
    let info = passkey_box_info(keys, &account, &credential, rules.index, serial);
    let opening = site.0.ports.device.open_passkey_box(sealed, info);
    Ok(Answer::Released(in_time(opening).await.map_err(device)?))
}
