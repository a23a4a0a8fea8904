//! Whether a process still runs, where the operating system tells (Linux).

use std::fs;

/// A process, by what tells it from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// The running system, and the numbering of processes in it: containers of one machine have
    /// several.
    pub system: Option<String>,
    pub number: u32,
    /// In clock ticks since the system began (proc(5), field 22 of `stat`).
    pub started: Option<u64>,
}

impl Process {
    /// This one.
    pub fn own() -> Self {
        let number = std::process::id();
        Self { system: system(), number, started: started(number) }
    }

    /// True only where it can be known.
    pub fn has_ended(&self) -> bool {
        if self.system.is_none() || self.system != system() {
            return false;
        }
        match started(self.number) {
            None => true,
            running => self.started.is_some() && running != self.started,
        }
    }

    /// `<number>-<started>-<system>`, for names of files that a process is writing: they tell later
    /// whose they are.
    pub fn tag(&self) -> String {
        let started = self.started.map_or("x".into(), |s| s.to_string());
        format!("{}-{started}-{}", self.number, self.system_tag())
    }

    /// Whether the process that made a tag has ended; `None` where that cannot be known.
    pub fn tagged_has_ended(tag: &str) -> Option<bool> {
        let own = Self::own();
        let mut parts = tag.split('-');
        let number = parts.next()?.parse().ok()?;
        let started = parts.next()?.parse().ok();
        let here = parts.next()? == own.system_tag() && own.system.is_some();
        here.then(|| Self { system: own.system, number, started }.has_ended())
    }

    fn system_tag(&self) -> String {
        let name = self.system.as_deref().unwrap_or_default();
        hex::encode(&sealed_keys::digest(name.as_bytes())[..4])
    }
}

fn system() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let numbering = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{} {}", boot.trim(), numbering.display()))
}

fn started(number: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    // The name before may hold spaces and brackets; 20 fields after it comes the time.
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_that_runs_has_not_ended_and_its_number_alone_is_not_it() {
        let own = Process::own();
        assert!(own.started.is_some() && !own.has_ended());
        assert!(
            Process { started: Some(1), ..own.clone() }.has_ended(),
            "another process had this number"
        );
        assert!(Process { number: u32::MAX, ..own.clone() }.has_ended());
        assert!(
            !Process { system: Some("another".into()), number: u32::MAX, ..own.clone() }
                .has_ended()
        );
        assert!(!Process { system: None, number: u32::MAX, ..own.clone() }.has_ended());
        assert_eq!(Process::tagged_has_ended(&own.tag()), Some(false));
        assert_eq!(
            Process::tagged_has_ended(&Process { number: u32::MAX, ..own.clone() }.tag()),
            Some(true)
        );
        assert_eq!(Process::tagged_has_ended(&Process { system: None, ..own }.tag()), None);
        assert_eq!(Process::tagged_has_ended("abc"), None);
    }
}
