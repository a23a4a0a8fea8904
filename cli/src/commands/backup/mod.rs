//! `keepsake backup`

mod place;
pub(super) mod words;

use super::key_change;
use crate::args::{Backup, Computers, Part, Repository};
use crate::failure::{Failure, Result};
use crate::output::{Output, count, date, when};
use crate::progress::Shown;
use crate::secrets;
use app::model::DecryptReport;
use app::{Between, KeepPolicy, Keepsake, RecoverySecret, RestoreChoice, RestoreParts, Stay};
use std::path::PathBuf;
use std::process::ExitCode;

const DAY_MS: i64 = 86_400_000;

pub(super) async fn run(keepsake: &Keepsake, command: Backup, output: Output) -> Result<ExitCode> {
    match command {
        Backup::Create { place, patience } => {
            let report =
                app::back_up(keepsake, &place.repo, patience.duration(), &Shown::new()).await?;
            return Ok(output.report(&report, words::created, damaged_before(&report.damage)));
        }
        Backup::List(place) => {
            let all = app::snapshots(keepsake, &place.repo).await?;
            output.result(&all, |all| words::list(all));
        }
        Backup::Check { place, read_data } => {
            let report = app::check_backup(keepsake, &place.repo, read_data, &Shown::new()).await?;
            return Ok(output.report(&report, words::checked, damaged(&report.problems)));
        }
        Backup::Repair { place, patience } => {
            let report =
                app::repair_backup(keepsake, &place.repo, patience.duration(), &Shown::new())
                    .await?;
            output.result(&report, words::repaired);
        }
        Backup::Unlock(place) => {
            let holder = app::unlock_backup(keepsake, &place.repo).await?;
            output.result(&holder, |holder| match holder {
                Some(h) => {
                    format!("Took the lock from {}, last seen {}.", h.computer, date(h.last_sign))
                }
                None => "Nobody had the lock.".into(),
            });
        }
        Backup::AcceptOlder(place) => {
            let newest = app::accept_older_backup(keepsake, &place.repo).await?;
            output.result(&newest, |newest| match newest {
                Some(s) => format!(
                    "The next backup goes on from snapshot {} of {} UTC.",
                    s.sequence,
                    when(s.at.saturating_mul(1000))
                ),
                None => "The next backup is the first one there.".into(),
            });
        }
        Backup::Browse { place, snapshot } => {
            let chats = app::browse_backup(keepsake, &place.repo, snapshot).await?;
            output.result(&chats, |chats| words::chats(chats));
        }
        Backup::Diff { place, from, to } => {
            let diff = app::diff_backup(keepsake, &place.repo, from, to).await?;
            output.result(&diff, words::diff);
        }
        Backup::Stats(place) => {
            let stats = app::backup_stats(keepsake, &place.repo).await?;
            output.result(&stats, words::stats);
        }
        Backup::Restore { place, snapshot, offline_key, chat, from, until, only } => {
            if offline_key || secrets::has_offline_key() {
                app::recover_with_offline_key(keepsake, &place.repo, secrets::offline_key()?)
                    .await?;
            }
            let between = Between { from, until: until.map(|day| day + DAY_MS) };
            let choice = RestoreChoice { snapshot, chats: chat, between, parts: parts(only) };
            let report = app::restore_chosen(keepsake, &place.repo, choice, &Shown::new()).await?;
            return Ok(output.report(&report, words::restored, damaged(&report.problems)));
        }
        Backup::Prune {
            place,
            keep,
            keep_daily,
            keep_weekly,
            keep_monthly,
            keep_yearly,
            dry_run,
        } => {
            let others = keep_daily + keep_weekly + keep_monthly + keep_yearly;
            let policy = KeepPolicy {
                last: keep.unwrap_or(if others == 0 { 10 } else { 0 }),
                daily: keep_daily,
                weekly: keep_weekly,
                monthly: keep_monthly,
                yearly: keep_yearly,
            };
            let report =
                app::prune_backup(keepsake, &place.repo, policy, dry_run, &Shown::new()).await?;
            output.result(&report, words::pruned);
        }
        Backup::Place(command) => place::run(keepsake, command, output).await?,
        Backup::Forget { place, chat } => {
            let forgotten = app::forget_chats(keepsake, &place.repo, chat, &Shown::new()).await?;
            output.result(&forgotten, words::forgotten);
        }
        Backup::Copy { place, to } => {
            let copied = app::copy_backup(keepsake, &place.repo, &to, &Shown::new()).await?;
            output.result(&copied, words::copied);
        }
        Backup::ExportHeader { place, out } => {
            let out = app::export_header(keepsake, &place.repo, &out).await?;
            output.result(&serde_json::json!({ "out": out }), |_| {
                format!("Wrote {}.", out.display())
            });
        }
        Backup::OfflineKeys(place) => {
            let keys = app::offline_keys(keepsake, &place.repo).await?;
            output.result(&keys, |keys| words::offline_keys(keys));
        }
        Backup::RemoveOfflineKey { place, id } => {
            app::remove_offline_key(keepsake, &place.repo, &id).await?;
            output
                .result(&id, |id| format!("Offline key {id} does not open this backup any more."));
        }
        Backup::OfflineKey(place) => {
            let key = app::add_offline_key(keepsake, &place.repo).await?;
            output.result(&key, |key| {
                format!(
                    "Offline key, shown only now, as words and as digits. Either is enough:\n\n{}\n\n    {}\n\nWhoever has it and the backup can read everything, without the vault.",
                    words::numbered(&key.words),
                    key.key
                )
            });
        }
        Backup::Rekey { give_up: true, .. } => {
            app::give_up_key_change(keepsake).await?;
            output.result(&(), |()| "The old key, code and passkeys stay in force.".into());
        }
        Backup::Rekey { keep, change, .. } => {
            return key_change::change(keepsake, Stay::These(keep), change, output).await;
        }
        Backup::Computers(Computers::List) => {
            let all = app::computers(keepsake).await?;
            output.result(&all, key_change::list);
        }
        Backup::Computers(Computers::Remove { computer, change }) => {
            return key_change::change(keepsake, Stay::AllBut(computer), change, output).await;
        }
        Backup::Decrypt { .. } => unreachable!("needs no home and is handled before"),
    }
    Ok(ExitCode::SUCCESS)
}

