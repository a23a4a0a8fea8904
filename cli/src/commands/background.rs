//! `keepsake background`

use crate::args::{Background, Every as Chosen};
use crate::failure::{Failure, Result};
use crate::output::{Output, when};
use crate::progress::Shown;
use app::model::Watched;
use app::{BackgroundMode, Every, Keepsake, NewExports, Pass, PassResult, PlacePass, Unwatched};
use serde::Serialize;
use std::fmt::Write;
use std::process::ExitCode;

pub(super) async fn run(
    keepsake: &Keepsake,
    command: Background,
    output: Output,
) -> Result<ExitCode> {
    match command {
        Background::Run { quiet } => return one_run(keepsake, quiet, output).await,
        Background::Status => {
            let status = Status {
                background: app::background_mode(keepsake).await?,
                every: app::schedule(keepsake).await?,
                watched: app::watched_folders(keepsake).await?,
            };
            output.result(&status, Status::words);
        }
        Background::Enable => {
            let mode = app::enable_background(keepsake).await?;
            output.result(&mode, mode_in_words);
        }
        Background::Disable => {
            let mode = app::disable_background(keepsake).await?;
            output.result(&mode, mode_in_words);
        }
        Background::Schedule { every } => {
            let every = every.into();
            app::set_schedule(keepsake, every).await?;
            output.result(&every, |every| schedule_in_words(*every).into());
        }
        Background::Watch { folder, import } => {
            let watched = app::watch_folder(keepsake, &folder, import).await?;
            output.result(&watched, watched_in_words);
        }
        Background::Unwatch { folder } => {
            let watched = app::unwatch_folder(keepsake, &folder).await?;
            output.result(&watched, watched_in_words);
        }
        Background::Log { lines } => {
            let lines = app::background_log(keepsake, lines.into()).await?;
            output.result(&lines, |lines| match lines.is_empty() {
                true => "Nothing was done by itself yet.".into(),
                false => lines.join("\n"),
            });
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A home that is on a disk that is away, say, is not made anew.
pub(super) fn no_home(output: Output) -> ExitCode {
    output.result(&Pass::default(), |_| "There is no Keepsake in this folder.".into());
    ExitCode::SUCCESS
}

async fn one_run(keepsake: &Keepsake, quiet: bool, output: Output) -> Result<ExitCode> {
    let pass = match quiet {
        true => app::back_up_what_is_due(keepsake, &Unwatched).await?,
        false => app::back_up_what_is_due(keepsake, &Shown::new()).await?,
    };
    if let Some(notice) = &pass.notice {
        app::show_notification(notice).await;
    }
    if quiet && !output.json {
        return Ok(match failed(&pass) {
            Some(failure) => output.error(&failure),
            None => ExitCode::SUCCESS,
        });
    }
    Ok(output.report(&pass, pass_in_words, failed(&pass)))
}

#[derive(Serialize)]
struct Status {
    every: Every,
    watched: Watched,
    #[serde(flatten)]
    background: BackgroundMode,
}

impl Status {
    fn words(&self) -> String {
        format!(
            "{}\n{}\n{}",
            schedule_in_words(self.every),
            mode_in_words(&self.background),
            watched_in_words(&self.watched)
        )
    }
}

fn mode_in_words(mode: &BackgroundMode) -> String {
    let by = mode.by.as_deref().unwrap_or("The system");
    match (mode.is_on, mode.is_broken) {
        (true, _) => format!("The background mode is on: {by} starts a run every quarter of an hour."),
        (false, true) => format!(
            "The background mode was turned on, and {by} does not run it. Turn it on again: keepsake background enable"
        ),
        (false, false) => {
            "The background mode is off: backups run by themselves while the window is open. Turn it on: keepsake background enable".into()
        }
    }
}

fn watched_in_words(watched: &Watched) -> String {
    if watched.folders.is_empty() {
        return "No folder is looked through for new exports.".into();
    }
    let mut text = String::new();
    for folder in &watched.folders {
        let then = if folder.by_itself { "imported" } else { "offered" };
        let _ = writeln!(text, "New exports in {} are {then}.", folder.path);
    }
    for offer in &watched.offers {
        let why = offer.refused.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        let _ = writeln!(text, "New: {}{why}", offer.path);
    }
    if !watched.offers.is_empty() {
        text.push_str("Import one: keepsake source import PATH");
    }
    text
}

fn schedule_in_words(every: Every) -> &'static str {
    match every {
        Every::Off => "Nothing is backed up by itself.",
        Every::Change => "Backed up when something is new.",
        Every::Hour => "Backed up every hour, if something is new.",
        Every::Day => "Backed up every day, if something is new.",
        Every::Week => "Backed up every week, if something is new.",
    }
}

fn pass_in_words(pass: &Pass) -> String {
    if pass.busy {
        return "Another run is at work.".into();
    }
    if pass.places.is_empty() && pass.exports == NewExports::default() {
        return "No backup yet. Make the first one: keepsake backup create --repo FOLDER".into();
    }
    let mut text = String::new();
    if pass.exports.messages > 0 {
        let _ = writeln!(text, "Imported {} new messages from new exports.", pass.exports.messages);
    }
    if pass.exports.offered > 0 {
        let _ =
            writeln!(text, "{} new exports wait: keepsake background status", pass.exports.offered);
    }
    for place in &pass.places {
        let _ = writeln!(text, "{}: {}", place.url, place_in_words(place));
    }
    text
}

fn place_in_words(place: &PlacePass) -> String {
    match place.result {
        PassResult::BackedUp => {
            let report = place.report.as_ref();
            format!("backed up, {} new messages", report.map_or(0, |r| r.new_messages))
        }
        PassResult::Failed => "the backup failed".into(),
        PassResult::Off => "backups by themselves are off".into(),
        PassResult::NoneYet => "there was no backup yet; you make the first one".into(),
        PassResult::NothingNew => "nothing is new".into(),
        PassResult::NotYet => {
            let due = place.due.unwrap_or_default().saturating_mul(1000);
            format!("due at {} UTC", when(due))
        }
        PassResult::WaitsForPlace => "it is due, and its place is away".into(),
        PassResult::WaitsForPower => "it is due, and waits until the computer is plugged in".into(),
        PassResult::WaitsForRest => "it is due, and waits for work that is going on".into(),
    }
}

/// The first backup that failed, as an error of its own.
fn failed(pass: &Pass) -> Option<Failure> {
    let bad = pass.places.iter().filter(|place| place.result == PassResult::Failed);
    bad.filter_map(|place| place.error.clone()).map(Failure::from).next()
}

impl From<Chosen> for Every {
    fn from(chosen: Chosen) -> Self {
        match chosen {
            Chosen::Off => Self::Off,
            Chosen::Change => Self::Change,
            Chosen::Hourly => Self::Hour,
            Chosen::Daily => Self::Day,
            Chosen::Weekly => Self::Week,
        }
    }
}
