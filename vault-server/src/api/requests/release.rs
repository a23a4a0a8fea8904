//! This site's share, for a passkey that this site has verified in this session.

use super::{account, agreed, commit, device, known_account, own_nonce_is_listed, storage};
use crate::api::sessions::NonceFor;
use crate::api::{Site, now};
use crate::device::Work;
use crate::webauthn::{has_extension_results, verifier};
use recovery_crypto::sealing::open_passkey_box;
use vault_protocol::{
    AccountId, Answer, PasskeyBoxContents, PasskeyDigest, Refusal, Response, SessionId, SiteNonce, challenge_of,
    passkey_box_info,
};
use vault_state::{Command, check_assertion};

pub(super) async fn release(
    site: &Site,
    session: &SessionId,
    id: AccountId,
    nonces: Vec<SiteNonce>,
    assertion: Vec<u8>,
) -> Response {
    if has_extension_results(&assertion) {
        return Err(Refusal::ExtensionResults);
    }
    own_nonce_is_listed(site, session, NonceFor::Release, id, &nonces)?;
    let digest = verified_here(site, id, &nonces, &assertion).await?;
    let challenge = challenge_of(&site.keys.fleet_id, &id, &nonces);
    // Every site verifies it once more when it applies this, and writes the passkey's counter down.
    commit(site, Command::UsePasskey { account: id, nonces, assertion, at: now() }).await?;
    Ok(Answer::Released(open_box(site, id, &digest, &challenge).await?))
}

/// A failed assertion is counted, on disk, before it is looked at; a good one clears the count.
async fn verified_here(
    site: &Site,
    id: AccountId,
    nonces: &[SiteNonce],
    assertion: &[u8],
) -> Result<PasskeyDigest, Refusal> {
    let earliest = site.local.count_assertion(id, now()).await.map_err(storage)?;
    if let Some(at) = earliest {
        return Err(Refusal::TooSoon { at });
    }
    let decided = agreed(site, || async {
        let account = known_account(site, id).await?;
        check_assertion(&site.keys, verifier(), &id, &account, nonces, assertion)
    });
    match decided.await {
        Ok((digest, _)) => {
            site.local.clear_assertions(id).await.map_err(storage)?;
            Ok(digest)
        }
        Err(refusal) => {
            if counts_as_failed(&refusal) {
                let note = Command::NotePasskeyRefused { account: id, site: site.index, at: now() };
                // The person's history is worth a try, not a failure of its own.
                let _ = commit(site, note).await;
            }
            Err(refusal)
        }
    }
}

/// Whatever may make the next answer wait: then it can be seen why.
fn counts_as_failed(refusal: &Refusal) -> bool {
    use Refusal::{Malformed, NoSuchPasskey, NonceMismatch, PasskeyInvalid};
    matches!(refusal, PasskeyInvalid | NoSuchPasskey | NonceMismatch | Malformed)
}

/// The share is read from the state as it is after this site has applied the use, whatever the leader says of it: a
/// passkey that was removed has none.
async fn open_box(
    site: &Site,
    id: AccountId,
    digest: &PasskeyDigest,
    challenge: &[u8; 32],
) -> Result<PasskeyBoxContents, Refusal> {
    let account = account(site, id).await?;
    let record = &account.passkeys.used_for(digest, challenge)?.record;
    if record.epoch != site.keys.epoch {
        return Err(Refusal::WrongEpoch { epoch: record.epoch });
    }
    let position = usize::from(site.index.0).checked_sub(1).ok_or(Refusal::Malformed)?;
    let sealed = record.boxes.get(position).ok_or(Refusal::Malformed)?.clone();
    let info = passkey_box_info(&site.keys.fleet_id, record.epoch, &id, &record.credential, site.index);
    let opening = site.device.run(Work::OpenBox, move |keys| open_passkey_box(&sealed, &info, &*keys.seal));
    opening.await.map_err(device)
}
