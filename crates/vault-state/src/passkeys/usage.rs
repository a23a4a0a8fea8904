//! A passkey was used: its counter goes on before any site releases its share.

use super::Passkey;
use super::prove::{PasskeyVerifier, check_answer};
use crate::apply::{Step, with_account};
use crate::{Account, FleetKeys, Outcome, Storage};
use vault_protocol::{AccountId, EventKind, PasskeyDigest, Refusal, SiteNonce, challenge_of};

/// Decides about an assertion: whose it is, and the passkey's new counter. A site asks this itself before it proposes it.
///
/// # Errors
/// Nonces of too few sites, a passkey that the account has not, an answer that does not verify.
pub fn check_assertion(
    keys: &FleetKeys,
    passkeys: &dyn PasskeyVerifier,
    id: &AccountId,
    account: &Account,
    nonces: &[SiteNonce],
    assertion: &[u8],
) -> Result<(PasskeyDigest, u32), Refusal> {
    let passkey = named_passkey(passkeys, account, assertion)?;
    let challenge = checked_challenge(keys, id, nonces)?;
    let beyond = |counter| check_answer(keys, passkeys, &passkey.record, counter, &challenge, assertion);
    let counter = match passkey.last_challenge == Some(challenge) {
        // The answer that was applied already, as another site was shown it: the counter is its own.
        true => beyond(0).filter(|counter| *counter == passkey.counter),
        false => beyond(passkey.counter),
    };
    Ok((passkey.digest, counter.ok_or(Refusal::PasskeyInvalid)?))
}

pub(crate) fn use_passkey<S: Storage>(
    storage: &mut S,
    keys: &FleetKeys,
    passkeys: &dyn PasskeyVerifier,
    id: AccountId,
    nonces: &[SiteNonce],
    assertion: &[u8],
    at: u64,
) -> Result<Outcome, S::Error> {
    with_account(storage, id, |account| {
        let (digest, counter) = match check_assertion(keys, passkeys, &id, account, nonces, assertion) {
            Err(refusal) => return Step::refuse(refusal),
            Ok(verified) => verified,
        };
        let challenge = challenge_of(&keys.fleet_id, &id, nonces);
        let Some(passkey) = account.passkeys.held.iter_mut().find(|p| p.digest == digest) else {
            return Step::refuse(Refusal::NoSuchPasskey);
        };
        if passkey.last_challenge == Some(challenge) {
            return Step::Unchanged(Outcome::PasskeyUsed { digest });
        }
        (passkey.counter, passkey.last_challenge, passkey.last_used) = (counter, Some(challenge), Some(at));
        account.note(at, EventKind::PasskeyUsed);
        Step::Changed(Outcome::PasskeyUsed { digest })
    })
}

fn named_passkey<'a>(
    passkeys: &dyn PasskeyVerifier,
    account: &'a Account,
    assertion: &[u8],
) -> Result<&'a Passkey, Refusal> {
    let credential = passkeys.credential(assertion).ok_or(Refusal::Malformed)?;
    account.passkeys.of_credential(&credential).ok_or(Refusal::NoSuchPasskey)
}

fn checked_challenge(keys: &FleetKeys, id: &AccountId, nonces: &[SiteNonce]) -> Result<[u8; 32], Refusal> {
    vault_protocol::check_nonces(nonces, keys.sites(), keys.threshold).map_err(|_| Refusal::NonceMismatch)?;
    Ok(challenge_of(&keys.fleet_id, id, nonces))
}
