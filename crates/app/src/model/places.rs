//! The places of backups as they are now.

use super::{PlaceKind, WayBack};
use crate::AppError;
use serde::{Deserialize, Serialize};
use specta::Type;

/// A place of this computer's backups, as it was found just now. Times are unix seconds.
#[derive(Clone, Debug, Serialize, Type)]
pub struct PlaceNow {
    pub url: String,
    pub kind: PlaceKind,
    /// What the disk is called on the desktop, if it is one that can be taken away.
    pub disk: Option<String>,
    pub state: PlaceState,
    /// Why, where the state is `failed`.
    pub problem: Option<AppError>,
    /// For this person, in bytes; none where it is not known.
    pub free: Option<u64>,
    /// On the disk that this computer's chats are on: lost with it.
    pub same_disk: bool,
    pub last_backup: Option<i64>,
    /// When the backup answered last, now included.
    pub answered: Option<i64>,
    pub waiting: Waiting,
    /// What opens it; empty where it does not answer.
    pub ways_back: Vec<WayBack>,
    pub next: NextBackup,
    pub checked: Option<LastCheck>,
    /// Parts that the last backup found damaged.
    pub damage: u64,
    /// What the person has to be told of it, until the next backup that they make themselves.
    pub notices: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PlaceState {
    /// The backup answers, and is no older than was seen.
    Ready,
    /// It answers, and nothing can be written there.
    ReadOnly,
    /// Its disk or server is not there.
    Away,
    /// Its folder is there, and the backup is not in it any more.
    Gone,
    /// It answers with an error.
    Failed,
}

/// What a backup does not have yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Waiting {
    /// Anything at all.
    pub any: bool,
    /// New and changed messages.
    pub messages: u64,
    /// There are more than that: they were not counted further.
    pub more: bool,
}

/// When the next backup is made by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum NextBackup {
    Off,
    /// The person makes the first.
    NoneYet,
    /// As soon as something is new and this time has come.
    WhenNew {
        due: i64,
    },
    At {
        due: i64,
    },
    /// Within minutes.
    Soon,
    WaitsForPlace,
    WaitsForPower,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct LastCheck {
    /// Unix seconds.
    pub at: i64,
    /// Every byte was read.
    pub all_data: bool,
    pub problems: u64,
}
