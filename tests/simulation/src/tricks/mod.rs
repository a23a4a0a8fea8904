//! What a corrupt site does, one trick a file.

mod equivocate;
mod false_acknowledgements;
mod false_refusals;
mod false_shares;
mod forged_facts;
mod replay;
mod scripted;
mod stale_state;
mod withhold;
mod wrong_clock;

pub use equivocate::Equivocate;
pub use false_acknowledgements::FalseAcknowledgements;
pub use false_refusals::FalseRefusals;
pub use false_shares::FalseShares;
pub use forged_facts::ForgedFacts;
pub use replay::Replay;
pub use scripted::{Scripted, scripted};
pub use stale_state::StaleState;
pub use withhold::Withhold;
pub use wrong_clock::WrongClock;
