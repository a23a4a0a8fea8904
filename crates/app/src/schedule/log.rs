//! `background.log`: what was done by itself, a line each. It names no person, chat, folder, server
//! or secret: places have numbers there. Bounded, and readable by its owner alone.

use crate::{AppError, Keepsake, Result};
use durable_files::read_if_there;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const FILE: &str = "background.log";
const EARLIER: &str = "background.log.1";

/// A line is about 80 bytes: some 3,000 of them, which is a year of a few a day.
const MAX_LOG: u64 = 256 * 1024;

/// A line cannot be longer, whatever is in it.
const MAX_LINE: usize = 400;

impl Keepsake {
    /// Adds a line. The log is begun anew once it is full; the one before stays beside it.
    pub(crate) fn log(&self, line: &str) -> Result<()> {
        let path = self.path(FILE);
        let refused = |e: std::io::Error| AppError::disk("writing background.log", &e);
        if std::fs::metadata(&path).is_ok_and(|meta| meta.len() >= MAX_LOG) {
            std::fs::rename(&path, self.path(EARLIER)).map_err(refused)?;
        }
        let mut options = std::fs::OpenOptions::new();
        let mut file =
            options.append(true).create(true).mode(0o600).open(&path).map_err(refused)?;
        file.write_all(entry(self.now(), line).as_bytes()).map_err(refused)
    }

    /// The newest lines, oldest first.
    pub(crate) fn log_lines(&self, newest: usize) -> Result<Vec<String>> {
        let read = |name: &str| {
            // A line more than is allowed was written by two processes at once.
            let limit = MAX_LOG + 4 * MAX_LINE as u64;
            let bytes = read_if_there(&self.path(name), limit);
            bytes.map_err(|e| AppError::disk("reading background.log", &e))
        };
        let mut all = Vec::new();
        for name in [EARLIER, FILE] {
            let bytes = read(name)?.unwrap_or_default();
            all.extend(String::from_utf8_lossy(&bytes).lines().map(str::to_owned));
        }
        Ok(all.split_off(all.len().saturating_sub(newest)))
    }
}

/// One line, with its time in front.
fn entry(now: u64, text: &str) -> String {
    let at = i64::try_from(now).ok().and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
    let at = at.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_else(|| now.to_string());
    let text: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_LINE - 40).collect();
    format!("{at} {text}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeyStore, Surroundings};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_log_is_private_and_never_larger_than_twice_its_limit() {
        let dir = tempfile::tempdir().unwrap();
        let around =
            Surroundings { key_store: Some(KeyStore::File), ..Surroundings::of_this_computer() };
        let keepsake = Keepsake::open_in(dir.path(), around).unwrap();
        keepsake.log("the first").unwrap();
        for file in [FILE, EARLIER] {
            std::fs::write(keepsake.path(file), "x".repeat(MAX_LOG as usize - 1) + "\n").unwrap();
        }
        keepsake.log("a line\nthat is two").unwrap();
        assert_eq!(std::fs::metadata(keepsake.path(EARLIER)).unwrap().len(), MAX_LOG);
        assert!(std::fs::metadata(keepsake.path(FILE)).unwrap().len() < MAX_LINE as u64);
        let mode = std::fs::metadata(keepsake.path(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let newest = keepsake.log_lines(1).unwrap();
        assert!(newest[0].ends_with(" a line that is two"), "{newest:?}");
        keepsake.log(&"long".repeat(1000)).unwrap();
        assert!(keepsake.log_lines(1).unwrap()[0].len() < MAX_LINE);
    }
}
