//! Check C3: each site made its own login.

use super::published_log::{Reading, lines};
use super::{Doubt, SiteReply, end_of_ceremony, proof};
use crate::evidence::VerifiedEvidence;
use vault_protocol::Site;

/// Check C3 of one site: each login changed its key once, right after the ceremony.
pub(super) fn check(
    evidence: Option<&VerifiedEvidence>,
    site: &Site,
    reply: &SiteReply,
) -> Result<String, Doubt> {
    let (_, log) = proof(reply)?;
    let log =
        log.as_ref().map_err(|why| Doubt::Open(format!("its log could not be had: {why}")))?;
    let start = end_of_ceremony(evidence, site);
    let reading = Reading::of(start, &lines(log));
    if let Some(refusal) = reading.about_logins {
        return Err(Doubt::Wrong(refusal.to_string()));
    }
    if start.is_none() {
        return Err(Doubt::Open(
            "without the evidence it is not known where its ceremony ended".into(),
        ));
    }
    let missing: Vec<String> =
        reading.living.not_yet_own().map(|login| format!("{login:#06x}")).collect();
    match missing.as_slice() {
        [] => Ok("both logins have keys of its own".into()),
        [one] => Err(Doubt::NotYet(format!("login {one} still has the ceremony's key"))),
        some => Err(Doubt::NotYet(format!(
            "logins {} still have the ceremony's keys",
            some.join(" and ")
        ))),
    }
}
