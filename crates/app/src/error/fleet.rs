//! What fleets and their sites refuse.

use super::NO_TRY;
use super::passkeys::refused_by_fleet;
use super::words::within;
use crate::fleet::Unfetched;
use crate::{AppError, NextStep};
use fleet_evidence::Report;
use vault_client::{HeaderPart, Lie, SiteNotes, TooFewSites, Unfinished, VaultError, WrongCode};
use vault_protocol::SiteIndex;

const UNTOUCHED: &str = "The backup is untouched.";

impl AppError {
    pub(crate) fn fleet_url(why: &str) -> Self {
        Self::new(
            "fleet_refused",
            format!("The fleet address is not usable: {why}."),
            "Nothing was sent to the fleet.",
            NextStep::CopyWholeAddress,
        )
    }

    pub(crate) fn not_enrolled() -> Self {
        Self::new(
            "not_enrolled",
            "This computer has no recovery code in a vault yet.",
            "Nothing was changed.",
            NextStep::MakeCodeFirst,
        )
    }

    pub(crate) fn fleet_not_pinned() -> Self {
        Self::new(
            "fleet_not_pinned",
            "This address does not say which keys the fleet must have.",
            "Nothing was sent to the fleet.",
            NextStep::GivePinnedAddress,
        )
    }

    pub(crate) fn publisher_unreachable(base: &str, error: &Unfetched) -> Self {
        Self::new(
            "unreachable",
            format!("The fleet's keys could not be fetched from {base}: {error}."),
            NO_TRY,
            NextStep::CheckConnection,
        )
    }

    pub(crate) fn fleet_refused(report: &Report) -> Self {
        let failed: Vec<String> = report.failed().iter().map(ToString::to_string).collect();
        Self::new(
            "fleet_refused",
            format!("{} (failed: {})", report.verdict.sentence, failed.join(", ")),
            "No session was opened with this fleet and no code was sent.",
            NextStep::DoNotTypeCode,
        )
    }

    /// Of protocol version 1, which was never released.
    pub(crate) fn old_vault(what: &str) -> Self {
        Self::new(
            "old_vault",
            format!(
                "{what} is at a vault of version 1, which was never released and is not supported any more."
            ),
            "No try was spent and nothing was changed. Other ways into the backup keep working.",
            NextStep::MakeCodeAtNewFleet,
        )
    }

    /// What in a backup's header is not what its owner wrote.
    pub(crate) fn header_altered(what: &str) -> Self {
        Self::new(
            "header_altered",
            format!(
                "This backup was altered: what it says about {what} is not what its owner wrote."
            ),
            "No try was spent, and your code was not sent to anyone.",
            NextStep::StopUsingThisCopy,
        )
    }

    pub(crate) fn not_owner() -> Self {
        Self::new(
            "not_owner",
            "This computer's key does not own the account.",
            NO_TRY,
            NextStep::RecoverWithCurrentCode,
        )
    }

    pub(crate) fn no_code() -> Self {
        Self::new(
            "no_code",
            "The account has no recovery code, only passkeys.",
            NO_TRY,
            NextStep::MakeCodeOrUsePasskey,
        )
    }

    pub(crate) fn removed() -> Self {
        Self::new(
            "removed",
            "The owner of this account ended it: the vault has destroyed what its code and passkeys opened.",
            "The backup itself is untouched. A computer that already opens it, or the 64-digit offline key, still can.",
            NextStep::MakeCodeAfterRemoval,
        )
    }

    pub(crate) fn destroyed() -> Self {
        Self::new(
            "destroyed",
            "No tries are left: the vault has destroyed what this code opened.",
            "The backup itself is untouched. A computer that already opens it, or the 64-digit offline key, still can.",
            NextStep::MakeCodeAfterDestruction,
        )
        .with_tries_left(0)
    }

    pub(crate) fn too_few_sites(
        answered: usize,
        needed: usize,
        sites: usize,
        notes: &SiteNotes,
    ) -> Self {
        let problems =
            notes.problems.iter().map(|(site, problem)| format!("site {site}: {problem}"));
        let each: Vec<String> = problems.collect();
        let tail = if each.is_empty() { String::new() } else { format!(" ({})", each.join("; ")) };
        let caught = caught(notes);
        Self::new(
            "too_few_sites",
            format!(
                "Only {answered} of the fleet's {sites} sites helped; {needed} are needed{tail}.{caught}"
            ),
            UNTOUCHED,
            NextStep::WaitForSites,
        )
    }
}

