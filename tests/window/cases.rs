//! The published cases of honest and hostile fleets, as the window judges them.

use crate::driver::Window;
use crate::laid_out::{self, LaidOut};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every case, by the command that the Fleet page calls; what was judged wrongly.
pub(crate) async fn judge_all(window: &Window, dir: &Path) -> Vec<String> {
    let mut objections = vec![];
    for name in laid_out::all() {
        let case = LaidOut::new(&name, dir.join(&name));
        let saved = json!({
            "bundle": case.path("bundle.json"), "trust": case.path("trust.json"), "evidence": case.path("evidence"),
            "history": case.if_there("history"), "seen": case.if_there("seen.json"),
            "consistency": case.if_there("consistency.json"), "at": case.now,
        });
        match window.invoke("verify_bundle_file", json!({ "saved": saved })).await {
            Ok(report) => objections.extend(case.objection(&report)),
            Err(error) => objections.push(format!("{name}: {error}")),
        }
    }
    objections
}

/// What a fleet publishes, fetched as docs/verify-a-fleet.md says.
pub(crate) struct Saved {
    dir: PathBuf,
}

impl Saved {
    pub(crate) fn fetch(fleet: &str, dir: PathBuf) -> Self {
        std::fs::create_dir(&dir).unwrap();
        let publisher = fleet.split('#').next().unwrap();
        for (file, path) in [
            ("trust.json", "trust.json"),
            ("bundle.json", "bundles/latest"),
            ("evidence.tar", "evidence/1.tar"),
        ] {
            let mut curl = Command::new("curl");
            curl.args(["--silent", "--fail", "--output"])
                .arg(dir.join(file))
                .arg(format!("{publisher}/{path}"));
            assert!(curl.status().unwrap().success(), "{path}");
        }
        Self { dir }
    }

    /// Somebody puts another address for a site into the signed bundle.
    pub(crate) fn alter(&self) {
        let file = self.dir.join("bundle.json");
        let mut bundle: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        bundle["bundle"]["sites"][0]["endpoint"] = "https://elsewhere.example".into();
        std::fs::write(file, bundle.to_string()).unwrap();
    }

    pub(crate) async fn check_by_hand(&self, window: &Window) {
        let path = |file: &str| self.dir.join(file).to_str().unwrap().to_string();
        window.fill("Signed bundle", &path("bundle.json")).await;
        window.fill("Evidence, a folder or one .tar file", &path("evidence.tar")).await;
        window.fill("Trust document", &path("trust.json")).await;
        window.click("Check these files").await;
    }
}
