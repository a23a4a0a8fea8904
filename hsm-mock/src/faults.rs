//! Faults between host and device, as a bad cable, a busy machine or a restarting connector cause
//! them. Faults of the device itself are methods of [`crate::Emulator`].

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What happens to one message on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectorFault {
    /// The connection ends before the device has seen the message.
    DropMessage,
    /// The device does what it was told; the connection ends before its answer.
    DropAnswer,
    /// The answer takes this much longer.
    Delay(Duration),
    /// One bit of the answer is another.
    Corrupt,
    /// The device gets the message twice, and its second answer comes back.
    Duplicate,
    /// The connector has lost the device: HTTP status 500.
    NoDevice,
}

/// Faults yet to happen, one for each message.
#[derive(Default)]
pub(crate) struct Faults(Mutex<VecDeque<ConnectorFault>>);

/// More than this many planned faults are refused, so that no test plans for ever.
const MOST: usize = 1_000_000;

impl Faults {
    pub(crate) fn plan(&self, fault: ConnectorFault, count: usize) {
        let mut planned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = count.min(MOST.saturating_sub(planned.len()));
        planned.extend(std::iter::repeat_n(fault, count));
    }

    /// What happens to the message that has come now.
    pub(crate) fn next(&self) -> Option<ConnectorFault> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}
