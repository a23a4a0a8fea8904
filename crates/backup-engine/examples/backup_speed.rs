//! Measures one step on a folder of data: `backup_speed <step> <data folder> <backup folder>`; see
//! `bench/backup-speed.sh`. Steps: `first` and `again` back up, `check` reads everything, `restore` writes to memory
//! one file at a time and drops it. Prints one line of JSON.
#![allow(clippy::unwrap_used)]

use backup_engine::{
    BackupOptions, Change, Depth, FolderStore, MediaHash, Repository, Sink, Source, SourceError, SourceId, Unobserved,
};
use sealed_keys::{BackupKey, Header, RepositoryId, Secret};
use std::collections::HashMap;
use std::fs;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// `text/<chat>.txt`: one record for each line. `media/<name>`: one media file each.
struct FolderSource {
    text: Vec<PathBuf>,
    media: Vec<PathBuf>,
    by_hash: HashMap<MediaHash, PathBuf>,
}

impl FolderSource {
    fn new(data: &Path) -> Self {
        let files = |folder: &str| {
            let mut files: Vec<_> = fs::read_dir(data.join(folder)).unwrap().map(|f| f.unwrap().path()).collect();
            files.sort();
            files
        };
        let media = files("media");
        let by_hash = media.iter().map(|p| (Self::hash(p), p.clone())).collect();
        Self { text: files("text"), media, by_hash }
    }

    /// The benchmark trusts names instead of content, so that hashing the data is not in the measurement.
    fn hash(path: &Path) -> MediaHash {
        sealed_keys::digest(path.file_name().unwrap().as_encoded_bytes())
    }
}

impl Source for FolderSource {
    fn id(&self) -> SourceId {
        SourceId([1; 16])
    }

    fn head(&self) -> Result<u64, SourceError> {
        Ok((self.text.len() + self.media.len()) as u64)
    }

    fn changes(
        &self,
        _since: u64,
        _until: u64,
        visit: &mut dyn FnMut(Change<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        for path in &self.text {
            let name = path.file_name().unwrap().as_encoded_bytes();
            let mut lines = io::BufReader::with_capacity(1 << 20, fs::File::open(path)?);
            let mut line = Vec::new();
            while lines.read_until(b'\n', &mut line)? > 0 {
                visit(Change::Record { stream: name, bytes: &line })?;
                line.clear();
            }
        }
        for path in &self.media {
            visit(Change::Media { hash: Self::hash(path), size: path.metadata()?.len() })?;
        }
        Ok(())
    }

    fn open_media(&self, hash: &MediaHash) -> Result<Option<Box<dyn Read + '_>>, SourceError> {
        let opened = self.by_hash.get(hash).map(fs::File::open).transpose()?;
        Ok(opened.map(|f| Box::new(f) as Box<dyn Read>))
    }
}

#[derive(Default)]
struct Counter(u64);

impl Sink for Counter {
    fn record(&mut self, _: &[u8], bytes: &[u8]) -> Result<(), SourceError> {
        self.0 += bytes.len() as u64;
        Ok(())
    }

    fn has_media(&mut self, _: &MediaHash) -> Result<bool, SourceError> {
        Ok(false)
    }

    fn media(&mut self, _: &MediaHash, _: u64, content: &mut dyn Read) -> Result<(), SourceError> {
        self.0 += io::copy(content, &mut io::sink())?;
        Ok(())
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, step, data, backup] = args.as_slice() else { panic!("backup_speed <step> <data> <backup>") };
    let key = BackupKey::from_secret(Secret::new([7; 32]));
    let began = Instant::now();
    let store = Arc::new(FolderStore::new(backup).unwrap());
    let repository = match step.as_str() {
        "first" => Repository::create(store, Header::create(RepositoryId([1; 16]), 1, &key), &key).unwrap(),
        _ => Repository::open_with_key(store, &key).unwrap(),
    };
    let (read, written) = match step.as_str() {
        "first" | "again" => {
            let source = FolderSource::new(Path::new(data));
            let report = repository.backup(&source, &BackupOptions::new("bench", 1), &Unobserved).unwrap();
            assert_eq!(report.unchanged, step == "again");
            (report.bytes_read, report.bytes_written)
        }
        "check" => {
            let report = repository.check(Depth::AllData, &Unobserved).unwrap();
            assert!(report.problems.is_empty());
            (report.bytes_read, 0)
        }
        "restore" => {
            let mut sink = Counter::default();
            let snapshot = repository.latest().unwrap().unwrap();
            assert!(
                repository.restore(&snapshot, &Default::default(), &mut sink, &Unobserved).unwrap().problems.is_empty()
            );
            (sink.0, 0)
        }
        other => panic!("no step {other}"),
    };
    let seconds = began.elapsed().as_secs_f64();
    let peak = peak_memory_mb();
    let cpu = cpu_seconds();
    let times = format!("\"seconds\":{seconds:.3},\"cpu\":{cpu:.2}");
    println!("{{\"step\":\"{step}\",{times},\"read\":{read},\"written\":{written},\"peak_mb\":{peak}}}");
}

/// Peak resident memory of this process in MB, where the system tells (Linux).
fn peak_memory_mb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok()).map_or(0, |kb| kb / 1024)
}

/// User and system time of this process, where the system tells (Linux, in its 1/100 s): on a busy machine it says
/// more than wall time.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks.filter_map(|t| t.parse::<f64>().ok()).sum::<f64>() / 100.0
}
