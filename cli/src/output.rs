//! Results on standard output, reasons on standard error.

use crate::failure::Failure;
use serde::Serialize;
use std::io::Write;
use std::process::ExitCode;

#[derive(Clone, Copy)]
pub(crate) struct Output {
    pub json: bool,
}

impl Output {
    /// Prints a result: as JSON, or in words.
    pub(crate) fn result<T: Serialize>(self, value: &T, words: impl FnOnce(&T) -> String) {
        if self.json {
            print(&serde_json::to_string_pretty(value).expect("results are plain data"));
        } else {
            print(printable(&words(value)).trim_end());
        }
    }

    /// Prints a report on something that may be wrong. What is wrong also goes to standard error
    /// and, with `--json`, into the same document under `error`; then the exit code is 1.
    pub(crate) fn report<T: Serialize>(
        self,
        value: &T,
        words: impl FnOnce(&T) -> String,
        wrong: Option<Failure>,
    ) -> ExitCode {
        let Some(error) = wrong else {
            self.result(value, words);
            return ExitCode::SUCCESS;
        };
        let mut document = serde_json::to_value(value).expect("reports are plain data");
        document["error"] = serde_json::to_value(&error).expect("errors are plain data");
        self.result(&document, |_| words(value));
        Self::explain(&error)
    }

    /// Prints a failure in its three parts; with `--json` its code as well. Exit code 1.
    pub(crate) fn error(self, error: &Failure) -> ExitCode {
        if self.json {
            let value = serde_json::json!({ "error": error });
            print(&serde_json::to_string_pretty(&value).expect("errors are plain data"));
        }
        Self::explain(error)
    }

    fn explain(error: &Failure) -> ExitCode {
        let command = error
            .command
            .as_ref()
            .map(|command| format!("\n  Type: {command}"))
            .unwrap_or_default();
        let Failure { happened, safe, next, .. } = error;
        eprintln!("{}", printable(&format!("error: {happened}\n  {safe}\n  {next}{command}")));
        ExitCode::from(1)
    }
}

/// What clap says of wrong usage, help or version. Wrong usage ends with 2 and, with `--json`,
/// gives a document too.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let wrong = error.use_stderr();
    if wrong && std::env::args_os().any(|a| a == "--json") {
        // Its first paragraph: what follows is how it is written right.
        let words = error.to_string();
        let happened = words.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
        let happened = happened.split_whitespace().collect::<Vec<_>>().join(" ");
        let error = Failure::new("usage", happened, "Nothing was done.", "See keepsake --help.");
        print(
            &serde_json::to_string_pretty(&serde_json::json!({ "error": error }))
                .expect("errors are plain data"),
        );
    }
    let _ = error.print();
    ExitCode::from(if wrong { 2 } else { 0 })
}

/// To standard output; a reader that went away ends the program as a failure, not as a crash.
fn print(text: &str) {
    if writeln!(std::io::stdout().lock(), "{text}").is_err() {
        std::process::exit(1);
    }
}

/// Text from chats and sites may hold what a terminal would obey (ECMA-48 control sequences): it is
/// shown instead.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// `1 message`, `2 messages`.
pub(crate) fn count(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// `2026-11-23 21:06`, from unix milliseconds as written in the export.
pub(crate) fn when(unix_ms: i64) -> String {
    let Ok(at) = time::OffsetDateTime::from_unix_timestamp(unix_ms.div_euclid(1000)) else {
        return "unknown time".into();
    };
    let (date, time) = (at.date(), at.time());
    format!("{date} {:02}:{:02}", time.hour(), time.minute())
}

/// `2026-11-23 21:06 UTC`, from unix seconds.
pub(crate) fn date(unix: u64) -> String {
    let ms = i64::try_from(unix).unwrap_or(i64::MAX / 1000).saturating_mul(1000);
    format!("{} UTC", when(ms))
}

/// `12.3 MB`.
pub(crate) fn bytes(n: u64) -> String {
    indicatif::DecimalBytes(n).to_string()
}

/// The line that goes with every result about a mocked fleet.
pub(crate) fn mock_line(mock: bool) -> &'static str {
    if mock { "MOCK fleet: emulated devices, no protection. For tests only.\n" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_cannot_command_the_terminal() {
        assert_eq!(printable("a\u{1b}]0;title\u{7}b\nc"), "a\u{fffd}]0;title\u{fffd}b\nc");
    }
}
