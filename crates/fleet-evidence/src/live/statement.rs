//! Check C1: the running site has this device.

use super::{Doubt, Round, SiteReply, head, proof};
use crate::bundle::VerifiedBundle;
use crate::evidence::verify_live_statement;
use crate::folder::{DeviceStatement, Purpose};
use crate::trust::Trust;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use vault_protocol::{LiveProof, Site, live_counts_message};

/// Check C1 of one site.
pub(super) fn check(
    bundle: &VerifiedBundle,
    trust: &Trust,
    site: &Site,
    round: &Round,
    reply: &SiteReply,
    now: u64,
) -> Result<String, Doubt> {
    let (proof, _) = proof(reply)?;
    let statement = DeviceStatement {
        serial: site.device().map_or(0, |d| d.serial),
        purpose: Purpose::Live,
        challenge: round.nonce,
        head: head(proof),
        bundle: bundle.id(),
        certificate: proof.certificate.clone(),
        device_chain: proof.device_chain.clone(),
    };
    let verified = verify_live_statement(bundle, trust, site.index, &round.nonce, &statement, now)
        .map_err(|e| Doubt::Wrong(e.to_string()))?;
    check_receipt(site, round, proof).map_err(Doubt::Wrong)?;
    Ok(format!("device {} at line {} of its log", verified.serial(), verified.head().number))
}

/// The receipt key signed the nonce: the site holds it now.
pub(super) fn check_receipt(site: &Site, round: &Round, proof: &LiveProof) -> Result<(), String> {
    let key = site.device().ok_or("it has no device")?.receipt_key;
    let key = VerifyingKey::from_sec1_bytes(&key.0).map_err(|_| "its receipt key is unusable")?;
    let signature =
        Signature::from_slice(&proof.signature.0).map_err(|_| "its receipt is not a signature")?;
    let message = live_counts_message(&round.nonce, &proof.counts);
    key.verify(&message, &signature)
        .map_err(|_| "its counts are not signed by its receipt key for this question".into())
}
