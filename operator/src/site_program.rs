//! The program that the sites run, which the evidence names by its digest.

use crate::error::OperatorError;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::path::{Path, PathBuf};

const NAME: &str = "vault-server";

/// `vault-server` as it lies on this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SiteProgram([u8; 32]);

impl SiteProgram {
    /// Reads the file, or without one the program of that name beside this one.
    ///
    /// # Errors
    /// [`OperatorError::SiteProgram`]
    pub fn read(path: Option<&Path>) -> Result<Self, OperatorError> {
        let path = path.map_or_else(beside_this, Path::to_path_buf);
        let read = || {
            let mut digest = Sha256::new();
            std::io::copy(&mut File::open(&path)?, &mut digest)?;
            Ok(digest.finalize().into())
        };
        read().map(Self).map_err(|source| OperatorError::SiteProgram { path: path.clone(), source })
    }

    /// SHA-256 of the file.
    pub fn sha256(&self) -> [u8; 32] {
        self.0
    }
}

fn beside_this() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    own.with_file_name(NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_the_files_and_without_the_file_it_is_said_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("vault-server");
        std::fs::write(&file, b"abc").unwrap();
        // FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex::encode(SiteProgram::read(Some(&file)).unwrap().sha256()), expected);
        let refused = SiteProgram::read(Some(&dir.path().join("none"))).unwrap_err().to_string();
        assert!(refused.contains("--site-program"), "{refused}");
    }
}
