//! Check C2: a device was used as often as people tried.

use super::published_log::follow;
use super::statement::check_receipt;
use super::{Doubt, Round, SiteReply, end_of_ceremony, head, proof};
use crate::bundle::VerifiedBundle;
use crate::evidence::VerifiedEvidence;
use vault_protocol::{AUDIT_COUNTS_TYPE, Site};

/// Check C2 of one site.
pub(super) fn check(
    bundle: &VerifiedBundle,
    evidence: Option<&VerifiedEvidence>,
    site: &Site,
    round: &Round,
    reply: &SiteReply,
) -> Result<String, Doubt> {
    let (proof, log) = proof(reply)?;
    let counts = &proof.counts;
    check_receipt(site, round, proof).map_err(Doubt::Wrong)?;
    let serial = site.device().map(|d| d.serial);
    let named = (counts.kind.as_str(), counts.site, counts.bundle, Some(counts.serial));
    if named != (AUDIT_COUNTS_TYPE, site.index, bundle.id(), serial) {
        return Err(Doubt::Wrong("its counts are about another site, bundle or device".into()));
    }
    if counts.surplus() > 0 {
        return Err(Doubt::Wrong(format!(
            "its device did {} operations that nobody asked for",
            counts.surplus()
        )));
    }
    let log =
        log.as_ref().map_err(|why| Doubt::Open(format!("its log could not be had: {why}")))?;
    let start = end_of_ceremony(evidence, site);
    follow(start, log, head(proof), counts.entries, counts.oprf_entries).map_err(Doubt::Wrong)?;
    let from = if start.is_some() { "since its ceremony" } else { "in what it published" };
    let (steps, tries) = (counts.oprf_entries, counts.evaluated);
    Ok(format!("{steps} evaluation steps, {tries} certified tries, {} lines {from}", log.len()))
}
