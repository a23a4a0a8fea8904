//! Names of snapshot files.

use std::fmt;

/// Name of a snapshot's file: `<sequence, 16 hex digits>-<first 16 bytes of SHA-256 of the file>`.
/// So two computers that write one number at the same time write two files. Of the formats before,
/// the number alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapshotName {
    pub sequence: u64,
    pub stem: Option<[u8; 16]>,
}

impl SnapshotName {
    /// Of the file that has this hash.
    pub fn of(sequence: u64, hash: &[u8; 32]) -> Self {
        Self { sequence, stem: hash.first_chunk().copied() }
    }

    /// Of a file that the formats before wrote.
    pub fn bare(sequence: u64) -> Self {
        Self { sequence, stem: None }
    }

    /// `None` for a file that is no snapshot.
    pub fn parse(name: &str) -> Option<Self> {
        let (number, stem) = match name.split_once('-') {
            Some((number, stem)) => (number, Some(stem)),
            None => (name, None),
        };
        let sequence = u64::from_str_radix(number, 16).ok()?;
        let mut bytes = [0; 16];
        if let Some(stem) = stem {
            hex::decode_to_slice(stem, &mut bytes).ok()?;
        }
        let parsed = Self { sequence, stem: stem.map(|_| bytes) };
        (parsed.to_string() == name).then_some(parsed)
    }

    /// Whether a file of this hash may have this name.
    pub fn fits(&self, hash: &[u8; 32]) -> bool {
        self.stem.is_none_or(|stem| hash.starts_with(&stem))
    }

    /// What the file's seal is bound to.
    pub fn sealed_as(&self) -> String {
        format!("{:016x}", self.sequence)
    }
}

impl fmt::Display for SnapshotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.sequence)?;
        match self.stem {
            Some(stem) => write!(f, "-{}", hex::encode(stem)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written_and_no_other_way() {
        let hash = [0xab; 32];
        for name in [SnapshotName::of(7, &hash), SnapshotName::bare(u64::MAX)] {
            assert_eq!(SnapshotName::parse(&name.to_string()), Some(name));
        }
        let stem = "ab".repeat(16);
        for wrong in [
            String::new(),
            "7".into(),
            format!("+000000000000007-{stem}"),
            format!("0000000000000007-{}", stem.to_uppercase()),
            format!("0000000000000007-{}", &stem[2..]),
            "0000000000000007-".into(),
            "desktop.ini".into(),
        ] {
            assert_eq!(SnapshotName::parse(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_file_of_another_hash_does_not_fit() {
        let name = SnapshotName::of(1, &[1; 32]);
        assert!(name.fits(&[1; 32]) && !name.fits(&[2; 32]));
        assert!(SnapshotName::bare(1).fits(&[2; 32]));
    }
}
