//! The desktop window over `app`: opens the home, hands every command on, shows attachments. No
//! logic of its own.

mod bindings;
mod by_itself;
mod commands;
mod home;
mod jobs;
mod link;
mod media;
mod system;
mod window;

use home::OpenHome;
use tauri::plugin::TauriPlugin;
use tauri::{Manager, RunEvent, Wry};
use tauri_plugin_window_state::StateFlags;

/// Opens the window and runs until it is closed.
///
/// # Errors
/// Why no window could be opened, in words.
pub fn run() -> Result<(), String> {
    system::prepare();
    if let Some(why) = system::no_display() {
        return Err(why.into());
    }
    let bindings = bindings::builder();
    let home = OpenHome::open();
    let builder = tauri::Builder::default()
        // First: a second program for this home ends here, before it does anything.
        .plugin(one_for_each(&home))
        .plugin(window::own_page_alone())
        .plugin(tauri_plugin_dialog::init())
        .plugin(size_and_place(&home))
        .register_asynchronous_uri_scheme_protocol(media::SCHEME, media::serve)
        .invoke_handler(bindings.invoke_handler())
        .manage(jobs::Jobs::default())
        .manage(window::WindowState::default())
        .manage(home)
        .on_window_event(window::heard)
        .setup(move |app| {
            bindings.mount_events(app);
            // Where it cannot be watched, the window works without.
            let _ = app.get_webview_window(window::LABEL).map(|w| window::watch_page(&w));
            by_itself::start(app.handle());
            Ok(())
        });
    let app = system::without_panic(|| builder.build(tauri::generate_context!()))
        .ok_or("The window system of this computer could not be started.")?;
    let app = app.map_err(|error| format!("The window could not be opened: {error}."))?;
    app.run(|app, event| {
        if let (RunEvent::Exit, Ok(keepsake)) = (event, app.state::<OpenHome>().keepsake()) {
            app::clear_opened(&keepsake);
        }
    });
    Ok(())
}

/// One program for each home: a second one brings the window of the first to the front, and hands
/// it the link that it was started with.
fn one_for_each(home: &OpenHome) -> TauriPlugin<Wry> {
    tauri_plugin_single_instance::Builder::new()
        .dbus_id(format!("org.keepsake.desktop.home{}", home.tag()))
        .callback(|app, arguments, _| {
            window::show(app);
            link::hand_on(app, arguments);
        })
        .build()
}

/// The window comes back as it was left, for each home.
fn size_and_place(home: &OpenHome) -> TauriPlugin<Wry> {
    let (place, size) = (StateFlags::POSITION, StateFlags::SIZE);
    tauri_plugin_window_state::Builder::new()
        .with_state_flags(place | size | StateFlags::MAXIMIZED | StateFlags::FULLSCREEN)
        .with_filename(home.window_file().display().to_string())
        .build()
}
