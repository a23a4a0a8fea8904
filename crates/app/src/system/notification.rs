//! A notification of the desktop.

/// Shows a notification, if there is a desktop that shows any. Quiet: without a sound, and gone by
/// itself where the desktop does that.
pub async fn show_notification(text: &str) {
    let text = text.to_string();
    // Nobody to show it is no failure of the work that it is about.
    let _ = tokio::task::spawn_blocking(move || show(&text)).await;
}

#[cfg(target_os = "linux")]
fn show(text: &str) {
    use notify_rust::{Hint, Notification, Urgency};
    let _ = Notification::new()
        .appname("Keepsake")
        .icon("keepsake-desktop")
        .summary("Keepsake")
        .body(text)
        .hint(Hint::DesktopEntry("Keepsake".into()))
        .hint(Hint::SuppressSound(true))
        .urgency(Urgency::Normal)
        .show();
}

#[cfg(not(target_os = "linux"))]
fn show(_: &str) {}
