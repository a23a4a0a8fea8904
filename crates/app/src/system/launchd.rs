//! A launchd agent of macOS (launchd.plist(5)), as text.

use super::job::Job;
use super::task_scheduler::escaped;

pub(super) fn label(job: &Job) -> String {
    match &job.suffix {
        None => "org.keepsake.backup".into(),
        Some(suffix) => format!("org.keepsake.backup.{suffix}"),
    }
}

/// Runs at login and every so many minutes, as background work.
pub(super) fn agent(job: &Job) -> String {
    let words: String = job
        .command()
        .iter()
        .map(|word| format!("        <string>{}</string>\n", escaped(word)))
        .collect();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
    <key>Label</key>
    <string>{}</string>
    <key>ProgramArguments</key>
    <array>
{words}    </array>
    <key>RunAtLoad</key>
    <true/>
    <key>StartInterval</key>
    <integer>{}</integer>
    <key>ProcessType</key>
    <string>Background</string>
    <key>LowPriorityIO</key>
    <true/>
</dict>
</plist>
"#,
        label(job),
        job.minutes * 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_names_the_program_and_how_often() {
        let text = agent(&Job::of_test("/Users/ann/Tom & <Jerry>", Some("0a1b2c3d4e5f")));
        assert!(text.contains("<string>org.keepsake.backup.0a1b2c3d</string>"), "{text}");
        assert!(text.contains("<string>/usr/bin/keepsake</string>\n"), "{text}");
        assert!(text.contains("<string>/Users/ann/Tom &amp; &lt;Jerry&gt;</string>"), "{text}");
        assert!(text.contains("<integer>900</integer>"), "{text}");
        assert_eq!(label(&Job::of_test("/Users/ann", None)), "org.keepsake.backup");
    }
}
