//! A code or a passkey is bound to the fleet's keys of its day. When the fleet has others, it opens nothing, and its owner
//! needs a new one.

use crate::AppError;
use crate::fleet::Connected;
use vault_client::VaultError;
use vault_protocol::Bundle;

/// The way forward, whatever the person was doing.
pub(crate) const ENROL_ANEW: &str = "On a computer that has your chats, make a new code: `keepsake vault enroll --fleet URL`, or \"Make a recovery code\" on the Recovery page. Without such a computer the 64-digit offline key opens the backup.";

impl Connected {
    /// A refusal by the sites. After new keys "no such account" has a plain reason, and a way forward.
    pub fn refusal(&self, error: VaultError) -> AppError {
        match error {
            VaultError::NoSuchAccount if self.verified.bundle().keys_since() > 1 => old_keys(self.verified.bundle()),
            other => other.into(),
        }
    }
}

fn old_keys(bundle: &Bundle) -> AppError {
    let safe = match bundle.revoked_epochs.is_empty() {
        true => "No try was spent. Your chats and backups are untouched.",
        false => {
            "No try was spent. Your chats and backups are untouched, but copies of a backup from before may be guarded by the old code alone."
        }
    };
    AppError::new("old_keys", sentence(bundle), safe, ENROL_ANEW)
}

/// What to tell the owner of a code that was registered with the keys of epoch `registered_with`, if those are gone.
pub(crate) fn warning(registered_with: Option<u64>, bundle: &Bundle) -> Option<String> {
    let gone = registered_with.is_some_and(|epoch| epoch < bundle.keys_since());
    gone.then(|| sentence(bundle))
}

fn sentence(bundle: &Bundle) -> String {
    let revoked: Vec<String> = bundle.revoked_epochs.iter().map(ToString::to_string).collect();
    let why = match revoked.as_slice() {
        [] => String::new(),
        [one] => format!(" The keys of epoch {one} were revoked: they may be in wrong hands."),
        many => format!(" The keys of epochs {} were revoked: they may be in wrong hands.", many.join(", ")),
    };
    let since = bundle.keys_since();
    format!(
        "Your way back is at keys that are no longer used: since epoch {since} the fleet has new ones, and what you registered before opens nothing there.{why}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use vault_protocol::{BUNDLE_TYPE, BundleId, Evidence, FleetId, GuessPolicy, Point};

    fn bundle(epoch: u64, keys_since: Option<u64>, revoked_epochs: Vec<u64>) -> Bundle {
        Bundle {
            kind: BUNDLE_TYPE.into(),
            namespace: "mock.keepsake".into(),
            fleet_id: FleetId([1; 16]),
            epoch,
            threshold: 2,
            policy: GuessPolicy::Balanced,
            fleet_key: Point([4; 65]),
            sites: vec![],
            not_before: 1,
            not_after: 2,
            previous: None,
            evidence: Evidence { digest: BundleId([3; 32]), url: String::new() },
            revoked_epochs,
            keys_since,
        }
    }

    #[test]
    fn a_code_is_good_while_the_keys_are_those_of_its_day() {
        assert_eq!(warning(Some(1), &bundle(1, None, vec![])), None);
        assert_eq!(warning(Some(1), &bundle(7, Some(1), vec![])), None);
        assert!(warning(Some(1), &bundle(2, None, vec![])).unwrap().contains("since epoch 2"));
        assert!(warning(Some(1), &bundle(7, Some(3), vec![])).unwrap().contains("since epoch 3"));
    }

    #[test]
    fn nothing_is_claimed_of_a_code_whose_keys_are_not_known() {
        assert_eq!(warning(None, &bundle(2, None, vec![1])), None);
    }

    #[test]
    fn revoked_keys_are_called_so() {
        let told = |revoked| old_keys(&bundle(4, None, revoked));
        assert!(!told(vec![]).happened.contains("revoked"));
        assert!(told(vec![1]).happened.contains("keys of epoch 1 were revoked"));
        assert!(told(vec![1, 3]).happened.contains("keys of epochs 1, 3 were revoked"));
        assert!(told(vec![1]).safe.contains("the old code alone") && told(vec![1]).next.contains("vault enroll"));
    }
}
