//! The story, step by step.

use crate::attachments;
use crate::chats::Chats;
use crate::export;
use crate::fleet::{Fleet, SITES};
use crate::keepsake::{Computer, flag, number, text};
use crate::passkey_chapter::Chapter;
use crate::report::Report;
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long restarted sites may take to answer again.
const SITES_BACK: Duration = Duration::from_secs(60);

pub struct Story {
    fleet: Fleet,
    bin_dir: PathBuf,
    work: PathBuf,
    given: Option<PathBuf>,
}

/// What is known once the first computer has made its backup.
struct Before {
    url: String,
    chats: Chats,
    exports: Vec<PathBuf>,
    code: String,
    repo: String,
}

impl Story {
    pub fn new(fleet: Fleet, bin_dir: &Path, work: &Path, given: Option<PathBuf>) -> Result<Self> {
        let given = given.map(|path| path.canonicalize().with_context(|| format!("no export at {}", path.display())));
        Ok(Self { fleet, bin_dir: bin_dir.into(), work: work.into(), given: given.transpose()? })
    }

    pub fn tell(&mut self, report: &mut Report) -> Result<()> {
        let before = self.until_everything_is_lost(report)?;
        let back = self.recover(report, &before)?;
        self.with_a_passkey(report, &before)?;
        self.with_sites_down(report, &before)?;
        self.with_wrong_codes(report, &before, &back)
    }

    pub fn stop(&self) -> Result<()> {
        self.fleet.down()
    }

    fn until_everything_is_lost(&self, report: &mut Report) -> Result<Before> {
        let first = self.computer("first computer");
        let repo = self.path("backup")?;
        let (mut url, mut exports, mut code) = (String::new(), Vec::new(), String::new());

        report.step("Start a MOCK fleet of five sites and its auditor", || {
            url = self.fleet.up()?;
            Ok(format!("{SITES} sites run, each with its own emulated device. Address: {url}"))
        })?;
        report.step("Verify the fleet", || {
            let verdict = first.run(&["fleet", "verify", "--bundle", &url], None)?;
            ensure!(flag(&verdict, "trusted")? && flag(&verdict, "mock")?, "not trusted, or not said to be MOCK");
            let checks = verdict["checks"].as_array().context("no checks")?;
            let passed = checks.iter().filter(|check| check["outcome"] == "pass").count();
            Ok(format!(
                "{} {passed} of {} checks passed, the rest could not be made.",
                text(&verdict, "verdict")?,
                checks.len()
            ))
        })?;
        report.step("Import chats", || {
            exports = match &self.given {
                Some(path) => vec![path.clone()],
                None => export::invent(&self.work.join("exports"))?,
            };
            import(&first, &exports)
        })?;
        report.step("Enroll a generated recovery code in the vault", || {
            let new = first.run(&["vault", "enroll", "--fleet", &url], None)?;
            code = text(&new, "code")?;
            let sites = number(&new, "sites_registered")?;
            Ok(format!("{sites} sites hold it. The code stays in this program's memory; a person would write it down."))
        })?;
        report.step("Back up", || {
            let made = first.run(&["backup", "create", "--repo", &repo], None)?;
            ensure!(!flag(&made, "unchanged")?, "nothing was backed up");
            Ok(format!(
                "{} messages and {} attachments, {} bytes written, encrypted.",
                number(&made, "new_messages")?,
                number(&made, "new_media")?,
                number(&made, "bytes_written")?
            ))
        })?;
        let mut chats = None;
        report.step("Lose everything but the backup and the code", || {
            let held = Chats::of(&first, &self.work.join("before"))?;
            fs::remove_dir_all(first.home())?;
            chats = Some(held);
            Ok("The first computer's chats and keys are deleted.".into())
        })?;
        let chats = chats.context("the chats were read")?;
        Ok(Before { url, chats, exports, code, repo })
    }

