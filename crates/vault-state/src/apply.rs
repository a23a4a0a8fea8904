//! One command, one step.

use crate::{
    Account, Command, FleetKeys, Outcome, PasskeyVerifier, Storage, confirm, expire, guess, passkeys, register, remove,
};
use vault_protocol::{AccountId, Refusal};

/// Applies one command. A refused command changes nothing, except that a guess beyond the limit destroys the boxes.
///
/// # Errors
/// Only the storage's own: the caller must stop, because the state may lag behind the log.
pub fn apply<S: Storage>(
    storage: &mut S,
    keys: &FleetKeys,
    verifier: &dyn PasskeyVerifier,
    command: Command,
) -> Result<Outcome, S::Error> {
    match command {
        Command::RecordRegistrationEvaluation { account, version, site, at, .. } => {
            register::record_evaluation(storage, keys, account, version, site, at)
        }
        Command::Register { record, signature, at } => register::register(storage, keys, record, signature, at),
        Command::ReserveGuess { account, version, try_id, at } => guess::reserve(storage, account, version, try_id, at),
        Command::Confirm { account, version, try_id, receipt, at } => {
            confirm::confirm(storage, keys, account, version, try_id, receipt, at)
        }
        Command::Remove { account, version, signature, at } => {
            remove::remove(storage, keys, account, version, signature, at)
        }
        Command::Expire { at } => expire::expire(storage, at),
        Command::OpenPasskeyRegistration { account, change, site, at } => {
            passkeys::note_opening(storage, keys, account, change, site, at)
        }
        Command::SetRoster { update, at } => passkeys::set_roster(storage, keys, verifier, update, at),
        Command::UsePasskey { account, nonces, assertion, at } => {
            passkeys::use_passkey(storage, keys, verifier, account, &nonces, &assertion, at)
        }
        Command::NotePasskeyRefused { account, site, at } => passkeys::note_refused(storage, keys, account, site, at),
    }
}

pub(crate) fn refused<E>(refusal: Refusal) -> Result<Outcome, E> {
    Ok(Outcome::Refused(refusal))
}

/// Runs `step` on an existing account and keeps the account if `step` says that it changed.
pub(crate) fn with_account<S: Storage>(
    storage: &mut S,
    id: AccountId,
    step: impl FnOnce(&mut Account) -> Step,
) -> Result<Outcome, S::Error> {
    let Some(mut account) = storage.account(&id)? else {
        return refused(Refusal::NoSuchAccount);
    };
    match step(&mut account) {
        Step::Unchanged(outcome) => Ok(outcome),
        Step::Changed(outcome) => {
            storage.put_account(&id, &account)?;
            Ok(outcome)
        }
    }
}

pub(crate) enum Step {
    Unchanged(Outcome),
    Changed(Outcome),
}

impl Step {
    pub(crate) fn refuse(refusal: Refusal) -> Self {
        Self::Unchanged(Outcome::Refused(refusal))
    }
}
