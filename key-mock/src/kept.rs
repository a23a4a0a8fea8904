//! What the key keeps without power.

use crate::credential::Credential;
use crate::pin::Pin;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kept {
    pub pin: Pin,
    /// Signatures made so far, in the authenticator data of each.
    pub counter: u32,
    /// Oldest first.
    pub credentials: Vec<Credential>,
}

impl Kept {
    /// What a file may hold and a key never does. Errors: the reason.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.pin.check()?;
        self.credentials.iter().try_for_each(Credential::check)
    }
}
