//! What counts and signatures mean, in words.

use app::model::{CaughtSite, Pending, PendingKind, PolicyView, SpreadView};

/// After a right code.
pub(crate) fn tries_back(spread: &SpreadView, tries: u8) -> String {
    if spread.done {
        return format!("all {tries} tries are back");
    }
    let SpreadView { acknowledged, sites, .. } = spread;
    format!("{acknowledged} of {sites} sites agree that all tries are back, the rest will follow")
}

/// After a new code.
pub(crate) fn replaced(spread: &SpreadView) -> String {
    if spread.done {
        return "The old code is dead at every site.".into();
    }
    let SpreadView { acknowledged, sites, .. } = spread;
    format!(
        "The old code is dead at {acknowledged} of {sites} sites, the rest will follow: this computer keeps at it."
    )
}

/// After a passkey was taken away.
pub(crate) fn removed(spread: &SpreadView) -> String {
    if spread.done {
        return "Every site has destroyed its part, and nothing that anyone has of it opens a backup.".into();
    }
    let SpreadView { acknowledged, sites, .. } = spread;
    format!(
        "Removed at {acknowledged} of {sites} sites, the rest will follow: this computer keeps at it."
    )
}

/// After a change of the backup key.
pub(crate) fn account_removed(spread: &SpreadView) -> String {
    if spread.done {
        return "The old code and passkeys are gone at every site.".into();
    }
    let SpreadView { acknowledged, sites, .. } = spread;
    format!(
        "The old code and passkeys are gone at {acknowledged} of {sites} sites, the rest will follow: this computer keeps at it."
    )
}

/// What not every site knows yet.
pub(crate) fn pending(pending: &Pending) -> String {
    let SpreadView { acknowledged, sites, .. } = pending.spread;
    let what = match pending.kind {
        PendingKind::TriesBack => "all tries are back",
        PendingKind::Code => "the old code is dead",
        PendingKind::Passkeys => "passkeys changed",
        PendingKind::Removal => "the account is removed",
    };
    format!("On its way: {what} at {acknowledged} of {sites} sites, the rest will follow.")
}

/// Sites that did what no honest site does; empty if there are none.
pub(crate) fn caught(sites: &[CaughtSite]) -> String {
    let line = |site: &CaughtSite| {
        format!(
            "\nAttention: site {} ({}) was caught: {}.",
            site.index,
            site.region,
            site.what.join(", ")
        )
    };
    sites.iter().map(line).collect()
}

/// What a fleet demands of its sites before a guess.
pub(crate) fn policy(policy: &PolicyView, sites: usize) -> String {
    let PolicyView { strict, votes_first, votes_last, guesses, guesses_at_worst } = policy;
    let name = if *strict { "strict" } else { "balanced" };
    format!(
        "policy {name}: {votes_first} of {sites} sites must allow each of the first five guesses, {votes_last} each of \
         the last five; {guesses} guesses at most, {guesses_at_worst} if as many sites lie as can be borne"
    )
}
