//! What is particular to one operating system.

/// To be called before anything else.
pub(crate) fn prepare() {
    #[cfg(target_os = "linux")]
    linux::without_dmabuf();
}

/// Why no window can be opened here, if that is plain beforehand.
pub(crate) fn no_display() -> Option<&'static str> {
    #[cfg(target_os = "linux")]
    return linux::no_display();
    #[cfg(not(target_os = "linux"))]
    None
}

/// Does what panics where GTK cannot be started, a display that does not answer for one; `None` if
/// it did, without a trace on the terminal.
pub(crate) fn without_panic<T>(work: impl FnOnce() -> T) -> Option<T> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    std::panic::set_hook(hook);
    done.ok()
}

/// Calls back each time the process that draws the page has died.
#[cfg(target_os = "linux")]
pub(crate) fn when_page_dies(
    window: &tauri::WebviewWindow,
    died: impl Fn() + Send + 'static,
) -> tauri::Result<()> {
    use webkit2gtk::WebViewExt;
    window.with_webview(move |page| {
        page.inner().connect_web_process_terminated(move |_, _| died());
    })
}

/// Only WebKitGTK leaves a dead page to the program.
#[cfg(not(target_os = "linux"))]
pub(crate) fn when_page_dies(
    _: &tauri::WebviewWindow,
    _: impl Fn() + Send + 'static,
) -> tauri::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    /// WebKitGTK reads it once, when it starts; `0` brings the renderer back.
    const NO_DMABUF: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

    /// With that renderer the window stays blank on many computers with NVIDIA's driver or Wayland.
    /// The environment of a running process cannot be changed safely: the program starts itself
    /// again in its own place.
    pub(super) fn without_dmabuf() {
        if std::env::var_os(NO_DMABUF).is_some() {
            return;
        }
        if let Ok(program) = std::env::current_exe() {
            // It only returns where it failed, and then the program goes on as it is.
            let _ =
                Command::new(program).args(std::env::args_os().skip(1)).env(NO_DMABUF, "1").exec();
        }
    }

    pub(super) fn no_display() -> Option<&'static str> {
        let named = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let none = !named("DISPLAY") && !named("WAYLAND_DISPLAY");
        none.then_some("There is no display here: neither DISPLAY nor WAYLAND_DISPLAY is set.")
    }
}
