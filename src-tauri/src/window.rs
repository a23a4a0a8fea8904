//! The one window: asks before it closes while work runs, and gets its page back when the process
//! that draws it dies.

use crate::jobs::Jobs;
use crate::system;
use serde::Serialize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Manager, WebviewWindow, WindowEvent, Wry};
use tauri_plugin_dialog::{DialogExt, MessageDialogKind};
use tauri_specta::Event;

pub(crate) const LABEL: &str = "main";

/// A page that dies more often than this within a minute is not brought back: it would die again.
const MAX_RELOADS: usize = 3;
const RELOADS_WITHIN: Duration = Duration::from_secs(60);

/// The person wants to close the window, and work runs.
#[derive(Clone, Serialize, specta::Type, Event)]
pub(crate) struct CloseAsked;

/// What the window remembers for the next page.
#[derive(Default)]
pub(crate) struct WindowState {
    /// A question that no page has shown yet.
    unseen: AtomicBool,
    deaths: Mutex<Vec<Instant>>,
    died: AtomicBool,
}

impl WindowState {
    /// The page shows the question now.
    pub(crate) fn saw_question(&self) {
        self.unseen.store(false, Ordering::Relaxed);
    }

    /// Whether the page before this one died; says so once.
    pub(crate) fn take_died(&self) -> bool {
        self.died.swap(false, Ordering::Relaxed)
    }

    /// Whether the page is to be loaded anew after it died at `now`.
    fn may_reload(&self, now: Instant) -> bool {
        let mut deaths = self.deaths.lock().unwrap_or_else(PoisonError::into_inner);
        deaths.retain(|at| now.duration_since(*at) < RELOADS_WITHIN);
        deaths.push(now);
        deaths.len() <= MAX_RELOADS
    }

    /// Whether to wait for the page's word. A page that did not even show the last question is
    /// dead, and must not keep the window open.
    fn may_ask(&self, jobs: &Jobs) -> bool {
        !jobs.is_empty() && !self.unseen.swap(true, Ordering::Relaxed)
    }
}

/// What happens to the window.
pub(crate) fn heard(window: &tauri::Window, event: &WindowEvent) {
    let WindowEvent::CloseRequested { api, .. } = event else { return };
    let app = window.app_handle();
    if app.state::<WindowState>().may_ask(&app.state::<Jobs>()) && CloseAsked.emit(app).is_ok() {
        api.prevent_close();
    }
}

/// Brings the page back each time it dies. Work goes on meanwhile.
pub(crate) fn watch_page(window: &WebviewWindow) -> tauri::Result<()> {
    let mourned = window.clone();
    system::when_page_dies(window, move || page_died(&mourned))
}

fn page_died(window: &WebviewWindow) {
    let state = window.state::<WindowState>();
    state.died.store(true, Ordering::Relaxed);
    if state.may_reload(Instant::now()) && window.reload().is_ok() {
        return;
    }
    let words = "The page of this window ended again and again. Your chats are unharmed. Close Keepsake and open it again.";
    window.dialog().message(words).title("Keepsake").kind(MessageDialogKind::Error).show(|_| ());
}

/// Refuses to show anything but the app's own page, whatever a page or a menu asks for.
pub(crate) fn own_page_alone() -> TauriPlugin<Wry> {
    tauri::plugin::Builder::new("own-page-alone")
        .on_navigation(|_, url| is_own_page(url.scheme(), url.host_str()))
        .build()
}

fn is_own_page(scheme: &str, host: Option<&str>) -> bool {
    match (scheme, host) {
        ("tauri", Some("localhost")) | ("http" | "https", Some("tauri.localhost")) => true,
        ("about", _) => true,
        // The page as it is being written, of `tauri dev`.
        ("http", Some("127.0.0.1")) => tauri::is_dev(),
        _ => false,
    }
}

/// Brings the window of a program that runs already to the front.
pub(crate) fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL) {
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_dies_again_and_again_is_left_alone_for_a_while() {
        let state = WindowState::default();
        let start = Instant::now();
        for _ in 0..MAX_RELOADS {
            assert!(state.may_reload(start));
        }
        assert!(!state.may_reload(start));
        assert!(state.may_reload(start + RELOADS_WITHIN));
    }

    #[test]
    fn a_window_without_work_closes_at_once() {
        assert!(!WindowState::default().may_ask(&Jobs::default()));
    }

    #[test]
    fn no_page_but_the_own_one_is_shown() {
        assert!(is_own_page("tauri", Some("localhost")));
        for (scheme, host) in [
            ("https", Some("elsewhere.example")),
            ("http", Some("localhost")),
            ("file", None),
            ("data", None),
            ("javascript", None),
        ] {
            assert!(!is_own_page(scheme, host), "{scheme} {host:?}");
        }
    }

    #[test]
    fn the_death_of_a_page_is_told_once() {
        let state = WindowState::default();
        state.died.store(true, Ordering::Relaxed);
        assert!(state.take_died());
        assert!(!state.take_died());
    }
}
