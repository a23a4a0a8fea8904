//! `GET LOG ENTRIES` (0x4d): unlogged boots (2), unlogged authentications (2), count (1), entries
//! (32 each).

use zeroize::Zeroizing;

use super::{Answer, Call, no_arguments};

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    no_arguments(data)?;
    Ok(Zeroizing::new(call.state.log.encode()))
}
