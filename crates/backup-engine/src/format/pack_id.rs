//! Names of packs.

use std::fmt;

/// A pack's name, which is also the salt of its subkey: 32 random bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PackId(pub [u8; 32]);

impl PackId {
    /// From a file name: 64 lower-case hex digits.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut id = [0; 32];
        hex::decode_to_slice(name, &mut id).ok()?;
        (hex::encode(id) == name).then_some(Self(id))
    }

    pub fn path(&self) -> String {
        format!("packs/{self}")
    }
}

impl fmt::Display for PackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for PackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PackId({self})")
    }
}
