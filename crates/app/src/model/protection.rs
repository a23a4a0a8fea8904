//! How well the chats are protected, as the shells show it.

use super::WayBack;
use serde::{Deserialize, Serialize};
use specta::Type;

/// The one thing to say of it: the gravest that is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ProtectionState {
    NoBackup,
    /// No place of a backup is there now.
    PlaceGone,
    PlaceReadOnly,
    /// What is there cannot be opened.
    PlaceDamaged,
    /// If the computers are lost, nobody can open the backup.
    OnlyThisComputer,
    /// A code or a kit was made, and the person never showed that they have it.
    Unsaved,
    /// The only passkey is lost with the computer that it is on.
    PasskeyHereOnly,
    /// The vault answered with something that cannot be believed.
    VaultDistrusted,
    VaultAway,
    /// A kit opens it, and nothing else does.
    KitOnly,
    AllWell,
}

/// What was found when the places and the vault were looked at.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct Protection {
    pub state: ProtectionState,
    /// Unix seconds: nothing here is older.
    pub looked_at: i64,
    pub places: Vec<PlaceLook>,
    pub vault: VaultAnswer,
    /// Why the vault is away or not believed.
    pub vault_problem: Option<String>,
    pub unsaved_code: bool,
    pub unsaved_kit: bool,
    /// Unix seconds at which the person last proved a way back.
    pub last_proof: Option<i64>,
    /// That is long ago, and the person wants to be reminded.
    pub drill_due: bool,
}

/// A place, as it was found.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct PlaceLook {
    pub url: String,
    pub answer: PlaceAnswer,
    /// Why it is not ready.
    pub problem: Option<String>,
    pub opens_with: Vec<WayBack>,
    /// Computers that open it.
    pub computers: u32,
    /// Unix seconds of the last backup made from this computer.
    pub last_backup: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PlaceAnswer {
    Ready,
    ReadOnly,
    Damaged,
    Gone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum VaultAnswer {
    /// No way back needs it, and it was not asked.
    NotUsed,
    Good,
    Away,
    Distrusted,
}

/// A backup that a person may come back from, as far as it can be read without a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct FoundBackup {
    pub url: String,
    /// This computer backed up to it, or came back from it.
    pub known: bool,
    /// It can be read now. A place on a server is asked only when it is chosen.
    pub there: bool,
    /// Unix seconds of the newest snapshot, by the disk's word.
    pub newest: Option<i64>,
    pub bytes: Option<u64>,
    pub ways_back: Vec<WayBack>,
}

/// A vault that somebody named for this computer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct KnownFleet {
    pub name: String,
    /// Its address with the pin.
    pub url: String,
}
