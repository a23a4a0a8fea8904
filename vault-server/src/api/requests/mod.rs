//! What a client may ask inside a session, one file each.

mod begin_passkey;
mod begin_release;
mod confirm;
mod evaluate;
mod evaluate_for_registration;
mod events;
mod passkeys;
mod prove;
mod register;
mod release;
mod remove;
mod set_roster;
mod status;

use super::Site;
use super::sessions::NonceFor;
use crate::consensus::{Applied, ClusterError};
use crate::database::StoreError;
use crate::device::{DeviceFault, Work};
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq;
use vault_protocol::{AccountId, BoxContents, Point, Refusal, Request, Response, SessionId, SiteNonce, box_info};
use vault_state::{Account, Command, Outcome};

/// How long a site that was told of a commit may take to apply it itself.
const APPLY_DEADLINE: Duration = Duration::from_secs(3);

pub(super) async fn answer(site: &Site, session: &SessionId, request: Request) -> Response {
    if let Some(reason) = site.ledger.broken() {
        return Err(Refusal::Unavailable { reason });
    }
    match request {
        Request::Status { account } => status::status(site, account).await,
        Request::EvaluateForRegistration { account, version, alpha } => {
            evaluate_for_registration::evaluate(site, account, version, alpha).await
        }
        Request::Register { record, signature } => register::register(site, record, signature).await,
        Request::Evaluate { account, version, alpha } => evaluate::evaluate(site, account, version, alpha).await,
        Request::Confirm { account, version, try_id, proof } => {
            confirm::confirm(site, account, version, try_id, proof).await
        }
        Request::Remove { account, version, signature } => remove::remove(site, account, version, signature).await,
        Request::Events { account } => events::events(site, account).await,
        Request::Prove { nonce } => prove::prove(site, nonce).await,
        Request::Passkeys { account } => passkeys::passkeys(site, account).await,
        Request::BeginPasskey { account, change } => begin_passkey::begin(site, session, account, change).await,
        Request::SetRoster(update) => set_roster::set(site, session, update).await,
        Request::BeginRelease { account } => begin_release::begin(site, session, account).await,
        Request::Release { account, nonces, assertion } => {
            release::release(site, session, account, nonces, assertion).await
        }
    }
}

/// Commits a command and waits until this site has applied it too; a refusal of the state becomes this request's.
async fn commit(site: &Site, command: Command) -> Result<Outcome, Refusal> {
    let Applied { outcome, index } = site.cluster.propose(command).await.map_err(unavailable)?;
    if let Outcome::Refused(refusal) = outcome {
        return Err(refusal);
    }
    site.cluster.applied(index, APPLY_DEADLINE).await.map_err(unavailable)?;
    Ok(outcome)
}

/// How far a site that is in touch with the fleet may lag behind it: five heartbeats.
const LAG: Duration = Duration::from_secs(1);
const LAG_PAUSE: Duration = Duration::from_millis(50);

/// Asks this site's own state until it agrees, or until lagging behind cannot be the reason why it does not.
///
/// Done before anything is proposed: what a stranger asks for must not cost an entry of every site's log.
async fn agreed<T, F>(site: &Site, ask: impl Fn() -> F) -> Result<T, Refusal>
where
    F: Future<Output = Result<T, Refusal>>,
{
    let until = tokio::time::Instant::now() + LAG;
    loop {
        match ask().await {
            Err(refusal) if may_lag(&refusal) && tokio::time::Instant::now() < until => {
                tokio::time::sleep(LAG_PAUSE).await;
            }
            // It cannot know what others have.
            Err(refusal) if may_lag(&refusal) && site.cluster.view().0.is_none() => {
                return Err(unavailable(ClusterError::NoMajority));
            }
            answer => return answer,
        }
    }
}

/// What a site says that has not applied yet what the others have.
fn may_lag(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::NoSuchAccount | Refusal::NotEvaluated | Refusal::NoSuchPasskey)
}

/// Takes the nonce that this session was given, right or wrong; it must be the one that the list names for this site.
fn own_nonce_is_listed(
    site: &Site,
    session: &SessionId,
    purpose: NonceFor,
    account: AccountId,
    nonces: &[SiteNonce],
) -> Result<(), Refusal> {
    let given = site.sessions.take_nonce(session, purpose, account).ok_or(Refusal::NonceMismatch)?;
    let listed = nonces.iter().find(|n| n.site == site.index).ok_or(Refusal::NonceMismatch)?;
    if bool::from(listed.nonce.ct_eq(&given)) { Ok(()) } else { Err(Refusal::NonceMismatch) }
}

/// The account, for a request that would change it.
async fn known_account(site: &Site, id: AccountId) -> Result<Account, Refusal> {
    agreed(site, || account(site, id)).await
}

/// The account as this site has applied it.
async fn account(site: &Site, id: AccountId) -> Result<Account, Refusal> {
    site.cluster.reader().account(id).await.map_err(storage)?.ok_or(Refusal::NoSuchAccount)
}

/// This site's box of the account's current version: from memory, or opened by the device.
async fn open_box(site: &Site, account: &Account) -> Result<Arc<BoxContents>, Refusal> {
    let record = account.record().ok_or(Refusal::Destroyed)?;
    if record.epoch != site.keys.epoch {
        return Err(Refusal::WrongEpoch { epoch: record.epoch });
    }
    if let Some(contents) = site.open_boxes.get(record.account, record.version) {
        return Ok(contents);
    }
    let sealed = record.sealed_box(site.index).ok_or(Refusal::Destroyed)?.clone();
    let info = box_info(&site.keys.fleet_id, record.epoch, &record.account, record.version, site.index);
    let opening =
        site.device.run(Work::OpenBox, move |keys| recovery_crypto::sealing::open_box(&sealed, &info, &*keys.seal));
    let contents = Arc::new(opening.await.map_err(device)?);
    site.open_boxes.keep(record.account, record.version, contents.clone());
    Ok(contents)
}

/// Before a try is spent on it.
fn check_point(alpha: &Point) -> Result<(), Refusal> {
    p256::PublicKey::from_sec1_bytes(&alpha.0).map(|_| ()).map_err(|_| Refusal::Malformed)
}

fn unavailable(error: ClusterError) -> Refusal {
    Refusal::Unavailable { reason: error.to_string() }
}

fn storage(error: StoreError) -> Refusal {
    tracing::error!(%error, "the site's storage failed");
    Refusal::Unavailable { reason: "the site's storage failed".into() }
}

fn device(fault: DeviceFault) -> Refusal {
    tracing::warn!(%fault, "the device did not answer a request");
    match fault {
        DeviceFault::Broken(reason) => Refusal::Unavailable { reason },
        DeviceFault::Refused(_) => Refusal::Malformed,
        _ => Refusal::Unavailable { reason: "the site's device is away".into() },
    }
}
