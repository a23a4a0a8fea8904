//! The chapter about passkeys: a security key opens the backup on a new computer, and nothing after
//! it was removed.

use crate::altered::copy_folder;
use crate::chats::Chats;
use crate::fleet::SITES;
use crate::keepsake::{Computer, flag, number, text};
use crate::report::Report;
use crate::security_key::{PIN, SecurityKey};
use crate::shared_steps::{import, same};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) struct Chapter<'a> {
    pub bin_dir: &'a Path,
    pub work: &'a Path,
    pub url: &'a str,
    pub fingerprint: &'a str,
    pub exports: &'a [PathBuf],
}

impl Chapter<'_> {
    pub(crate) fn tell(&self, report: &mut Report) -> Result<()> {
        let repo = self.path("backup of the passkey's owner")?;
        let (mut key, mut chats) = (None, None);
        report.step("A passkey in a (MOCK) security key, and no recovery code", || {
            let plugged = SecurityKey::new(self.bin_dir, &self.work.join("key at the first computer"))?;
            let first = self.computer("passkey owner's first computer").with_key(&plugged);
            import(&first, self.exports)?;
            let added = first.run(&["passkey", "add", "--fleet", self.url, "--name", "Blue key"], Some(PIN))?;
            ensure!(flag(&added["passkey"], "mock")?, "a MOCK security key is not said to be MOCK");
            let made = first.run(&["backup", "create", "--repo", &repo], None)?;
            ensure!(made["ways_back"] == serde_json::json!(["passkey", "this_computer"]), "{}", made["ways_back"]);
            chats = Some(Chats::of(&first, &self.work.join("before passkey"))?);
            fs::remove_dir_all(first.home())?;
            key = Some(plugged);
            Ok("Made, proved by a whole release, backed up with; then the computer's folder was deleted.".into())
        })?;
        let (key, chats) =
            (key.context("the key was made")?, chats.context("the chats were read")?);
        let new = self.computer("passkey owner's new computer");
        report.step("No security key, no backup", || {
            let command = self.recover_from(&repo);
            let nobody = Computer::new(self.bin_dir, new.home().into())
                .with_socket(self.work.join("nothing here"));
            Ok(format!(
                "Refused: {}",
                nobody.refused(&command, Some(PIN), "security_key")?.happened
            ))
        })?;
        let key = key.carry_to(self.bin_dir, &self.work.join("key at the new computer"))?;
        let new = new.with_key(&key);
        report.step("Carry the key to a new computer and recover with it", || {
            self.recover(&new, &repo, &chats)
        })?;
        let mut code = String::new();
        report.step("Add a recovery code, and have it shown again by the passkey", || {
            code = text(&new.run(&["vault", "enroll", "--fleet", self.url], None)?, "code")?;
            let id = only_passkey(&new)?;
            let wrong = new.refused(
                &["vault", "reveal-code", "--passkey", &id],
                Some("0000000"),
                "wrong_pin",
            )?;
            let shown = new.run(&["vault", "reveal-code", "--passkey", &id], Some(PIN))?;
            ensure!(text(&shown, "code")? == code, "another code was shown");
            Ok(format!("Shown to who has key and PIN. A wrong PIN: {}", wrong.happened))
        })?;
        report.step("Remove the passkey: it must open nothing any more", || {
            self.remove(&new, &repo, &code)
        })
    }

    fn recover(&self, new: &Computer, repo: &str, chats: &Chats) -> Result<String> {
        let used = new.run(&self.recover_from(repo), Some(PIN))?;
        new.run(&["backup", "restore", "--repo", repo], None)?;
        let compared = same(chats, &Chats::of(new, &self.work.join("after passkey"))?)?;
        let refused =
            new.refused(&["passkey", "remove", &only_passkey(new)?], None, "last_way_in")?;
        Ok(format!(
            "{} of {SITES} sites answered, in {} ms. {compared}\nThe last way in is not removed by accident: {}",
            number(&used, "sites_answered")?,
            number(&used, "milliseconds")?,
            refused.happened
        ))
    }

    /// The thief has a copy of the backup from before the removal, and the key with its PIN.
    fn remove(&self, new: &Computer, repo: &str, code: &str) -> Result<String> {
        let copy = self.path("copy of the backup")?;
        copy_folder(Path::new(repo), Path::new(&copy))?;
        let id = only_passkey(new)?;
        let removed = new.run(&["passkey", "remove", &id], None)?;
        ensure!(
            flag(&removed["spread"], "done")?,
            "not every site has destroyed its part: {removed}"
        );
        let thief =
            self.computer("a thief's computer").with_socket(new.socket().context("a key")?.into());
        let refusal = thief.refused(&self.recover_from(&copy), Some(PIN), "passkey_removed")?;
        let owner = self.computer("passkey owner's third computer");
        owner
            .run(&["vault", "recover", "--repo", repo, "--fleet", self.fingerprint], Some(code))?;
        let events = new.run(&["vault", "events"], None)?;
        let kinds: Vec<_> =
            events.as_array().into_iter().flatten().filter_map(|e| e["kind"].as_str()).collect();
        ensure!(kinds.contains(&"passkey_removed"), "the history does not tell: {kinds:?}");
        Ok(format!(
            "With the key, its PIN and an old copy of the backup: {}\nThe recovery code still works.",
            refusal.happened
        ))
    }

    fn recover_from<'b>(&'b self, repo: &'b str) -> [&'b str; 7] {
        ["vault", "recover", "--repo", repo, "--fleet", self.fingerprint, "--passkey"]
    }

    fn computer(&self, name: &str) -> Computer {
        Computer::new(self.bin_dir, self.work.join(name))
    }

    fn path(&self, name: &str) -> Result<String> {
        let path = self.work.join(name);
        Ok(path.to_str().context("the work folder's path is not UTF-8")?.to_string())
    }
}

fn only_passkey(computer: &Computer) -> Result<String> {
    let list = computer.run(&["passkey", "list"], None)?;
    let all = list["passkeys"].as_array().context("no list of passkeys")?;
    ensure!(all.len() == 1, "{} passkeys: {list}", all.len());
    let passkey: &Value = &all[0];
    ensure!(passkey["in_fleet"] == true, "the fleet does not know it: {passkey}");
    text(passkey, "id")
}
