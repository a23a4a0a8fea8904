use crate::{AuditError, Auditor, storage};
use ed25519_dalek::Signer;
use fleet_evidence::folder::{ANCHORS_TYPE, AnchorRecord, Anchors, DeviceAnchor};
use rand_core::RngCore;
use serde::{Deserialize, Serialize};
use vault_protocol::{Bundle, Signature64};

/// Challenges kept: more ceremonies than any fleet holds. The oldest without an anchor go first.
const MAX_NOTES: usize = 4096;
/// Serials per request: a fleet has at most 7 devices, with room for spares.
const MAX_SERIALS: usize = 32;

/// A fresh challenge for one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    pub serial: u32,
    #[serde(with = "hex::serde")]
    pub challenge: [u8; 32],
}

/// How a device's log began after the factory reset that followed its challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorRequest {
    pub serial: u32,
    #[serde(with = "hex::serde")]
    pub challenge: [u8; 32],
    #[serde(with = "hex::serde")]
    pub anchor: [u8; 16],
}

/// The auditor's own record of a challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    #[serde(flatten)]
    pub challenge: Challenge,
    pub issued_at: u64,
    pub anchored: Option<DeviceAnchor>,
    /// Epoch of the bundle it was used for.
    pub used_for: Option<u64>,
}

impl Auditor {
    /// Issues and records one random challenge per serial.
    ///
    /// # Errors
    /// No or too many serials, or the record cannot be written.
    pub fn challenge(&self, serials: &[u32], now: u64) -> Result<Vec<Challenge>, AuditError> {
        if serials.is_empty() || serials.len() > MAX_SERIALS {
            return Err(AuditError::Malformed(format!("1 to {MAX_SERIALS} serials are needed")));
        }
        let fresh: Vec<Challenge> = serials.iter().map(|serial| draw(*serial)).collect();
        let mut notes = self.notes()?;
        notes.extend(fresh.iter().map(|c| Note {
            challenge: c.clone(),
            issued_at: now,
            anchored: None,
            used_for: None,
        }));
        forget_oldest(&mut notes);
        self.save_notes(&notes)?;
        Ok(fresh)
    }

    /// Writes down how logs began, once per challenge, and signs the record for the evidence folder.
    ///
    /// # Errors
    /// A challenge is not the auditor's, is not for that device, or has an anchor already.
    pub fn anchor(&self, requests: &[AnchorRequest], now: u64) -> Result<Anchors, AuditError> {
        if requests.is_empty() || requests.len() > MAX_SERIALS {
            return Err(AuditError::Malformed(format!("1 to {MAX_SERIALS} anchors are needed")));
        }
        let mut notes = self.notes()?;
        let devices = requests.iter().map(|r| record(&mut notes, r, now)).collect::<Result<Vec<_>, _>>()?;
        self.save_notes(&notes)?;
        let record = AnchorRecord { kind: ANCHORS_TYPE.into(), namespace: self.trust.namespace().into(), devices };
        let signature = Signature64(self.keys.auditor.sign(&record.message()).to_bytes());
        Ok(Anchors { record, signature })
    }

    /// Checks that anchors are the auditor's own notes and marks them as used. Each serves one ceremony: a further epoch
    /// may use them only if its keys are those of the epoch they were used for.
    pub(crate) fn use_anchors(&self, devices: &[DeviceAnchor], bundle: &Bundle) -> Result<(), AuditError> {
        let mut notes = self.notes()?;
        for device in devices {
            let note = notes.iter_mut().find(|n| n.anchored.as_ref() == Some(device));
            let note = note.ok_or_else(|| refuse(device.serial, "is not in the auditor's own notes"))?;
            // Whether the keys really are the same was checked against the bundle before.
            let same_ceremony = |used: u64| used == bundle.epoch || used == bundle.keys_since();
            if note.used_for.is_some_and(|used| !same_ceremony(used)) {
                return Err(refuse(device.serial, "was used for another epoch"));
            }
            note.used_for.get_or_insert(bundle.epoch);
        }
        self.save_notes(&notes)
    }

    fn notes(&self) -> Result<Vec<Note>, AuditError> {
        let Some(bytes) = storage::read(&self.state("challenges.json"))? else { return Ok(Vec::new()) };
        serde_json::from_slice(&bytes).map_err(|e| AuditError::Inconsistent(format!("challenges.json: {e}")))
    }

    fn save_notes(&self, notes: &[Note]) -> Result<(), AuditError> {
        let bytes = serde_json::to_vec_pretty(notes).map_err(|e| AuditError::Inconsistent(e.to_string()))?;
        storage::write(&self.state("challenges.json"), &bytes, storage::PRIVATE)
    }
}

fn draw(serial: u32) -> Challenge {
    let mut challenge = [0; 32];
    rand_core::OsRng.fill_bytes(&mut challenge);
    Challenge { serial, challenge }
}

fn record(notes: &mut [Note], request: &AnchorRequest, now: u64) -> Result<DeviceAnchor, AuditError> {
    let ours = |n: &&mut Note| n.challenge.serial == request.serial && n.challenge.challenge == request.challenge;
    let note = notes.iter_mut().find(ours).ok_or_else(|| refuse(request.serial, "was not issued"))?;
    if let Some(anchored) = &note.anchored {
        // Asking again after a lost answer is fine; another beginning is not.
        return if anchored.anchor == request.anchor {
            Ok(anchored.clone())
        } else {
            Err(refuse(request.serial, "has another anchor already"))
        };
    }
    let anchored =
        DeviceAnchor { serial: request.serial, challenge: request.challenge, anchor: request.anchor, recorded_at: now };
    note.anchored = Some(anchored.clone());
    Ok(anchored)
}

fn refuse(serial: u32, why: &str) -> AuditError {
    AuditError::Challenge(format!("the challenge for device {serial} {why}"))
}

fn forget_oldest(notes: &mut Vec<Note>) {
    while notes.len() > MAX_NOTES {
        let oldest = notes.iter().position(|n| n.anchored.is_none()).unwrap_or(0);
        notes.remove(oldest);
    }
}
