//! Asking the sites to show that they are the published devices.

use crate::error::SiteProblem;
use crate::fleet::Fleet;
use vault_protocol::{Answer, LiveProof, Request, SiteIndex};

impl Fleet<'_> {
    /// Every site's device statement and signed counts for `nonce`, side by side; each site that answers has also proved
    /// in its session that it holds the fleet key. What it says is not verified here: see `fleet_evidence::verify_live`.
    pub async fn prove(&self, nonce: [u8; 32]) -> Vec<(SiteIndex, Result<LiveProof, SiteProblem>)> {
        let read = |answer| if let Answer::Proof(proof) = answer { Ok(proof) } else { Err(SiteProblem::BadAnswer) };
        let answers = self.collect(&Request::Prove { nonce }).await;
        answers.into_iter().map(|(site, outcome)| (site, outcome.and_then(|(_, answer)| read(answer)))).collect()
    }
}
