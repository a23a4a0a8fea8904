//! An honest person with enough healthy sites gets through: with everything mended but the bad sites, who
//! has the right code comes back.

use crate::person::Person;
use crate::scenario::{Watch, people};
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
        if truth.removing || newest != person.version {
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
