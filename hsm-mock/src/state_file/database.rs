//! Tables and rows.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use zeroize::Zeroizing;

use crate::attestation::FactoryAttestation;
use crate::audit_log::AuditLog;
use crate::capability::Capabilities;
use crate::firmware::Firmware;
use crate::objects::{Label, Object, ObjectType, Origin, Store};
use crate::options::Options;
use crate::secret::Secret;
use crate::state::State;

const SCHEMA: &str = "
    CREATE TABLE notice (text TEXT NOT NULL);
    INSERT INTO notice VALUES ('MOCK: keys of an emulated device, in the clear');
    CREATE TABLE device (
        only INTEGER PRIMARY KEY CHECK (only = 0),
        serial INTEGER NOT NULL,
        firmware TEXT NOT NULL,
        starts INTEGER NOT NULL,
        attestation_key BLOB NOT NULL,
        attestation_certificate BLOB NOT NULL,
        device_key BLOB NOT NULL,
        options BLOB NOT NULL,
        log BLOB NOT NULL
    );
    -- The number of an object keeps the order in which they were made.
    CREATE TABLE object (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        kind INTEGER NOT NULL,
        id INTEGER NOT NULL,
        algorithm INTEGER NOT NULL,
        label BLOB NOT NULL,
        domains INTEGER NOT NULL,
        capabilities BLOB NOT NULL,
        delegated BLOB NOT NULL,
        sequence INTEGER NOT NULL,
        origin INTEGER NOT NULL,
        secret BLOB NOT NULL,
        UNIQUE (kind, id)
    );
    CREATE TABLE sequence (
        kind INTEGER NOT NULL,
        id INTEGER NOT NULL,
        next INTEGER NOT NULL,
        PRIMARY KEY (kind, id)
    );
";

/// Why a state does not read back.
#[derive(Debug)]
pub(super) struct LoadError(pub String);

impl From<rusqlite::Error> for LoadError {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.to_string())
    }
}

/// Makes the tables of a new file.
pub(super) fn create(
    connection: &Connection,
    application: i32,
    version: i32,
) -> rusqlite::Result<()> {
    let numbers =
        format!("PRAGMA application_id = {application}; PRAGMA user_version = {version};");
    connection.execute_batch(&format!("BEGIN; {SCHEMA} {numbers} COMMIT;"))
}

/// Reads a whole state; `None` if none was saved yet.
pub(super) fn load(connection: &Connection) -> Result<Option<State>, LoadError> {
    type Identity = (u32, String, u32, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>);
    let columns = "serial, firmware, starts, attestation_key, attestation_certificate, device_key,
         options, log";
    let read = |row: &rusqlite::Row<'_>| -> rusqlite::Result<Identity> {
        Ok((
            row.get(0)?,
            row.get(1)?,
            row.get(2)?,
            row.get(3)?,
            row.get(4)?,
            row.get(5)?,
            row.get(6)?,
            row.get(7)?,
        ))
    };
    let found =
        connection.query_row(&format!("SELECT {columns} FROM device"), [], read).optional()?;
    let Some((serial, firmware, starts, key, certificate, device_key, options, log)) = found else {
        return Ok(None);
    };
    let bad = |what: &str| LoadError(format!("{what} does not read back"));
    let key = Zeroizing::new(key);
    Ok(Some(State {
        serial,
        firmware: firmware.parse::<Firmware>().map_err(|error| LoadError(error.to_string()))?,
        starts,
        attestation: FactoryAttestation::restored(&key, &certificate)
            .ok_or_else(|| bad("the attestation key"))?,
        device_key: Secret::new(device_key),
        objects: Store::restored(objects(connection)?, sequences(connection)?),
        options: Options::from_bytes(&options).ok_or_else(|| bad("the options"))?,
        log: AuditLog::from_bytes(&log).ok_or_else(|| bad("the audit log"))?,
        identity_changed: false,
    }))
}

