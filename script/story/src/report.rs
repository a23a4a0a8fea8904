//! What was done and what came of it: in words along the way, or as one JSON document.

use anyhow::{Result, bail};
use serde::Serialize;
use serde_json::json;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

pub(crate) struct Report {
    json: bool,
    /// Ctrl-C or SIGTERM came: the step at hand ends, no other begins, and what was started is
    /// stopped as ever.
    interrupted: Arc<AtomicBool>,
    began: Instant,
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    number: usize,
    what: &'static str,
    ok: bool,
    result: String,
    seconds: f64,
}

const MOCK: &str = "MOCK: the five sites run on this computer with emulated devices. They protect nothing; they behave the same.";
const KEY_STORE: &str = "Each home's own key is kept in a file (KEEPSAKE_KEY_STORE=file), since a machine without a display has no keyring.";

impl Report {
    pub(crate) fn new(json: bool, interrupted: Arc<AtomicBool>) -> Self {
        let report = Self { json, interrupted, began: Instant::now(), steps: Vec::new() };
        report.say(&format!("{MOCK}\n{KEY_STORE}\n"));
        report
    }

    /// Does one step; `act` gives the result in words. A failure is a result too, and ends the
    /// story.
    pub(crate) fn step(
        &mut self,
        what: &'static str,
        act: impl FnOnce() -> Result<String>,
    ) -> Result<()> {
        if self.interrupted.load(Ordering::Relaxed) {
            bail!("interrupted");
        }
        let number = self.steps.len() + 1;
        self.say(&format!("{number:>2}. {what} …"));
        let began = Instant::now();
        let outcome = act();
        let seconds = began.elapsed().as_secs_f64();
        let (ok, result) = match &outcome {
            Ok(result) => (true, result.clone()),
            Err(error) => (false, format!("{error:#}")),
        };
        let mark = if ok { "" } else { "NOT AS EXPECTED: " };
        self.say(&format!("    {mark}{}  [{seconds:.1} s]", result.replace('\n', "\n    ")));
        self.steps.push(Step { number, what, ok, result, seconds });
        outcome.map(drop)
    }

    /// Prints the end; whether everything was as expected.
    pub(crate) fn finish(self, told: Result<()>, kept: Option<&Path>) -> Result<bool> {
        let seconds = self.began.elapsed().as_secs_f64();
        let ok = told.is_ok() && self.steps.iter().all(|step| step.ok);
        let problem = told.as_ref().err().map(|error| format!("{error:#}"));
        if self.json {
            let document = json!({
                "type": "keepsake/story/v1", "mock": true, "mock_note": MOCK, "key_store": "file", "ok": ok,
                "problem": problem, "steps": self.steps, "seconds": seconds, "kept": kept,
            });
            writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&document)?)?;
            return Ok(ok);
        }
        self.table();
        if let Some(kept) = kept {
            self.say(&format!("Kept for a look: {}", kept.display()));
        }
        match problem {
            None => self.say(&format!(
                "Everything was as expected, in {seconds:.1} s. MOCK fleet: no protection."
            )),
            Some(problem) => self.say(&format!("NOT AS EXPECTED: {problem}")),
        }
        Ok(ok)
    }

    fn table(&self) {
        self.say(
            "\n  #  step                                                          seconds  result",
        );
        for step in &self.steps {
            let mark = if step.ok { "as expected" } else { "NOT AS EXPECTED" };
            self.say(&format!(
                " {:>2}  {:<60}  {:>7.1}  {mark}",
                step.number, step.what, step.seconds
            ));
        }
        self.say("");
    }

    /// With `--json` the words go to standard error, so that standard output is one document.
    fn say(&self, line: &str) {
        if self.json {
            eprintln!("{line}");
        } else {
            // A closed pipe is nobody listening; the exit code still tells.
            let _ = writeln!(std::io::stdout(), "{line}");
        }
    }
}
