//! Whether the person has to be told that backups stopped: once, quietly, and not for less.

const WEEK: u64 = 7 * 24 * 60 * 60;

/// What is known of one place. Times are unix seconds.
pub(super) struct Standing {
    pub now: u64,
    /// Backups are made by themselves.
    pub is_on: bool,
    /// Something waits for this backup.
    pub is_new: bool,
    pub last_backup: u64,
    /// Since when something waits.
    pub waiting_since: u64,
    /// It was said already, and there was no backup since.
    pub was_told: bool,
}

/// True once what is new has waited for seven days, in which every backup failed or none was made.
pub(super) fn is_to_be_told(standing: &Standing) -> bool {
    let since = standing.last_backup.max(standing.waiting_since);
    let waited = standing.now.checked_sub(since).is_some_and(|seconds| seconds >= WEEK);
    standing.is_on && standing.is_new && !standing.was_told && waited
}

/// The words of the notification: none of a chat, a person or a folder, since others may see it.
pub(super) fn words(failed: bool) -> &'static str {
    match failed {
        true => "Your chats could not be backed up for a week. Open Keepsake to see why.",
        false => {
            "New messages have waited for a week for the disk of your backup. Connect it, and the backup goes on by itself."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_795_464_000;

    fn standing() -> Standing {
        Standing {
            now: NOW,
            is_on: true,
            is_new: true,
            last_backup: NOW - 2 * WEEK,
            waiting_since: NOW - WEEK,
            was_told: false,
        }
    }

    #[test]
    fn a_week_without_a_backup_of_what_is_new_is_told_once() {
        assert!(is_to_be_told(&standing()));
        type Change = fn(&mut Standing);
        let quiet: &[(&str, Change)] = &[
            ("it is off", |s| s.is_on = false),
            ("nothing is new", |s| s.is_new = false),
            ("it was told", |s| s.was_told = true),
            ("it waits since yesterday", |s| s.waiting_since = NOW - WEEK / 7),
            ("there was a backup since", |s| s.last_backup = NOW - WEEK + 1),
            ("the clock went back", |s| s.last_backup = NOW + WEEK),
        ];
        for (what, change) in quiet {
            let mut standing = standing();
            change(&mut standing);
            assert!(!is_to_be_told(&standing), "{what}");
        }
    }
}
