//! The key as a whole: what was built in, what it stores, what it has while it is plugged in.

use crate::error::Error;
use crate::kept::Kept;
use crate::pin::Pin;
use crate::pin_protocol::Protocol;
use crate::power::Power;
use crate::state_file::StateFile;
use crate::status::Status;
use std::path::Path;
use std::time::Instant;

/// A MOCK security key, plugged in when it is made.
pub struct Key {
    pub(crate) model: Model,
    pub(crate) kept: Kept,
    pub(crate) power: Power,
    file: Option<StateFile>,
}

/// What was built into the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// As keys before CTAP 2.1: PIN protocol one only, tokens without permissions.
    pub old: bool,
    /// Whether it has the extension that unlocking needs.
    pub hmac_secret: bool,
}

impl Model {
    /// A key of CTAP 2.1.
    pub const CURRENT: Self = Self { old: false, hmac_secret: true };
    /// A key of CTAP 2.0.
    pub const OLD: Self = Self { old: true, ..Self::CURRENT };

    /// Errors: `InvalidParameter`.
    pub(crate) fn protocol(self, number: i64) -> Result<Protocol, Status> {
        match Protocol::from_number(number)? {
            Protocol::Two if self.old => Err(Status::InvalidParameter),
            protocol => Ok(protocol),
        }
    }
}

impl Key {
    /// A new key that forgets everything when it is dropped. Errors: [`Error::Pin`].
    pub fn in_memory(model: Model, pin: Option<&str>) -> Result<Self, Error> {
        Ok(Self { model, kept: new(pin)?, power: Power::up(Instant::now()), file: None })
    }

    /// The key that `path` holds, or a new one with `pin` that it will hold from now on.
    ///
    /// # Errors
    /// [`Error::StateDamaged`], [`Error::StateInUse`], [`Error::Pin`], [`Error::Io`]
    pub fn in_file(model: Model, path: &Path, pin: Option<&str>) -> Result<Self, Error> {
        let mut file = StateFile::open(path)?;
        let kept = match file.load()? {
            Some(kept) => kept,
            None => new(pin)?,
        };
        file.save(&kept)?;
        Ok(Self { model, kept, power: Power::up(Instant::now()), file: Some(file) })
    }

    /// Has stored what changed before an answer leaves.
    ///
    /// Errors: [`Error::Io`].
    pub(crate) fn store(&mut self) -> Result<(), Error> {
        self.file.as_mut().map_or(Ok(()), |file| file.save(&self.kept))
    }
}

fn new(pin: Option<&str>) -> Result<Kept, Error> {
    let pin = pin.map(Pin::new).transpose()?.unwrap_or_default();
    Ok(Kept { pin, ..Kept::default() })
}
