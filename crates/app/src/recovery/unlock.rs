//! One try with a code, from typed text to the key that it brings back.

use super::code::stretch;
use super::own_attempts::note_attempt;
use super::{caught, keep_errand, settling};
use crate::fleet::Connected;
use crate::model;
use crate::progress::cancelled_within;
use crate::{Keepsake, Result, Watch};
use sealed_keys::{CodeKind, RecoveryCode, RecoverySlot, Secret};
use std::time::{Duration, Instant};
use vault_client::{Attempt, Fleet, Header, Recovered, VaultError};
use vault_protocol::CodeOrigin;
use vault_protocol::limits::MAX_TRIES;

/// How long sites are waited for that a try was voted for and not evaluated at: the try is not
/// lost.
const UNFINISHED: Duration = Duration::from_secs(30);
/// Between two looks for them.
const PAUSE: Duration = Duration::from_secs(2);

/// One try with a code: the key it brings back, and what to tell the person. What the owner signed
/// is compared with the header first; then a wrong code of the person's own costs a try, and a
/// generated one does not.
pub(crate) async fn unlock(
    keepsake: &Keepsake,
    connected: &Connected,
    slot: &RecoverySlot,
    code: &RecoveryCode,
    watch: &dyn Watch,
) -> Result<(Secret<32>, model::Recovered)> {
    let began = Instant::now();
    let stretched = stretch(code, slot).await?;
    let attempt = Attempt {
        header: header(slot),
        stretched: stretched.expose(),
        secret: slot.access.expose(),
    };
    let _ = note_attempt(keepsake, slot.at.account);
    let recovered = to_the_end(&connected.fleet(), &attempt, watch).await;
    let recovered = recovered.map_err(|e| connected.refusal(e, &slot.at))?;
    // From here on the code has opened what it opens: a disk that refuses is told at the next
    // write.
    let _ = keep_errand(keepsake, connected, &recovered.spread, recovered.errand.as_ref());
    let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let told = told(connected, &recovered, milliseconds);
    Ok((Secret::new(*recovered.vault_key.expose()), told))
}

/// What the backup's header says of a code.
pub(super) fn header(slot: &RecoverySlot) -> Header {
    Header {
        account: slot.at.account,
        version: slot.version,
        keys: slot.at.keys,
        parameters: slot.argon2.into(),
        origin: origin(slot.code),
    }
}

pub(super) fn origin(kind: CodeKind) -> CodeOrigin {
    match kind {
        CodeKind::Generated => CodeOrigin::Generated,
        CodeKind::Own => CodeOrigin::Own,
    }
}

/// A try that a quorum allowed is gone on with while too few sites answer, until the person stops
/// it.
async fn to_the_end(
    fleet: &Fleet,
    attempt: &Attempt<'_>,
    watch: &dyn Watch,
) -> std::result::Result<Recovered, VaultError> {
    let began = Instant::now();
    let mut outcome = fleet.recover(attempt).await;
    while let Err(VaultError::Unfinished(unfinished) | VaultError::FalseShares(unfinished)) =
        outcome
    {
        if began.elapsed() > UNFINISHED || cancelled_within(watch, PAUSE).await {
            return Err(VaultError::Unfinished(unfinished));
        }
        outcome = fleet.resume(*unfinished).await;
    }
    outcome
}

fn told(connected: &Connected, recovered: &Recovered, milliseconds: u64) -> model::Recovered {
    let spread = settling(&recovered.spread);
    let sites = connected.sites();
    let away = u8::try_from(recovered.notes.problems.len()).unwrap_or(u8::MAX);
    let ended = recovered.spread.is_stored();
    model::Recovered {
        tries_left: if ended { MAX_TRIES } else { MAX_TRIES.saturating_sub(recovered.slot) },
        confirmed: spread.done,
        spread,
        sites_answered: sites.saturating_sub(away),
        sites,
        mock: connected.verified.mock(),
        milliseconds,
        caught: caught(connected.verified.bundle(), &recovered.notes),
    }
}
