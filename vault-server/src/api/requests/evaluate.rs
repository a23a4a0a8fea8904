//! One guess: reserved by the fleet, counted here, and only then evaluated by the device.

use super::{account, check_point, commit, device, known_account, open_box, storage};
use crate::api::{Site, now};
use crate::device::Work;
use crate::local::{Guess, Permission};
use recovery_crypto::oprf;
use vault_protocol::{AccountId, Answer, Point, Refusal, Response, TryId, Version, try_id};
use vault_state::{Account, Command};

/// Clocks of honest sites differ by less; a try dated later was not proposed by one.
const MAX_CLOCK_SKEW: u64 = 120;

pub(super) async fn evaluate(site: &Site, id: AccountId, version: Version, alpha: Point) -> Response {
    check_point(&alpha)?;
    let try_id = try_id(&alpha, &id, version);
    refuse_hopeless(&known_account(site, id).await?, version)?;
    commit(site, Command::ReserveGuess { account: id, version, try_id, at: now() }).await?;
    let account = account(site, id).await?;
    let round = reserved_round(&account, version, &try_id)?;
    let contents = open_box(site, &account).await?;
    let limit = contents.max_tries.min(account.max_tries);
    let guess = Guess { account: id, version, try_id, round };
    let element = evaluated_once(site, guess, limit, alpha).await?;
    let multiplied = oprf::multiply(&contents.multiplier, &element).map_err(|_| Refusal::Malformed)?;
    Ok(Answer::Share {
        beta: multiplied,
        masked_share: contents.masked_share,
        commitment: contents.commitment,
        tries_left: account.tries_left(),
        round,
    })
}

/// What no later command can change: then nothing is proposed.
fn refuse_hopeless(account: &Account, version: Version) -> Result<(), Refusal> {
    match account {
        account if account.is_gone() => Err(Refusal::Destroyed),
        account if account.version > version || version == 0 => Err(Refusal::WrongVersion { current: account.version }),
        _ => Ok(()),
    }
}

/// The round that the try belongs to, if this site's own state agrees that it is reserved.
fn reserved_round(account: &Account, version: Version, id: &TryId) -> Result<u64, Refusal> {
    if account.is_gone() {
        return Err(Refusal::Destroyed);
    }
    if account.version != version {
        return Err(Refusal::WrongVersion { current: account.version });
    }
    if account.was_confirmed(version, id) {
        return Ok(account.round.saturating_sub(1));
    }
    let open = account.open_try(version, id).ok_or(Refusal::UnknownTry)?;
    // Whoever proposed the try chose its time; a time in the future would jump the delay.
    if open.at > now() + MAX_CLOCK_SKEW {
        return Err(Refusal::TooSoon { at: open.at });
    }
    Ok(account.round)
}

/// k_i * alpha, by the device once, and from memory after that.
async fn evaluated_once(site: &Site, guess: Guess, limit: u8, alpha: Point) -> Result<Point, Refusal> {
    let _turn = site.evaluating.lock().await;
    match site.local.begin(guess, limit).await.map_err(storage)? {
        Permission::Known(element) => Ok(element),
        Permission::LimitReached => {
            tracing::error!("a guess beyond this site's own limit was refused, although consensus allowed it");
            Err(Refusal::Unavailable { reason: "this site has evaluated all the tries it ever will".into() })
        }
        Permission::Granted => {
            let element = site
                .device
                .run(Work::Evaluation, move |keys| oprf::evaluate(&*keys.oprf, &alpha))
                .await
                .map_err(device)?;
            site.local.finish(guess, element).await.map_err(storage)?;
            Ok(element)
        }
    }
}
