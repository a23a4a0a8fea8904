//! Add chats, protect with a code, back up; then a new computer, restore and read.

use crate::driver::Window;
use crate::exports;
use crate::fleet::Fleet;
use std::path::{Path, PathBuf};

#[tokio::test]
#[ignore = "needs a display: script/desktop-session cargo nextest run --run-ignored all -E 'binary(window)'"]
async fn chats_come_back_on_a_new_computer_with_the_code_from_the_screen() {
    let dir = tempfile::Builder::new().prefix("ada-").tempdir().unwrap();
    let fleet = Fleet::up(&dir.path().join("fleet"));
    let exports = exports::invent(&dir.path().join("exports"));
    let backup = dir.path().join("Backup disk");
    std::fs::create_dir(&backup).unwrap();

    let first = Window::open(&dir.path().join("first"), &fleet.url).await;
    add_chats(&first, &exports).await;
    back_up(&first, &backup).await;
    let code = protect(&first).await;
    read(&first).await;
    scroll(&first).await;
    look_around(&first, &code).await;
    first.close().await;

    let second = Window::open(&dir.path().join("second"), &fleet.url).await;
    restore(&second, &backup, &code).await;
    read(&second).await;
    second.close().await;
}

async fn add_chats(window: &Window, exports: &[PathBuf]) {
    window.see("Keep your chats safe").await;
    window.picture("welcome").await;
    window.click("Back up my chats").await;
    for export in exports {
        window.unfold("Or type where it is").await;
        window.fill("Where the export is", export.to_str().unwrap()).await;
        window.click("Look inside").await;
        window.see("This is a WhatsApp export").await;
        if export == &exports[0] {
            window.picture("add-chats").await;
        }
        window.click("Add these chats").await;
        window.see(" added").await;
    }
    window.see("attachment is not in the export").await;
    window.click("Continue").await;
}

/// The first backup runs by itself once there is a place for it.
async fn back_up(window: &Window, backup: &Path) {
    window.fill("Backup folder", backup.to_str().unwrap()).await;
    window.picture("place").await;
    window.click("Use this folder").await;
    window.see("Only this computer can open it so far").await;
    window.picture("first-backup").await;
    window.click("Continue").await;
}

/// Returns the code as it was written down.
async fn protect(window: &Window) -> String {
    window.see("A recovery kit").await;
    window.picture("protect").await;
    window.click("Continue").await;
    window.see("MOCK").await;
    window.see("Practice vault: protects nothing").await;
    window.see("Make a code for me").await;
    window.picture("vault").await;
    window.click("Make recovery code").await;
    let code = window.read_code().await;
    assert_eq!(code.len(), 19, "{code}");
    window.picture("recovery-code").await;
    window.fill("Type it back", "0000-0000-0000-0000").await;
    window.see("This is not the code above").await;
    assert!(!window.is_enabled("I have it safe").await);
    window.fill("Type it back", &code.to_lowercase()).await;
    leave_and_stay(window, &code).await;
    window.click("I have it safe").await;
    window.see("Your chats are safe").await;
    window.click("Read my chats").await;
    code
}

/// Whoever leaves the code is asked, and may stay with what was typed.
async fn leave_and_stay(window: &Window, code: &str) {
    window.click("Cancel").await;
    window.see("Leave without keeping the code?").await;
    window.picture("leave").await;
    window.click("Stay").await;
    window.fill("Type it back", &code.to_lowercase()).await;
}

