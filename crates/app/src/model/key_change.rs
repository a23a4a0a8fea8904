//! The person's computers, and a change of the backup key.

use super::SpreadView;
use crate::NextStep;
use serde::{Deserialize, Serialize};
use specta::Type;

/// A computer that opens the person's backups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ComputerView {
    /// 32 hex digits; the first 8 are enough to name it.
    pub id: String,
    pub name: String,
    /// Unix seconds at which it first backed up.
    pub joined: i64,
    pub this_computer: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct Computers {
    pub computers: Vec<ComputerView>,
    /// Backups that could not be looked at now, each with the reason.
    pub not_seen: Vec<String>,
}

/// What a change of the backup key would do. The new ways in are made and proved; nothing else was
/// changed.
///
/// Holds the new code and offline key: the caller wipes it.
#[derive(Serialize, Type)]
pub struct KeyChangePlan {
    /// The new recovery code, grouped for reading; none when the person chose their own, or wants
    /// none.
    pub code: Option<String>,
    pub fleet_url: Option<String>,
    /// The fleet in 16 characters.
    pub fingerprint: Option<String>,
    pub mock: bool,
    /// The new offline key, if one was asked for.
    pub offline_key: Option<String>,
    /// Computers that get the new key by themselves when they next see the backup.
    pub stay: Vec<ComputerView>,
    /// Computers that open nothing any more that is backed up from then on.
    pub leave: Vec<ComputerView>,
    /// Backups that get the new key.
    pub backups: Vec<String>,
    /// Names of passkeys that have to be added again.
    pub passkeys: Vec<String>,
    /// An earlier change that did not come to its end: it is this one, and has to be finished.
    pub begun_before: bool,
    pub warnings: Vec<String>,
}

/// What a change of the backup key did.
#[derive(Clone, Debug, Serialize, Type)]
pub struct KeyChangeReport {
    /// Backups that have the new key.
    pub changed: Vec<String>,
    /// Backups that could not be reached: they keep the old key, and the old ways in, until their
    /// next backup.
    pub waiting: Vec<String>,
    pub stay: Vec<String>,
    pub left: Vec<String>,
    /// Names of passkeys that have to be added again.
    pub passkeys: Vec<String>,
    /// How far the vault's sites know that the old code and passkeys are gone; none while nothing
    /// was told to them.
    pub old_account: Option<SpreadView>,
    pub mock: bool,
    /// Why backups that are among `waiting` could not be opened.
    pub refused: Vec<RefusedPlace>,
    pub warnings: Vec<String>,
}

/// A backup that could not be opened, and what can be done about it.
#[derive(Clone, Debug, Serialize, Type)]
pub struct RefusedPlace {
    pub url: String,
    pub happened: String,
    pub next: NextStep,
}

/// A change of the backup key that has not come to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct KeyChangeGoingOn {
    /// Unix seconds.
    pub since: i64,
    /// The new ways in are made, and the old ones still count: it can be given up.
    pub prepared_only: bool,
    /// Backups that still have the old key.
    pub waiting: Vec<String>,
}
