//! Putting a backup's chats into the archive, or into plain files.

use crate::archive_backup::ArchiveSink;
use crate::back_up::{Watcher, remember, typed_offline_key};
use crate::bridge::watched;
use crate::model::{DecryptReport, RestoreReport};
use crate::places::{self, address, existing_store};
use crate::{AppError, Keepsake, RecoverySecret, Result, Watch};
use backup_engine::{BackupError, MediaHash, Repository, Sink, Snapshot, SourceError};
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Restores a snapshot (the newest by default): messages first, then media. Never overwrites or deletes; doing it again
/// adds nothing, so a restore that was stopped is simply repeated.
pub async fn restore(
    keepsake: &Keepsake,
    repo: &str,
    snapshot: Option<String>,
    watch: &dyn Watch,
) -> Result<RestoreReport> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    watched(watch, move |watch| run(&keepsake, &url, snapshot.as_deref(), watch)).await
}

/// Writes a backup's records and media as plain files below `out`, with nothing but its 64-digit key: no vault, no
/// network, no home. `out` must not exist or be empty.
pub async fn decrypt_backup(repo: &str, key: RecoverySecret, out: &Path, watch: &dyn Watch) -> Result<DecryptReport> {
    let (url, out) = (address(repo)?, out.to_path_buf());
    let digits = typed_offline_key(&key)?;
    watched(watch, move |watch| {
        let (repository, _) = Repository::open_offline(existing_store(&url)?, &digits)?;
        let snapshot = repository.latest()?.ok_or_else(no_snapshot)?;
        let mut sink = PlainFiles::new(&out)?;
        let restored = repository.restore(&snapshot, &Default::default(), &mut sink, &Watcher(watch))?;
        sink.close_stream().map_err(BackupError::Sink)?;
        let (records, media) = (sink.records, sink.media);
        Ok(DecryptReport { snapshot: snapshot.id(), records, media, problems: named(&restored.problems) })
    })
    .await
}

fn run(keepsake: &Keepsake, url: &str, wanted: Option<&str>, watch: &dyn Watch) -> Result<RestoreReport> {
    let began = Instant::now();
    let repository = places::open(keepsake, url)?;
    let snapshot = find(&repository, wanted)?;
    let (mut archive, media) = (keepsake.archive()?, keepsake.media()?);
    let empty = RestoreReport {
        snapshot: snapshot.id(),
        conversations: 0,
        messages: 0,
        media: 0,
        kept: 0,
        seconds: 0.0,
        problems: vec![],
    };
    let mut sink = ArchiveSink::new(&mut archive, &media, empty);
    let restored = repository.restore(&snapshot, &Default::default(), &mut sink, &Watcher(watch))?;
    let applied = sink.finish();
    let mut report = applied.report;
    report.problems = named(&restored.problems);
    report.seconds = began.elapsed().as_secs_f64();
    let whole = wanted.is_none() && report.problems.is_empty();
    remember_restored(keepsake, url, &repository, applied.cursor.filter(|_| whole))?;
    Ok(report)
}

/// After a whole restore into an empty archive, its changes up to `cursor` are in the backup already.
fn remember_restored(keepsake: &Keepsake, url: &str, repository: &Repository, cursor: Option<u64>) -> Result<()> {
    remember(keepsake, url, repository, None)?;
    let place = keepsake.place(url)?.filter(|p| p.last_backup.is_none());
    if let (Some(mut place), Some(cursor)) = (place, cursor) {
        place.cursor = cursor;
        keepsake.keep_place(place)?;
    }
    Ok(())
}

fn find(repository: &Repository, wanted: Option<&str>) -> Result<Snapshot> {
    let Some(wanted) = wanted else { return repository.latest()?.ok_or_else(no_snapshot) };
    let named = |s: &Snapshot| s.sequence().to_string() == wanted || s.id() == wanted;
    let found = repository.snapshots()?.into_iter().find(named);
    found.ok_or_else(|| {
        AppError::new(
            "not_found",
            format!("There is no snapshot {wanted}."),
            "Nothing was changed.",
            "Look at the list of backups again.",
        )
        .with_command("keepsake backup list")
    })
}

fn named(problems: &[BackupError]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

fn no_snapshot() -> AppError {
    AppError::new("not_found", "There is no finished backup here yet.", "Nothing was changed.", "Back up first.")
}

/// `records/<stream>.jsonl` and `media/<hash>`, all private to this user.
struct PlainFiles {
    out: PathBuf,
    open: Option<(Vec<u8>, BufWriter<File>)>,
    records: u64,
    media: u64,
}

impl PlainFiles {
    fn new(out: &Path) -> Result<Self> {
        let refused = |e: io::Error| AppError::disk("writing the decrypted files", &e);
        crate::files::make_private_dir(out).map_err(refused)?;
        if fs::read_dir(out).map_err(refused)?.next().is_some() {
            let happened = format!("{} is not empty.", out.display());
            return Err(AppError::new("not_empty", happened, "Nothing was written.", "Choose a new folder.")
                .with_command("--out DIR"));
        }
        for folder in ["records", "media"] {
            crate::files::make_private_dir(&out.join(folder)).map_err(refused)?;
        }
        Ok(Self { out: out.into(), open: None, records: 0, media: 0 })
    }

    fn close_stream(&mut self) -> std::result::Result<(), SourceError> {
        if let Some((_, mut file)) = self.open.take() {
            file.flush()?;
        }
        Ok(())
    }

    fn stream(&mut self, stream: &[u8]) -> io::Result<&mut BufWriter<File>> {
        if self.open.as_ref().is_none_or(|(name, _)| name != stream) {
            if let Some((_, mut file)) = self.open.take() {
                file.flush()?;
            }
            let path = self.out.join("records").join(format!("{}.jsonl", hex_name(stream)));
            let file = File::options().append(true).create(true).open(path)?;
            self.open = Some((stream.to_vec(), BufWriter::new(file)));
        }
        Ok(&mut self.open.as_mut().expect("just opened").1)
    }
}

/// A stream's own name when it is plain hex, as this app writes it; else the hex of it.
fn hex_name(stream: &[u8]) -> String {
    match std::str::from_utf8(stream) {
        Ok(name) if !name.is_empty() && name.bytes().all(|b| b.is_ascii_hexdigit()) => name.into(),
        _ => hex::encode(stream),
    }
}

impl Sink for PlainFiles {
    fn record(&mut self, stream: &[u8], bytes: &[u8]) -> std::result::Result<(), SourceError> {
        let file = self.stream(stream)?;
        file.write_all(bytes)?;
        file.write_all(b"\n")?;
        self.records += 1;
        Ok(())
    }

    fn stream_done(&mut self, _: &[u8]) -> std::result::Result<(), SourceError> {
        self.close_stream()
    }

    fn has_media(&mut self, _: &MediaHash) -> std::result::Result<bool, SourceError> {
        Ok(false)
    }

    fn media(&mut self, hash: &MediaHash, _: u64, content: &mut dyn Read) -> std::result::Result<(), SourceError> {
        let path = self.out.join("media").join(hex::encode(hash));
        let copied = File::create(&path).and_then(|mut file| io::copy(content, &mut file));
        if let Err(error) = copied {
            let _ = fs::remove_file(&path);
            return Err(error.into());
        }
        self.media += 1;
        Ok(())
    }
}
