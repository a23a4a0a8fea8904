//! All rows, by topic.

mod asymmetric;
mod attestation;
mod device;
mod log_and_options;
mod objects;
mod otp;
mod rsa;
mod rsa_wrap;
mod sessions;
mod ssh;
mod symmetric;
mod wrap;

use crate::behaviour::Behaviour;

pub(crate) fn all() -> impl Iterator<Item = Behaviour> {
    [
        sessions::ROWS,
        device::ROWS,
        log_and_options::ROWS,
        objects::ROWS,
        asymmetric::ROWS,
        rsa::ROWS,
        symmetric::ROWS,
        wrap::ROWS,
        rsa_wrap::ROWS,
        otp::ROWS,
        ssh::ROWS,
        attestation::ROWS,
    ]
    .into_iter()
    .flatten()
    .copied()
}
