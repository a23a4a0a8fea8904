//! A passkey as the shells show it, from what this computer remembers and what the fleet has.

use super::known_passkeys::{ID_DIGITS, Kept};
use super::roster::Roster;
use crate::home::AccountAt;
use crate::model::{PasskeyPlace, PasskeyView};
use crate::{Keepsake, Result};
use vault_client::SeenPasskey;

/// What there is beside one passkey.
#[derive(Clone, Copy)]
pub(super) struct Ways {
    has_code: bool,
    /// A passkey that outlives this computer.
    has_key: bool,
}

impl Ways {
    pub(super) fn beside(kept: &[Kept], has_code: bool) -> Self {
        Self { has_code, has_key: kept.iter().any(|k| k.place == PasskeyPlace::SecurityKey) }
    }

    fn last(self, passkeys: usize) -> bool {
        !self.has_code && passkeys == 1
    }

    fn what_if(self, place: PasskeyPlace) -> &'static str {
        match place {
            PasskeyPlace::ThisComputer if self.has_code || self.has_key => {
                "It is lost with this computer. On a new computer you will need your recovery code or a security key."
            }
            PasskeyPlace::ThisComputer => {
                "It is lost with this computer, and then nothing opens your backups: add a recovery code or a security key."
            }
            PasskeyPlace::SecurityKey => {
                "On a new computer you will need this security key and its PIN."
            }
        }
    }
}

/// Those the fleet has, in its order, then those that only this computer remembers.
pub(super) fn merged(
    kept: &[Kept],
    roster: &Roster,
    at: Option<&AccountAt>,
    ways: Ways,
) -> Vec<PasskeyView> {
    let count = roster.digests.len();
    let digest = |status: &SeenPasskey| hex::encode(status.head.digest());
    let here = |status: &SeenPasskey| kept.iter().find(|k| k.digest == digest(status));
    let known = roster.passkeys.iter().map(|status| PasskeyView {
        last_used: status.last_used,
        in_fleet: Some(true),
        last_way_in: ways.last(count),
        ..here(status).map_or_else(|| elsewhere(status), |k| remembered(k, count, ways))
    });
    let gone = |k: &&Kept| !roster.digests.iter().any(|digest| hex::encode(digest) == k.digest);
    let lost = kept.iter().filter(gone).map(|k| match at {
        Some(at) if k.slot.at.account == at.address.account => PasskeyView {
            in_fleet: Some(false),
            what_if: "The vault does not know it any more: it opens nothing. Remove it.".into(),
            ..view(k, ways)
        },
        // Of an earlier account, which was not asked.
        _ => view(k, ways),
    });
    known.chain(lost).collect()
}

/// A passkey as this computer remembers it, with what there is beside it.
pub(super) fn view_of(keepsake: &Keepsake, kept: &Kept) -> Result<PasskeyView> {
    let has_code = keepsake.account_slot()?.is_some();
    Ok(view(kept, Ways::beside(&keepsake.passkeys()?.kept, has_code)))
}

fn view(kept: &Kept, ways: Ways) -> PasskeyView {
    PasskeyView {
        id: kept.id(),
        name: kept.name.clone(),
        place: Some(kept.place),
        added: kept.added,
        last_used: None,
        in_fleet: None,
        last_way_in: false,
        what_if: ways.what_if(kept.place).into(),
        mock: kept.mock,
    }
}

pub(super) fn remembered(kept: &Kept, count: usize, ways: Ways) -> PasskeyView {
    PasskeyView { last_way_in: ways.last(count), ..view(kept, ways) }
}

fn elsewhere(status: &SeenPasskey) -> PasskeyView {
    PasskeyView {
        id: hex::encode(status.head.digest()).chars().take(ID_DIGITS).collect(),
        name: "Added on another computer".into(),
        place: None,
        added: status.added,
        last_used: status.last_used,
        in_fleet: Some(true),
        last_way_in: false,
        what_if: "It was added on another computer, which knows where it is kept.".into(),
        mock: false,
    }
}