async fn read(window: &Window) {
    window.click("Lake weekend").await;
    window.see("The lantern is at the pier").await;
    let drawn = window.count("[data-testid=row]").await;
    assert!(drawn < exports::LONG / 4, "{drawn} rows are drawn");
    let seen = "const i = document.querySelector('article img'); return i !== null && i.complete && i.naturalWidth > 0";
    for _ in 0..50 {
        if window.script(seen).await == true {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(window.script(seen).await, true, "the picture is not shown");
    window.picture("chats").await;
    window.fill("Search messages", "lantern").await;
    window.see("I bring the").await;
    assert!(window.count("mark").await >= 2);
    window.picture("search").await;
    window.click("I bring the").await;
    window.see("IMG-20250318-WA0005.jpg").await;
}

/// Reading upwards never jumps, and the far end is one drag away.
async fn scroll(window: &Window) {
    window.fill("Search messages", " ").await;
    window.click("Lake weekend").await;
    window.see("The lantern is at the pier").await;
    let mut seen = Vec::new();
    for _ in 0..30 {
        window.script("document.querySelector('[role=region][tabindex]').scrollTop -= 500").await;
        tokio::time::sleep(std::time::Duration::from_millis(120)).await;
        seen.push(window.script(TOPMOST).await.as_u64().unwrap());
    }
    assert!(seen.is_sorted_by(|a, b| a >= b), "the rows jumped: {seen:?}");
    assert!(seen[0] - seen[29] > 60, "the rows did not move on: {seen:?}");
    window.script("document.querySelector('[role=region][tabindex]').scrollTop = 0").await;
    window.see("created group").await;
}

/// Position of the first row in sight.
const TOPMOST: &str = "
    const list = document.querySelector('[role=region][tabindex]');
    const top = list.getBoundingClientRect().top;
    const rows = [...list.querySelectorAll('[data-position]')];
    return Number(rows.find((row) => row.getBoundingClientRect().bottom > top + 1).dataset.position)";

async fn look_around(window: &Window, code: &str) {
    // The code was shown once; nothing in the page holds it now.
    assert_eq!(window.script("return JSON.stringify(localStorage)").await, "{}");
    let html = window.script("return document.documentElement.innerHTML").await;
    assert!(!html.as_str().unwrap().contains(code));

    window.click("Backup").await;
    window.see("messages are backed up").await;
    window.see("Look inside").await;
    window.picture("backup").await;
    window.click("Check now").await;
    window.see("The backup is whole").await;
    look_inside(window).await;

    window.click("Recovery").await;
    window.see("10 of 10 tries left").await;
    window.fill("Recovery code", &one_slip(code)).await;
    window.see("There is a typing mistake").await;
    assert!(!window.is_enabled("Try the code").await);
    window.fill("Recovery code", code).await;
    window.click("Try the code").await;
    window.see("Your code works").await;
    window.see("This computer tried the recovery code").await;
    assert!(window.does_not_show("Look at this:").await, "its own tries are no alarm");
    window.see("Your backup is there, and you have a way back").await;
    window.picture("recovery").await;

    window.click("Fleet").await;
    window.see("What was checked").await;
    window.picture("fleet").await;
    window.click("Settings").await;
    window.picture("settings").await;
}

/// One chat of an earlier version comes back, and what is here is left alone.
async fn look_inside(window: &Window) {
    window.click("Look inside").await;
    window.see("Chats in this version").await;
    window.choose("Lake weekend").await;
    window.picture("look-inside").await;
    window.click("Bring this chat back").await;
    window.see("0 messages brought back").await;
    window.see("were here already and left alone").await;
    window.unfold("Delete old versions").await;
    window.click("See what would go").await;
    window.see("Nothing would go").await;
}

async fn restore(window: &Window, backup: &Path, code: &str) {
    window.click("Restore on this computer").await;
    window.fill("Backup folder", backup.to_str().unwrap()).await;
    window.click("Open this backup").await;
    window.see("nobody is asked before you say which fleet it is").await;
    window.click("Ask this fleet").await;
    window.see("Its published evidence is good").await;
    window.see("10 tries left").await;
    window.see("MOCK").await;
    window.fill("Recovery code", &one_slip(code)).await;
    window.see("There is a typing mistake").await;
    window.picture("restore").await;
    window.fill("Recovery code", code).await;
    window.click("Restore").await;
    window.see("Your chats are back").await;
    assert!(window.does_not_show(code).await);
    window.picture("restored").await;
    window.click("Read my chats").await;
}

/// The code with its last character changed.
fn one_slip(code: &str) -> String {
    let last = if code.ends_with('7') { '8' } else { '7' };
    format!("{}{last}", &code[..code.len() - 1])
}
