//! `keepsake backup place`

use crate::args::BackupPlace;
use crate::failure::Result;
use crate::output::{Output, when};
use crate::secrets;
use app::model::{PlaceKind, PlaceView};
use app::{Keepsake, PlaceLogin};

pub(super) async fn run(keepsake: &Keepsake, command: BackupPlace, output: Output) -> Result<()> {
    match command {
        BackupPlace::Add { place, name } => {
            let login = name.map(|name| login(name, &place.repo)).transpose()?;
            let added = app::add_place(keepsake, &place.repo, login).await?;
            output.result(&added, |added| {
                format!("{} can be written to and read. Back up to it now.", added.url)
            });
        }
        BackupPlace::List => {
            let all = app::places(keepsake).await?;
            output.result(&all, |all| list(all));
        }
        BackupPlace::Remove(place) => {
            app::forget_place(keepsake, &place.repo).await?;
            output.result(&place.repo, |url| {
                format!("{url} is forgotten here. What is backed up there stays.")
            });
        }
    }
    Ok(())
}

/// A key file has no secret.
fn login(name: String, repo: &str) -> Result<PlaceLogin> {
    let secret = match repo.starts_with("sftp://") {
        true => app::RecoverySecret::new(String::new()),
        false => secrets::place_secret()?,
    };
    Ok(PlaceLogin { name, secret })
}

fn list(all: &[PlaceView]) -> String {
    if all.is_empty() {
        return "No places yet.".into();
    }
    let line = |place: &PlaceView| {
        let kind = match place.kind {
            PlaceKind::Folder => "folder",
            PlaceKind::WebDav => "WebDAV",
            PlaceKind::S3 => "S3",
            PlaceKind::Sftp => "SFTP",
            PlaceKind::Rclone => "rclone",
        };
        let last = place
            .last_backup
            .map_or("no backup yet".into(), |at| format!("last backup {}", when(at * 1000)));
        let login = if place.has_login { ", login stored" } else { "" };
        format!("{}  {kind}, {last}{login}", place.url)
    };
    all.iter().map(line).collect::<Vec<_>>().join("\n")
}
