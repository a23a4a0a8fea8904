//! Fleets as files: every published case, judged by the window; and one done by hand on the Fleet
//! page.

use crate::cases::{self, Saved};
use crate::driver::Window;
use crate::fleet::Fleet;
use serde_json::json;

#[tokio::test]
#[ignore = "needs a display: script/desktop-session cargo nextest run --run-ignored all -E 'binary(window)'"]
async fn saved_fleets_are_judged_by_the_checks_that_they_name() {
    let dir = tempfile::tempdir().unwrap();
    let fleet = Fleet::up(&dir.path().join("fleet"));
    let window = Window::open(&dir.path().join("home"), &fleet.url).await;
    window.see("Keep your chats safe").await;
    let objections = cases::judge_all(&window, dir.path()).await;
    assert!(objections.is_empty(), "{}", objections.join("\n"));

    // With a code there is more than the welcome, and a page where a person does it by hand.
    window
        .invoke("enroll", json!({ "job": 1, "fleetUrl": fleet.url, "ownCode": null }))
        .await
        .unwrap();
    window.reload().await;
    window.click("Fleet").await;
    window.see("What was checked").await;
    window.unfold("Check saved files").await;
    let saved = Saved::fetch(&fleet.url, dir.path().join("saved"));
    saved.check_by_hand(&window).await;
    window.see("This holds for the fleet whose address ends in").await;
    window.see("Practice vault: protects nothing").await;
    assert_eq!(window.count("li.fail").await, 0);
    saved.alter();
    saved.check_by_hand(&window).await;
    window.see("Do not trust this fleet").await;
    assert_eq!(
        window.script("return document.querySelector('li.fail code').textContent").await,
        "B1"
    );
    window.close().await;
}