    fn recover(&self, report: &mut Report, before: &Before) -> Result<Computer> {
        let back = self.computer("second computer");
        report.step("Recover on a new computer with the code", || recover(&back, before, SITES))?;
        report.step("Restore the chats", || {
            let restored = back.run(&["backup", "restore", "--repo", &before.repo], None)?;
            let (messages, media) = (number(&restored, "messages")?, number(&restored, "media")?);
            Ok(format!("{messages} messages and {media} attachments."))
        })?;
        report.step("Compare every chat with the original", || {
            let after = Chats::of(&back, &self.work.join("after"))?;
            same(&before.chats, &after)
        })?;
        report.step("Compare every attachment, byte for byte", || self.attachments(&back, before))?;
        report.step("Drill: prove that the code works", || {
            let drilled = back.run(&["vault", "drill"], Some(&before.code))?;
            ensure!(flag(&drilled, "confirmed")?, "not confirmed");
            answered(&drilled, SITES)
        })?;
        Ok(back)
    }

    /// The second computer's own backup of what came back, opened without the vault.
    fn attachments(&self, back: &Computer, before: &Before) -> Result<String> {
        let repo = self.path("second backup")?;
        back.run(&["backup", "create", "--repo", &repo], None)?;
        let key = text(&back.run(&["backup", "offline-key", "--repo", &repo], None)?, "key")?;
        let plain = self.path("plain files")?;
        back.run(&["backup", "decrypt", "--repo", &repo, "--out", &plain], Some(&key))?;
        let mut exported = std::collections::BTreeSet::new();
        for export in &before.exports {
            exported.extend(attachments::of_export(export)?);
        }
        let came_back = attachments::of_folder(&Path::new(&plain).join("media"))?;
        let known = before.chats.attachment_hashes().len();
        attachments::all_came_back(&exported, &came_back, known)?;
        Ok(format!(
            "{known} attachments are the export's own bytes (read back with an offline key, without the vault)."
        ))
    }

    fn with_a_passkey(&self, report: &mut Report, before: &Before) -> Result<()> {
        let (bin_dir, work) = (self.bin_dir.as_path(), self.work.as_path());
        Chapter { bin_dir, work, url: &before.url, exports: &before.exports }.tell(report)
    }

    fn with_sites_down(&self, report: &mut Report, before: &Before) -> Result<()> {
        report.step("Kill two of the five sites and recover on a third computer", || {
            self.fleet.kill_site(4)?;
            self.fleet.kill_site(5)?;
            recover(&self.computer("third computer"), before, SITES - 2)
        })?;
        report.step("Kill a third site: a recovery must be refused", || {
            self.fleet.kill_site(3)?;
            let computer = self.computer("fourth computer");
            let command = ["vault", "recover", "--repo", &before.repo];
            let refusal = computer.refused(&command, Some(&before.code), "too_few_sites")?;
            Ok(format!("Refused, as it must be: {}", refusal.happened))
        })
    }

    fn with_wrong_codes(&self, report: &mut Report, before: &Before, back: &Computer) -> Result<()> {
        let mut full = 0;
        report.step("Start the three sites again", || {
            for site in 3..=SITES {
                self.fleet.start_site(site)?;
            }
            let status = all_answer(back)?;
            full = number(&status, "max_tries")?;
            let left = number(&status, "tries_left")?;
            Ok(format!("All {SITES} sites answer; {left} of {full} tries are left: a try without an answer may count."))
        })?;
        let other = self.computer("another person's computer");
        let mut wrong = String::new();
        let recover = ["vault", "recover", "--repo", &before.repo];
        report.step("A typing mistake: must be found before a try is spent", || {
            let left = tries_left(back)?;
            let newcomer = self.computer("fifth computer");
            newcomer.refused(&recover, Some(&with_typo(&before.code)?), "code_typo")?;
            ensure!(tries_left(back)? == left, "a try was spent");
            Ok(format!("Found by the code's checksum. Still {left} tries left."))
        })?;
        report.step("Another person's code: must be refused and cost one try", || {
            let url = text(&back.run(&["status"], None)?["vault"], "fleet_url")?;
            wrong = text(&other.run(&["vault", "enroll", "--fleet", &url], None)?, "code")?;
            let left = tries_left(back)?;
            let refusal = self.computer("fifth computer").refused(&recover, Some(&wrong), "wrong_code")?;
            let shown = refusal.tries_left.context("the refusal does not say how many tries are left")?;
            ensure!(u64::from(shown) + 1 == left, "{left} tries before, {shown} after");
            Ok(format!("Refused: {}", refusal.happened))
        })?;
        report.step("The right code again: all tries must come back", || {
            let words = self::recover(&self.computer("fifth computer"), before, SITES)?;
            let left = tries_left(back)?;
            ensure!(left == full, "{left} of {full} tries are left");
            Ok(format!("{words} {left} of {full} tries are left."))
        })
    }

