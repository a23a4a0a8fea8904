//! A code or a passkey is bound to the fleet's keys. When the fleet has other keys, it opens
//! nothing, and its owner needs a new one.

use crate::fleet::Connected;
use crate::{AppError, NextStep};
use sealed_keys::AccountAddress;
use vault_client::VaultError;
use vault_protocol::{Bundle, KeysDigest};

/// The way forward, as a fleet report says it.
const ENROLL_ANEW: &str = "On a computer that has your chats, make a new code on the Recovery page. Without such a computer the 64-digit offline key opens the backup.";

impl Connected {
    /// A refusal by the sites. After new keys "no such account" has a plain reason, and a way
    /// forward.
    pub(crate) fn refusal(&self, error: VaultError, at: &AccountAddress) -> AppError {
        let retired = at.keys != self.fleet().keys();
        match error {
            VaultError::NoSuchAccount | VaultError::OtherKeys { .. } if retired => {
                retired_keys(self.verified.bundle())
            }
            other => other.into(),
        }
    }
}

fn retired_keys(bundle: &Bundle) -> AppError {
    let safe = match bundle.revoked_epochs.is_empty() {
        true => "No try was spent. Your chats and backups are untouched.",
        false => {
            "No try was spent. Your chats and backups are untouched, but copies of a backup from before may be guarded by the old code alone."
        }
    };
    AppError::new("old_keys", sentence(bundle), safe, NextStep::MakeCodeAtNewKeys)
}

/// What to tell the owner of something that is registered with `keys`, if the fleet has others.
pub(crate) fn warning(keys: &KeysDigest, bundle: &Bundle) -> Option<String> {
    (*keys != bundle.keys_digest()).then(|| sentence(bundle))
}

/// The same, with what to do.
pub(crate) fn advice_for(keys: &KeysDigest, bundle: &Bundle) -> Option<String> {
    warning(keys, bundle).map(|sentence| format!("{sentence} {ENROLL_ANEW}"))
}

fn sentence(bundle: &Bundle) -> String {
    let revoked: Vec<String> = bundle.revoked_epochs.iter().map(ToString::to_string).collect();
    let why = match revoked.as_slice() {
        [] => String::new(),
        [one] => format!(" The keys of epoch {one} were revoked: they may be in wrong hands."),
        many => format!(
            " The keys of epochs {} were revoked: they may be in wrong hands.",
            many.join(", ")
        ),
    };
    let since = bundle.keys_since();
    format!(
        "Your recovery code or passkey belongs to keys that are no longer used: since epoch {since} the fleet has new ones, and what you registered before opens nothing there.{why}"
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
    fn a_code_is_good_while_the_fleet_has_the_keys_that_it_was_registered_with() {
        let keys = bundle(1, None, vec![]).keys_digest();
        assert_eq!(warning(&keys, &bundle(1, None, vec![])), None);
        assert_eq!(warning(&keys, &bundle(7, Some(1), vec![])), None);
        let moved_on = Bundle { fleet_key: Point([5; 65]), ..bundle(7, Some(3), vec![]) };
        assert!(warning(&keys, &moved_on).unwrap().contains("since epoch 3"));
        assert!(advice_for(&keys, &moved_on).unwrap().contains("make a new code"));
    }

    #[test]
    fn revoked_keys_are_called_so() {
        let told = |revoked| retired_keys(&bundle(4, None, revoked));
        assert!(!told(vec![]).happened.contains("revoked"));
        assert!(told(vec![1]).happened.contains("keys of epoch 1 were revoked"));
        assert!(told(vec![1, 3]).happened.contains("keys of epochs 1, 3 were revoked"));
        assert!(told(vec![1]).safe.contains("the old code alone"));
    }
}
