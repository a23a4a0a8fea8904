//! Passkeys, as the shells show them.

use super::{CaughtSite, SpreadView};
use serde::{Deserialize, Serialize};
use specta::Type;

/// Where a passkey is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PasskeyPlace {
    ThisComputer,
    SecurityKey,
}

/// Everything the page about passkeys shows.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct PasskeyOverview {
    /// Oldest first.
    pub passkeys: Vec<PasskeyView>,
    /// What a new one could be kept in.
    pub holders: Vec<PasskeyHolder>,
    /// There is a recovery code beside the passkeys.
    pub has_code: bool,
    /// The code may be shown after a passkey check.
    pub can_reveal_code: bool,
    pub mock: bool,
    /// Why the fleet could not be asked; what is listed is then this computer's own memory.
    pub problem: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct PasskeyView {
    /// Names it in commands: hex digits.
    pub id: String,
    pub name: String,
    /// `None`: it was added on another computer.
    pub place: Option<PasskeyPlace>,
    /// Unix seconds.
    pub added: u64,
    pub last_used: Option<u64>,
    /// The fleet has it. `None`: the fleet could not be asked.
    pub in_fleet: Option<bool>,
    /// The last way in but for this computer itself: without it, losing this computer is losing the
    /// backup.
    pub last_way_in: bool,
    /// What it will take on a new computer, in words.
    pub what_if: String,
    /// Kept in a MOCK security key.
    pub mock: bool,
}

/// Something that can hold passkeys.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct PasskeyHolder {
    pub place: PasskeyPlace,
    pub name: String,
    /// What it protects from and what not, to be shown where a person chooses.
    pub limit: String,
    /// A passkey can be made there now.
    pub available: bool,
    /// Why not.
    pub problem: Option<String>,
    /// No PIN was chosen yet: the first one typed becomes it.
    pub choose_pin: bool,
    pub tries_left: Option<u32>,
    pub mock: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct PasskeyAdded {
    pub passkey: PasskeyView,
    pub fleet_url: String,
    /// The fleet in 16 characters: to be written down, for it is asked for on a new computer.
    pub fingerprint: String,
    pub account: String,
    pub mock: bool,
    /// What else the person has to know: a backup that does not know the passkey yet, an old one
    /// left on the key.
    pub warnings: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct PasskeyRemoved {
    pub name: String,
    pub mock: bool,
    /// How far the sites know that it is gone. `None`: they knew of it no more.
    pub spread: Option<SpreadView>,
    pub warnings: Vec<String>,
}

/// The fleet verified a passkey and released what it kept for it.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct PasskeyUsed {
    pub name: String,
    pub sites_answered: u8,
    pub sites: u8,
    pub mock: bool,
    /// Wall time of the conversation with the fleet, the person's part included.
    pub milliseconds: u64,
    pub caught: Vec<CaughtSite>,
    pub warnings: Vec<String>,
}

/// The recovery code, to be shown again. The caller wipes it.
#[derive(Serialize, Type)]
pub struct RevealedCode {
    /// Grouped for reading.
    pub code: String,
    pub fleet_url: String,
    /// The fleet in 16 characters.
    pub fingerprint: String,
    pub mock: bool,
}
