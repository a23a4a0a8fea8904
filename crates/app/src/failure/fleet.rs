use super::passkeys::refused_by_fleet;
use crate::AppError;
use crate::clock::unix_now;
use fleet_evidence::Report;
use vault_client::{SiteProblem, TransportError, VaultError};
use vault_protocol::SiteIndex;

pub(super) const NO_TRY: &str = "No try was spent and nothing was changed.";

impl AppError {
    pub(crate) fn fleet_url(why: &str) -> Self {
        Self::new(
            "fleet_refused",
            format!("The fleet address is not usable: {why}."),
            "Nothing was sent to the fleet.",
            "Copy the whole address as the operator published it, with the part after #.",
        )
    }

    pub(crate) fn not_enrolled() -> Self {
        Self::new(
            "not_enrolled",
            "This computer has no recovery code in a vault yet.",
            "Nothing was changed.",
            "Make one first: `keepsake vault enroll --fleet URL`, or the Protect page.",
        )
    }

    pub(crate) fn fleet_not_pinned() -> Self {
        Self::new(
            "fleet_not_pinned",
            "This address does not say which keys the fleet must have.",
            "Nothing was sent to the fleet.",
            "Use the full address with #sha256=… at the end. A mocked fleet prints it: script/fleet status.",
        )
    }

    pub(crate) fn publisher_unreachable(base: &str, error: &TransportError) -> Self {
        Self::new(
            "unreachable",
            format!("The fleet's keys could not be fetched from {base}: {error}."),
            NO_TRY,
            "Check your connection and try again.",
        )
    }

    pub(crate) fn fleet_refused(report: &Report) -> Self {
        let failed: Vec<String> = report.failed().iter().map(ToString::to_string).collect();
        Self::new(
            "fleet_refused",
            format!("{} (failed: {})", report.verdict.sentence, failed.join(", ")),
            "No session was opened with this fleet and no code was sent.",
            "Do not type your recovery code. Look at the Fleet page (or `keepsake fleet show`) and ask the operator and the auditor.",
        )
    }
}

impl From<VaultError> for AppError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::WrongCode { tries_left } => wrong_code(tries_left),
            VaultError::Destroyed => destroyed(),
            VaultError::TooSoon { at } => too_soon(at),
            VaultError::NoSuchAccount => Self::new(
                "no_such_account",
                "The fleet does not know this account.",
                NO_TRY,
                "Make sure that this is the right backup and the right fleet. With the 64-digit offline key the backup opens without the vault.",
            ),
            VaultError::WrongVersion { current } => Self::new(
                "old_code",
                format!("This backup was made for an older recovery code; the vault holds version {current}."),
                NO_TRY,
                "Use the newest copy of the backup, together with the newest code.",
            ),
            VaultError::NotOwner => Self::new(
                "not_owner",
                "The fleet refused: this computer's key does not own the account.",
                NO_TRY,
                "Recover with the current code on this computer first.",
            ),
            VaultError::NoSuchPasskey
            | VaultError::PasskeyInvalid
            | VaultError::WrongChange { .. }
            | VaultError::ChallengeExpired => refused_by_fleet(&error),
            VaultError::TooFewSites { answered, needed, sites, problems } => {
                too_few_sites(answered, needed, sites, &problems)
            }
            VaultError::Registration(why) => Self::new(
                "registration_failed",
                format!("The recovery code could not be registered: {why}."),
                NO_TRY,
                "Try again; if it stays, the fleet needs its operator.",
            ),
            VaultError::Input(e) => {
                Self::new("registration_failed", format!("The code cannot be used: {e}."), NO_TRY, "Try another code.")
            }
        }
    }
}

fn wrong_code(tries_left: u8) -> AppError {
    let left = match tries_left {
        0 => "No tries are left.".to_string(),
        1 => "1 try is left.".to_string(),
        n => format!("{n} tries are left."),
    };
    AppError::new(
        "wrong_code",
        format!("The recovery code is wrong. {left}"),
        "The backup is untouched.",
        "Check the code on your recovery sheet before the next try. After the last wrong try the vault destroys its copy for good.",
    )
    .with_tries_left(tries_left)
}

fn destroyed() -> AppError {
    AppError::new(
        "destroyed",
        "No tries are left: the vault has destroyed what this code opened.",
        "The backup itself is untouched. A computer that already opens it, or the 64-digit offline key, still can.",
        "On a computer that still has your chats, make a new recovery code.",
    )
    .with_tries_left(0)
}

fn too_soon(at: u64) -> AppError {
    let seconds = at.saturating_sub(unix_now()).max(1);
    AppError::new(
        "too_soon",
        format!("After several wrong tries the vault makes everybody wait: {seconds} s more."),
        NO_TRY,
        "Wait, and check the code meanwhile.",
    )
}

fn too_few_sites(answered: usize, needed: usize, sites: usize, problems: &[(SiteIndex, SiteProblem)]) -> AppError {
    let each: Vec<String> = problems.iter().map(|(site, problem)| format!("site {site}: {problem}")).collect();
    let tail = if each.is_empty() { String::new() } else { format!(" ({})", each.join("; ")) };
    AppError::new(
        "too_few_sites",
        format!("Only {answered} of the fleet's {sites} sites helped; {needed} are needed{tail}."),
        "The backup is untouched. A try that was not answered may still count.",
        "Check your connection and try again later. If it stays, the fleet's operator has to bring sites back.",
    )
}
