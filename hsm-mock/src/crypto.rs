//! The algorithms of the device, over bytes as it stores and sends them.

pub mod bp512;
pub mod cbc_ecb;
pub mod ccm;
pub mod der;
pub mod ec;
pub mod ed25519;
pub mod hash;
pub mod hmac;
pub mod kwp;
pub mod pkcs8;
pub mod public_key;
pub mod rsa_key;
pub mod rsa_padding;
