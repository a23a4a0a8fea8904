//! The book of challenges: which device was given which, and what became of it.

use crate::{AuditError, Auditor, storage};
use durable_files::Readers;
use ed25519_dalek::{Signature, Signer};
use fleet_evidence::folder::{
    ANCHORS_TYPE, AnchorRecord, AnchorRequest, Anchors, AnchorsRequest, Challenge,
    ChallengeRequest, DeviceAnchor, FromOperator,
};
use rand_core::RngCore;
use serde::{Deserialize, Serialize};
use vault_protocol::{Bundle, Signature64};

/// Challenges kept: 128 ceremonies of 32 devices, more than any fleet holds. A full book refuses;
/// it forgets nothing.
const MAX_NOTES: usize = 4096;
/// A challenge without an anchor lapses after 30 days: its ceremony did not happen.
const LAPSES_AFTER: u64 = 30 * 24 * 3600;
/// How far the operator's clock may be off: a recorded request cannot be played back after this
/// many seconds.
const MAX_CLOCK_SKEW: u64 = 600;
/// Serials per request: a fleet has at most 7 devices, with room for spares.
const MAX_SERIALS: usize = 32;

/// The auditor's own record of a challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    #[serde(flatten)]
    pub challenge: Challenge,
    pub issued_at: u64,
    /// Time in the operator's signed request; none if issued on the auditor's own computer.
    #[serde(default)]
    pub requested_at: Option<u64>,
    pub anchored: Option<DeviceAnchor>,
    /// Epoch of the bundle it was used for.
    pub used_for: Option<u64>,
}

impl Auditor {
    /// Answers a request that came over the network. The same request gives the same challenges, so
    /// that a lost answer can be asked for again and a recorded request is of no use to anyone.
    ///
    /// # Errors
    /// As [`Auditor::challenge`], or the request is not the operator's or not of now.
    pub fn challenge_for(
        &self,
        signed: &FromOperator<ChallengeRequest>,
        now: u64,
    ) -> Result<Vec<Challenge>, AuditError> {
        let request = &signed.request;
        self.check_operator(&request.message(self.trust.namespace()), &signed.operator_signature)?;
        if request.requested_at.abs_diff(now) > MAX_CLOCK_SKEW {
            return Err(AuditError::Signature("the request is not of now; is the clock right?"));
        }
        let same = |n: &&Note| n.requested_at == Some(request.requested_at);
        let earlier: Vec<Challenge> =
            self.notes()?.iter().filter(same).map(|n| n.challenge.clone()).collect();
        if earlier.is_empty() {
            return self.issue(&request.serials, Some(request.requested_at), now);
        }
        if !earlier.iter().map(|c| c.serial).eq(request.serials.iter().copied()) {
            return Err(AuditError::Signature("another request has this time"));
        }
        Ok(earlier)
    }

    /// Writes down anchors that came over the network.
    ///
    /// # Errors
    /// As [`Auditor::anchor`], or the request is not the operator's.
    pub fn anchor_for(
        &self,
        signed: &FromOperator<AnchorsRequest>,
        now: u64,
    ) -> Result<Anchors, AuditError> {
        self.check_operator(
            &signed.request.message(self.trust.namespace()),
            &signed.operator_signature,
        )?;
        self.anchor(&signed.request.devices, now)
    }

    /// Issues and records one random challenge per serial, for whoever holds the auditor's
    /// directory.
    ///
    /// # Errors
    /// No or too many serials, no room for further notes, or the record cannot be written.
    pub fn challenge(&self, serials: &[u32], now: u64) -> Result<Vec<Challenge>, AuditError> {
        self.issue(serials, None, now)
    }

    fn issue(
        &self,
        serials: &[u32],
        requested_at: Option<u64>,
        now: u64,
    ) -> Result<Vec<Challenge>, AuditError> {
        if serials.is_empty() || serials.len() > MAX_SERIALS {
            return Err(AuditError::Malformed(format!("1 to {MAX_SERIALS} serials are needed")));
        }
        let mut notes = self.notes()?;
        notes.retain(|n| n.anchored.is_some() || n.issued_at.saturating_add(LAPSES_AFTER) > now);
        if notes.len() + serials.len() > MAX_NOTES {
            return Err(AuditError::Challenge(format!(
                "{} challenges are noted, the limit is {MAX_NOTES}; those without an anchor lapse after 30 days",
                notes.len()
            )));
        }
        let fresh: Vec<Challenge> = serials.iter().map(|serial| draw(*serial)).collect();
        let note = |c: &Challenge| Note {
            challenge: c.clone(),
            issued_at: now,
            requested_at,
            anchored: None,
            used_for: None,
        };
        notes.extend(fresh.iter().map(note));
        self.save_notes(&notes)?;
        Ok(fresh)
    }

