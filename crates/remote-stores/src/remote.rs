//! Blobs over any service.

use crate::error::{is_connection_lost, store_error};
use crate::pace::{Limits, Pace};
use crate::rclone::Rclone;
use crate::runtime::wait;
use backup_engine::{Distance, Store, StoreEntry, StoreError, check_blob_path};
use bytes::Bytes;
use futures_util::TryStreamExt;
use opendal::services::SFTP_SCHEME;
use opendal::{EntryMode, ErrorKind, Operator};
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// Begins the names of what is being written. Never a blob's name, because it starts with a dot.
const UNFINISHED: &str = ".unfinished-";

/// Blobs in one folder: packs of 16 MiB would hold 16 TiB. A store that names more is not believed.
const MAX_ENTRIES: usize = 1 << 20;

/// What is still unfinished after so long was given up.
const OLD: Duration = Duration::from_secs(24 * 60 * 60);

/// A place that was not reached, with all its retries, is not asked again for so long: who works
/// through many objects hears of it after one of them.
const REST: Duration = Duration::from_secs(30);

/// How a service is made to write all or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    /// It does so by itself.
    InPlace,
    /// Under another name, which is then changed.
    Beside,
}

pub(crate) struct RemoteStore {
    operator: Operator,
    writing: Writing,
    up: Pace,
    down: Pace,
    /// Tells apart what this process is writing.
    tag: String,
    written: AtomicU64,
    unreachable: Mutex<Option<(Instant, String)>>,
    /// Runs as long as the store is used.
    _server: Option<Rclone>,
}

impl RemoteStore {
    pub(crate) fn new(operator: Operator, writing: Writing, limits: Limits) -> Self {
        let started = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let tag = format!("{UNFINISHED}{}-{}", std::process::id(), started.as_nanos());
        let (up, down) = (Pace::new(limits.up), Pace::new(limits.down));
        Self {
            operator,
            writing,
            up,
            down,
            tag,
            written: AtomicU64::new(0),
            unreachable: Mutex::new(None),
            _server: None,
        }
    }

    pub(crate) fn served_by(self, server: Rclone) -> Self {
        Self { _server: Some(server), ..self }
    }

