//! An assertion that was agreed to: for one account, or for several, one after the other.

use super::authenticator_data::{User as State, asserted};
use super::hmac_secret::{NAME, Salts};
use crate::cbor::named;
use crate::credential::{Credential, ID, User};
use ciborium::Value;
use std::time::Instant;

pub(crate) struct Assertion {
    pub rp_id: String,
    pub client_data_hash: [u8; 32],
    pub state: State,
    pub salts: Option<Salts>,
    /// Ids of the credentials it is for, the next one last.
    pub remaining: Vec<[u8; ID]>,
    pub accounts: usize,
    /// When the last one was given.
    pub since: Instant,
}

impl Assertion {
    /// Authenticator data and the signature over them.
    pub(super) fn sign(&self, credential: &Credential, counter: u32) -> (Vec<u8>, Vec<u8>) {
        let secrets = credential.hmac_secret.as_ref();
        let output = self
            .salts
            .as_ref()
            .zip(secrets)
            .map(|(salts, secrets)| salts.apply(secrets, self.state.verified));
        let extensions = output.map(|output| named([(NAME, output)]));
        let data = asserted(&self.rp_id, self.state, counter, extensions);
        let signature = credential.sign(&[&data[..], &self.client_data_hash].concat());
        (data, signature)
    }

    /// Names are told only to choose between accounts, and only to who has the PIN.
    pub(super) fn user(&self, user: &User) -> Value {
        let names = [("name", &user.name), ("displayName", &user.display_name)];
        let told = names.into_iter().filter(|_| self.state.verified && self.accounts > 1);
        let told = told.filter_map(|(key, name)| Some((key, name.as_deref()?.into())));
        named([("id", Value::Bytes(user.id.clone()))].into_iter().chain(told))
    }
}
