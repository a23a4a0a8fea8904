//! With a security key and no code: protect, back up; then a new computer, the same key, restore, a
//! code beside it, and the passkey removed.

use crate::driver::Window;
use crate::exports;
use crate::fleet::Fleet;
use crate::security_key::{PIN, SecurityKey};
use std::path::{Path, PathBuf};

#[tokio::test]
#[ignore = "needs a display: script/desktop-session cargo nextest run --run-ignored all -E 'binary(window)'"]
async fn a_security_key_opens_the_backup_on_a_new_computer_until_it_is_removed() {
    let dir = tempfile::Builder::new().prefix("bo-").tempdir().unwrap();
    let fleet = Fleet::up(&dir.path().join("fleet"));
    let [export, ..] = exports::invent(&dir.path().join("exports"));
    let backup = dir.path().join("Backup disk");
    std::fs::create_dir(&backup).unwrap();
    let key = SecurityKey::new(&programs(), &dir.path().join("first key")).unwrap();

    let first = open(&dir.path().join("first"), &fleet, &key).await;
    add_chats(&first, &export).await;
    back_up(&first, &backup).await;
    protect_with_key(&first).await;
    first.see("Your chats are safe").await;
    first.close().await;

    let key = key.carry_to(&programs(), &dir.path().join("second key")).unwrap();
    let second = open(&dir.path().join("second"), &fleet, &key).await;
    restore_with_key(&second, &backup).await;
    let code = add_code(&second).await;
    show_code(&second, &code).await;
    remove(&second).await;
    second.close().await;

    let third = open(&dir.path().join("third"), &fleet, &key).await;
    third.click("Restore on this computer").await;
    third.fill("Backup folder", backup.to_str().unwrap()).await;
    third.click("Open this backup").await;
    third.click("Ask this fleet").await;
    third.see("10 tries left").await;
    assert!(third.does_not_show("With a passkey").await, "it is no way in any more");
    third.close().await;
}

async fn open(home: &Path, fleet: &Fleet, key: &SecurityKey) -> Window {
    let socket = key.socket().to_str().unwrap().to_string();
    Window::open_with(home, &fleet.url, &[("KEEPSAKE_MOCK_SECURITY_KEY", &socket)]).await
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
}

async fn protect_with_key(window: &Window) {
    window.choose("A security key").await;
    window.click("Continue").await;
    window.choose("MOCK security key").await;
    window.see("It does not protect real chats").await;
    window.fill("PIN of the security key", "0000000").await;
    window.click("Make this passkey").await;
    window.see("The PIN is wrong, 7 tries are left").await;
    window.fill("PIN of the security key", PIN).await;
    window.click("Make this passkey").await;
    window.see("is a way back now").await;
    window.see("On a new computer you will need this security key and its PIN").await;
    assert_pin_is_gone(window).await;
    window.click("Go on without a code").await;
}

async fn restore_with_key(window: &Window, backup: &Path) {
    window.click("Restore on this computer").await;
    window.fill("Backup folder", backup.to_str().unwrap()).await;
    window.click("Open this backup").await;
    window.click("Ask this fleet").await;
    window.see("The vault checks the passkey").await;
    window.fill("PIN of the security key", PIN).await;
    window.click("Restore").await;
    window.see("Your chats are back").await;
    assert_pin_is_gone(window).await;
    window.click("Read my chats").await;
}

/// Beside the passkey; returns the code.
async fn add_code(window: &Window) -> String {
    window.click("Recovery").await;
    window.see("The last way in").await;
    window.click("Add a recovery code").await;
    window.click("Continue").await;
    window.click("Make recovery code").await;
    let code = window.read_code().await;
    window.fill("Type it back", &code).await;
    window.click("I have it safe").await;
    code
}

async fn show_code(window: &Window, code: &str) {
    window.click("Recovery").await;
    window.see("10 of 10 tries left").await;
    assert!(window.does_not_show(code).await);
    window.click("Show the code…").await;
    window.fill("PIN of the security key", PIN).await;
    window.click("Show the code").await;
    assert_eq!(window.read_code().await, code);
    window.click("Hide the code").await;
    window.see("The code is hidden again").await;
    let html = window.script("return document.documentElement.innerHTML").await;
    assert!(!html.as_str().unwrap().contains(&code[..4]), "the page still holds the code");
}

async fn remove(window: &Window) {
    window.click("Prove that it works").await;
    // The button under the field has the words of the one above it: Enter does the same.
    window.fill("PIN of the security key", &format!("{PIN}\u{e007}")).await;
    window.see("” works.").await;
    window.click("Remove").await;
    window.see("this computer and the recovery code").await;
    window.click("Remove this passkey").await;
    window.see("was removed").await;
    window.see("No passkey yet").await;
    window.see("A passkey was removed").await;
}

async fn assert_pin_is_gone(window: &Window) {
    let typed =
        "return [...document.querySelectorAll('input')].map((field) => field.value).join('|')";
    assert!(
        !window.script(typed).await.as_str().unwrap().contains(PIN),
        "a field still holds the PIN"
    );
}

fn programs() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_keepsake-desktop")).parent().unwrap().to_path_buf()
}
