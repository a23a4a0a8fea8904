//! The state as one file: a header, then each account, each as a u32 little-endian length and postcard bytes.
//!
//! A file is named after its snapshot, and the database says which one is current, so that a crash between the two
//! leaves the older pair whole.

use super::accounts::{load, load_pending, load_totals, store};
use super::machine::Meta;
use crate::database::StoreError;
use crate::database::{decode, encode, get, put};
use openraft::LogId;
use rusqlite::Connection;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};
use vault_protocol::AccountId;
use vault_protocol::limits::{MAX_PASSKEY_RECORD, MAX_PASSKEYS, MAX_RECORD};
use vault_state::{Account, FleetKeys, Pending, Storage, Totals, check_offered};

const CURRENT: &str = "snapshot";
const RECEIVING: &str = "snapshot.receiving";
/// The header: 42 KB of pending registrations. An account: a record (4 KiB), 256 events at 16 bytes, 11 sets of 7 receipts at under 100 bytes: under 17 KiB;
/// and 8 passkeys of under 10 KiB each.
const MAX_FRAME: usize = 128 * 1024;
const _: () = assert!(MAX_PASSKEYS * (MAX_PASSKEY_RECORD + 256) + MAX_RECORD + 17 * 1024 < MAX_FRAME);

#[derive(Serialize, Deserialize)]
struct Header {
    accounts: u64,
    totals: Totals,
    pending: Pending,
}

pub(super) fn name(last: Option<LogId<u64>>) -> String {
    last.map_or_else(|| "empty".into(), |id| format!("{}-{}-{}", id.leader_id.term, id.leader_id.node_id, id.index))
}

/// An empty file for another site's snapshot; what an interrupted transfer left is dropped.
pub(super) fn receiving(dir: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    Ok(options.read(true).write(true).create(true).truncate(true).open(dir.join(RECEIVING))?)
}

/// Writes the file of a snapshot, durable on return.
pub(super) fn write_file(connection: &Connection, dir: &Path, meta: &Meta) -> Result<(), StoreError> {
    let path = path(dir, meta)?;
    let unfinished = path.with_extension("unfinished");
    let mut out = BufWriter::new(File::create(&unfinished)?);
    let header =
        Header { accounts: count(connection)?, totals: load_totals(connection)?, pending: load_pending(connection)? };
    write_frame(&mut out, &encode(&header)?)?;
    let mut statement = connection.prepare("SELECT id, body FROM accounts ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, body): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
        write_frame(&mut out, &id)?;
        write_frame(&mut out, &body)?;
    }
    out.into_inner().map_err(|e| e.into_error())?.sync_all()?;
    std::fs::rename(&unfinished, &path)?;
    File::open(dir)?.sync_all()?;
    Ok(())
}

/// Makes a written file the current one.
pub(super) fn record(connection: &Connection, meta: &Meta) -> Result<(), StoreError> {
    put(connection, CURRENT, meta)
}

/// Drops the files of snapshots before the current one; only after [`record`] is durable.
pub(super) fn sweep(dir: &Path, meta: &Meta) -> Result<(), StoreError> {
    let current = path(dir, meta)?;
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let old = path.extension().is_some_and(|e| e == "bin") && path != current;
        if old {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

pub(super) fn current(connection: &Connection, dir: &Path) -> Result<Option<(Meta, File)>, StoreError> {
    let meta: Option<Meta> = get(connection, CURRENT)?;
    meta.map(|meta| Ok((meta.clone(), open_file(dir, &meta)?))).transpose()
}

pub(super) fn open_file(dir: &Path, meta: &Meta) -> Result<File, StoreError> {
    Ok(File::open(path(dir, meta)?)?)
}

/// Replaces all accounts by another site's, each checked against its proofs and against what is held here.
pub(super) fn install(connection: &Connection, keys: &FleetKeys, mut file: File) -> Result<(), StoreError> {
    file.rewind()?;
    let mut input = BufReader::new(file);
    let header: Header = read_frame(&mut input)?;
    if !header.pending.is_bounded(keys) {
        return Err(corrupt("a snapshot with too many pending registrations"));
    }
    for _ in 0..header.accounts {
        let id = AccountId::from_slice(&read_bytes(&mut input)?).ok_or_else(|| corrupt("account id"))?;
        let offered: Account = read_frame(&mut input)?;
        let held = load(connection, &id)?;
        check_offered(keys, crate::webauthn::verifier(), &id, held.as_ref(), &offered)?;
        store(connection, &id, &offered)?;
    }
    // Accounts are never forgotten, so a newer snapshot has every account that this site has.
    if count(connection)? != header.accounts {
        return Err(corrupt("a snapshot that leaves accounts out"));
    }
    super::accounts::Rows(connection).put_pending(&header.pending)?;
    super::accounts::Rows(connection).put_totals(&header.totals)
}

fn count(connection: &Connection) -> Result<u64, StoreError> {
    let rows: i64 = connection.query_row("SELECT count(*) FROM accounts", [], |row| row.get(0))?;
    u64::try_from(rows).map_err(|_| corrupt("count"))
}

fn path(dir: &Path, meta: &Meta) -> Result<PathBuf, StoreError> {
    // The id of a received snapshot is another site's text: it must not lead out of the directory.
    let plain = meta.snapshot_id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !plain || meta.snapshot_id.is_empty() || meta.snapshot_id.len() > 80 {
        return Err(corrupt("snapshot id"));
    }
    Ok(dir.join(format!("snapshot-{}.bin", meta.snapshot_id)))
}

fn write_frame(out: &mut impl Write, bytes: &[u8]) -> Result<(), StoreError> {
    let len = u32::try_from(bytes.len()).map_err(|_| corrupt("frame"))?;
    out.write_all(&len.to_le_bytes())?;
    Ok(out.write_all(bytes)?)
}

fn read_frame<T: DeserializeOwned>(input: &mut impl Read) -> Result<T, StoreError> {
    decode(&read_bytes(input)?)
}

fn read_bytes(input: &mut impl Read) -> Result<Vec<u8>, StoreError> {
    let mut len = [0; 4];
    input.read_exact(&mut len)?;
    let len = usize::try_from(u32::from_le_bytes(len)).unwrap_or(usize::MAX);
    if len > MAX_FRAME {
        return Err(corrupt("frame length"));
    }
    let mut bytes = vec![0; len];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(what.into())
}