    /// Writes down how logs began, once per challenge, and signs the record for the evidence
    /// folder.
    ///
    /// # Errors
    /// A challenge is not the auditor's, is not for that device, or has an anchor already.
    pub fn anchor(&self, requests: &[AnchorRequest], now: u64) -> Result<Anchors, AuditError> {
        if requests.is_empty() || requests.len() > MAX_SERIALS {
            return Err(AuditError::Malformed(format!("1 to {MAX_SERIALS} anchors are needed")));
        }
        let mut notes = self.notes()?;
        let devices =
            requests.iter().map(|r| record(&mut notes, r, now)).collect::<Result<Vec<_>, _>>()?;
        self.save_notes(&notes)?;
        let record = AnchorRecord {
            kind: ANCHORS_TYPE.into(),
            namespace: self.trust.namespace().into(),
            devices,
        };
        let signature = Signature64(self.keys.auditor.sign(&record.message()).to_bytes());
        Ok(Anchors { record, signature })
    }

    /// Checks that anchors are the auditor's own notes and marks them as used. Each serves one
    /// ceremony: a further epoch may use them only if its keys are those of the epoch they were
    /// used for.
    pub(crate) fn use_anchors(
        &self,
        devices: &[DeviceAnchor],
        bundle: &Bundle,
    ) -> Result<(), AuditError> {
        let mut notes = self.notes()?;
        for device in devices {
            let note = notes.iter_mut().find(|n| n.anchored.as_ref() == Some(device));
            let note =
                note.ok_or_else(|| refuse(device.serial, "is not in the auditor's own notes"))?;
            // Whether the keys really are the same was checked against the bundle before.
            let same_ceremony = |used: u64| used == bundle.epoch || used == bundle.keys_since();
            if note.used_for.is_some_and(|used| !same_ceremony(used)) {
                return Err(refuse(device.serial, "was used for another epoch"));
            }
            note.used_for.get_or_insert(bundle.epoch);
        }
        self.save_notes(&notes)
    }

    fn check_operator(&self, message: &[u8], signature: &Signature64) -> Result<(), AuditError> {
        let genuine = self
            .operator_key()?
            .verify_strict(message, &Signature::from_bytes(&signature.0))
            .is_ok();
        if genuine {
            Ok(())
        } else {
            Err(AuditError::Signature("the request is not signed by the operator"))
        }
    }

    fn notes(&self) -> Result<Vec<Note>, AuditError> {
        let Some(bytes) = storage::read(&self.state("challenges.json"))? else {
            return Ok(Vec::new());
        };
        serde_json::from_slice(&bytes)
            .map_err(|e| AuditError::Inconsistent(format!("challenges.json: {e}")))
    }

    fn save_notes(&self, notes: &[Note]) -> Result<(), AuditError> {
        let bytes = serde_json::to_vec_pretty(notes)
            .map_err(|e| AuditError::Inconsistent(e.to_string()))?;
        storage::write(&self.state("challenges.json"), &bytes, Readers::Owner)
    }
}

fn draw(serial: u32) -> Challenge {
    let mut challenge = [0; 32];
    rand_core::OsRng.fill_bytes(&mut challenge);
    Challenge { serial, challenge }
}

fn record(
    notes: &mut [Note],
    request: &AnchorRequest,
    now: u64,
) -> Result<DeviceAnchor, AuditError> {
    let ours = |n: &&mut Note| {
        n.challenge.serial == request.serial && n.challenge.challenge == request.challenge
    };
    let note =
        notes.iter_mut().find(ours).ok_or_else(|| refuse(request.serial, "was not issued"))?;
    if let Some(anchored) = &note.anchored {
        // Asking again after a lost answer is fine; another beginning is not.
        return if anchored.anchor == request.anchor {
            Ok(anchored.clone())
        } else {
            Err(refuse(request.serial, "has another anchor already"))
        };
    }
    let anchored = DeviceAnchor {
        serial: request.serial,
        challenge: request.challenge,
        anchor: request.anchor,
        recorded_at: now,
    };
    note.anchored = Some(anchored.clone());
    Ok(anchored)
}

fn refuse(serial: u32, why: &str) -> AuditError {
    AuditError::Challenge(format!("the challenge for device {serial} {why}"))
}
