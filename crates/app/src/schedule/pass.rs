//! One look at all places, and the backups that are due.

use super::Every;
use super::decide::{Decision, Presence, decide};
use super::facts::Around;
use super::new_exports::{NewExports, look_for_exports};
use super::notice::{self, Standing};
use crate::backup::destinations::Destination;
use crate::backup::{kind_of, run_backup};
use crate::home::lock_file;
use crate::model::BackupReport;
use crate::progress::watched;
use crate::{AppError, Keepsake, Result, Watch};
use serde::Serialize;
use specta::Type;
use std::time::Duration;

/// Open while a pass runs: the window and the background mode never run two at once.
const LOCK: &str = "background.lock";

/// What one pass did.
#[derive(Clone, Debug, Default, Serialize, Type)]
pub struct Pass {
    /// Another one was running: nothing was looked at.
    pub busy: bool,
    /// Of folders that are watched.
    pub exports: NewExports,
    pub places: Vec<PlacePass>,
    /// What the person has to be told now, by a notification.
    pub notice: Option<String>,
}

/// What a pass found or did at one place.
#[derive(Clone, Debug, Serialize, Type)]
pub struct PlacePass {
    pub url: String,
    pub result: PassResult,
    /// Unix seconds, where a backup is due later.
    pub due: Option<i64>,
    pub report: Option<BackupReport>,
    pub error: Option<AppError>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PassResult {
    BackedUp,
    Failed,
    Off,
    /// The person makes the first backup.
    NoneYet,
    NothingNew,
    NotYet,
    /// It is due, and the place is away.
    WaitsForPlace,
    /// It is due, and the computer runs on its battery.
    WaitsForPower,
    /// It is due, and the chats are being changed, or somebody else writes to the backup.
    WaitsForRest,
}

/// Looks at every place that this computer backs up to, and makes the backups that are due. Needs
/// no person: a place that asks for something new has failed, and is tried again later.
///
/// # Errors
/// Those of the home's own files. What fails at a place is in the result.
pub async fn back_up_what_is_due(keepsake: &Keepsake, watch: &dyn Watch) -> Result<Pass> {
    let keepsake = keepsake.clone();
    watched(watch, move |watch| pass(&keepsake, watch)).await
}

fn pass(keepsake: &Keepsake, watch: &dyn Watch) -> Result<Pass> {
    let refused = |e: std::io::Error| AppError::disk("opening background.lock", &e);
    let lock = lock_file(&keepsake.path(LOCK)).map_err(refused)?;
    if lock.try_lock().is_err() {
        return Ok(Pass { busy: true, ..Pass::default() });
    }
    // First: what comes in is new.
    let exports = look_for_exports(keepsake, watch).or_else(|error| {
        keepsake.log(&format!("the watched folders were not looked at ({})", error.code))?;
        Ok::<_, AppError>(NewExports::default())
    })?;
    if exports != NewExports::default() {
        let NewExports { offered, messages } = exports;
        keepsake.log(&format!("new exports: {offered} offered, {messages} messages imported"))?;
    }
    let around = Around::of(keepsake)?;
    let mut done = Pass { exports, ..Pass::default() };
    for (number, place) in (1..).zip(keepsake.destinations()?) {
        let at_place = look(keepsake, &place, &around, watch)?;
        note(keepsake, number, &at_place)?;
        if let Some(notice) = told(keepsake, &place, around.every)? {
            done.notice.get_or_insert(notice);
        }
        done.places.push(at_place);
        if watch.cancelled() {
            break;
        }
    }
    Ok(done)
}

fn look(
    keepsake: &Keepsake,
    place: &Destination,
    around: &Around,
    watch: &dyn Watch,
) -> Result<PlacePass> {
    let facts = around.facts(keepsake, place)?;
    keepsake.remember_place(&place.url, |memory| {
        memory.away = facts.place == Presence::Away;
        memory.waiting_since = facts.is_new.then(|| memory.waiting_since.unwrap_or(facts.now));
    })?;
    match decide(&facts) {
        Decision::BackUp => Ok(back_up(keepsake, place, watch)),
        decision => Ok(PlacePass::without_backup(place, decision)),
    }
}

fn back_up(keepsake: &Keepsake, place: &Destination, watch: &dyn Watch) -> PlacePass {
    let made = run_backup(keepsake, &place.url, Duration::ZERO, watch).and_then(|report| {
        keepsake.note_backup(&place.url, &report)?;
        tell_later(keepsake, &place.url, &report.notices)?;
        Ok(report)
    });
    let (result, report, error) = match made {
        Ok(report) => (PassResult::BackedUp, Some(report), None),
        Err(error) => (result_of(&error), None, Some(error)),
    };
    PlacePass { url: place.url.clone(), result, due: None, report, error }
}

/// A place that is away, or where somebody else writes, is no failure: it is for another time.
fn result_of(error: &AppError) -> PassResult {
    match error.code {
        "place_missing" | "place_unreachable" => PassResult::WaitsForPlace,
        "busy" | "cancelled" => PassResult::WaitsForRest,
        _ => PassResult::Failed,
    }
}

impl PlacePass {
    fn without_backup(place: &Destination, decision: Decision) -> Self {
        let result = match decision {
            Decision::Off => PassResult::Off,
            Decision::NoneYet => PassResult::NoneYet,
            Decision::NothingNew => PassResult::NothingNew,
            Decision::At(_) => PassResult::NotYet,
            Decision::WaitForPlace => PassResult::WaitsForPlace,
            Decision::WaitForPower => PassResult::WaitsForPower,
            Decision::WaitForRest | Decision::BackUp => PassResult::WaitsForRest,
        };
        let due = match decision {
            Decision::At(at) => i64::try_from(at).ok(),
            _ => None,
        };
        Self { url: place.url.clone(), result, due, report: None, error: None }
    }
}

/// Nobody looks at this run: what the person has to be told stays for the next one that they see.
fn tell_later(keepsake: &Keepsake, url: &str, notices: &[String]) -> Result<()> {
    let Some(mut place) = keepsake.destination(url)?.filter(|_| !notices.is_empty()) else {
        return Ok(());
    };
    place.notices.extend_from_slice(notices);
    keepsake.keep_destination(place)
}

/// Remembers what happened, and logs it. Waiting is not logged, or the log would be of nothing
/// else.
fn note(keepsake: &Keepsake, number: usize, done: &PlacePass) -> Result<()> {
    let place = format!("place {number} ({})", kind_of(&done.url).word());
    match (done.result, &done.report, &done.error) {
        (PassResult::BackedUp, Some(report), _) => keepsake.log(&format!(
            "{place}: backed up {} messages, {} media, {} bytes written, {:.1} s{}",
            report.new_messages,
            report.new_media,
            report.bytes_written,
            report.seconds,
            if report.damage.is_empty() { "" } else { "; parts of the backup are damaged" },
        )),
        (PassResult::Failed, _, Some(error)) => {
            keepsake.note_failure(&done.url, error.code)?;
            keepsake.log(&format!("{place}: the backup failed ({})", error.code))
        }
        // It was there a moment ago.
        (PassResult::WaitsForPlace, _, Some(_)) => {
            keepsake.remember_place(&done.url, |memory| memory.away = true)
        }
        _ => Ok(()),
    }
}

/// The notification that is due for a place.
fn told(keepsake: &Keepsake, place: &Destination, every: Every) -> Result<Option<String>> {
    let memory = keepsake.place_memory(&place.url)?;
    let (Some(last_backup), Some(waiting_since)) = (place.last_backup, memory.waiting_since) else {
        return Ok(None);
    };
    let standing = Standing {
        now: keepsake.now(),
        is_on: every != Every::Off,
        is_new: true,
        last_backup,
        waiting_since,
        was_told: memory.was_told,
    };
    if !notice::is_to_be_told(&standing) {
        return Ok(None);
    }
    keepsake.remember_place(&place.url, |memory| memory.was_told = true)?;
    keepsake.log("the person was told that backups have stopped for a week")?;
    Ok(Some(notice::words(memory.failures > 0).into()))
}
