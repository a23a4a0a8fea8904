//! A task of Windows' Task Scheduler ([MS-TSCH] 2.5.1, Task Scheduler Schema), as text.

use super::job::Job;

pub(super) fn task_name(job: &Job) -> String {
    match &job.suffix {
        None => "Keepsake backup".into(),
        Some(suffix) => format!("Keepsake backup {suffix}"),
    }
}

/// Runs every so many minutes while the person is logged on, never twice at once. A trigger at the
/// logon itself would take an administrator.
pub(super) fn task(job: &Job) -> String {
    let command = job.command();
    let arguments: Vec<String> = command[1..].iter().map(|word| quoted(word)).collect();
    format!(
        r#"<?xml version="1.0"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Keepsake: back up what is new</Description>
  </RegistrationInfo>
  <Triggers>
    <TimeTrigger>
      <StartBoundary>2020-01-01T00:00:00</StartBoundary>
      <Repetition>
        <Interval>PT{}M</Interval>
      </Repetition>
    </TimeTrigger>
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <Priority>7</Priority>
  </Settings>
  <Actions>
    <Exec>
      <Command>{}</Command>
      <Arguments>{}</Arguments>
    </Exec>
  </Actions>
</Task>
"#,
        job.minutes,
        escaped(&command[0]),
        escaped(&arguments.join(" "))
    )
}

/// A word as `CommandLineToArgvW` reads it: backslashes before a quotation mark, and those at the
/// end, are doubled.
fn quoted(word: &str) -> String {
    let mut text = String::from("\"");
    let mut backslashes = 0;
    for c in word.chars() {
        match c {
            '\\' => backslashes += 1,
            '"' => {
                text.extend(std::iter::repeat_n('\\', backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        text.push(c);
    }
    text.extend(std::iter::repeat_n('\\', backslashes));
    text.push('"');
    text
}

/// Text of an XML element.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_task_names_the_program_and_how_often() {
        let text = task(&Job::of_test(r"C:\Users\Ann & Bo\", None));
        assert!(text.contains("<Interval>PT15M</Interval>"), "{text}");
        assert!(text.contains("<Command>/usr/bin/keepsake</Command>"), "{text}");
        assert!(text.contains(r#""--home" "C:\Users\Ann &amp; Bo\\"</Arguments>"#), "{text}");
        assert_eq!(task_name(&Job::of_test("C:\\", None)), "Keepsake backup");
    }

    #[test]
    fn a_quotation_mark_ends_no_word() {
        assert_eq!(quoted(r#"a\"b"#), r#""a\\\"b""#);
        assert_eq!(quoted(r"a\b"), r#""a\b""#);
        assert_eq!(quoted(r"a\"), r#""a\\""#);
    }
}
