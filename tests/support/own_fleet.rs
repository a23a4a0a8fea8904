//! The MOCK fleet that the window enrols with: the one in `KEEPSAKE_FLEET_URL`, or one of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) struct Fleet {
    pub url: String,
    /// Where it lives, if this test started it.
    own: Option<PathBuf>,
}

impl Fleet {
    pub(crate) fn up(dir: &Path) -> Self {
        if let Ok(url) = std::env::var("KEEPSAKE_FLEET_URL") {
            return Self { url, own: None };
        }
        script(dir, &["up", "--sites", "3"]);
        let url = std::fs::read_to_string(dir.join("url")).unwrap().trim().to_string();
        Self { url, own: Some(dir.to_path_buf()) }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        if let Some(dir) = &self.own {
            script(dir, &["down"]);
        }
    }
}

fn script(dir: &Path, arguments: &[&str]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let programs = Path::new(env!("CARGO_BIN_EXE_keepsake-desktop")).parent().unwrap();
    let log =
        std::fs::File::options().create(true).append(true).open(dir.with_extension("log")).unwrap();
    let status = Command::new(root.join("script/fleet"))
        .args(arguments)
        .env("KEEPSAKE_FLEET_DIR", dir)
        .env("KEEPSAKE_BIN_DIR", programs)
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .status()
        .unwrap();
    let said = || std::fs::read_to_string(dir.with_extension("log")).unwrap_or_default();
    assert!(status.success(), "script/fleet {arguments:?}: {}", said());
}
