//! Going on with what not every site knows yet.

use super::carry::carry;
use super::errands::{OnItsWay, on_their_way};
use super::learn_missing_code;
use crate::fleet::connect;
use crate::key_change::remove_old_accounts;
use crate::model::Pending;
use crate::{Keepsake, Result};
use std::collections::BTreeSet;

/// Tells every site what it does not know yet, at every fleet that something is to be told to. Asks
/// nobody if there is nothing. A fleet that cannot be reached now is told at the next contact or
/// the next start.
///
/// # Errors
/// What is remembered here cannot be read or written.
pub async fn carry_on(keepsake: &Keepsake) -> Result<Vec<Pending>> {
    let urls: BTreeSet<String> =
        on_their_way(keepsake)?.into_iter().map(|errand| errand.fleet_url).collect();
    for url in urls {
        if let Ok(connected) = connect(keepsake, &url).await {
            carry(keepsake, &connected, 0).await?;
        }
    }
    // A change of the backup key that could not tell the vault of its end. What still cannot be
    // told waits.
    let _ = remove_old_accounts(keepsake).await;
    // One that another computer made. The person may do without the code here.
    let _ = learn_missing_code(keepsake).await;
    let left = on_their_way(keepsake)?;
    Ok(left.iter().filter(|errand| !errand.spread.done).map(OnItsWay::pending).collect())
}
