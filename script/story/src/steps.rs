//! The story, step by step.

use crate::altered::{self, copy_folder};
use crate::attachments;
use crate::bad_site_chapter::BadSiteChapter;
use crate::chats::Chats;
use crate::export;
use crate::fleet::{Fleet, SITES};
use crate::keepsake::{Computer, flag, number, text};
use crate::passkey_chapter::Chapter;
use crate::report::Report;
use crate::shared_steps::{import, same};
use crate::stolen_chapter::StolenChapter;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long restarted sites may take to answer again, and to be told what they missed: a computer
/// that only looks tells them once a minute.
const SITES_BACK: Duration = Duration::from_secs(150);

pub(crate) struct Story {
    fleet: Fleet,
    bin_dir: PathBuf,
    work: PathBuf,
    given: Option<PathBuf>,
}

/// What is known once the first computer has made its backup.
struct Before {
    url: String,
    /// The fleet's, as the recovery sheet has it.
    fingerprint: String,
    chats: Chats,
    exports: Vec<PathBuf>,
    code: String,
    repo: String,
}

impl Story {
    pub(crate) fn new(
        fleet: Fleet,
        bin_dir: &Path,
        work: &Path,
        given: Option<PathBuf>,
    ) -> Result<Self> {
        let given = given.map(|path| {
            path.canonicalize().with_context(|| format!("no export at {}", path.display()))
        });
        Ok(Self { fleet, bin_dir: bin_dir.into(), work: work.into(), given: given.transpose()? })
    }

    pub(crate) fn tell(&mut self, report: &mut Report) -> Result<()> {
        let before = self.until_everything_is_lost(report)?;
        let back = self.recover(report, &before)?;
        self.with_a_passkey(report, &before)?;
        self.with_sites_down(report, &before, &back)?;
        self.with_wrong_codes(report, &before, &back)?;
        self.with_an_altered_backup(report, &before, &back)?;
        self.with_a_bad_site(report, &before, &back)?;
        self.with_a_stolen_backup(report, &before)
    }

    pub(crate) fn stop(&self) -> Result<()> {
        self.fleet.down()
    }

