//! Asking the sites to show that they are the published devices.

use crate::collect::Collecting;
use crate::conversation::Lanes;
use crate::fleet::Fleet;
use crate::site_notes::SiteProblem;
use std::collections::BTreeMap;
use std::time::Duration;
use vault_protocol::{Answer, LiveProof, Request, SiteIndex};

/// A device makes a key, an attestation and a signature; somebody else may be served first.
const PATIENCE: Duration = Duration::from_secs(30);

impl Fleet {
    /// Every site's device statement and signed counts for `nonce`, side by side; each site that
    /// answers has also proved in its session that its device holds its session key. What it says
    /// is not verified here: see `fleet_evidence::verify_live`.
    pub async fn prove(
        &self,
        nonce: [u8; 32],
    ) -> BTreeMap<SiteIndex, Result<LiveProof, SiteProblem>> {
        let mut lanes = Lanes::new(self, None, PATIENCE);
        let read = |answer| if let Answer::Proof(proof) = answer { Some(*proof) } else { None };
        let request = Request::Prove { nonce };
        let plan = Collecting::new(&self.known, request, read, lanes.now() + PATIENCE);
        let mut plan = plan.for_all();
        lanes.run(&mut plan).await;
        let mut problems = lanes.notes().problems;
        let mut answer = |site| match plan.answers.remove(&site) {
            Some(proof) => Ok(proof),
            None => Err(problems.remove(&site).unwrap_or(SiteProblem::BadAnswer)),
        };
        self.known.indexes().map(|site| (site, answer(site))).collect()
    }
}
