//! Going on with what not every site knows yet.

use super::errands::{OnItsWay, forget, on_their_way, went};
use super::learn_missing_code;
use crate::fleet::{Connected, connect};
use crate::key_change::remove_old_accounts;
use crate::model::Pending;
use crate::{Keepsake, Result};
use std::collections::BTreeSet;
use vault_client::Carried;

/// Seconds until a site that did not answer is asked again in passing: the person waits for something else.
const REST: u64 = 60;

/// Tells every site what it does not know yet, at every fleet that something is to be told to. Asks nobody if there is
/// nothing. A fleet that cannot be reached now is told at the next contact or the next start.
///
/// # Errors
/// What is remembered here cannot be read or written.
pub async fn carry_on(keepsake: &Keepsake) -> Result<Vec<Pending>> {
    let urls: BTreeSet<String> = on_their_way(keepsake)?.into_iter().map(|errand| errand.fleet_url).collect();
    for url in urls {
        if let Ok(connected) = connect(keepsake, &url).await {
            carry(keepsake, &connected, 0).await?;
        }
    }
    // A change of the backup key that could not tell the vault of its end. What still cannot be told waits.
    let _ = remove_old_accounts(keepsake).await;
    // One that another computer made. The person may do without the code here.
    let _ = learn_missing_code(keepsake).await;
    let left = on_their_way(keepsake)?;
    Ok(left.iter().filter(|errand| !errand.spread.done).map(OnItsWay::pending).collect())
}

/// The same at a fleet that is being talked to, while something else goes on there.
pub(crate) async fn carry_on_with<T>(keepsake: &Keepsake, connected: &Connected, other: impl Future<Output = T>) -> T {
    let (outcome, carried) = futures::join!(other, carry(keepsake, connected, REST));
    // The next contact tries again; what the person asked for is not held up by this.
    drop(carried);
    outcome
}

async fn carry(keepsake: &Keepsake, connected: &Connected, rest: u64) -> Result<()> {
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
