//! k_i * alpha for a registration. It helps no guess: a recovery's key is u_i * k_i, and u_i is in the box.

use super::{agreed, check_point, commit, device, storage};
use crate::api::{Site, now};
use crate::device::Work;
use recovery_crypto::oprf;
use sha2::{Digest, Sha256};
use vault_protocol::{AccountId, Answer, Point, Refusal, Response, Version, try_id};
use vault_state::{Command, check_next_version};

pub(super) async fn evaluate(site: &Site, account: AccountId, version: Version, alpha: Point) -> Response {
    check_point(&alpha)?;
    let key = try_id(&alpha, &account, version).0;
    if let Some(beta) = site.local.registration(key, now()).await.map_err(storage)? {
        return Ok(Answer::Evaluated { beta });
    }
    agreed(site, || async {
        let held = site.cluster.reader().account(account).await.map_err(storage)?;
        match check_next_version(held.as_ref(), version) {
            // This site may not have applied the version before yet; the fleet decides.
            Err(Refusal::WrongVersion { current }) if current < version => Ok(()),
            decided => decided,
        }
    })
    .await?;
    site.limits.registration().map_err(|seconds| Refusal::Busy { seconds })?;
    let alpha_hash = Sha256::digest(alpha.0).into();
    // Committed first, so that the device's log never shows an evaluation that nobody can account for.
    let command = Command::RecordRegistrationEvaluation { account, version, alpha_hash, site: site.index, at: now() };
    commit(site, command).await?;
    let beta =
        site.device.run(Work::Evaluation, move |keys| oprf::evaluate(&*keys.oprf, &alpha)).await.map_err(device)?;
    site.local.remember_registration(key, beta, now()).await.map_err(storage)?;
    Ok(Answer::Evaluated { beta })
}