    /// Runs one request to its end.
    fn ask<T, F>(
        &self,
        path: &str,
        request: impl FnOnce(Operator, String) -> F,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = opendal::Result<T>> + Send + 'static,
    {
        if let Some(cause) = self.unreachable() {
            return Err(StoreError::Unreachable { path: path.into(), cause });
        }
        let answer = wait(request(self.operator.clone(), path.to_string()));
        let lost = || StoreError::Unreachable {
            path: path.into(),
            cause: "the request was given up".into(),
        };
        answer.ok_or_else(lost)?.map_err(|error| {
            let is_lost = is_connection_lost(&error);
            let error = store_error(path, error);
            if let (true, StoreError::Unreachable { cause, .. }) = (is_lost, &error) {
                *self.lock() = Some((Instant::now(), cause.clone()));
            }
            error
        })
    }

    fn unreachable(&self) -> Option<String> {
        self.lock().as_ref().filter(|(at, _)| at.elapsed() < REST).map(|(_, cause)| cause.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Option<(Instant, String)>> {
        self.unreachable.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, path: &str, bytes: &[u8], new: bool) -> Result<(), StoreError> {
        self.up.pay(bytes.len());
        let contents = Bytes::copy_from_slice(bytes);
        match self.writing {
            Writing::InPlace => self.write_in_place(path, contents, new),
            Writing::Beside => self.write_beside(path, contents, new),
        }
    }

    fn write_in_place(&self, path: &str, contents: Bytes, new: bool) -> Result<(), StoreError> {
        self.ask(path, |operator, path| async move {
            operator.write_with(&path, contents).if_not_exists(new).await.map(drop)
        })
    }

    fn write_beside(&self, path: &str, contents: Bytes, new: bool) -> Result<(), StoreError> {
        let beside = self.beside(path);
        let len = contents.len() as u64;
        let fresh = contents.clone();
        let written =
            self.ask(&beside, |operator, at| async move { operator.write(&at, fresh).await });
        if let Err(StoreError::NotFound(_) | StoreError::Unreachable { .. }) = written {
            // The folder may be the first thing that is missing.
            self.ask(path, make_folders)?;
            self.ask(&beside, |operator, at| async move { operator.write(&at, contents).await })?;
        } else {
            written?;
        }
        let put = self.is_whole(&beside, len).and_then(|()| self.rename(&beside, path, new));
        if put.is_err() {
            let _ = self.ask(&beside, |operator, at| async move { operator.delete(&at).await });
        }
        put
    }

    /// Of two that wrote one new object at the same moment, the one that was overwritten finds the
    /// other's.
    fn is_ours(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        match self.get(path, bytes.len()) {
            Ok(found) if found == bytes => Ok(()),
            Ok(_) | Err(StoreError::TooLarge(_)) => Err(StoreError::AlreadyExists(path.into())),
            Err(error) => Err(error),
        }
    }

    /// A line that broke may have left a part of it, and a server that said yes.
    fn is_whole(&self, path: &str, len: u64) -> Result<(), StoreError> {
        let found = self
            .ask(path, |operator, path| async move { operator.stat(&path).await })?
            .content_length();
        match found == len {
            true => Ok(()),
            false => Err(StoreError::Unreachable {
                path: path.into(),
                cause: format!("{found} of {len} bytes arrived"),
            }),
        }
    }

    fn rename(&self, from: &str, to: &str, new: bool) -> Result<(), StoreError> {
        if new && self.exists(to)? {
            return Err(StoreError::AlreadyExists(to.into()));
        }
        let from = from.to_string();
        self.ask(to, |operator, to| async move { operator.rename(&from, &to).await })
    }

    fn beside(&self, path: &str) -> String {
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        match path.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{}-{number}", self.tag),
            None => format!("{}-{number}", self.tag),
        }
    }

    fn len(&self, path: &str) -> Result<u64, StoreError> {
        Ok(self
            .ask(path, |operator, path| async move { operator.stat(&path).await })?
            .content_length())
    }

    /// `len` bytes that are there. Over SSH also fewer.
    fn range(&self, path: &str, start: u64, len: u64) -> Result<Vec<u8>, StoreError> {
        if self.operator.info().scheme() == SFTP_SCHEME {
            let limit = usize::try_from(len).unwrap_or(usize::MAX);
            return self.ask(path, |operator, path| read_at_most(operator, path, start, limit));
        }
        let range = start..start.saturating_add(len);
        let bytes = self.ask(path, |operator, path| async move {
            operator.read_with(&path).range(range).await
        })?;
        Ok(bytes.to_vec())
    }

    /// All entries of a folder, by the name within it.
    fn entries(&self, folder: &str) -> Result<Vec<opendal::Entry>, StoreError> {
        let listed = match self
            .ask(folder, |operator, folder| list_at_most(operator, folder, MAX_ENTRIES))
        {
            Err(StoreError::NotFound(_)) => Vec::new(),
            listed => listed?,
        };
        match listed.len() > MAX_ENTRIES {
            true => Err(StoreError::TooLarge(folder.into())),
            false => {
                Ok(listed.into_iter().filter(|e| e.metadata().mode() == EntryMode::FILE).collect())
            }
        }
    }
}

impl Store for RemoteStore {
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        check_blob_path(path)?;
        self.write(path, bytes, false)
    }

    /// Where the service cannot write conditionally, of two writers at the same moment both may be
    /// told that they won: if the second's write comes after the first has looked at what it wrote.
    fn put_new(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        check_blob_path(path)?;
        if self.exists(path)? {
            return Err(StoreError::AlreadyExists(path.into()));
        }
        self.write(path, bytes, true)?;
        // Not every service that is asked to write conditionally does so.
        self.is_ours(path, bytes)
    }

    fn get(&self, path: &str, limit: usize) -> Result<Vec<u8>, StoreError> {
        check_blob_path(path)?;
        let too_many = limit.saturating_add(1);
        let bytes = self.ask(path, |operator, path| read_at_most(operator, path, 0, too_many))?;
        self.down.pay(bytes.len());
        if bytes.len() > limit { Err(StoreError::TooLarge(path.into())) } else { Ok(bytes) }
    }

    fn get_range(&self, path: &str, start: u64, len: usize) -> Result<Vec<u8>, StoreError> {
        check_blob_path(path)?;
        if len == 0 {
            return self.len(path).map(|_| Vec::new());
        }
        let bytes = match self.range(path, start, len as u64) {
            // It may be shorter than asked for.
            Err(StoreError::Unreachable { .. } | StoreError::Refused(_)) => {
                let there = self.len(path)?.saturating_sub(start).min(len as u64);
                if there == 0 { Vec::new() } else { self.range(path, start, there)? }
            }
            read => read?,
        };
        self.down.pay(bytes.len());
        Ok(bytes)
    }

    fn list(&self, folder: &str) -> Result<Vec<StoreEntry>, StoreError> {
        check_blob_path(folder)?;
        let entries = self.entries(folder)?.into_iter();
        let blob = |e: opendal::Entry| StoreEntry {
            name: e.name().to_string(),
            len: e.metadata().content_length(),
        };
        let mut blobs: Vec<_> =
            entries.map(blob).filter(|b| check_blob_path(&b.name).is_ok()).collect();
        blobs.sort();
        Ok(blobs)
    }

    fn exists(&self, path: &str) -> Result<bool, StoreError> {
        check_blob_path(path)?;
        match self.len(path) {
            Err(StoreError::NotFound(_)) => Ok(false),
            found => found.map(|_| true),
        }
    }

    fn delete(&self, path: &str) -> Result<(), StoreError> {
        if !self.exists(path)? {
            return Err(StoreError::NotFound(path.into()));
        }
        self.ask(path, |operator, path| async move { operator.delete(&path).await })
    }

    fn distance(&self) -> Distance {
        Distance::Away
    }

    fn sweep(&self) -> Result<u64, StoreError> {
        let mut swept = 0;
        for folder in ["packs", "index", "snapshots", "copies", "removals", "writers"] {
            for entry in self.entries(folder)? {
                if is_abandoned(&entry) {
                    let at = format!("{folder}/{}", entry.name());
                    self.ask(&at, |operator, at| async move { operator.delete(&at).await })?;
                    swept += 1;
                }
            }
        }
        Ok(swept)
    }
}

fn is_abandoned(entry: &opendal::Entry) -> bool {
    let modified = entry.metadata().last_modified().map(SystemTime::from);
    let age = modified.and_then(|at| at.elapsed().ok());
    entry.name().starts_with(UNFINISHED) && age.is_some_and(|age| age > OLD)
}

/// What is there from `start` on, at most `limit` bytes. No more is asked for than is taken.
async fn read_at_most(
    operator: Operator,
    path: String,
    start: u64,
    limit: usize,
) -> opendal::Result<Vec<u8>> {
    let mut stream = operator.reader(&path).await?.into_bytes_stream(start..).await?;
    let mut bytes = Vec::new();
    while bytes.len() < limit {
        let Some(chunk) = stream.try_next().await.map_err(as_error)? else { break };
        bytes.extend_from_slice(&chunk[..chunk.len().min(limit - bytes.len())]);
    }
    Ok(bytes)
}

fn as_error(error: std::io::Error) -> opendal::Error {
    match error.downcast::<opendal::Error>() {
        Ok(error) => error,
        Err(error) => opendal::Error::new(ErrorKind::Unexpected, error.to_string()),
    }
}

/// What is in a folder, or one entry more than `limit` of it.
async fn list_at_most(
    operator: Operator,
    folder: String,
    limit: usize,
) -> opendal::Result<Vec<opendal::Entry>> {
    let mut lister = operator.lister(&format!("{folder}/")).await?;
    let mut entries = Vec::new();
    while let Some(entry) = lister.try_next().await? {
        entries.push(entry);
        if entries.len() > limit {
            break;
        }
    }
    Ok(entries)
}

async fn make_folders(operator: Operator, path: String) -> opendal::Result<()> {
    operator.create_dir("/").await?;
    match path.rsplit_once('/') {
        Some((folder, _)) => operator.create_dir(&format!("{folder}/")).await,
        None => Ok(()),
    }
}
