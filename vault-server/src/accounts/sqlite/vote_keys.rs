//! Certificates of vote keys, each stored once.

use super::{signed, unsigned};
use crate::accounts::{MAX_EQUIVOCATIONS, StoreError};
use rusqlite::{Connection, OptionalExtension, params};
use vault_protocol::{Equivocation, SiteIndex, VoteKey, VoteKeyCertificate};

pub(super) fn keep(c: &Connection, certificate: &VoteKeyCertificate) -> Result<(), StoreError> {
    let VoteKeyCertificate { site, key, .. } = certificate;
    if find_id(c, *site, key)?.is_some() {
        return Ok(());
    }
    let sql = "INSERT INTO vote_keys (site, key, certificate) VALUES (?, ?, ?)";
    let bytes = postcard::to_allocvec(certificate)?;
    c.prepare_cached(sql)?.execute(params![site.0, &key.0[..], bytes])?;
    Ok(())
}

/// The id of a key whose certificate is stored, as that of every fact is.
pub(super) fn id_of(c: &Connection, site: SiteIndex, key: &VoteKey) -> Result<u32, StoreError> {
    let missing = || StoreError::Corrupt(format!("vote key {key} of site {site} is not stored"));
    find_id(c, site, key)?.ok_or_else(missing)
}

fn find_id(c: &Connection, site: SiteIndex, key: &VoteKey) -> Result<Option<u32>, StoreError> {
    let mut select = c.prepare_cached("SELECT id FROM vote_keys WHERE site = ? AND key = ?")?;
    Ok(select.query_row(params![site.0, &key.0[..]], |row| row.get(0)).optional()?)
}

pub(super) fn key_of(c: &Connection, id: u32) -> Result<VoteKey, StoreError> {
    let mut select = c.prepare_cached("SELECT key FROM vote_keys WHERE id = ?")?;
    let bytes: Option<Vec<u8>> = select.query_row([id], |row| row.get(0)).optional()?;
    let key = bytes.and_then(|bytes| VoteKey::from_slice(&bytes));
    key.ok_or_else(|| StoreError::Corrupt(format!("vote key {id} is not stored")))
}

pub(super) fn certificate(
    c: &Connection,
    site: SiteIndex,
    key: &VoteKey,
) -> Result<Option<VoteKeyCertificate>, StoreError> {
    let sql = "SELECT certificate FROM vote_keys WHERE site = ? AND key = ?";
    let mut select = c.prepare_cached(sql)?;
    let bytes: Option<Vec<u8>> =
        select.query_row(params![site.0, &key.0[..]], |row| row.get(0)).optional()?;
    bytes.map(|bytes| Ok(postcard::from_bytes(&bytes)?)).transpose()
}

/// Certificates of one site, from the `from`-th on (1 is the first).
pub(super) fn of_site(
    c: &Connection,
    site: SiteIndex,
    from: u64,
    limit: u32,
) -> Result<Vec<VoteKeyCertificate>, StoreError> {
    let sql = "SELECT certificate FROM vote_keys WHERE site = ? ORDER BY id LIMIT ? OFFSET ?";
    let mut select = c.prepare_cached(sql)?;
    let skipped = signed(from.saturating_sub(1));
    let rows = select.query_map(params![site.0, limit, skipped], |row| row.get::<_, Vec<u8>>(0))?;
    rows.map(|bytes| Ok(postcard::from_bytes(&bytes?)?)).collect()
}

/// Keeps a proof that a site voted twice, unless there are enough of that site.
pub(super) fn keep_equivocation(c: &Connection, proof: &Equivocation) -> Result<(), StoreError> {
    let site = proof.first.1.site;
    let count = "SELECT count(*) FROM equivocations WHERE site = ?";
    let held: i64 = c.prepare_cached(count)?.query_row([site.0], |row| row.get(0))?;
    if unsigned(held) >= MAX_EQUIVOCATIONS as u64 {
        return Ok(());
    }
    let sql = "INSERT OR IGNORE INTO equivocations (site, proof) VALUES (?, ?)";
    c.prepare_cached(sql)?.execute(params![site.0, postcard::to_allocvec(proof)?])?;
    Ok(())
}

pub(super) fn equivocations(c: &Connection) -> Result<Vec<Equivocation>, StoreError> {
    let mut select = c.prepare_cached("SELECT proof FROM equivocations ORDER BY id")?;
    let rows = select.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
    rows.map(|bytes| Ok(postcard::from_bytes(&bytes?)?)).collect()
}
