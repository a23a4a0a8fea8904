//! The passkeys of an account at the fleet.

use crate::Result;
use crate::fleet::Connected;
use sealed_keys::AccountAddress;
use vault_client::{SeenPasskey, VaultError};
use vault_protocol::{PasskeyDigest, RosterNumber};

/// The passkeys of an account, as its owner's newest roster has them.
#[derive(Default)]
pub(super) struct Roster {
    /// 0 if there never was one.
    pub number: RosterNumber,
    /// Unix seconds, as most sites say.
    pub time: u64,
    /// All that it names.
    pub digests: Vec<PasskeyDigest>,
    /// Those that a site showed.
    pub passkeys: Vec<SeenPasskey>,
}

/// The owner's newest roster, as far as the sites show it.
pub(super) async fn roster_of(connected: &Connected, at: &AccountAddress) -> Result<Roster> {
    match connected.fleet().look(at.account).await {
        Ok(seen) if seen.is_removed() => Err(VaultError::Removed.into()),
        Ok(seen) => {
            let digests = seen
                .facts()
                .roster()
                .map(|signed| signed.roster.passkeys.clone())
                .unwrap_or_default();
            Ok(Roster {
                number: seen.roster(),
                time: seen.time(),
                digests,
                passkeys: seen.passkeys(),
            })
        }
        // Of an account that is not there yet, or no more with other keys.
        Err(VaultError::NoSuchAccount) => Ok(Roster::default()),
        Err(error) => Err(connected.refusal(error, at)),
    }
}

impl Roster {
    /// Number of the next one.
    pub(super) fn next(&self) -> RosterNumber {
        self.number.saturating_add(1)
    }

    pub(super) fn with_credential(&self, credential: &str) -> Option<&SeenPasskey> {
        self.passkeys.iter().find(|p| hex::encode(&p.head.credential) == credential)
    }
}
