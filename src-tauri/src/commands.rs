//! What the window may ask for. Each is one call of `app`.

pub(crate) mod backup;
pub(crate) mod chats;
pub(crate) mod key_change;
pub(crate) mod passkeys;
pub(crate) mod protection;
pub(crate) mod reading;
pub(crate) mod window;

use crate::home::OpenHome;
use crate::jobs::Job;
use app::model::*;
use app::{
    AppError, DateOrder, FleetPin, ImportOptions, OfflineVerify, RecoverySecret, VerifyOptions,
};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tauri::State;

type Answer<T> = Result<T, AppError>;
type Home<'a> = State<'a, OpenHome>;

/// A code or a PIN as it was typed: wiped here after use. The web view's own copy goes when the
/// field is cleared.
#[derive(Deserialize, specta::Type)]
#[serde(transparent)]
pub struct TypedCode(String);

impl From<TypedCode> for RecoverySecret {
    fn from(typed: TypedCode) -> Self {
        RecoverySecret::new(typed.0)
    }
}

/// The window knows no other word on a backup's fleet than the recovery sheet's.
fn sheet(fleet: Option<String>) -> Option<FleetPin> {
    fleet.map(FleetPin::Sheet)
}

/// What the window says about itself.
#[derive(Serialize, specta::Type)]
pub(crate) struct About {
    pub version: String,
    pub home: String,
    /// What the person has to be told about this computer's key, if anything.
    pub device_key_warning: Option<String>,
    /// The fleet of the link that the window was opened with, or `KEEPSAKE_FLEET_URL`: to fill in
    /// the fleet's address.
    pub fleet_url: Option<String>,
    /// The window was opened with a link to a fleet.
    pub by_link: bool,
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn about(home: Home<'_>) -> Answer<About> {
    let keepsake = home.keepsake()?;
    let linked = crate::link::fleet_in(std::env::args());
    Ok(About {
        by_link: linked.is_some(),
        version: env!("CARGO_PKG_VERSION").into(),
        home: keepsake.home().display().to_string(),
        device_key_warning: keepsake.device_key_warning().map(Into::into),
        fleet_url: linked.or_else(|| std::env::var("KEEPSAKE_FLEET_URL").ok()),
    })
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn status(home: Home<'_>) -> Answer<Status> {
    app::status(&home.keepsake()?).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn detect(
    home: Home<'_>,
    path: String,
    key: Option<TypedCode>,
    key_file: Option<PathBuf>,
) -> Answer<Detected> {
    let options = ImportOptions {
        key: key.map(|key| Arc::new(key.into())),
        key_file,
        ..ImportOptions::default()
    };
    app::detect(&home.keepsake()?, Path::new(&path), options).await
}

/// Where installed messengers keep chats; nothing there is read.
#[tauri::command]
#[specta::specta]
pub(crate) async fn look_around() -> Answer<Vec<KnownPlace>> {
    Ok(app::look_around())
}

#[tauri::command]
#[specta::specta]
#[allow(clippy::too_many_arguments)]
pub(crate) async fn import_chats(
    home: Home<'_>,
    job: Job,
    path: String,
    date_order: Option<DateOrder>,
    key: Option<TypedCode>,
    key_file: Option<PathBuf>,
) -> Answer<ImportReport> {
    let key = key.map(|key| Arc::new(key.into()));
    let options = ImportOptions { date_order, key, key_file, ..ImportOptions::default() };
    job.end(app::import_chats(&home.keepsake()?, Path::new(&path), options, &job).await)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn conversations(home: Home<'_>) -> Answer<Vec<ConversationView>> {
    app::conversations(&home.keepsake()?).await
}

/// Which of a chat's people is the owner; `person` is null for none of them.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_owner(
    home: Home<'_>,
    conversation: i64,
    person: Option<String>,
    everywhere: bool,
) -> Answer<()> {
    app::set_owner(&home.keepsake()?, conversation, person.as_deref(), everywhere).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn same_chats(home: Home<'_>) -> Answer<Vec<SameChat>> {
    app::same_chats(&home.keepsake()?).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn unite_chats(home: Home<'_>, a: i64, b: i64) -> Answer<i64> {
    app::unite_chats(&home.keepsake()?, a, b).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn keep_chats_apart(home: Home<'_>, a: i64, b: i64) -> Answer<()> {
    app::keep_chats_apart(&home.keepsake()?, a, b).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn separate_chat(home: Home<'_>, conversation: i64) -> Answer<Vec<i64>> {
    app::separate_chat(&home.keepsake()?, conversation).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn messages(
    home: Home<'_>,
    conversation: i64,
    from: u64,
    count: u32,
    words: String,
) -> Answer<Vec<MessageView>> {
    app::messages_with(&home.keepsake()?, conversation, from, count, &words).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn position_at(home: Home<'_>, conversation: i64, at: i64) -> Answer<u64> {
    app::position_at(&home.keepsake()?, conversation, at).await
}

#[tauri::command]
#[specta::specta]
pub(crate) fn code_strength(code: TypedCode) -> CodeStrength {
    app::code_strength(&code.0)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn enroll(
    home: Home<'_>,
    job: Job,
    fleet_url: String,
    own_code: Option<TypedCode>,
) -> Answer<NewCode> {
    job.end(app::enroll(&home.keepsake()?, &fleet_url, own_code.map(Into::into), &job).await)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn rotate_code(
    home: Home<'_>,
    job: Job,
    own_code: Option<TypedCode>,
) -> Answer<NewCode> {
    job.end(app::rotate_code(&home.keepsake()?, own_code.map(Into::into), &job).await)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn drill(home: Home<'_>, job: Job, code: TypedCode) -> Answer<Recovered> {
    job.end(app::drill(&home.keepsake()?, code.into(), &job).await)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn vault_status(home: Home<'_>) -> Answer<VaultStatus> {
    app::vault_status(&home.keepsake()?).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn vault_events(home: Home<'_>) -> Answer<Vec<VaultEvent>> {
    app::vault_events(&home.keepsake()?).await
}

/// All tries are back, by the owner's word.
#[tauri::command]
#[specta::specta]
pub(crate) async fn reset_tries(home: Home<'_>) -> Answer<TriesReset> {
    app::reset_tries(&home.keepsake()?).await
}

/// Tells sites what they do not know yet; gives what is left.
#[tauri::command]
#[specta::specta]
pub(crate) async fn carry_on(home: Home<'_>) -> Answer<Vec<Pending>> {
    app::carry_on(&home.keepsake()?).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn verify_fleet(home: Home<'_>, fleet_url: String) -> Answer<FleetReport> {
    app::verify_fleet(&home.keepsake()?, &fleet_url).await
}

/// With the evidence in a folder instead of the published one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn verify_fleet_evidence(
    home: Home<'_>,
    fleet_url: String,
    folder: String,
) -> Answer<FleetReport> {
    let options = VerifyOptions { evidence: Some(folder), ..VerifyOptions::default() };
    app::verify_fleet_with(&home.keepsake()?, &fleet_url, &options).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn verify_bundle_file(
    home: Home<'_>,
    saved: OfflineVerify,
) -> Answer<FleetReport> {
    app::verify_bundle_file(&home.keepsake()?, &saved).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_fleet_report(report: FleetReport, path: String) -> Answer<()> {
    app::save_fleet_report(&report, Path::new(&path))
}

/// `fleet` is its address or fingerprint as typed; not needed for this computer's own account.
#[tauri::command]
#[specta::specta]
pub(crate) async fn ask_vault(
    home: Home<'_>,
    place: String,
    fleet: Option<String>,
) -> Answer<BackupVault> {
    app::ask_vault(&home.keepsake()?, &place, sheet(fleet).as_ref()).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn recover(
    home: Home<'_>,
    job: Job,
    place: String,
    fleet: Option<String>,
    code: TypedCode,
) -> Answer<Recovered> {
    let fleet = sheet(fleet);
    job.end(app::recover(&home.keepsake()?, &place, fleet.as_ref(), code.into(), &job).await)
}
