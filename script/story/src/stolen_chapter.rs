//! The chapter about a chosen code: a thief of the backup spends its tries, is made to wait, and
//! its owner takes them back. That ten of them freeze the code takes half an hour of waits:
//! `crates/app/tests/vault/frozen.rs` tells it.

use crate::altered::copy_folder;
use crate::fleet::SITES;
use crate::keepsake::{Computer, flag, number};
use crate::report::Report;
use crate::shared_steps::import;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};

/// As many as there are without a wait.
const GUESSES: [&str; 4] = [
    "violet harbour 9",
    "tin kettles 9 violet",
    "harbour of violets",
    "nine kettles of violet tin",
];
const CODE: &str = "violet harbour 9 tin kettles";

pub(crate) struct StolenChapter<'a> {
    pub bin_dir: &'a Path,
    pub work: &'a Path,
    pub url: &'a str,
    pub fingerprint: &'a str,
    pub exports: &'a [PathBuf],
}

impl StolenChapter<'_> {
    pub(crate) fn tell(&self, report: &mut Report) -> Result<()> {
        let owner = self.computer("owner of a chosen code");
        let repo = self.path("backup with a chosen code")?;
        report.step("A code of one's own choosing", || {
            import(&owner, self.exports)?;
            let enroll = ["vault", "enroll", "--fleet", self.url, "--own-code"];
            owner.run(&enroll, Some(CODE))?;
            owner.run(&["backup", "create", "--repo", &repo], None)?;
            let status = owner.run(&["vault", "status"], None)?;
            Ok(format!(
                "{} of {} tries are left.",
                number(&status, "tries_left")?,
                number(&status, "max_tries")?
            ))
        })?;
        report.step(
            "A thief with a copy of the backup spends tries, then has to wait: the owner hears of it",
            || {
                let stolen = self.path("stolen copy")?;
                copy_folder(Path::new(&repo), Path::new(&stolen))?;
                let thief = self.computer("thief of a backup");
                let recover = ["vault", "recover", "--repo", &stolen, "--fleet", self.fingerprint];
                for guess in GUESSES {
                    thief.refused(&recover, Some(guess), "wrong_code")?;
                }
                let refusal = thief.refused(&recover, Some("one guess more"), "too_soon")?;
                let status = owner.run(&["vault", "status"], None)?;
                let (left, full) = (number(&status, "tries_left")?, number(&status, "max_tries")?);
                ensure!(left + 4 == full && number(&status, "tries_elsewhere")? == 4, "not four tries: {status}");
                ensure!(flag(&status, "can_reset")?, "{status}");
                Ok(format!("{} The owner's computer tells of 4 tries elsewhere.", refusal.happened))
            },
        )?;
        report.step("The owner gives the tries back, and the code works at once", || {
            let reset = owner.run(&["vault", "reset-tries"], None)?;
            ensure!(flag(&reset["spread"], "done")?, "not settled: {reset}");
            let drilled = owner.run(&["vault", "drill"], Some(CODE))?;
            ensure!(flag(&drilled, "confirmed")?, "not confirmed: {drilled}");
            let known = number(&reset["spread"], "acknowledged")?;
            Ok(format!("{known} of {SITES} sites know it. The code works."))
        })
    }

    fn computer(&self, name: &str) -> Computer {
        Computer::new(self.bin_dir, self.work.join(name))
    }

    fn path(&self, name: &str) -> Result<String> {
        let path = self.work.join(name);
        Ok(path.to_str().context("the work folder's path is not UTF-8")?.to_string())
    }
}
