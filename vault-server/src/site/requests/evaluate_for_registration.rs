//! k * alpha and k * check, towards a registration. It helps no guess: a recovery's key is u * k,
//! and u is in the box.

use super::{check_point, device, in_time};
use crate::accounts::AccountStore;
use crate::site::{Origin, Site};
use vault_facts::VoteKeys;
use vault_protocol::{AccountId, Answer, Point, Refusal, Response};

/// Single evaluations of one request.
const EVALUATIONS: u64 = 2;

pub(super) async fn evaluate<S: AccountStore>(
    site: &Site<S>,
    origin: Origin,
    account: AccountId,
    alpha: Point,
    check: Point,
) -> Response {
    check_point(&alpha)?;
    check_point(&check)?;
    let held = site.read(account).await?;
    if held.as_ref().is_some_and(|held| held.facts.is_removed()) {
        return Err(Refusal::Removed);
    }
    super::permit_change(site, origin, account, held.is_some(), None)?;
    // Before the device works, so that its log never shows what nobody can account for.
    let counted = site.store().count_registrations(EVALUATIONS).await;
    counted.map_err(|error| crate::site::steps::unavailable(&error))?;
    let device_port = &site.0.ports.device;
    let both =
        async { Ok((device_port.evaluate(alpha).await?, device_port.evaluate(check).await?)) };
    let (beta, check) = in_time(both).await.map_err(device)?;
    let keys = VoteKeys::default();
    let ticket = site.0.rules.with(&keys).ticket(account);
    Ok(Answer::Evaluated { beta, check, ticket, certificate: site.certificate() })
}