fn objects(connection: &Connection) -> Result<Vec<Object>, LoadError> {
    let mut statement = connection.prepare(
        "SELECT kind, id, algorithm, label, domains, capabilities, delegated, sequence, origin,
                secret
         FROM object ORDER BY number",
    )?;
    let mut rows = statement.query([])?;
    let mut objects = Vec::new();
    while let Some(row) = rows.next()? {
        objects.push(object(row)?);
    }
    Ok(objects)
}

fn object(row: &rusqlite::Row<'_>) -> Result<Object, LoadError> {
    let bad = |what: &str| LoadError(format!("{what} of an object does not read back"));
    let capabilities = |index: usize| -> Result<Capabilities, LoadError> {
        let bytes: [u8; 8] = row.get(index)?;
        Ok(Capabilities(u64::from_be_bytes(bytes)))
    };
    Ok(Object {
        kind: ObjectType::from_byte(row.get(0)?).map_err(|_| bad("the type"))?,
        id: row.get(1)?,
        algorithm: row.get(2)?,
        label: Label(row.get(3)?),
        domains: row.get(4)?,
        capabilities: capabilities(5)?,
        delegated: capabilities(6)?,
        sequence: row.get(7)?,
        origin: Origin::from_byte(row.get(8)?).map_err(|_| bad("the origin"))?,
        secret: Secret::new(row.get::<_, Vec<u8>>(9)?),
    })
}

fn sequences(connection: &Connection) -> Result<BTreeMap<(ObjectType, u16), u8>, LoadError> {
    let mut statement = connection.prepare("SELECT kind, id, next FROM sequence")?;
    let mut rows = statement.query([])?;
    let mut sequences = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let kind = ObjectType::from_byte(row.get(0)?);
        let kind = kind.map_err(|_| LoadError("a sequence does not read back".to_owned()))?;
        sequences.insert((kind, row.get(1)?), row.get(2)?);
    }
    Ok(sequences)
}

/// Writes what has changed.
pub(super) fn save(connection: &mut Connection, state: &State) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    if state.identity_changed {
        save_identity(&transaction, state)?;
    } else {
        if state.options.is_changed() {
            transaction
                .prepare_cached("UPDATE device SET options = ?1")?
                .execute([state.options.to_bytes()])?;
        }
        if state.log.is_changed() {
            transaction
                .prepare_cached("UPDATE device SET log = ?1")?
                .execute([state.log.to_bytes()])?;
        }
    }
    for (kind, id) in state.objects.changed() {
        save_object(&transaction, &state.objects, kind, id)?;
    }
    transaction.commit()
}

fn save_identity(transaction: &Transaction<'_>, state: &State) -> rusqlite::Result<()> {
    transaction.execute(
        "INSERT OR REPLACE INTO device VALUES (0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            state.serial,
            state.firmware.to_string(),
            state.starts,
            state.attestation.stored_key(),
            state.attestation.certificate(),
            state.device_key.expose(),
            state.options.to_bytes(),
            state.log.to_bytes(),
        ],
    )?;
    Ok(())
}

/// Writes one object as it is now, or that it is gone; and how often its id was used.
fn save_object(
    transaction: &Transaction<'_>,
    store: &Store,
    kind: ObjectType,
    id: u16,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("DELETE FROM object WHERE kind = ?1 AND id = ?2")?
        .execute(params![kind as u8, id])?;
    if let Ok(object) = store.get(kind, id) {
        transaction
            .prepare_cached(
                "INSERT INTO object (kind, id, algorithm, label, domains, capabilities, delegated,
                                     sequence, origin, secret)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                kind as u8,
                id,
                object.algorithm,
                object.label.0,
                object.domains,
                object.capabilities.0.to_be_bytes(),
                object.delegated.0.to_be_bytes(),
                object.sequence,
                object.origin.byte(),
                object.secret.expose(),
            ])?;
    }
    match store.next_sequence(kind, id) {
        0 => transaction
            .prepare_cached("DELETE FROM sequence WHERE kind = ?1 AND id = ?2")?
            .execute(params![kind as u8, id])?,
        next => transaction
            .prepare_cached("INSERT OR REPLACE INTO sequence VALUES (?1, ?2, ?3)")?
            .execute(params![kind as u8, id, next])?,
    };
    Ok(())
}
