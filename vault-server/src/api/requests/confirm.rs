//! The right code: this site's receipt, towards giving the tries back.

use super::{account, commit, device, open_box, storage};
use crate::api::{Site, now};
use crate::device::Work;
use crate::local::Guess;
use vault_protocol::{
    AccountId, Answer, Receipt, Refusal, Response, TryId, Version, confirm_proof_holds, confirmation_message,
};
use vault_state::{Account, Command, Outcome};

pub(super) async fn confirm(site: &Site, id: AccountId, version: Version, try_id: TryId, proof: [u8; 32]) -> Response {
    let account = account(site, id).await?;
    let round = round_of(&account, version, &try_id)?;
    let guess = Guess { account: id, version, try_id, round };
    if !site.local.evaluated(guess).await.map_err(storage)? {
        return Err(Refusal::UnknownTry);
    }
    let contents = open_box(site, &account).await?;
    if !confirm_proof_holds(&contents.tag, &try_id, round, site.index, &proof) {
        return Err(Refusal::WrongTag);
    }
    if account.was_confirmed(version, &try_id) {
        return Ok(Answer::Confirmed { complete: true });
    }
    let message = confirmation_message(&site.keys.fleet_id, &id, version, &try_id, round, site.index);
    let signature = site.device.run(Work::Signature, move |keys| keys.sign(&message)).await.map_err(device)?;
    let receipt = Receipt { site: site.index, signature };
    let outcome = commit(site, Command::Confirm { account: id, version, try_id, receipt, at: now() }).await?;
    let complete = matches!(outcome, Outcome::Confirmed { complete: true });
    if complete {
        site.open_boxes.forget(id, version);
    }
    Ok(Answer::Confirmed { complete })
}

fn round_of(account: &Account, version: Version, try_id: &TryId) -> Result<u64, Refusal> {
    if account.is_gone() {
        return Err(Refusal::Destroyed);
    }
    if account.version != version {
        return Err(Refusal::WrongVersion { current: account.version });
    }
    if account.was_confirmed(version, try_id) {
        return Ok(account.round.saturating_sub(1));
    }
    account.open_try(version, try_id).map(|_| account.round).ok_or(Refusal::UnknownTry)
}
