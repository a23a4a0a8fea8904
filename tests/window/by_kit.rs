//! The first hour without a vault: chats, a backup, a kit on paper; then a new computer and the
//! kit. Nobody is asked anything.

use crate::driver::Window;
use crate::exports;
use std::path::Path;

#[tokio::test]
#[ignore = "needs a display: script/desktop-session cargo nextest run --run-ignored all -E 'binary(window)'"]
async fn chats_come_back_on_a_new_computer_with_the_words_from_the_paper() {
    let dir = tempfile::Builder::new().prefix("cy-").tempdir().unwrap();
    let [export, ..] = exports::invent(&dir.path().join("exports"));
    let backup = dir.path().join("Backup disk");
    std::fs::create_dir(&backup).unwrap();

    let first = Window::open(&dir.path().join("first"), "").await;
    add_chats(&first, &export).await;
    back_up(&first, &backup).await;
    throw_one_away(&first).await;
    let words = make_kit(&first).await;
    look_around(&first, &words).await;
    lose_the_disk(&first, &backup).await;
    first.close().await;

    let second = Window::open(&dir.path().join("second"), "").await;
    restore(&second, &backup, &words).await;
    second.click("Backup").await;
    second.see(backup.to_str().unwrap()).await;
    second.see("Your recovery kit opens your backup").await;
    second.close().await;
}

async fn add_chats(window: &Window, export: &Path) {
    window.click("Back up my chats").await;
    window.unfold("Or type where it is").await;
    window.fill("Where the export is", export.to_str().unwrap()).await;
    window.click("Look inside").await;
    window.see("This is a WhatsApp export").await;
    window.click("Add these chats").await;
    window.see(" added").await;
    window.click("Continue").await;
}

async fn back_up(window: &Window, backup: &Path) {
    window.fill("Backup folder", backup.to_str().unwrap()).await;
    window.click("Use this folder").await;
    window.see("Only this computer can open it so far").await;
    window.click("Continue").await;
    window.see("A security key").await;
    window.picture("ways-back").await;
}

/// A kit that is left before it was typed back opens nothing.
async fn throw_one_away(window: &Window) {
    window.click("Make my kit").await;
    assert_eq!(read_words(window).await.len(), 24);
    window.click("Cancel").await;
    window.see("Leave without keeping the kit?").await;
    window.click("Throw this kit away").await;
    window.see("Make my kit").await;
    assert_eq!(window.count("[data-testid=kit-word]").await, 0);
}

/// Returns the words as they were written down.
async fn make_kit(window: &Window) -> Vec<String> {
    window.click("Make my kit").await;
    let words = read_words(window).await;
    assert_eq!(words.len(), 24, "{words:?}");
    window.picture("recovery-kit").await;
    assert!(!window.is_enabled("I have it safe").await);
    for number in asked(window).await {
        window.fill(&format!("Word {number}"), &words[number - 1]).await;
    }
    window.see("They match").await;
    window.click("I have it safe").await;
    window.see("Your chats are safe").await;
    window.click("Read my chats").await;
    words
}

async fn look_around(window: &Window, words: &[String]) {
    window.see("Your recovery kit opens your backup").await;
    let html = window.script("return document.documentElement.innerHTML").await;
    let html = html.as_str().unwrap();
    assert!(!words.iter().all(|word| html.contains(word)), "the page still holds the words");
    window.click("Recovery").await;
    window.see("Kit of").await;
    window.unfold("Prove that my kit works").await;
    window.fill("The words of your recovery kit", &words.join(" ")).await;
    window.click("Try the kit").await;
    window.see("Your kit works: it opens 1 backup").await;
    window.picture("recovery-without-vault").await;
}

/// What is said of the backup is what is found.
async fn lose_the_disk(window: &Window, backup: &Path) {
    let away = backup.with_file_name("Unplugged");
    std::fs::rename(backup, &away).unwrap();
    window.reload().await;
    window.see("The place of your backup is not there").await;
    window.picture("disk-away").await;
    std::fs::rename(&away, backup).unwrap();
    window.click("Look again").await;
    window.see("Your recovery kit opens your backup").await;
}

async fn restore(window: &Window, backup: &Path, words: &[String]) {
    window.click("Restore on this computer").await;
    window.fill("Backup folder", backup.to_str().unwrap()).await;
    window.click("Open this backup").await;
    window.click("I have a recovery kit").await;
    let mut slip = words.to_vec();
    slip[3] = "keepsake".into();
    window.fill("The words of your recovery kit", &slip.join(" ")).await;
    window.click("Restore").await;
    window.see("word 4 is not in the list of words").await;
    window.picture("restore-by-kit").await;
    window.fill("The words of your recovery kit", &words.join(" ")).await;
    window.click("Restore").await;
    window.see("Your chats are back").await;
    window.click("Read my chats").await;
}

async fn read_words(window: &Window) -> Vec<String> {
    window.see("Your recovery kit").await;
    let read = "return [...document.querySelectorAll('[data-testid=kit-word]')].map((word) => word.textContent)";
    let words = window.script(read).await;
    words.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_string()).collect()
}

/// Numbers of the words that are to be typed back.
async fn asked(window: &Window) -> Vec<usize> {
    let read =
        "return [...document.querySelectorAll('fieldset label')].map((label) => label.textContent)";
    let labels = window.script(read).await;
    let number = |label: &serde_json::Value| {
        label.as_str().unwrap().strip_prefix("Word ").unwrap().trim().parse().unwrap()
    };
    labels.as_array().unwrap().iter().map(number).collect()
}
