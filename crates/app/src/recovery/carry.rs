//! Carrying to a fleet's sites what they do not know yet.

use super::errands::{forget, on_their_way, went};
use crate::fleet::Connected;
use crate::{Keepsake, Result};
use vault_client::Carried;

/// Seconds until a site that did not answer is asked again in passing: the person waits for
/// something else.
const REST: u64 = 60;

/// At a fleet that is being talked to, while something else goes on there.
pub(crate) async fn carry_on_with<T>(
    keepsake: &Keepsake,
    connected: &Connected,
    other: impl Future<Output = T>,
) -> T {
    let (outcome, carried) = futures::join!(other, carry(keepsake, connected, REST));
    // The next contact tries again; what the person asked for is not held up by this.
    drop(carried);
    outcome
}

pub(super) async fn carry(keepsake: &Keepsake, connected: &Connected, rest: u64) -> Result<()> {
    let fleet = connected.fleet();
    for errand in on_their_way(keepsake)?.into_iter().filter(|e| e.fleet_url == connected.url) {
        if errand.keys != fleet.keys() {
            forget(keepsake, &errand)?;
            continue;
        }
        if keepsake.now().saturating_sub(errand.tried) >= rest {
            let Carried { spread, errand: left, .. } = fleet.carry(errand.errand()?).await;
            went(keepsake, &errand, &spread, left.as_ref())?;
        }
    }
    Ok(())
}
