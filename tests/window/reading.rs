//! Reading without a fleet: hits in a chat, a picture as large as the window, another screen and
//! back.

use crate::driver::Window;
use crate::exports;
use serde_json::json;
use std::time::Duration;

/// WebDriver's names of keys: its specification, section 17.4.2.
const CONTROL: char = '\u{e009}';
const NO_MODIFIER: char = '\u{e000}';
const ENTER: char = '\u{e007}';
const ESCAPE: char = '\u{e00c}';
const RIGHT: char = '\u{e014}';
const HOME: char = '\u{e011}';
const END: char = '\u{e010}';

#[tokio::test]
#[ignore = "needs a display: script/desktop-session cargo nextest run --run-ignored all -E 'binary(window)'"]
async fn a_person_reads_as_they_are_used_to() {
    let dir = tempfile::tempdir().unwrap();
    let window = Window::open(&dir.path().join("home"), "").await;
    window.see("Keep your chats safe").await;
    for (job, export) in exports::invent(&dir.path().join("exports")).iter().enumerate() {
        let import =
            json!({ "job": job, "path": export, "dateOrder": null, "key": null, "keyFile": null });
        window.invoke("import_chats", import).await.unwrap();
    }
    window.reload().await;
    window.click("Lake weekend").await;
    window.see("The lantern is at the pier").await;
    go_to_the_ends(&window).await;
    go_from_hit_to_hit(&window).await;
    look_at_the_picture(&window).await;
    come_back(&window).await;
    window.close().await;
}

async fn go_to_the_ends(window: &Window) {
    window.press("[data-testid=messages]").await;
    window.keys(&HOME.to_string()).await;
    window.see("created group").await;
    window.keys(&END.to_string()).await;
    window.see("The lantern is at the pier").await;
}

/// The stove is in every sixth message: further than one screen, and marked in each.
async fn go_from_hit_to_hit(window: &Window) {
    window.keys(&format!("{CONTROL}f{NO_MODIFIER}")).await;
    window.fill("Find in this chat", "stove").await;
    window.see("1 of 100").await;
    window.picture("hits").await;
    window.keys(&ENTER.to_string()).await;
    window.see("2 of 100").await;
    assert!(window.count("article mark").await > 0, "the word is not marked");
    window.keys(&ESCAPE.to_string()).await;
    until_gone(window, "[role=search]").await;
}

/// As large as the window, and closed by a key.
async fn look_at_the_picture(window: &Window) {
    window.press("[data-testid=messages]").await;
    window.keys(&END.to_string()).await;
    window.press("article button.picture").await;
    window.see("Go to the message").await;
    window.picture("viewer").await;
    window.keys(&RIGHT.to_string()).await;
    window.see("This is the last one").await;
    window.keys(&ESCAPE.to_string()).await;
    until_gone(window, "[data-testid=viewer]").await;
}

/// Another screen, and back: the chat and the search are as they were left.
async fn come_back(window: &Window) {
    window.fill("Search messages", "platform").await;
    window.click("from platform 6").await;
    window.see("Which train do you take").await;
    window.click("Settings").await;
    window.see("Appearance").await;
    window.click("Chats").await;
    window.see("Which train do you take").await;
    assert_eq!(window.value("Search messages").await, "platform");
}

async fn until_gone(window: &Window, selector: &str) {
    for _ in 0..50 {
        if window.count(selector).await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{selector} stays");
}
