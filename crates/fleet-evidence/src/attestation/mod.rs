//! YubiHSM 2 attestation certificates: reading them, and the chain to a pinned root.
//!
//! Formats: docs.yubico.com/hardware/oid and the certificates of a real device in `tests/vectors`.

mod certificate;
mod chain;
mod fields;
mod pem;
mod public_key;
mod signature;

pub use certificate::Certificate;
pub use chain::{Attested, verify_attestation};
pub use fields::{AttestationFields, Firmware};
pub use pem::pem;
pub use public_key::PublicKeyKind;

/// Yubico's published root (PEM).
pub const YUBICO_ROOT: &str = include_str!("../../pinned/yubico-root.pem");
/// Intermediates that Yubico published (PEM); a chain may bring its own.
pub const YUBICO_INTERMEDIATES: &str = include_str!("../../pinned/yubico-intermediates.pem");
/// Root of the emulator (PEM). Its private key is public: whatever ends here is MOCK.
pub const MOCK_ROOT: &str = include_str!("../../pinned/mock-root.pem");

/// SHA-256 of Yubico's root (DER), as published independently by several projects.
pub const YUBICO_ROOT_SHA256: [u8; 32] = [
    0x09, 0x4a, 0x3a, 0xc4, 0x93, 0xc2, 0xbd, 0xcd, 0x65, 0xa5, 0x4b, 0xdf, 0x40, 0x19, 0x0f, 0x52,
    0xbb, 0x03, 0xf7, 0x15, 0x63, 0x97, 0xa3, 0xfc, 0x69, 0xd8, 0xaa, 0x9a, 0x39, 0x2f, 0xb7, 0x24,
];
