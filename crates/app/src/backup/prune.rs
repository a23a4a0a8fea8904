//! Removes old snapshots, and what only they need.

use super::computer_name;
use super::progress::Watcher;
use crate::backup::destinations::{self, address};
use crate::model::{KeptSnapshot, PruneReport};
use crate::progress::watched;
use crate::{AppError, Keepsake, NextStep, Result, Watch};
use backup_engine::{Because, PruneOptions, Repository, Retention};
use serde::Deserialize;
use specta::Type;
use std::time::Duration;

/// Another computer may have read the backup before a prune, over a synchronised folder or from a
/// store whose lists are late.
const OTHERS_MAY_BUILD_ON_IT: Duration = Duration::from_secs(24 * 3600);

/// How many snapshots stay: of the newest, and the last of each day, week, month and year that has
/// one, by UTC. Several add up; the newest always stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Type)]
pub struct KeepPolicy {
    pub last: u32,
    pub daily: u32,
    pub weekly: u32,
    pub monthly: u32,
    pub yearly: u32,
}

impl From<KeepPolicy> for Retention {
    fn from(keep: KeepPolicy) -> Self {
        let KeepPolicy { last, daily, weekly, monthly, yearly } = keep;
        let size = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
        Self {
            last: size(last),
            daily: size(daily),
            weekly: size(weekly),
            monthly: size(monthly),
            yearly: size(yearly),
        }
    }
}

/// Removes the snapshots that `keep` does not name, and what only they needed. With `dry_run` only
/// says what would go.
///
/// # Errors
/// `no_policy` if `keep` names nothing; `damaged`, `busy`, `rolled_back`.
pub async fn prune_backup(
    keepsake: &Keepsake,
    repo: &str,
    keep: KeepPolicy,
    dry_run: bool,
    watch: &dyn Watch,
) -> Result<PruneReport> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    if keep == KeepPolicy::default() {
        return Err(no_policy());
    }
    watched(watch, move |watch| {
        if !dry_run {
            keepsake.clear_leftovers()?;
        }
        let repository = if dry_run {
            destinations::open(&keepsake, &url)?
        } else {
            destinations::open_to_write(&keepsake, &url)?
        };
        let options = PruneOptions {
            retention: keep.into(),
            computer: computer_name(),
            grace: grace(&repository)?,
            dry_run,
        };
        let report = repository.prune(&options, &Watcher(watch))?;
        if !dry_run {
            destinations::remember(&keepsake, &url, &repository, None)?;
        }
        Ok(PruneReport {
            dry_run,
            kept: report
                .kept
                .into_iter()
                .map(|(sequence, because)| kept(sequence, &because))
                .collect(),
            snapshots_removed: report.dropped.len() as u64,
            removed: report.dropped,
            bytes_freed: u64::try_from(report.bytes_freed).unwrap_or(0),
            packs_waiting: report.packs_waiting,
        })
    })
    .await
}

/// Where only this computer writes, what goes is deleted at once.
fn grace(repository: &Repository) -> Result<Duration> {
    let computers = repository.header().computers(repository.key())?.len();
    Ok(if computers > 1 { OTHERS_MAY_BUILD_ON_IT } else { Duration::ZERO })
}

fn kept(sequence: u64, because: &[Because]) -> KeptSnapshot {
    let word = |because: &Because| match because {
        Because::Newest => "newest",
        Because::Last => "last",
        Because::Daily => "daily",
        Because::Weekly => "weekly",
        Because::Monthly => "monthly",
        Because::Yearly => "yearly",
    };
    KeptSnapshot { sequence, because: because.iter().map(word).map(Into::into).collect() }
}

fn no_policy() -> AppError {
    let next = NextStep::SaySnapshotsToKeep;
    AppError::new(
        "no_policy",
        "That would remove every snapshot but the newest.",
        "Nothing was removed.",
        next,
    )
}
