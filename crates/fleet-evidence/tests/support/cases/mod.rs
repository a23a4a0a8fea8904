//! Every hostile case, made from the honest world by one change.

mod attested;
mod audit_settings;
mod bundles;
mod ceremony_lines;
mod device_logs;
mod folders;
mod histories;
mod inventories;
mod makers;
mod vouched;

use super::world::{Files, World};
use super::*;
use fleet_evidence::Seen;
use fleet_evidence::log::ConsistencyProof;

/// One folder of `tests/cases`.
pub(crate) struct Case {
    pub name: &'static str,
    pub about: &'static str,
    /// Exactly these checks refuse; none means that the fleet is trusted.
    pub refused_by: Vec<&'static str>,
    /// All files, those equal to the honest case included.
    pub files: Files,
}

pub(crate) fn all() -> Vec<Case> {
    let mut cases = vec![Case {
        name: "honest",
        about: "Nothing is wrong: a MOCK fleet of three devices, epoch 1.",
        refused_by: vec![],
        files: Document::of(&World::honest()).files(),
    }];
    let parts = [
        bundles::cases(),
        histories::cases(),
        folders::cases(),
        attested::cases(),
        device_logs::cases(),
        ceremony_lines::cases(),
        inventories::cases(),
        audit_settings::cases(),
        vouched::cases(),
    ];
    cases.extend(parts.into_iter().flatten());
    cases
}

/// Everything that a verifier is given.
pub(crate) struct Document {
    pub trust: TrustDocument,
    pub signed: Option<SignedBundle>,
    /// In place of `signed`.
    pub raw: Option<Vec<u8>>,
    pub evidence: Files,
    pub seen: Option<Seen>,
    pub history: Vec<SignedBundle>,
    pub consistency: Option<ConsistencyProof>,
}

impl Document {
    /// Signed by both and logged, alone in its log.
    pub(crate) fn of(world: &World) -> Self {
        let (bundle, evidence) = world.evidence();
        let signed = MemoryLog::default().publish(signed(bundle));
        Self {
            trust: world.trust.clone(),
            signed: Some(signed),
            raw: None,
            evidence,
            seen: None,
            history: vec![],
            consistency: None,
        }
    }

    pub(crate) fn files(self) -> Files {
        let json = |value: &dyn erased::Json| value.bytes();
        let mut files = Files::new();
        files.insert("trust.json".into(), json(&self.trust));
        let bundle = self.raw.unwrap_or_else(|| json(self.signed.as_ref().unwrap()));
        files.insert("bundle.json".into(), bundle);
        for (path, bytes) in self.evidence {
            files.insert(format!("evidence/{path}"), bytes);
        }
        for (i, old) in self.history.iter().enumerate() {
            files.insert(format!("history/{}.json", i + 1), json(old));
        }
        if let Some(seen) = &self.seen {
            files.insert("seen.json".into(), json(seen));
        }
        if let Some(proof) = &self.consistency {
            let hashes: Vec<String> = proof.hashes.iter().map(hex::encode).collect();
            files.insert("consistency.json".into(), json(&hashes));
        }
        files
    }
}

mod erased {
    pub(super) trait Json {
        fn bytes(&self) -> Vec<u8>;
    }

    impl<T: serde::Serialize> Json for T {
        fn bytes(&self) -> Vec<u8> {
            let mut bytes = serde_json::to_vec_pretty(self).unwrap();
            bytes.push(b'\n');
            bytes
        }
    }
}
