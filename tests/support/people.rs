//! People with a computer each, who use the command line.

use super::trust_fleet::{Fleet, programs};
use serde_json::Value;
use std::process::Command;

/// One person's computer.
pub(crate) struct Computer {
    home: tempfile::TempDir,
}

pub(crate) struct Ran {
    pub code: i32,
    pub json: Value,
    pub stderr: String,
}

impl Computer {
    pub(crate) fn new(_: &Fleet) -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn verify(&self, url: &str) -> Ran {
        self.run(&["fleet", "verify", "--bundle", url])
    }

    /// Makes a recovery code, and gives it.
    pub(crate) fn enroll(&self, url: &str) -> String {
        let made = self.run(&["vault", "enroll", "--fleet", url]).succeeded();
        made["code"].as_str().unwrap().to_string()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.command(arguments, None)
    }

    pub(crate) fn with_code(&self, code: &str, arguments: &[&str]) -> Ran {
        self.command(arguments, Some(code))
    }

    fn command(&self, arguments: &[&str], code: Option<&str>) -> Ran {
        let mut command = Command::new(programs().join("keepsake"));
        command.args(arguments).arg("--json").arg("--home").arg(self.home.path().join("home"));
        command.env("KEEPSAKE_KEY_STORE", "file").env_remove("KEEPSAKE_RECOVERY_CODE");
        command.stdin(std::process::Stdio::null());
        if let Some(code) = code {
            command.env("KEEPSAKE_RECOVERY_CODE", code);
        }
        let output = command.output().unwrap();
        Ran {
            code: output.status.code().unwrap(),
            json: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ran {
    #[track_caller]
    pub(crate) fn succeeded(self) -> Value {
        assert_eq!(self.code, 0, "{}\n{:#}", self.stderr, self.json);
        self.json
    }

    #[track_caller]
    pub(crate) fn refused(self) -> Value {
        assert_eq!(self.code, 1, "{}\n{:#}", self.stderr, self.json);
        self.json
    }
}

/// Ids of the checks that refused.
pub(crate) fn failed(report: &Value) -> Vec<String> {
    let checks = report["checks"].as_array().unwrap_or_else(|| panic!("{report:#}"));
    let failed = checks.iter().filter(|c| c["outcome"] == "fail");
    failed.map(|c| c["id"].as_str().unwrap().to_string()).collect()
}

/// Where a check stands in a report.
pub(crate) fn index_of(report: &Value, check: &str) -> usize {
    report["checks"].as_array().unwrap().iter().position(|c| c["id"] == check).unwrap()
}
