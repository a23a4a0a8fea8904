//! k_i * alpha for a registration. It helps no guess: a recovery's key is u_i * k_i, and u_i is in the box.

use super::{check_point, commit, device, storage};
use crate::api::{Site, now};
use recovery_crypto::oprf;
use sha2::{Digest, Sha256};
use vault_protocol::{AccountId, Answer, Point, Refusal, Response, Version, try_id};
use vault_state::Command;

pub(super) async fn evaluate(site: &Site, account: AccountId, version: Version, alpha: Point) -> Response {
    check_point(&alpha)?;
    let key = try_id(&alpha, &account, version).0;
    if let Some(beta) = site.local.registration(key).await.map_err(storage)? {
        return Ok(Answer::Evaluated { beta });
    }
    site.limits.registration().map_err(|seconds| Refusal::Busy { seconds })?;
    let alpha_hash = Sha256::digest(alpha.0).into();
    // Committed first, so that the device's log never shows an evaluation that nobody can account for.
    let command = Command::RecordRegistrationEvaluation { account, version, alpha_hash, site: site.index, at: now() };
    commit(site, command).await?;
    let beta = site.device.run(move |keys| oprf::evaluate(&*keys.oprf, &alpha)).await.map_err(device)?;
    site.local.remember_registration(key, beta, now()).await.map_err(storage)?;
    Ok(Answer::Evaluated { beta })
}