    fn until_everything_is_lost(&self, report: &mut Report) -> Result<Before> {
        let first = self.computer("first computer");
        let repo = self.path("backup")?;
        let mut url = String::new();
        let mut exports = Vec::new();
        let mut sheet = (String::new(), String::new());

        report.step("Start a MOCK fleet of five sites and its auditor", || {
            url = self.fleet.up()?;
            Ok(format!("{SITES} sites run, each with its own emulated device. Address: {url}"))
        })?;
        report.step("Verify the fleet", || {
            let verdict = first.run(&["fleet", "verify", "--bundle", &url], None)?;
            ensure!(
                flag(&verdict, "trusted")? && flag(&verdict, "mock")?,
                "not trusted, or not said to be MOCK"
            );
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
            sheet = (text(&new, "code")?, text(&new, "fingerprint")?);
            let sites = number(&new, "sites_registered")?;
            let fingerprint = &sheet.1;
            Ok(format!(
                "{sites} sites hold a part of it. The code stays in this program's memory; a person would write it down, \
                 with the fleet's fingerprint {fingerprint}."
            ))
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
        let (code, fingerprint) = sheet;
        Ok(Before { url, fingerprint, chats, exports, code, repo })
    }

    fn recover(&self, report: &mut Report, before: &Before) -> Result<Computer> {
        let back = self.computer("second computer");
        report.step("A new computer asks nobody before the fleet is named", || {
            let command = ["vault", "recover", "--repo", &before.repo];
            let refusal = back.refused(&command, Some(&before.code), "fleet_needed")?;
            Ok(format!("Refused: {}", refusal.happened))
        })?;
        report
            .step("Recover on a new computer with the code and the fleet's fingerprint", || {
                answered(&try_code(&back, before)?, SITES)
            })?;
        report.step("Restore the chats", || {
            let restored = back.run(&["backup", "restore", "--repo", &before.repo], None)?;
            let (messages, media) = (number(&restored, "messages")?, number(&restored, "media")?);
            Ok(format!("{messages} messages and {media} attachments."))
        })?;
        report.step("Compare every chat with the original", || {
            let after = Chats::of(&back, &self.work.join("after"))?;
            same(&before.chats, &after)
        })?;
        report
            .step("Compare every attachment, byte for byte", || self.attachments(&back, before))?;
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
        let Before { url, fingerprint, exports, .. } = before;
        Chapter { bin_dir, work, url, fingerprint, exports }.tell(report)
    }

    fn with_sites_down(&self, report: &mut Report, before: &Before, back: &Computer) -> Result<()> {
        let third = self.computer("third computer");
        report.step("Every site takes its configuration anew while it runs", || {
            self.fleet.reload()?;
            let sites =
                number(&back.run(&["vault", "drill"], Some(&before.code))?, "sites_answered")?;
            self.fleet.reload()?;
            Ok(format!("All still run; {sites} of {SITES} sites answered a recovery in between."))
        })?;
        report.step("Kill two of the five sites and recover on a third computer", || {
            self.fleet.kill_site(4)?;
            self.fleet.kill_site(5)?;
            let recovered = try_code(&third, before)?;
            let words = answered(&recovered, SITES - 2)?;
            ensure!(!flag(&recovered, "confirmed")?, "all tries are said to be back, and two sites do not know it");
            let known = number(&recovered["spread"], "acknowledged")?;
            Ok(format!("{words}\n{known} of {SITES} sites agree that all tries are back; the rest will follow."))
        })?;
        report.step("Kill a third site: a recovery must be refused", || {
            self.fleet.kill_site(3)?;
            let computer = self.computer("fourth computer");
            let refusal =
                computer.refused(&before.recover(), Some(&before.code), "too_few_sites")?;
            Ok(format!("Refused, as it must be: {}", refusal.happened))
        })?;
        report.step(
            "Start the three sites again: the third computer tells them what they missed",
            || {
                for site in 3..=SITES {
                    self.fleet.start_site(site)?;
                }
                let status =
                    all_answer(&third, |status| status["pending"] == serde_json::json!([]))?;
                let (left, full) = (number(&status, "tries_left")?, number(&status, "max_tries")?);
                ensure!(left == full, "{left} of {full} tries are left");
                Ok(format!(
                    "All {SITES} sites answer, and know it: {left} of {full} tries are left."
                ))
            },
        )
    }

    fn with_wrong_codes(
        &self,
        report: &mut Report,
        before: &Before,
        back: &Computer,
    ) -> Result<()> {
        let other = self.computer("another person's computer");
        let newcomer = self.computer("fifth computer");
        report.step("A typing mistake: must be found before anybody is asked", || {
            newcomer.refused(&before.recover(), Some(&with_typo(&before.code)?), "code_typo")?;
            Ok(format!("Found by the code's checksum. Still {} tries left.", tries_left(back)?))
        })?;
        report.step("Another person's code: must be refused, and cost no try", || {
            let url = text(&back.run(&["status"], None)?["vault"], "fleet_url")?;
            let wrong = text(&other.run(&["vault", "enroll", "--fleet", &url], None)?, "code")?;
            let left = tries_left(back)?;
            let refusal = newcomer.refused(&before.recover(), Some(&wrong), "wrong_code")?;
            ensure!(
                refusal.tries_left == Some(u8::try_from(left)?),
                "{:?} tries are said to be left",
                refusal.tries_left
            );
            ensure!(tries_left(back)? == left, "a try was spent");
            Ok(format!("Refused: {}", refusal.happened))
        })?;
        report.step("The right code on the same computer", || {
            answered(&try_code(&newcomer, before)?, SITES)
        })
    }

    fn with_an_altered_backup(
        &self,
        report: &mut Report,
        before: &Before,
        back: &Computer,
    ) -> Result<()> {
        report.step("The storage provider names a fleet of his own: nobody is asked", || {
            let copy = self.copy_of_backup(before, "copy with another fleet")?;
            altered::rewrite(Path::new(&copy), altered::name_another_fleet)?;
            let command = before.recover_from(&copy);
            let refusal = self.computer("sixth computer").refused(
                &command,
                Some(&before.code),
                "other_fleet",
            )?;
            Ok(format!("Refused: {}", refusal.happened))
        })?;
        report.step("He changes how the code is checked: no try is spent on it", || {
            let copy = self.copy_of_backup(before, "copy with other parameters")?;
            altered::rewrite(Path::new(&copy), altered::add_a_pass)?;
            let left = tries_left(back)?;
            let command = before.recover_from(&copy);
            let refusal = self.computer("sixth computer").refused(
                &command,
                Some(&before.code),
                "header_altered",
            )?;
            ensure!(tries_left(back)? == left, "a try was spent");
            Ok(format!("Refused: {} Still {left} tries left.", refusal.happened))
        })
    }

    fn with_a_bad_site(
        &self,
        report: &mut Report,
        before: &Before,
        owner: &Computer,
    ) -> Result<()> {
        BadSiteChapter { fleet: &self.fleet, owner, code: &before.code }.tell(report)
    }

    fn with_a_stolen_backup(&self, report: &mut Report, before: &Before) -> Result<()> {
        let (bin_dir, work) = (self.bin_dir.as_path(), self.work.as_path());
        let Before { url, fingerprint, exports, .. } = before;
        StolenChapter { bin_dir, work, url, fingerprint, exports }.tell(report)
    }

    fn copy_of_backup(&self, before: &Before, name: &str) -> Result<String> {
        let copy = self.path(name)?;
        copy_folder(Path::new(&before.repo), Path::new(&copy))?;
        Ok(copy)
    }

    fn computer(&self, name: &str) -> Computer {
        Computer::new(&self.bin_dir, self.work.join(name))
    }

    fn path(&self, name: &str) -> Result<String> {
        let path = self.work.join(name);
        Ok(path.to_str().context("the work folder's path is not UTF-8")?.to_string())
    }
}

impl Before {
    /// With what stands on the recovery sheet.
    fn recover(&self) -> [&str; 6] {
        self.recover_from(&self.repo)
    }

    fn recover_from<'a>(&'a self, repo: &'a str) -> [&'a str; 6] {
        ["vault", "recover", "--repo", repo, "--fleet", &self.fingerprint]
    }
}

fn try_code(computer: &Computer, before: &Before) -> Result<Value> {
    computer.run(&before.recover(), Some(&before.code))
}

fn answered(recovered: &Value, at_most: u8) -> Result<String> {
    let (answered, ms) = (number(recovered, "sites_answered")?, number(recovered, "milliseconds")?);
    ensure!(
        answered <= u64::from(at_most),
        "{answered} sites answered, but only {at_most} were running"
    );
    Ok(format!("The code was right. {answered} of {SITES} sites answered, in {ms} ms."))
}

fn tries_left(computer: &Computer) -> Result<u64> {
    number(&computer.run(&["vault", "status"], None)?, "tries_left")
}

/// Waits until every site answers, and all is as it should be.
fn all_answer(computer: &Computer, settled: impl Fn(&Value) -> bool) -> Result<Value> {
    let began = Instant::now();
    loop {
        let status = computer.run(&["vault", "status"], None)?;
        let sites = status["sites"].as_array().context("no sites")?;
        if sites.iter().all(|site| site["reachable"] == true) && settled(&status) {
            return Ok(status);
        }
        ensure!(began.elapsed() < SITES_BACK, "not so after {} s: {status}", SITES_BACK.as_secs());
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// The code with one letter or digit replaced by another that codes use.
fn with_typo(code: &str) -> Result<String> {
    let at = code.rfind(|c: char| c.is_ascii_alphanumeric()).context("the code is empty")?;
    let other = if code[at..].starts_with('2') { "3" } else { "2" };
    Ok(format!("{}{other}{}", &code[..at], &code[at + 1..]))
}
