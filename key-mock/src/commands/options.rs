//! The options `rk`, `up` and `uv` of a request (CTAP 2.1, 6.1.2 and 6.2.2, step 5). Unknown ones
//! are ignored.

use crate::parameters::{Parameters, flag};
use crate::status::Status;

pub(super) struct Options {
    rk: Option<bool>,
    up: Option<bool>,
    uv: Option<bool>,
}

impl Options {
    pub(super) fn read(options: Option<Parameters<'_>>) -> Result<Self, Status> {
        let options = options.unwrap_or(Parameters::NONE);
        let option = |name: &str| options.optional(name, flag);
        Ok(Self { rk: option("rk")?, up: option("up")?, uv: option("uv")? })
    }

    /// Whether it is to be discoverable. Errors: `InvalidOption`.
    pub(super) fn for_new_credential(&self, proof: bool) -> Result<bool, Status> {
        self.no_built_in_verification(proof)?;
        if self.up == Some(false) {
            return Err(Status::InvalidOption);
        }
        Ok(self.rk.unwrap_or(false))
    }

    /// Whether the key is to be touched. Errors: `InvalidOption`, `UnsupportedOption`.
    pub(super) fn for_assertion(&self, proof: bool) -> Result<bool, Status> {
        self.no_built_in_verification(proof)?;
        if self.rk.is_some() {
            return Err(Status::UnsupportedOption);
        }
        Ok(self.up.unwrap_or(true))
    }

    /// This key has no fingerprint reader; a PIN is proved otherwise, and makes `uv` meaningless.
    fn no_built_in_verification(&self, proof: bool) -> Result<(), Status> {
        if self.uv == Some(true) && !proof { Err(Status::InvalidOption) } else { Ok(()) }
    }
}
