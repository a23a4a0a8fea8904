//! The desktop window over `app`: opens the home, hands every command on, shows attachments. No
//! logic of its own.

mod bindings;
mod by_itself;
mod commands;
mod home;
mod jobs;
mod media;

use tauri::Manager;

/// Opens the window and runs until it is closed.
pub fn run() {
    let bindings = bindings::builder();
    tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .register_asynchronous_uri_scheme_protocol(media::SCHEME, media::serve)
        .invoke_handler(bindings.invoke_handler())
        .manage(jobs::Jobs::default())
        .setup(move |app| {
            bindings.mount_events(app);
            app.manage(home::OpenHome::open());
            by_itself::start(app.handle());
            Ok(())
        })
        .run(tauri::generate_context!())
        .expect("the window system is there");
}
