//! What must hold in every course of events, one file each.

pub mod gets_through;
pub mod guesses;
pub mod registrations;
pub mod revocations;
pub mod told;

use crate::person::Person;
use crate::scenario::Watch;

/// After everything was mended.
pub async fn at_end(watch: &Watch, people: &mut [Person]) {
    registrations::at_end(watch).await;
    gets_through::at_end(watch, people).await;
    revocations::at_end(watch, people).await;
    guesses::at_end(watch).await;
}
