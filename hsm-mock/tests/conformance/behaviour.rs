//! One thing that a device does, as a row of the document and a test of it.

use hsm_mock::host::HostError;
use hsm_mock::{DeviceError, Firmware};

use crate::device::Device;

/// What a command answers: its data, or the error of whichever command was the first to be refused.
pub(crate) type Outcome<T = ()> = Result<T, HostError>;

#[derive(Clone, Copy)]
pub(crate) struct Behaviour {
    /// The command's code.
    pub command: u8,
    pub what: &'static str,
    pub source: &'static str,
    /// What it comes to.
    pub answer: Answer,
    /// And from which firmware on to something else.
    pub later: Option<(Firmware, Answer)>,
    /// Asserts what a success has to look like.
    pub run: fn(&mut Device) -> Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Done,
    Refused(DeviceError),
}

/// The command does this.
pub(crate) const fn does(
    command: u8,
    what: &'static str,
    source: &'static str,
    run: fn(&mut Device) -> Outcome,
) -> Behaviour {
    Behaviour { command, what, source, answer: Answer::Done, later: None, run }
}

/// The command refuses this.
pub(crate) const fn refuses(
    command: u8,
    error: DeviceError,
    what: &'static str,
    source: &'static str,
    run: fn(&mut Device) -> Outcome,
) -> Behaviour {
    Behaviour { command, what, source, answer: Answer::Refused(error), later: None, run }
}

impl Behaviour {
    /// From this firmware on it is another error, or none.
    pub(crate) const fn then(mut self, firmware: Firmware, answer: Answer) -> Self {
        self.later = Some((firmware, answer));
        self
    }

    /// What this firmware answers.
    pub(crate) fn on(&self, firmware: Firmware) -> Answer {
        match self.later {
            Some((from, answer)) if firmware >= from => answer,
            _ => self.answer,
        }
    }
}
