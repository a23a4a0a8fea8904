//! What can be done to a device, as a line of words.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::device_error::DeviceError;
use crate::emulator::Emulator;
use crate::error::Error;
use crate::faults::ConnectorFault;

/// The words, for help and for errors.
const FORMS: &str = "\
drop-message [COUNT]      the connection ends before the device has seen the message
drop-answer [COUNT]       the device does it, and the connection ends without its answer
delay MILLISECONDS [COUNT]  the answer comes later
corrupt [COUNT]           one bit of the answer is another
duplicate [COUNT]         the device gets the message twice
no-device [COUNT]         HTTP status 500, as with the device unplugged
power-cycle               sessions are gone, and the boot is logged
factory-reset             as by holding the button at power-on
lose-sessions             sessions are gone
skip-time SECONDS         the device's clock moves on
stop-clock                the device's clock moves only by skip-time
fail CODE [AFTER]         a command fails with this error code, after so many others
fill-log                  no entry is free
fill-storage              no object is free
sessions                  tells how many are open";

/// One thing to do to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Something on the way to the device, so many times.
    Fault(ConnectorFault, usize),
    /// As unplugged and plugged in again.
    PowerCycle,
    /// As reset with the button: all is gone.
    FactoryReset,
    /// As with many others that opened one.
    LoseSessions,
    /// As if that time had passed.
    SkipTime(Duration),
    /// Until it is told otherwise.
    StopClock,
    /// This error code, after so many commands that go well.
    Fail(DeviceError, u32),
    /// No entry is free.
    FillLog,
    /// No object is free.
    FillStorage,
    /// Tells how many are open.
    Sessions,
}

impl Action {
    /// Every action and its arguments, one a line.
    pub fn forms() -> &'static str {
        FORMS
    }

    /// Does it, and says what there is to say.
    ///
    /// # Errors
    /// The state of the device cannot be written.
    pub fn carry_out(self, device: &Emulator) -> Result<String, Error> {
        match self {
            Self::Fault(fault, count) => device.plan_fault(fault, count),
            Self::PowerCycle => device.power_cycle()?,
            Self::FactoryReset => device.factory_reset()?,
            Self::LoseSessions => device.lose_sessions(),
            Self::SkipTime(time) => device.skip_time(time),
            Self::StopClock => device.stop_clock(),
            Self::Fail(error, others) => device.fail_command(others, error),
            Self::FillLog => device.fill_log()?,
            Self::FillStorage => device.fill_storage()?,
            Self::Sessions => return Ok(device.open_sessions().to_string()),
        }
        Ok("done".to_owned())
    }
}

impl FromStr for Action {
    type Err = String;

    /// # Errors
    /// What is wrong, and the words there are.
    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let wrong = || format!("`{text}` is no action; there are:\n{FORMS}");
        let (name, arguments) = words.split_first().ok_or_else(wrong)?;
        let number = |index: usize, default: Option<u64>| match arguments.get(index) {
            Some(word) => parse_number(word).ok_or_else(wrong),
            None => default.ok_or_else(wrong),
        };
        let count = |index| number(index, Some(1)).map(|count| count as usize);
        let fault = |fault| count(0).map(|count| Self::Fault(fault, count));
        let (action, most) = match *name {
            "drop-message" => (fault(ConnectorFault::DropMessage)?, 1),
            "drop-answer" => (fault(ConnectorFault::DropAnswer)?, 1),
            "delay" => {
                let delay = ConnectorFault::Delay(Duration::from_millis(number(0, None)?));
                (Self::Fault(delay, count(1)?), 2)
            }
            "corrupt" => (fault(ConnectorFault::Corrupt)?, 1),
            "duplicate" => (fault(ConnectorFault::Duplicate)?, 1),
            "no-device" => (fault(ConnectorFault::NoDevice)?, 1),
            "power-cycle" => (Self::PowerCycle, 0),
            "factory-reset" => (Self::FactoryReset, 0),
            "lose-sessions" => (Self::LoseSessions, 0),
            "skip-time" => (Self::SkipTime(Duration::from_secs(number(0, None)?)), 1),
            "stop-clock" => (Self::StopClock, 0),
            "fail" => {
                let code = u8::try_from(number(0, None)?).ok();
                let error = code.and_then(DeviceError::from_code).ok_or_else(wrong)?;
                let others = u32::try_from(number(1, Some(0))?).map_err(|_| wrong())?;
                (Self::Fail(error, others), 2)
            }
            "fill-log" => (Self::FillLog, 0),
            "fill-storage" => (Self::FillStorage, 0),
            "sessions" => (Self::Sessions, 0),
            _ => return Err(wrong()),
        };
        if arguments.len() > most { Err(wrong()) } else { Ok(action) }
    }
}

/// Decimal, or hexadecimal after `0x`.
fn parse_number(word: &str) -> Option<u64> {
    match word.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => word.parse().ok(),
    }
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} 0x{:02x}", self.name(), self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_read_with_their_arguments() {
        let read = |text: &str| text.parse::<Action>().unwrap();
        let drop = ConnectorFault::DropAnswer;
        assert_eq!(read("drop-answer"), Action::Fault(drop, 1));
        assert_eq!(read(" drop-answer  3 "), Action::Fault(drop, 3));
        let delay = ConnectorFault::Delay(Duration::from_millis(200));
        assert_eq!(read("delay 200 5"), Action::Fault(delay, 5));
        assert_eq!(read("fail 0x0a 2"), Action::Fail(DeviceError::LogFull, 2));
        assert_eq!(read("skip-time 31"), Action::SkipTime(Duration::from_secs(31)));
    }

    #[test]
    fn what_is_no_action_is_answered_with_those_there_are() {
        for bad in ["", "explode", "delay", "fail 0xee", "fail 300", "power-cycle now", "drop -1"] {
            let error = bad.parse::<Action>().unwrap_err();
            assert!(error.contains("power-cycle"), "{error}");
        }
    }

    #[test]
    fn every_form_is_an_action() {
        for line in FORMS.lines() {
            let form = line.split("  ").next().unwrap();
            let mut words = Vec::new();
            for word in form.split_whitespace() {
                match word {
                    "CODE" | "MILLISECONDS" | "SECONDS" => words.push("7"),
                    optional if optional.starts_with('[') => {}
                    word => words.push(word),
                }
            }
            assert!(words.join(" ").parse::<Action>().is_ok(), "{form}");
        }
    }
}
