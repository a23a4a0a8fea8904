//! `ECHO` (0x01): answers with its input. Also outside a session.

use zeroize::Zeroizing;

use super::Answer;

pub(crate) fn run(data: &[u8]) -> Answer {
    Ok(Zeroizing::new(data.to_vec()))
}
