//! What only `rclone` can reach: it serves the place as WebDAV on this computer, to who knows a
//! password of this one run.

use crate::credentials::Credentials;
use crate::error::OpenError;
use rand_core::{OsRng, RngCore};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use url::Url;
use zeroize::Zeroizing;

/// Cloud drives answer slowly, and `rclone` may renew its login first.
const START: Duration = Duration::from_secs(30);

/// Lines of its messages that are looked at for the address.
const MAX_LINES: usize = 200;
const MAX_MESSAGES: u64 = 1024 * 1024;

/// A running `rclone`; it ends with this.
pub(crate) struct Rclone {
    child: Child,
    url: Url,
    credentials: Credentials,
}

impl Rclone {
    pub(crate) fn start(remote: &str) -> Result<Self, OpenError> {
        let credentials = Credentials { name: "keepsake".into(), secret: password()? };
        let mut child = Command::new("rclone")
            .args([
                "serve",
                "webdav",
                "--addr",
                "127.0.0.1:0",
                "--dir-cache-time",
                "0s",
                "--",
                remote,
            ])
            // Environment and not arguments: other users of this computer can read the latter.
            .env("RCLONE_USER", &credentials.name)
            .env("RCLONE_PASS", credentials.secret.as_str())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| match e.kind() {
                std::io::ErrorKind::NotFound => OpenError::NoRclone,
                _ => OpenError::Rclone(e.to_string()),
            })?;
        let address =
            child.stderr.take().map(address_of).unwrap_or_else(|| Err("it says nothing".into()));
        match address {
            Ok(url) => Ok(Self { child, url, credentials }),
            Err(why) => {
                end(&mut child);
                Err(OpenError::Rclone(why))
            }
        }
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }
}

impl Drop for Rclone {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// What it listens on, from its messages; or its last message.
fn address_of(messages: ChildStderr) -> Result<Url, String> {
    let (found, address) = mpsc::sync_channel(1);
    std::thread::spawn(move || {
        let mut lines = BufReader::new(messages.take(MAX_MESSAGES)).lines().map_while(Result::ok);
        let _ = found.send(first_address(&mut lines));
        // Read on, or it would stand still with a full pipe.
        lines.for_each(drop);
    });
    address.recv_timeout(START).unwrap_or_else(|_| Err("it did not begin to serve".into()))
}

fn first_address(lines: &mut impl Iterator<Item = String>) -> Result<Url, String> {
    let mut last = String::from("it ended without a word");
    for line in lines.take(MAX_LINES) {
        if let Some(url) = address_in(&line) {
            return Ok(url);
        }
        last = line.chars().filter(|c| !c.is_control()).take(300).collect();
    }
    Err(last)
}

fn address_in(line: &str) -> Option<Url> {
    let at = line.find("http://127.0.0.1:")?;
    let end = line[at..].find(|c: char| !(c.is_ascii_alphanumeric() || ":/.".contains(c)));
    Url::parse(&line[at..end.map_or(line.len(), |end| at + end)]).ok()
}

/// 256 bits, as text.
fn password() -> Result<Zeroizing<String>, OpenError> {
    let mut bytes = Zeroizing::new([0u8; 32]);
    OsRng.try_fill_bytes(bytes.as_mut()).map_err(|e| OpenError::Unusable(e.to_string()))?;
    Ok(Zeroizing::new(bytes.iter().map(|b| format!("{b:02x}")).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_what_it_says() {
        for line in [
            "2026/11/27 10:00:00 NOTICE: : WebDav Server started on [http://127.0.0.1:43211/]",
            "NOTICE: WebDav Server started on http://127.0.0.1:43211/",
        ] {
            assert_eq!(address_in(line).unwrap().as_str(), "http://127.0.0.1:43211/");
        }
        assert_eq!(
            address_in("Failed to create file system: didn't find section in config file"),
            None
        );
    }

    #[test]
    fn without_an_address_its_last_words_are_told() {
        let mut lines =
            ["NOTICE: no config", "CRITICAL: didn't find section"].map(String::from).into_iter();
        assert_eq!(first_address(&mut lines), Err("CRITICAL: didn't find section".into()));
    }
}
