//! The algorithms of the device, over bytes as it stores and sends them.

pub(crate) mod bp512;
pub(crate) mod cbc_ecb;
pub(crate) mod ccm;
pub(crate) mod der;
pub(crate) mod ec;
pub(crate) mod ed25519;
pub(crate) mod hash;
pub(crate) mod hmac;
pub(crate) mod kwp;
pub(crate) mod pkcs8;
pub(crate) mod public_key;
pub(crate) mod rsa_key;
pub(crate) mod rsa_padding;
