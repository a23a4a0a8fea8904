//! Storing a record everywhere.

use super::commit;
use crate::api::{Site, now};
use vault_protocol::{Answer, Record, Refusal, Response, Signature64};
use vault_state::{Command, Outcome};

pub(super) async fn register(site: &Site, record: Record, signature: Signature64) -> Response {
    record.check_shape(site.keys.sites()).map_err(|_| Refusal::Malformed)?;
    match commit(site, Command::Register { record, signature, at: now() }).await? {
        Outcome::Registered { version } => Ok(Answer::Registered { version }),
        _ => Err(Refusal::Unavailable { reason: "an unexpected outcome".into() }),
    }
}
