//! Where the programs of a fleet are.

use crate::{FleetError, Result};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a fleet is made of.
pub const PROGRAMS: [&str; 4] = ["hsm-mock", "keepsake-operator", "vault-server", "auditor"];
/// Packages that these programs are in.
const PACKAGES: [&str; 4] = ["hsm-mock", "operator", "vault-server", "auditor"];
/// Names the folder with the programs, and nothing else is looked for.
const BIN_DIR: &str = "KEEPSAKE_BIN_DIR";

/// A folder with every program of a fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programs(PathBuf);

impl Programs {
    /// In this folder.
    ///
    /// # Errors
    /// Names the programs that are not there.
    pub fn in_folder(folder: &Path) -> Result<Self> {
        let missing = missing(folder);
        match missing.is_empty() {
            true => Ok(Self(folder.to_path_buf())),
            false => Err(FleetError::Programs(format!(
                "{} has no {}",
                folder.display(),
                missing.join(", no ")
            ))),
        }
    }

    /// In the folder that `KEEPSAKE_BIN_DIR` names; else beside this program, on `PATH`, or in the
    /// build folder of Keepsake's sources, whichever has them all first.
    ///
    /// # Errors
    /// No such place; the text says what is missing and how to get it.
    pub fn find() -> Result<Self> {
        if let Some(named) = std::env::var_os(BIN_DIR) {
            return Self::in_folder(Path::new(&named));
        }
        places()
            .into_iter()
            .find(|place| missing(place).is_empty())
            .map(Self)
            .ok_or_else(|| FleetError::Programs(nowhere()))
    }

    /// As [`Programs::find`], after building them where Keepsake's sources are and they are neither
    /// beside this program nor on `PATH`.
    ///
    /// # Errors
    /// As [`Programs::find`], or the build failed.
    pub fn find_or_build() -> Result<Self> {
        let installed = || {
            let places = beside().into_iter().chain(on_path());
            places.into_iter().find(|place| missing(place).is_empty())
        };
        let wanted = std::env::var_os(BIN_DIR).is_none() && installed().is_none();
        if let Some(sources) = sources().filter(|_| wanted) {
            build(&sources)?;
        }
        Self::find()
    }

    /// Of a fleet of which nothing is started.
    pub fn none() -> Self {
        Self(PathBuf::new())
    }

    pub(crate) fn path(&self, program: &str) -> PathBuf {
        self.0.join(program)
    }

    /// The program, if it is there: some are needed for some faults only.
    pub(crate) fn optional(&self, program: &str) -> Option<PathBuf> {
        Some(self.path(program)).filter(|path| path.is_file())
    }
}

fn missing(folder: &Path) -> Vec<&'static str> {
    PROGRAMS.into_iter().filter(|program| !folder.join(program).is_file()).collect()
}

fn places() -> Vec<PathBuf> {
    let built = sources().map(|sources| target(&sources)).into_iter();
    let built = built.flat_map(|target| [target.join("debug"), target.join("release")]);
    beside().into_iter().chain(on_path()).chain(built).collect()
}

/// The folder of this program, and for a test, which lies in `deps`, the one above.
fn beside() -> Vec<PathBuf> {
    let own = std::env::current_exe().unwrap_or_default();
    own.ancestors().skip(1).take(2).map(Path::to_path_buf).collect()
}

fn on_path() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// Keepsake's sources: those that this was built from, while they are there, or those around the
/// working folder.
fn sources() -> Option<PathBuf> {
    let working = std::env::current_dir().unwrap_or_default();
    let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let candidates = working.ancestors().chain(built_from);
    candidates.into_iter().find(|dir| is_sources(dir)).map(Path::to_path_buf)
}

fn is_sources(dir: &Path) -> bool {
    PACKAGES.iter().all(|package| dir.join(package).join("Cargo.toml").is_file())
}

fn target(sources: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| sources.join("target"), PathBuf::from)
}

fn build(sources: &Path) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--locked", "--bins"]).current_dir(sources);
    for package in PACKAGES {
        cargo.args(["-p", package]);
    }
    eprintln!("Building the programs of the MOCK fleet in {}", sources.display());
    let failed = |why: String| {
        let by_hand = "cargo build --bins";
        FleetError::Programs(format!("building {} failed ({why}): {by_hand}", PACKAGES.join(", ")))
    };
    let status = cargo.stdin(Stdio::null()).status().map_err(|e| failed(e.to_string()))?;
    if status.success() { Ok(()) } else { Err(failed(status.to_string())) }
}

fn nowhere() -> String {
    let place = beside().into_iter().next().unwrap_or_default();
    let installs = PACKAGES.map(|package| format!("cargo install --path {package}"));
    format!(
        "the programs of a fleet are missing: {} has no {}, and neither has PATH or a build folder \
         of Keepsake's sources. In Keepsake's sources, run\n  cargo build --bins\nor install them:\n  {}",
        place.display(),
        missing(&place).join(", no "),
        installs.join("\n  ")
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_folder_without_a_program_is_refused_by_the_programs_name() {
        let folder = tempfile::tempdir().unwrap();
        for program in &PROGRAMS[1..] {
            std::fs::write(folder.path().join(program), b"").unwrap();
        }
        let refused = Programs::in_folder(folder.path()).unwrap_err().to_string();
        assert!(refused.ends_with("has no hsm-mock"), "{refused}");
        std::fs::write(folder.path().join(PROGRAMS[0]), b"").unwrap();
        assert!(Programs::in_folder(folder.path()).is_ok());
    }

    #[test]
    fn who_has_no_programs_reads_what_to_type() {
        let text = nowhere();
        assert!(text.contains("cargo install --path hsm-mock"), "{text}");
    }
}
