//! Storing a record everywhere.

use super::{agreed, commit, storage};
use crate::api::{Site, now};
use vault_protocol::{Answer, Record, Refusal, Response, Signature64};
use vault_state::{Command, Outcome, Registration, check_registration};

pub(super) async fn register(site: &Site, record: Record, signature: Signature64) -> Response {
    record.check_shape(site.keys.sites()).map_err(|_| Refusal::Malformed)?;
    let version = record.version;
    if agreed(site, || decided(site, &record, &signature)).await? == Registration::Known {
        return Ok(Answer::Registered { version });
    }
    site.limits.registration().map_err(|seconds| Refusal::Busy { seconds })?;
    match commit(site, Command::Register { record, signature, at: now() }).await? {
        Outcome::Registered { version } => Ok(Answer::Registered { version }),
        _ => Err(Refusal::Unavailable { reason: "an unexpected outcome".into() }),
    }
}

async fn decided(site: &Site, record: &Record, signature: &Signature64) -> Result<Registration, Refusal> {
    let (held, pending) = site.cluster.reader().before_registration(record.account).await.map_err(storage)?;
    check_registration(&site.keys, held.as_ref(), &pending, record, signature, now())
}
