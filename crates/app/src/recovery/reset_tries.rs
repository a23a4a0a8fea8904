//! Giving all tries back without a guess: the owner's word.

use super::{keep_errand, settling};
use crate::fleet::connect;
use crate::model::TriesReset;
use crate::{AppError, Keepsake, Result};
use vault_client::{Carried, Code};
use vault_protocol::limits::MAX_TRIES;

/// Ends the running round with the owner's signature: all tries are back, also those of a frozen
/// code.
///
/// # Errors
/// `not_enrolled`, `no_code`, `removed`, `destroyed` (the tries would open nothing), `not_owner`,
/// `too_few_sites`.
pub async fn reset_tries(keepsake: &Keepsake) -> Result<TriesReset> {
    let at = keepsake.account_at()?.ok_or_else(AppError::not_enrolled)?;
    let owned = keepsake.owner_of(&at.address)?;
    let connected = connect(keepsake, &at.address.fleet_url).await?;
    let fleet = connected.fleet();
    let seen =
        fleet.look(at.address.account).await.map_err(|e| connected.refusal(e, &at.address))?;
    match seen.code() {
        Code::Open { .. } | Code::Frozen { .. } => {}
        Code::None => return Err(AppError::no_code()),
        Code::Destroyed => return Err(AppError::destroyed()),
        Code::Removed => return Err(AppError::removed()),
    }
    let Carried { spread, errand, notes, .. } = fleet.reset(&owned.as_owner(), seen.round()).await;
    if !spread.is_stored() {
        return Err(AppError::too_few_sites(
            spread.count(),
            spread.sites() / 2 + 1,
            spread.sites(),
            &notes,
        ));
    }
    keep_errand(keepsake, &connected, &spread, errand.as_ref())?;
    Ok(TriesReset {
        spread: settling(&spread),
        max_tries: MAX_TRIES,
        mock: connected.verified.mock(),
    })
}
