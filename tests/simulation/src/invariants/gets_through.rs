//! An honest person with enough healthy sites gets through: with everything mended but the bad
//! sites, who has the right code, and boxes of it at t honest sites, comes back.

use crate::person::Person;
use crate::scenario::{Truth, Watch, people};
use std::time::Duration;
use vault_client::VaultError;

/// The longest delay of a slot.
const LONGEST_WAIT: Duration = Duration::from_secs(960);

pub async fn at_end(watch: &Watch, everybody: &mut [Person]) {
    for (person, client) in everybody.iter_mut().zip(1..) {
        let vault = watch.fleet.client(client);
        people::carry(watch, &vault, person).await;
        let truth = watch.truth(person.account());
        // A version that was begun and not told to be stored may be in force.
        let newest = truth.begun.last().copied().unwrap_or(0);
        if truth.removing || newest != person.version || !has_enough_boxes(watch, &truth) {
            continue;
        }
        tokio::time::sleep(LONGEST_WAIT).await;
        let mut error = people::recover(watch, &vault, person).await;
        if let Some(VaultError::Frozen { .. } | VaultError::Destroyed) = &error {
            people::reset(watch, &vault, person).await;
            error = people::recover(watch, &vault, person).await;
        }
        if let Some(error) = error {
            watch.violated(format_args!("{} did not get through: {error:?}", person.name));
        }
    }
}

/// Whether t honest sites have a box of the newest code. Who registers while sites are away is told
/// that these have none: then one bad site among the others is enough to withhold the code.
fn has_enough_boxes(watch: &Watch, truth: &Truth) -> bool {
    let newest = truth.begun.last().and_then(|version| truth.boxes.get(version));
    let honest = newest.into_iter().flatten().filter(|site| !watch.bad.contains(site));
    honest.count() >= watch.fleet.keys().threshold()
}
