//! The device's own word for a verifier's nonce, and this site's counts, now.

use super::{device, storage};
use crate::api::{Site, now};
use crate::audit::{Subject, count};
use crate::device::Work;
use fleet_evidence::folder::{LogHead, Purpose, statement_label};
use vault_protocol::{Answer, LiveProof, Refusal, Response, live_counts_message};

pub(super) async fn prove(site: &Site, nonce: [u8; 32]) -> Response {
    let none = || Refusal::Unavailable { reason: "this site was not given the login for device statements".into() };
    let statements = site.statements.as_ref().ok_or_else(none)?;
    site.limits.statement().map_err(|seconds| Refusal::Busy { seconds })?;
    // Everything so far is read, checked and kept before the device vouches for where its log stands.
    site.ledger.drain().await.map_err(device)?;
    let head = site.local.log_head().await.map_err(storage)?.ok_or_else(none)?;
    let (head_number, head_digest) = (head.number, head.digest);
    let bound = LogHead { number: head_number, digest: head_digest };
    let label = statement_label(Purpose::Live, &nonce, &bound, &site.bundle_id);
    let certificate = statements.make(label, &site.ledger).await.map_err(device)?;

    let totals = site.cluster.reader().totals().await.map_err(storage)?;
    let subject = Subject { site: site.index, bundle: site.bundle_id, serial: site.identity.serial };
    let counts = count(subject, &site.local, &totals, now()).await.map_err(storage)?;
    let message = live_counts_message(&nonce, &counts);
    let signature = site.device.run(Work::Signature, move |keys| keys.sign(&message)).await.map_err(device)?;
    let device_chain = statements.chain().to_string();
    Ok(Answer::Proof(LiveProof { head_number, head_digest, certificate, device_chain, counts, signature }))
}
