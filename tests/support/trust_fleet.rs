//! A MOCK fleet of real processes, and its operator and auditor.

use mock_fleet::MockFleet;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Three sites; stopped and removed when dropped.
pub(crate) struct Fleet {
    mock: MockFleet,
    dir: tempfile::TempDir,
}

impl Fleet {
    pub(crate) fn up() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mock = MockFleet::builder().sites(3).dir(dir.path().join("fleet")).start().unwrap();
        Self { mock, dir }
    }

    pub(crate) fn kill_site(&self, site: u8) {
        self.mock.kill(site).unwrap();
    }

    pub(crate) fn start_site(&self, site: u8) {
        self.mock.start(site).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn url(&self) -> String {
        self.mock.url()
    }

    pub(crate) fn auditor(&self) -> PathBuf {
        self.path("fleet/auditor")
    }

    /// What the auditor publishes at a path.
    pub(crate) fn published(&self, path: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.auditor().join("public").join(path)).unwrap())
            .unwrap()
    }

    pub(crate) fn published_bundle(&self, epoch: &str) -> Value {
        self.published(&format!("bundles/{epoch}"))
    }

    /// The auditor's whole directory with its keys: what it could do with a second log.
    pub(crate) fn copy_auditor(&self) -> PathBuf {
        let copy = self.path("fork");
        let done = Command::new("cp").arg("-a").arg(self.auditor()).arg(&copy).output().unwrap();
        ok(&done);
        copy
    }

    /// Renews the bundle with the same devices in another region, signs and publishes it; gives its
    /// id.
    pub(crate) fn publish_epoch(
        &self,
        epoch: u64,
        region: &str,
        previous: &Value,
        auditor: &Path,
    ) -> Value {
        let told = self.renew(epoch, region, previous, &[]);
        let id =
            told.split_whitespace().nth(1).unwrap_or_default().trim_end_matches(':').to_string();
        assert_eq!(id.len(), 64, "{told}");
        let folder = self.path(&format!("epoch-{epoch}-{region}"));
        self.vouch(&folder, &auditor.join(format!("public/bundles/{}", epoch - 1)));
        self.sign_and_publish(&folder, auditor);
        json!(id)
    }

    /// Every site's device vouches for the new epoch, by the login that only its site has.
    /// `current` is what the sites are said to serve.
    fn vouch(&self, folder: &Path, current: &Path) {
        let mut gather = Command::new(programs().join("keepsake-operator"));
        gather.arg("gather-statements").arg("--into").arg(folder);
        for site in ["1", "2", "3"] {
            let out = folder.join(format!("statement-{site}.json"));
            let config = folder.join(format!("site-{site}.json"));
            let mut text = self.site_config(site);
            text["bundles"] = json!([current]);
            std::fs::write(&config, text.to_string()).unwrap();
            let mut vouch = Command::new(programs().join("vault-server"));
            vouch.arg("vouch").arg("--config").arg(&config).arg("--out").arg(&out);
            ok(&vouch.arg("--request").arg(folder.join("new-epoch.json")).output().unwrap());
            gather.arg(out);
        }
        ok(&gather.output().unwrap());
    }

    /// What the MOCK fleet wrote for a site.
    pub(crate) fn site_config(&self, site: &str) -> Value {
        let path = self.path(&format!("fleet/sites/{site}/site.json"));
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }

    /// Both parties sign `bundle.json` with its `evidence`, and the auditor publishes it.
    pub(crate) fn sign_and_publish(&self, into: &Path, auditor: &Path) {
        let (bundle, evidence) = (into.join("bundle.json"), into.join("evidence"));
        let signed =
            auditor_says(&["sign"], auditor, &[("--bundle", &bundle), ("--evidence", &evidence)]);
        let (answer, countersigned) =
            (into.join("signature.json"), into.join("countersigned.json"));
        std::fs::write(&answer, signed).unwrap();
        let mut countersign = Command::new(programs().join("keepsake-operator"));
        countersign.arg("countersign").arg("--key").arg(self.path("fleet/operator.key"));
        countersign
            .arg("--bundle")
            .arg(&bundle)
            .arg("--signed")
            .arg(&answer)
            .arg("--out")
            .arg(&countersigned);
        countersign.arg("--trust").arg(self.auditor().join("public/trust.json"));
        ok(&countersign.output().unwrap());
        let published = auditor_says(&["publish"], auditor, &[("--signed", &countersigned)]);
        if auditor == self.auditor() {
            std::fs::write(self.path("fleet/bundle.json"), published).unwrap();
        }
    }

    /// `keepsake-operator renew`, every site in `region` and, in epoch 11, at another address; what
    /// it said.
    pub(crate) fn renew(
        &self,
        epoch: u64,
        region: &str,
        previous: &Value,
        revoked: &[u64],
    ) -> String {
        let mut plan: Value =
            serde_json::from_slice(&std::fs::read(self.path("fleet/plan.json")).unwrap()).unwrap();
        (plan["epoch"], plan["previous"], plan["revoked_epochs"]) =
            (json!(epoch), previous.clone(), json!(revoked));
        plan["evidence_url"] =
            json!(plan["evidence_url"].as_str().unwrap().replace("/1/", &format!("/{epoch}/")));
        for site in plan["sites"].as_array_mut().unwrap() {
            site["region"] = json!(region);
            if epoch >= 11 {
                site["endpoint"] =
                    json!(site["endpoint"].as_str().unwrap().replace("127.0.0.1", "localhost"));
            }
        }
        let file = self.path(&format!("fleet/plan-{epoch}-{region}.json"));
        std::fs::write(&file, plan.to_string()).unwrap();
        let mut renew = Command::new(programs().join("keepsake-operator"));
        renew.arg("renew").arg("--plan").arg(file).arg("--out").arg(self.path("fleet/ceremony"));
        // What is current is what the auditor published last before this epoch.
        let current = self.auditor().join(format!("public/bundles/{}", epoch - 1));
        renew
            .arg("--current")
            .arg(current)
            .arg("--into")
            .arg(self.path(&format!("epoch-{epoch}-{region}")));
        let done = renew.output().unwrap();
        format!(
            "{}{}",
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr)
        )
    }

    /// Sites read their bundle when they start.
    pub(crate) fn restart_sites(&self) {
        for site in 1..=3 {
            self.kill_site(site);
            self.start_site(site);
        }
    }

    pub(crate) fn stop_sites(&self) {
        (1..=3).for_each(|site| self.kill_site(site));
    }
}

fn auditor_says(command: &[&str], dir: &Path, files: &[(&str, &Path)]) -> Vec<u8> {
    let mut auditor = Command::new(programs().join("auditor"));
    auditor.args(command).arg("--dir").arg(dir);
    for (flag, path) in files {
        auditor.arg(flag).arg(path);
    }
    let done = auditor.output().unwrap();
    ok(&done);
    done.stdout
}

#[track_caller]
pub(crate) fn ok(done: &Output) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(done.status.success(), "{}\n{}", text(&done.stdout), text(&done.stderr));
}

/// `target/debug`, above `target/debug/deps`, where this test is.
pub(crate) fn programs() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.ancestors().nth(2).unwrap().to_path_buf()
}