impl From<VaultError> for AppError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::WrongCode(wrong) => wrong_code(&wrong),
            VaultError::HeaderAltered(part) => Self::header_altered(part_of_header(part)),
            VaultError::OldCode { current } => old_code(current),
            VaultError::OtherKeys { .. } => Self::header_altered("the fleet's keys"),
            VaultError::NoSuchAccount => no_such_account(),
            VaultError::NoCode => Self::no_code(),
            VaultError::Removed => Self::removed(),
            VaultError::Destroyed => Self::destroyed(),
            VaultError::Frozen { seconds } => frozen(seconds),
            VaultError::TooSoon { seconds } => too_soon(seconds),
            VaultError::Unfinished(unfinished) => unfinished_try(&unfinished),
            VaultError::FalseShares(unfinished) => false_shares(&unfinished),
            VaultError::NotOwner => Self::not_owner(),
            VaultError::OlderFleet => older_fleet(),
            VaultError::TooFewSites(few) => {
                let TooFewSites { answered, needed, sites, notes } = *few;
                Self::too_few_sites(answered, needed, sites, &notes)
            }
            VaultError::NotStored(carried) => {
                let spread = &carried.spread;
                let needed = spread.sites() / 2 + 1;
                Self::too_few_sites(spread.count(), needed, spread.sites(), &carried.notes)
            }
            VaultError::Input(why) => Self::new(
                "registration_failed",
                format!("The code cannot be used: {why}."),
                NO_TRY,
                NextStep::TryAgainOrAskOperator,
            ),
            VaultError::WrongRoster { .. }
            | VaultError::NoSuchPasskey
            | VaultError::PasskeyInvalid
            | VaultError::PasskeyTooSoon { .. }
            | VaultError::ChallengeExpired => refused_by_fleet(&error),
        }
    }
}

fn wrong_code(wrong: &WrongCode) -> AppError {
    let left = tries(wrong.tries_left);
    let caught = caught(&wrong.notes);
    let error = if wrong.spent {
        let unless = match (wrong.unfinished.is_some(), wrong.unless_lying) {
            (true, 1) => {
                " Unless one of the sites that answered lies: others did not answer.".to_string()
            }
            (true, lying) => {
                format!(" Unless {lying} of the sites that answered lie: others did not answer.")
            }
            (false, _) => String::new(),
        };
        AppError::new(
            "wrong_code",
            format!("The recovery code is wrong. {left}{unless}{caught}"),
            UNTOUCHED,
            NextStep::CheckCodeBeforeNextTry,
        )
    } else {
        AppError::new(
            "wrong_code",
            format!(
                "This code does not open this backup. It has no typing mistake: it is the code of another backup or an \
                 older one, or somebody altered the backup.{caught}"
            ),
            &format!("No try was spent. {left} {UNTOUCHED}"),
            NextStep::CompareCodeOrStop,
        )
    };
    error.with_tries_left(wrong.tries_left)
}

fn tries(left: u8) -> String {
    match left {
        0 => "No tries are left.".to_string(),
        1 => "1 try is left.".to_string(),
        n => format!("{n} tries are left."),
    }
}

fn part_of_header(part: HeaderPart) -> &'static str {
    match part {
        HeaderPart::Version => "the number of its recovery code",
        HeaderPart::Parameters => "how its recovery code is checked",
        HeaderPart::Origin => "who made its recovery code",
        HeaderPart::Keys => "the fleet's keys",
        HeaderPart::Access => "the right to try its recovery code",
    }
}

fn old_code(current: u32) -> AppError {
    AppError::new(
        "old_code",
        format!(
            "This backup was made for an older recovery code; the vault holds version {current}."
        ),
        NO_TRY,
        NextStep::UseNewestCopyAndCode,
    )
}

fn no_such_account() -> AppError {
    AppError::new(
        "no_such_account",
        "The fleet does not know this account.",
        NO_TRY,
        NextStep::MatchBackupAndFleet,
    )
}

fn frozen(seconds: u64) -> AppError {
    AppError::new(
        "frozen",
        format!(
            "All tries of this code are used up. It is frozen for {} more, and then the vault destroys its copy.",
            within(seconds)
        ),
        "The backup is untouched, and nothing is destroyed yet.",
        NextStep::GiveTriesBack,
    )
    .with_tries_left(0)
}

fn too_soon(seconds: u64) -> AppError {
    AppError::new(
        "too_soon",
        format!(
            "After several wrong tries the vault makes everybody wait: {} more.",
            within(seconds.max(1))
        ),
        NO_TRY,
        NextStep::WaitAndCheckCode,
    )
}

fn unfinished_try(unfinished: &Unfinished) -> AppError {
    let (evaluated, needed, sites) =
        (unfinished.evaluated(), unfinished.needed(), unfinished.sites());
    let mut error = AppError::too_few_sites(evaluated, needed, sites, unfinished.notes());
    error.safe =
        "The backup is untouched. The try was begun and counts as one; a right code gives it back."
            .into();
    error
}

fn false_shares(unfinished: &Unfinished) -> AppError {
    AppError::new(
        "too_few_sites",
        format!(
            "The code is right, but too few of the sites that answered gave the part that they were given to keep.{}",
            caught(unfinished.notes())
        ),
        "The backup is untouched. The try was begun and counts as one; it comes back with the next success.",
        NextStep::ReportSites,
    )
}

fn older_fleet() -> AppError {
    AppError::new(
        "old_vault",
        "This fleet speaks version 1 of the vault protocol, which was never released and is not supported any more.",
        NO_TRY,
        NextStep::AskForNewerFleet,
    )
}

/// One sentence for each site that did what no honest site does; empty if none did.
fn caught(notes: &SiteNotes) -> String {
    let sentence = |(site, lies): (&SiteIndex, &std::collections::BTreeSet<Lie>)| {
        let lies: Vec<String> = lies.iter().map(ToString::to_string).collect();
        format!(" Site {site} was caught: {}.", lies.join(", "))
    };
    notes.liars.iter().map(sentence).collect()
}
