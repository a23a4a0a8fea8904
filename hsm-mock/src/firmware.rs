//! Firmware versions and what differs between them.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// A firmware version, such as 2.4.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Firmware(pub [u8; 3]);

impl Firmware {
    pub const V2_2_0: Self = Self([2, 2, 0]);
    pub const V2_3_0: Self = Self([2, 3, 0]);
    pub const V2_3_1: Self = Self([2, 3, 1]);
    pub const V2_4_0: Self = Self([2, 4, 0]);

    /// Bytes of the message buffer: 3,136 since 2.4.0, 2,048 before.
    pub fn message_buffer(self) -> usize {
        if self >= Self::V2_4_0 { 3136 } else { 2048 }
    }

    /// Since 2.3.1 no command is audited after a factory reset; before, all were.
    pub fn audits_by_default(self) -> bool {
        self < Self::V2_3_1
    }

    /// Since 2.4.0 `GET DEVICE INFO` has a second page.
    pub fn has_device_info_pages(self) -> bool {
        self >= Self::V2_4_0
    }

    /// The highest algorithm number this firmware knows.
    pub fn last_algorithm(self) -> u8 {
        if self >= Self::V2_4_0 {
            55
        } else if self >= Self::V2_3_0 {
            54
        } else {
            47
        }
    }
}

impl Default for Firmware {
    fn default() -> Self {
        Self::V2_4_0
    }
}

impl fmt::Display for Firmware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

impl FromStr for Firmware {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parts: Vec<u8> = text
            .split('.')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| Error::Firmware(text.to_owned()))?;
        let version: [u8; 3] = parts.try_into().map_err(|_| Error::Firmware(text.to_owned()))?;
        if version[0] == 2 { Ok(Self(version)) } else { Err(Error::Firmware(text.to_owned())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_read_and_print_the_same() {
        assert_eq!("2.4.0".parse::<Firmware>().unwrap(), Firmware::V2_4_0);
        assert_eq!(Firmware::V2_3_1.to_string(), "2.3.1");
        for bad in ["", "2.4", "2.4.0.1", "2.4.x", "3.0.0", "2.400.0"] {
            assert!(bad.parse::<Firmware>().is_err(), "{bad}");
        }
    }
}