    fn computer(&self, name: &str) -> Computer {
        Computer::new(&self.bin_dir, self.work.join(name))
    }

    fn path(&self, name: &str) -> Result<String> {
        let path = self.work.join(name);
        Ok(path.to_str().context("the work folder's path is not UTF-8")?.to_string())
    }
}

pub(crate) fn import(first: &Computer, exports: &[PathBuf]) -> Result<String> {
    let mut words = Vec::new();
    for export in exports {
        let path = export.to_str().context("the export's path is not UTF-8")?;
        let report = first.run(&["source", "import", path], None)?;
        let missing = report["missing"].as_array().context("no list of missing attachments")?;
        let named: Vec<_> = missing.iter().filter_map(|m| m["name"].as_str()).collect();
        let missing = if named.is_empty() { "none missing".into() } else { format!("missing: {}", named.join(", ")) };
        let (messages, attachments) = (number(&report, "messages")?, number(&report, "attachments")?);
        ensure!(messages > 0, "{path} gave no message");
        words.push(format!(
            "{} export: {messages} messages, {attachments} attachments, {missing}.",
            text(&report, "kind")?
        ));
    }
    Ok(words.join("\n"))
}

fn recover(computer: &Computer, before: &Before, sites: u8) -> Result<String> {
    let recovered = computer.run(&["vault", "recover", "--repo", &before.repo], Some(&before.code))?;
    answered(&recovered, sites)
}

fn answered(recovered: &Value, at_most: u8) -> Result<String> {
    let (answered, ms) = (number(recovered, "sites_answered")?, number(recovered, "milliseconds")?);
    ensure!(answered <= u64::from(at_most), "{answered} sites answered, but only {at_most} were running");
    Ok(format!("The code was right. {answered} of {SITES} sites answered, in {ms} ms."))
}

pub(crate) fn same(before: &Chats, after: &Chats) -> Result<String> {
    if let Some(difference) = before.difference(after) {
        bail!("not the same: {difference}");
    }
    // A comparison that cannot fail would prove nothing.
    let planted = before.difference(&after.with_one_letter_changed()?);
    planted.context("the comparison did not see a changed letter")?;
    let (conversations, messages) = (after.conversations(), after.messages());
    Ok(format!(
        "{conversations} conversations with {messages} messages are the same. (A planted changed letter was seen.)"
    ))
}

fn tries_left(computer: &Computer) -> Result<u64> {
    number(&computer.run(&["vault", "status"], None)?, "tries_left")
}

/// Waits until every site answers.
fn all_answer(computer: &Computer) -> Result<Value> {
    let began = Instant::now();
    loop {
        let status = computer.run(&["vault", "status"], None)?;
        let sites = status["sites"].as_array().context("no sites")?;
        if sites.iter().all(|site| site["reachable"] == true) {
            return Ok(status);
        }
        ensure!(
            began.elapsed() < SITES_BACK,
            "not every site answers after {} s: {}",
            SITES_BACK.as_secs(),
            status["sites"]
        );
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// The code with one letter or digit replaced by another that codes use.
fn with_typo(code: &str) -> Result<String> {
    let at = code.rfind(|c: char| c.is_ascii_alphanumeric()).context("the code is empty")?;
    let other = if code[at..].starts_with('2') { "3" } else { "2" };
    Ok(format!("{}{other}{}", &code[..at], &code[at + 1..]))
}
