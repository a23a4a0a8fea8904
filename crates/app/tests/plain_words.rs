//! What the app says, the window shows: no text of it is a command line. What a person can do is a
//! `NextStep`, which each shell puts into its own words.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

#[test]
fn no_text_of_the_app_speaks_the_command_line() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    // What the room `system` says, other programs hear.
    for file in files(&sources).iter().filter(|file| !file.starts_with(sources.join("system"))) {
        let text = std::fs::read_to_string(file).unwrap();
        let spoken = spoken(&text);
        found.extend(spoken.into_iter().map(|words| format!("{}: {words}", file.display())));
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_command_in_a_text_is_found_and_one_in_a_comment_or_a_test_is_not() {
    let planted = r#"
// `keepsake vault enroll` in a comment is nobody's text
#[cfg(test)]
mod invented;
AppError::new("code", "Run `keepsake backup check`.", "It is safe.", NextStep::TryAgain);
AppError::new("code", "Something happened.", "Confirm it with --last-way-in.", NextStep::TryAgain);
step(watch, "Running keepsake vault recover", 0, 1);
warnings.push("Start the fleet with script/fleet first.");
notices.push("Keepsake keeps the chats of a keepsake -- as it should.");
#[cfg(test)]
mod tests { const SHOWN: &str = "`keepsake`"; }
"#;
    let found = spoken(planted);
    assert_eq!(found.len(), 4, "{found:?}");
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<_> = entries.collect();
    all.sort();
    let within = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    all.into_iter().flat_map(within).collect()
}

/// Texts in a source that a person at the window could not follow.
fn spoken(source: &str) -> Vec<String> {
    let product = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let uncommented = product.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code: String = uncommented.collect::<Vec<_>>().join("\n");
    texts(&code).into_iter().filter(|text| is_command(text)).collect()
}

fn is_command(text: &str) -> bool {
    const VERBS: [&str; 8] =
        ["vault", "passkey", "backup", "fleet", "source", "chats", "status", "archive"];
    let words: Vec<&str> = text.split_whitespace().collect();
    let typed = words.windows(2).any(|pair| pair[0] == "keepsake" && VERBS.contains(&pair[1]));
    let option =
        words.iter().any(|word| word.strip_prefix("--").is_some_and(|rest| !rest.is_empty()));
    let quoted = text.split('`').skip(1).any(|after| after.starts_with(char::is_alphabetic));
    typed || option || quoted || text.contains("script/")
}

fn texts(code: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = code;
    while let Some(open) = rest.find('"') {
        let after = &rest[open + 1..];
        let Some(close) = closing(after) else { break };
        texts.push(after[..close].to_string());
        rest = &after[close + 1..];
    }
    texts
}

/// Where a text ends, past escaped quotes.
fn closing(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends.then_some(at)
    })
}
