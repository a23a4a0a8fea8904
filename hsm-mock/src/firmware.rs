//! Firmware versions and what differs between them.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// A firmware version that Yubico has shipped, such as 2.4.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Firmware(pub(crate) [u8; 3]);

impl Firmware {
    /// Version 2.0.0.
    pub const V2_0_0: Self = Self([2, 0, 0]);
    /// Version 2.1.0.
    pub const V2_1_0: Self = Self([2, 1, 0]);
    /// Version 2.1.1.
    pub const V2_1_1: Self = Self([2, 1, 1]);
    /// Version 2.1.2.
    pub const V2_1_2: Self = Self([2, 1, 2]);
    /// Version 2.2.0.
    pub const V2_2_0: Self = Self([2, 2, 0]);
    /// Version 2.3.0: the first that tells its own public key (Get Device Public Key).
    pub const V2_3_0: Self = Self([2, 3, 0]);
    /// Version 2.3.1: from here on no command is audited after a factory reset.
    pub const V2_3_1: Self = Self([2, 3, 1]);
    /// Version 2.3.2.
    pub const V2_3_2: Self = Self([2, 3, 2]);
    /// Version 2.4.0: the message buffer has 3,136 bytes from here on.
    pub const V2_4_0: Self = Self([2, 4, 0]);
    /// Version 2.4.1.
    pub const V2_4_1: Self = Self([2, 4, 1]);
    /// Version 2.5.0.
    pub const V2_5_0: Self = Self([2, 5, 0]);

    /// All versions emulated, oldest first.
    pub const ALL: [Self; 11] = [
        Self::V2_0_0,
        Self::V2_1_0,
        Self::V2_1_1,
        Self::V2_1_2,
        Self::V2_2_0,
        Self::V2_3_0,
        Self::V2_3_1,
        Self::V2_3_2,
        Self::V2_4_0,
        Self::V2_4_1,
        Self::V2_5_0,
    ];

    /// Bytes of the message buffer: 3,136 since 2.4.0, 2,048 before.
    pub(crate) fn message_buffer(self) -> usize {
        if self >= Self::V2_4_0 { 3136 } else { 2048 }
    }

    /// Since 2.3.1 no command is audited after a factory reset; before, all were.
    pub(crate) fn audits_by_default(self) -> bool {
        self < Self::V2_3_1
    }

    /// Since 2.4.0 `GET DEVICE INFO` has a second page.
    pub(crate) fn has_device_info_pages(self) -> bool {
        self >= Self::V2_4_0
    }

    /// Since 2.2.0 algorithms can be turned off.
    pub(crate) fn toggles_algorithms(self) -> bool {
        self >= Self::V2_2_0
    }

    /// Since 2.5.0 a wrap key without the capability for data is refused for want of permission;
    /// before, with `INVALID_DATA` (python-yubihsm, tests of wrapped data).
    pub(crate) fn names_missing_permission_for_data(self) -> bool {
        self >= Self::V2_5_0
    }

    /// Since 2.4.0 Ed25519 keys keep their seed, and can be exported with it.
    pub(crate) fn keeps_ed25519_seeds(self) -> bool {
        self >= Self::V2_4_0
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

    /// # Errors
    /// [`Error::Firmware`] for a version that is not among [`Firmware::ALL`].
    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|version| version.to_string() == text);
        found.ok_or_else(|| Error::Firmware(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_read_and_print_the_same() {
        assert!(Firmware::ALL.is_sorted());
        for version in Firmware::ALL {
            assert_eq!(version.to_string().parse::<Firmware>().unwrap(), version);
        }
        for bad in ["", "2.4", "2.4.0.1", "2.4.x", "3.0.0", "2.400.0", "2.9.9", "02.4.0"] {
            let error = bad.parse::<Firmware>().unwrap_err().to_string();
            assert!(error.contains("2.5.0"), "{error}");
        }
    }
}
