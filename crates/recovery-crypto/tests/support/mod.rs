//! A fleet whose devices are keys in memory, randomness that is none, and the vectors.
#![allow(dead_code)]

pub(crate) mod fleet;

use rand_core::{CryptoRng, RngCore};
use serde_json::Value;
use vault_protocol::{Bundle, Point, SiteIndex};

/// Gives the bytes it was made with, again and again.
pub(crate) struct Fixed(pub Vec<u8>);

impl RngCore for Fixed {
    fn next_u32(&mut self) -> u32 {
        unimplemented!("only bytes are drawn")
    }
    fn next_u64(&mut self) -> u64 {
        unimplemented!("only bytes are drawn")
    }
    fn fill_bytes(&mut self, out: &mut [u8]) {
        out.copy_from_slice(&self.0);
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(out);
        Ok(())
    }
}
impl CryptoRng for Fixed {}

/// spec/vault-protocol.json
pub(crate) fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../../spec/vault-protocol.json")).unwrap()
}

/// spec/passkey-release.json
pub(crate) fn passkey_vectors() -> Value {
    serde_json::from_str(include_str!("../../../../spec/passkey-release.json")).unwrap()
}

/// The first bundle of a fleet of the vectors: `five` or `three`.
pub(crate) fn bundle(name: &str) -> Bundle {
    let bundle = &vectors()["fleets"][name]["bundles"][0]["bundle"];
    serde_json::from_value(bundle.clone()).unwrap()
}

pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

pub(crate) fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

pub(crate) fn point(value: &Value) -> Point {
    Point(array(value))
}

pub(crate) fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

pub(crate) fn site(value: &Value) -> SiteIndex {
    SiteIndex(value["site"].as_u64().unwrap().try_into().unwrap())
}
