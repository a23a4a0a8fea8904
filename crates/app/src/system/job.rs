//! What is to be started by itself.

use std::path::Path;

/// How often a run looks whether something is due.
const MINUTES: u32 = 15;

/// What is to be started by itself.
pub(crate) struct Job {
    /// The `keepsake` command, by its full path.
    pub program: String,
    /// Folder of the home: said always, since what starts the job has not a shell's environment.
    pub home: String,
    /// Tells the jobs of two homes apart; none for the system's own home.
    pub suffix: Option<String>,
    pub minutes: u32,
}

impl Job {
    /// None if a path is not text that fits into one line. `id`: of a home that is not the
    /// system's own.
    pub(crate) fn new(program: &Path, home: &Path, id: Option<&str>) -> Option<Self> {
        let line = |path: &Path| {
            path.to_str().filter(|text| !text.contains(char::is_control)).map(str::to_owned)
        };
        let suffix = id.map(|id| id.chars().filter(char::is_ascii_hexdigit).take(8).collect());
        Some(Self { program: line(program)?, home: line(home)?, suffix, minutes: MINUTES })
    }

    /// The program and its arguments.
    pub(crate) fn command(&self) -> Vec<String> {
        let arguments = ["background", "run", "--quiet", "--home", &self.home];
        words(&self.program, &arguments)
    }

    #[cfg(test)]
    pub(super) fn of_test(home: &str, id: Option<&str>) -> Self {
        Self::new(Path::new("/usr/bin/keepsake"), Path::new(home), id).unwrap()
    }
}

/// A program and its arguments.
pub(super) fn words(program: &str, arguments: &[&str]) -> Vec<String> {
    [&[program], arguments].concat().into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_would_begin_a_line_of_its_own_is_refused() {
        let bad = Path::new("/home/ann/a\nExecStart=/bin/false");
        let good = Path::new("/usr/bin/keepsake");
        assert!(Job::new(bad, good, None).is_none());
        assert!(Job::new(good, bad, Some("0a1b")).is_none());
    }
}
