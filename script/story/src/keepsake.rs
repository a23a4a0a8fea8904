//! The `keepsake` command, run in a home of its own.

use crate::security_key::SecurityKey;
use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::Deserialize;
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// One computer of the story: a home folder that `keepsake` works in.
pub(crate) struct Computer {
    program: PathBuf,
    home: PathBuf,
    /// Where a MOCK security key may be plugged in.
    socket: Option<PathBuf>,
}

/// What `keepsake --json` prints when it refuses.
#[derive(Debug, Deserialize)]
pub(crate) struct Refusal {
    pub code: String,
    pub happened: String,
    pub tries_left: Option<u8>,
}

impl Computer {
    pub(crate) fn new(bin_dir: &Path, home: PathBuf) -> Self {
        Self { program: bin_dir.join("keepsake"), home, socket: None }
    }

    pub(crate) fn with_key(self, key: &SecurityKey) -> Self {
        self.with_socket(key.socket().into())
    }

    pub(crate) fn with_socket(self, socket: PathBuf) -> Self {
        Self { socket: Some(socket), ..self }
    }

    pub(crate) fn socket(&self) -> Option<&Path> {
        self.socket.as_deref()
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// The command's result. `typed` is what the person types, if anything.
    pub(crate) fn run(&self, arguments: &[&str], typed: Option<&str>) -> Result<Value> {
        let output = self.start(arguments, typed)?;
        let shown = || format!("keepsake {}", arguments.join(" "));
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr).trim().to_string();
            bail!("`{}` ended with {}: {words}", shown(), output.status);
        }
        serde_json::from_slice(&output.stdout)
            .with_context(|| format!("`{}` printed no JSON", shown()))
    }

    /// The refusal of a command that must not succeed: exit code 1 and this code.
    pub(crate) fn refused(
        &self,
        arguments: &[&str],
        typed: Option<&str>,
        code: &str,
    ) -> Result<Refusal> {
        #[derive(Deserialize)]
        struct Printed {
            error: Refusal,
        }
        let output = self.start(arguments, typed)?;
        let shown = || format!("keepsake {}", arguments.join(" "));
        ensure!(
            !output.status.success(),
            "`{}` succeeded, a refusal ({code}) was expected",
            shown()
        );
        let words = String::from_utf8_lossy(&output.stderr).trim().to_string();
        ensure!(
            output.status.code() == Some(1),
            "`{}` ended with {}, not 1: {words}",
            shown(),
            output.status
        );
        let printed: Printed = serde_json::from_slice(&output.stdout).map_err(|error| {
            anyhow!("`{}` printed no error as JSON ({error}): {words}", shown())
        })?;
        let refusal = printed.error;
        ensure!(
            refusal.code == code,
            "refused as {}, not as {code}: {}",
            refusal.code,
            refusal.happened
        );
        Ok(refusal)
    }

    fn start(&self, arguments: &[&str], typed: Option<&str>) -> Result<Output> {
        let mut command = Command::new(&self.program);
        if let Some(socket) = &self.socket {
            command.env("KEEPSAKE_MOCK_SECURITY_KEY", socket);
        }
        let mut child = command
            .arg("--json")
            .arg("--home")
            .arg(&self.home)
            .args(arguments)
            .env("KEEPSAKE_KEY_STORE", "file")
            .env_remove("KEEPSAKE_HOME")
            .env_remove("KEEPSAKE_FLEET_URL")
            .env_remove("KEEPSAKE_RECOVERY_CODE")
            .env_remove("KEEPSAKE_BACKUP_KEY")
            .env_remove("KEEPSAKE_PIN")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| {
                format!("{} cannot be started: is it built?", self.program.display())
            })?;
        let mut stdin = child.stdin.take().context("a piped child has a standard input")?;
        // It may refuse before it reads: its exit code tells, not the broken pipe.
        let _ = writeln!(stdin, "{}", typed.unwrap_or_default());
        drop(stdin);
        Ok(child.wait_with_output()?)
    }
}

/// A number that a result must hold.
pub(crate) fn number(result: &Value, name: &str) -> Result<u64> {
    result[name].as_u64().with_context(|| format!("no number {name:?} in {result}"))
}

/// A text that a result must hold.
pub(crate) fn text(result: &Value, name: &str) -> Result<String> {
    Ok(result[name]
        .as_str()
        .with_context(|| format!("no text {name:?} in the result"))?
        .to_string())
}

/// A yes or no that a result must hold.
pub(crate) fn flag(result: &Value, name: &str) -> Result<bool> {
    result[name].as_bool().with_context(|| format!("no flag {name:?} in {result}"))
}