/// Needs no home: the backup and its key are enough.
pub(super) async fn decrypt(
    place: Repository,
    key: Option<String>,
    out: PathBuf,
    output: Output,
) -> Result<ExitCode> {
    let key = key.map_or_else(secrets::backup_key, |key| Ok(RecoverySecret::new(key)))?;
    let report = app::decrypt_backup(&place.repo, key, &out, &Shown::new()).await?;
    let said = |report: &DecryptReport| {
        format!(
            "Wrote {} and {} to {}.\n{}",
            count(report.records, "record", "records"),
            count(report.media, "media file", "media files"),
            out.display(),
            words::missing(report.missing_media)
        )
    };
    Ok(output.report(&report, said, damaged(&report.problems)))
}

/// What was damaged is an error, after everything that is whole was dealt with.
fn damaged(problems: &[String]) -> Option<Failure> {
    let first = problems.first()?;
    let n = count(problems.len() as u64, "part", "parts");
    Some(Failure::new(
        "damaged",
        format!("{n} of the backup cannot be used: {first}."),
        "Everything that is whole was dealt with, and nothing was changed in the backup.",
        "On a computer that has the chats: keepsake backup repair, then back up again.",
    ))
}

/// What a backup found damaged on its way.
fn damaged_before(damage: &[String]) -> Option<Failure> {
    let first = damage.first()?;
    let n = count(damage.len() as u64, "part", "parts");
    Some(Failure::new(
        "damaged",
        format!("{n} of the backup cannot be used: {first}."),
        "What is new was backed up all the same.",
        "Run keepsake backup repair, then back up again: that brings what was lost, if the chats are here.",
    ))
}

fn parts(only: Option<Part>) -> RestoreParts {
    match only {
        None => RestoreParts::Both,
        Some(Part::Messages) => RestoreParts::Messages,
        Some(Part::Media) => RestoreParts::Media,
    }
}
