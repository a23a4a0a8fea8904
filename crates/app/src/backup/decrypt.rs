//! A backup as plain files.

use super::contents::{Chosen, choose};
use super::named;
use super::progress::Watcher;
use super::typed_key::typed;
use crate::backup::destinations::{address, folder_store};
use crate::model::DecryptReport;
use crate::progress::watched;
use crate::{AppError, NextStep, RecoverySecret, Result, Watch};
use backup_engine::{BackupError, MediaHash, Repository, Sink, SourceError};
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Writes a backup's records and media as plain files below `out`, with nothing but its 64-digit
/// key: no vault, no network, no home. `out` must not exist or be empty.
pub async fn decrypt_backup(
    repo: &str,
    key: RecoverySecret,
    out: &Path,
    watch: &dyn Watch,
) -> Result<DecryptReport> {
    let (url, out) = (address(repo)?, out.to_path_buf());
    let digits = typed(&key)?;
    watched(watch, move |watch| {
        let (repository, _) = Repository::open_offline(folder_store(&url)?, &digits)?;
        let Chosen { snapshot, mut problems } = choose(&repository, None)?;
        let mut sink = PlainFiles::new(&out)?;
        let restored =
            repository.restore(&snapshot, &Default::default(), &mut sink, &Watcher(watch))?;
        sink.close_stream().map_err(BackupError::Sink)?;
        problems.splice(0..0, repository.header_problems().iter().cloned());
        problems.extend(named(&restored.problems));
        Ok(DecryptReport {
            snapshot: snapshot.id(),
            records: sink.records,
            media: sink.media,
            missing_media: restored.missing.len() as u64,
            problems,
        })
    })
    .await
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
        durable_files::create_private_dirs(out).map_err(refused)?;
        if fs::read_dir(out).map_err(refused)?.next().is_some() {
            let happened = format!("{} is not empty.", out.display());
            return Err(AppError::new(
                "not_empty",
                happened,
                "Nothing was written.",
                NextStep::ChooseNewFolder,
            ));
        }
        for folder in ["records", "media"] {
            durable_files::create_private_dirs(&out.join(folder)).map_err(refused)?;
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

    fn media(
        &mut self,
        hash: &MediaHash,
        _: u64,
        content: &mut dyn Read,
    ) -> std::result::Result<(), SourceError> {
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
