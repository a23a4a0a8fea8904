//! The chapter about a chosen code: a thief of the backup uses its tries up, it freezes, and its owner thaws it.

use crate::altered::copy_folder;
use crate::fleet::SITES;
use crate::keepsake::{Computer, flag, number};
use crate::report::Report;
use crate::steps::import;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};

/// Few, so that none of them has to wait.
const TRIES: &str = "3";
const CODE: &str = "violet harbour 9 tin kettles";

pub struct FrozenChapter<'a> {
    pub bin_dir: &'a Path,
    pub work: &'a Path,
    pub url: &'a str,
    pub fingerprint: &'a str,
    pub exports: &'a [PathBuf],
}

impl FrozenChapter<'_> {
    pub fn tell(&self, report: &mut Report) -> Result<()> {
        let owner = self.computer("owner of a chosen code");
        let repo = self.path("backup with a chosen code")?;
        report.step("A code of one's own choosing, with three tries", || {
            import(&owner, self.exports)?;
            let enroll = ["vault", "enroll", "--fleet", self.url, "--own-code", "--tries", TRIES];
            owner.run(&enroll, Some(CODE))?;
            owner.run(&["backup", "create", "--repo", &repo], None)?;
            let status = owner.run(&["vault", "status"], None)?;
            Ok(format!("{} of {} tries are left.", number(&status, "tries_left")?, number(&status, "max_tries")?))
        })?;
        report.step(
            "A thief with a copy of the backup uses them up: the code freezes, and its owner hears of it",
            || {
                let stolen = self.path("stolen copy")?;
                copy_folder(Path::new(&repo), Path::new(&stolen))?;
                let thief = self.computer("thief of a backup");
                let recover = ["vault", "recover", "--last-tries", "--repo", &stolen, "--fleet", self.fingerprint];
                for guess in ["violet harbour 9", "tin kettles 9 violet", "harbour of violets"] {
                    thief.refused(&recover, Some(guess), "wrong_code")?;
                }
                thief.refused(&recover, Some("one guess more"), "frozen")?;
                let refusal = owner.refused(&["vault", "drill"], Some(CODE), "frozen")?;
                let status = owner.run(&["vault", "status"], None)?;
                ensure!(number(&status, "tries_elsewhere")? == 3, "the owner does not hear of it: {status}");
                ensure!(status["frozen_until"].is_u64() && flag(&status, "can_reset")?, "{status}");
                Ok(format!("The right code, too: {}", refusal.happened))
            },
        )?;
        report.step("The owner gives the tries back, and the code works again", || {
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
