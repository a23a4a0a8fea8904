//! Units of a person's systemd (systemd.service(5), systemd.timer(5)), as text.

use super::job::Job;

/// The unit's file names, without their ends.
pub(super) fn unit_name(job: &Job) -> String {
    match &job.suffix {
        None => "keepsake-backup".into(),
        Some(suffix) => format!("keepsake-backup-{suffix}"),
    }
}

/// One run, quietly and behind everything else that the computer does.
pub(super) fn service(job: &Job) -> String {
    let command: Vec<String> = job.command().iter().map(|part| quoted(part)).collect();
    format!(
        "[Unit]
Description=Keepsake: back up what is new

[Service]
Type=oneshot
ExecStart={}
Nice=10
IOSchedulingClass=idle
NoNewPrivileges=yes
UMask=0077
",
        command.join(" ")
    )
}

/// Often enough to see a disk come back; whether a backup is due is decided by the run.
pub(super) fn timer(job: &Job) -> String {
    format!(
        "[Unit]
Description=Keepsake: look whether a backup is due

[Timer]
OnStartupSec=3min
OnUnitInactiveSec={}min
RandomizedDelaySec=30

[Install]
WantedBy=timers.target
",
        job.minutes
    )
}

/// A word of a command line (systemd.syntax(7), systemd.service(5) "Command lines"): `%` begins a
/// specifier and `$` a variable, and both are themselves when doubled.
fn quoted(word: &str) -> String {
    let mut text = String::from("\"");
    for c in word.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '%' | '$' => text.extend([c, c]),
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_units_of_the_systems_home() {
        let job = Job::of_test("/home/ann/.local/share/keepsake", None);
        assert_eq!(unit_name(&job), "keepsake-backup");
        let service = service(&job);
        assert!(
            service
                .contains(r#"ExecStart="/usr/bin/keepsake" "background" "run" "--quiet" "--home""#),
            "{service}"
        );
        assert!(timer(&job).contains("OnUnitInactiveSec=15min\n"));
    }

    #[test]
    fn another_home_has_units_of_its_own_and_its_path_means_itself() {
        let job = Job::of_test(r#"/home/ann/50% "off" $HOME\x"#, Some("0a1b2c3d4e5f"));
        assert_eq!(unit_name(&job), "keepsake-backup-0a1b2c3d");
        let expected = r#""--home" "/home/ann/50%% \"off\" $$HOME\\x""#;
        assert!(service(&job).contains(expected), "{}", service(&job));
    }
}
