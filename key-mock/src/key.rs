//! The key as a whole: takes a command, gives an answer, and has stored what changed before the
//! answer leaves.

use crate::cbor;
use crate::commands;
use crate::error::Error;
use crate::kept::Kept;
use crate::person::Person;
use crate::pin::Pin;
use crate::pin_protocol::Protocol;
use crate::power::Power;
use crate::state_file::StateFile;
use crate::status::Status;
use ciborium::Value;
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
    pub hmac_secret: bool,
}

impl Model {
    pub const CURRENT: Self = Self { old: false, hmac_secret: true };
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

    /// One CTAP message: the command's code and its parameters. The answer is a status code and
    /// what was asked for.
    pub async fn answer(&mut self, message: &[u8], person: &mut dyn Person) -> Vec<u8> {
        let answer = commands::run(self, message, person).await;
        let stored = self.file.as_mut().map_or(Ok(()), |file| file.save(&self.kept));
        match (answer, stored) {
            (_, Err(_)) => vec![Status::Other.code()],
            (Err(status), _) => vec![status.code()],
            (Ok(Value::Null), _) => vec![OK],
            (Ok(value), _) => [vec![OK], cbor::write(&value)].concat(),
        }
    }
}

const OK: u8 = 0x00;

fn new(pin: Option<&str>) -> Result<Kept, Error> {
    let pin = pin.map(Pin::new).transpose()?.unwrap_or_default();
    Ok(Kept { pin, ..Kept::default() })
}
