//! One file for each request.

mod begin_passkey;
mod begin_release;
mod change;
mod confirm;
mod evaluate;
mod evaluate_for_registration;
mod events;
mod learn;
mod prove;
mod register;
mod release;
mod set_roster;
mod show;
mod vote;

use super::Site;
use super::ports::DeviceFault;
use super::sessions::{Conversation, NonceFor};
use crate::accounts::AccountStore;
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq;
use vault_protocol::{
    AccountId, Admission, BoxContents, Point, Refusal, Request, Response, SealedBox, SiteNonce,
    Version, box_info,
};

/// How long a request waits for the device: about a hundred of its operations. A person should hear
/// by then that this site is of no use now.
const DEVICE_PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn answer<S: AccountStore>(
    site: &Site<S>,
    conversation: &mut Conversation,
    request: Request,
) -> Response {
    if let Some(reason) = site.broken() {
        return Err(Refusal::Unavailable { reason });
    }
    match request {
        Request::Show { account } => show::show(site, conversation, account).await,
        Request::EvaluateForRegistration { account, alpha, check } => {
            let origin = conversation.origin;
            evaluate_for_registration::evaluate(site, origin, account, alpha, check).await
        }
        Request::Register { record, admission, news } => {
            register::register(site, conversation.origin, *record, admission, news).await
        }
        Request::Vote { tried, news } => vote::vote(site, conversation, tried, news).await,
        Request::Evaluate { certificate, alpha, news } => {
            evaluate::evaluate(site, certificate, alpha, news).await
        }
        Request::Confirm { account, tried, proof } => {
            confirm::confirm(site, account, tried, proof).await
        }
        Request::Learn { account, news } => learn::learn(site, account, news).await,
        Request::Events { account } => events::events(site, account).await,
        Request::Prove { nonce } => prove::prove(site, nonce).await,
        Request::BeginPasskey { account } => {
            begin_passkey::begin(site, conversation, account).await
        }
        Request::SetRoster { news, added, admission } => {
            set_roster::set(site, conversation, news, added.map(|added| *added), admission).await
        }
        Request::BeginRelease { account } => {
            begin_release::begin(site, conversation, account).await
        }
        Request::Release { account, nonces, assertion } => {
            release::release(site, conversation, account, nonces, assertion).await
        }
    }
}

/// The device's answer, unless it takes too long.
pub(super) async fn in_time<T>(
    work: impl Future<Output = Result<T, DeviceFault>>,
) -> Result<T, DeviceFault> {
    let late = || DeviceFault::Away(format!("no answer within {} s", DEVICE_PATIENCE.as_secs()));
    tokio::time::timeout(DEVICE_PATIENCE, work).await.unwrap_or_else(|_| Err(late()))
}

/// How a client is told that the device did not do it.
fn device(fault: DeviceFault) -> Refusal {
    // That the device is away is said once, by who looks after it.
    tracing::debug!(%fault, "the device did not do what a request needed");
    match fault {
        DeviceFault::Refused(_) => Refusal::Malformed,
        fault => Refusal::Unavailable { reason: fault.to_string() },
    }
}

/// Before anything is spent on it.
fn check_point(alpha: &Point) -> Result<(), Refusal> {
    p256::PublicKey::from_sec1_bytes(&alpha.0).map(|_| ()).map_err(|_| Refusal::Malformed)
}

/// Takes the nonce that this session was given, right or wrong; it must be the one that the list
/// names for this site and session.
fn own_nonce_is_listed<S: AccountStore>(
    site: &Site<S>,
    conversation: &mut Conversation,
    purpose: NonceFor,
    account: AccountId,
    nonces: &[SiteNonce],
) -> Result<(), Refusal> {
    let given = conversation.take_nonce(purpose, account).ok_or(Refusal::NonceMismatch)?;
    let listed = nonces.iter().find(|n| n.site == site.index()).ok_or(Refusal::NonceMismatch)?;
    let same_nonce = listed.nonce.ct_eq(&given);
    let same_session = listed.handshake.ct_eq(&conversation.handshake);
    if bool::from(same_nonce & same_session) { Ok(()) } else { Err(Refusal::NonceMismatch) }
}

/// A new account costs one of the site's permissions for them, unless this site was asked for it
/// before and has given its ticket; an account that is known has permissions of its own.
fn permit_change<S: AccountStore>(
    site: &Site<S>,
    origin: super::Origin,
    account: AccountId,
    is_known: bool,
    admission: Option<&Admission>,
) -> Result<(), Refusal> {
    let limits = &site.0.limits;
    if is_known {
        return limits.known_account(account);
    }
    let own = |s: &vault_protocol::Statement| s.site == site.index();
    let keys = vault_facts::VoteKeys::default();
    let ticket = site.0.rules.with(&keys).ticket(account);
    // Deterministic signatures: a ticket of this start is the same each time.
    let has_ticket = admission.is_some_and(|a| a.statements().any(|s| own(s) && *s == ticket));
    if has_ticket { Ok(()) } else { limits.new_account(origin) }
}

/// This site's box of one version of a code: from memory, or opened by the device.
async fn opened_box<S: AccountStore>(
    site: &Site<S>,
    account: AccountId,
    version: Version,
    sealed: SealedBox,
) -> Result<Arc<BoxContents>, Refusal> {
    if let Some(contents) = site.0.recent.opened(account, version) {
        return Ok(contents);
    }
    let rules = &site.0.rules;
    let info = box_info(&rules.keys.digest, &account, version, rules.index, rules.serial);
    let opening = site.0.ports.device.open_box(sealed, info);
    let contents = Arc::new(in_time(opening).await.map_err(device)?);
    site.0.recent.remember_opened(account, version, contents.clone());
    Ok(contents)
}
