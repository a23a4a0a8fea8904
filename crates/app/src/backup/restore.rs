//! Putting a backup's chats into the archive, or into plain files.

use super::archive_source::ArchiveSink;
use super::progress::Watcher;
use super::{named, no_snapshot, offline_keys};
use crate::bridge::watched;
use crate::model::{DecryptReport, RestoreReport};
use crate::places::{self, address, existing_store};
use crate::{AppError, Keepsake, RecoverySecret, Result, Watch};
use backup_engine::{BackupError, MediaHash, Newest, Repository, Sink, Snapshot, SourceError};
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
    let digits = offline_keys::typed(&key)?;
    watched(watch, move |watch| {
        let (repository, _) = Repository::open_offline(existing_store(&url)?, &digits)?;
        let Chosen { snapshot, mut problems } = choose(&repository, None)?;
        let mut sink = PlainFiles::new(&out)?;
        let restored = repository.restore(&snapshot, &Default::default(), &mut sink, &Watcher(watch))?;
        sink.close_stream().map_err(BackupError::Sink)?;
        problems.splice(0..0, repository.header_problems().iter().cloned());
        problems.extend(named(&restored.problems));
        Ok(DecryptReport { snapshot: snapshot.id(), records: sink.records, media: sink.media, problems })
    })
    .await
}

fn run(keepsake: &Keepsake, url: &str, wanted: Option<&str>, watch: &dyn Watch) -> Result<RestoreReport> {
    let began = Instant::now();
    let repository = places::open(keepsake, url)?;
    let Chosen { snapshot, problems } = choose(&repository, wanted)?;
    keepsake.clear_leftovers()?;
    let _writing = keepsake.mark_writing()?;
    let mut archive = keepsake.archive()?;
    let media = keepsake.media()?;
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
    report.problems = problems;
    report.problems.extend(named(&restored.problems));
    report.seconds = began.elapsed().as_secs_f64();
    let whole = wanted.is_none() && report.problems.is_empty();
    remember_restored(keepsake, url, &repository, applied.cursor.filter(|_| whole))?;
    Ok(report)
}

/// After a whole restore into an empty archive, its changes up to `cursor` are in the backup already.
fn remember_restored(keepsake: &Keepsake, url: &str, repository: &Repository, cursor: Option<u64>) -> Result<()> {
    places::remember(keepsake, url, repository, None)?;
    let place = keepsake.place(url)?.filter(|p| p.last_backup.is_none());
    if let (Some(mut place), Some(cursor)) = (place, cursor) {
        place.cursor = cursor;
        keepsake.keep_place(place)?;
    }
    Ok(())
}

/// A snapshot to restore, and why it is not a younger one.
struct Chosen {
    snapshot: Snapshot,
    problems: Vec<String>,
}

/// The named snapshot, or the newest that can be read.
fn choose(repository: &Repository, wanted: Option<&str>) -> Result<Chosen> {
    let Some(wanted) = wanted else {
        let Newest { snapshot, problems } = repository.newest()?;
        return match (snapshot, problems.into_iter().next()) {
            (Some(snapshot), problem) => {
                let used = |p: BackupError| format!("{p}; snapshot {} was used instead", snapshot.sequence());
                let problems = problem.map(used).into_iter().collect();
                Ok(Chosen { snapshot, problems })
            }
            (None, Some(problem)) => Err(problem.into()),
            (None, None) => Err(no_snapshot()),
        };
    };
    let named = |s: &Snapshot| s.sequence().to_string() == wanted || s.id() == wanted;
    match repository.chain()?.snapshots.into_iter().find(named) {
        Some(snapshot) => Ok(Chosen { snapshot, problems: vec![] }),
        None => Err(AppError::new(
            "not_found",
            format!("There is no snapshot {wanted}."),
            "Nothing was changed.",
            "Look at the list of backups again.",
        )
        .with_command("keepsake backup list")),
    }
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
