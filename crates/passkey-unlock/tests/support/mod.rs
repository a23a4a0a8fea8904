//! A fleet site's side, by webauthn-rs, and a person with a PIN.

#![allow(clippy::unwrap_used, dead_code)]

#[cfg(unix)]
pub(crate) mod desk;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use passkey_unlock::*;
use sealed_keys::SecretText;
use serde_json::Value;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::Notify;
use webauthn_rs::prelude::*;

pub(crate) const ACCOUNT: [u8; 16] = [7; 16];

/// What a site does: the challenge comes from the protocol, so it is put into the state that
/// webauthn-rs made.
pub(crate) struct Site {
    webauthn: Webauthn,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self::at(RP_ID, ORIGIN)
    }

    pub(crate) fn at(rp_id: &str, origin: &str) -> Self {
        let webauthn =
            WebauthnBuilder::new(rp_id, &Url::parse(origin).unwrap()).unwrap().build().unwrap();
        Self { webauthn }
    }

    pub(crate) fn register(&self, challenge: &[u8; 32], sent: &Value) -> WebauthnResult<Passkey> {
        let user = Uuid::from_bytes(ACCOUNT);
        let (_, state) = self.webauthn.start_passkey_registration(user, "ada", "ada", None)?;
        let state: PasskeyRegistration = with_challenge(&state, challenge);
        let reply: RegisterPublicKeyCredential = serde_json::from_value(sent.clone()).unwrap();
        self.webauthn.finish_passkey_registration(&reply, &state)
    }

    /// Updates the counter that the site keeps.
    pub(crate) fn check(
        &self,
        passkey: &mut Passkey,
        challenge: &[u8; 32],
        sent: &Value,
    ) -> WebauthnResult<AuthenticationResult> {
        let (_, state) =
            self.webauthn.start_passkey_authentication(std::slice::from_ref(passkey))?;
        let state: PasskeyAuthentication = with_challenge(&state, challenge);
        let reply: PublicKeyCredential = serde_json::from_value(sent.clone()).unwrap();
        let result = self.webauthn.finish_passkey_authentication(&reply, &state)?;
        passkey.update_credential(&result);
        Ok(result)
    }
}

fn with_challenge<T: serde::Serialize + serde::de::DeserializeOwned>(
    state: &T,
    challenge: &[u8; 32],
) -> T {
    let mut value = serde_json::to_value(state).unwrap();
    assert!(replace_challenge(&mut value, challenge), "{value}");
    serde_json::from_value(value).unwrap()
}

fn replace_challenge(value: &mut Value, challenge: &[u8; 32]) -> bool {
    match value {
        Value::Object(map) => map.iter_mut().fold(false, |done, (key, value)| {
            if key == "challenge" {
                *value = URL_SAFE_NO_PAD.encode(challenge).into();
                true
            } else {
                replace_challenge(value, challenge) || done
            }
        }),
        _ => false,
    }
}

/// Types these PINs, one after the other, then gives up.
pub(crate) struct Person {
    pins: Mutex<Vec<String>>,
    pub asked: Mutex<Vec<PinPrompt>>,
    told_to_touch: Notify,
}

impl Person {
    pub(crate) fn typing(pins: &[&str]) -> Self {
        let pins = pins.iter().rev().map(|pin| pin.to_string()).collect();
        Self { pins: Mutex::new(pins), asked: Mutex::default(), told_to_touch: Notify::new() }
    }

    /// Until the key blinks before them, as well as that can be told from outside.
    pub(crate) async fn sees_it_blink(&self) {
        self.told_to_touch.notified().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

#[async_trait]
impl UserCheck for Person {
    async fn pin(&self, prompt: &PinPrompt) -> Option<SecretText> {
        self.asked.lock().unwrap().push(prompt.clone());
        self.pins.lock().unwrap().pop().map(SecretText::new)
    }

    async fn touch(&self, _purpose: Purpose) {
        self.told_to_touch.notify_one();
    }
}

pub(crate) fn new_passkey(challenge: [u8; 32]) -> NewPasskey {
    NewPasskey {
        rp_id: RP_ID.into(),
        origin: ORIGIN.into(),
        account: ACCOUNT.to_vec(),
        user_name: "ada".into(),
        challenge,
        prf_input: PRF_INPUT,
        exclude: vec![],
    }
}

pub(crate) fn request(challenge: [u8; 32], credential_id: &[u8]) -> AssertionRequest {
    AssertionRequest {
        rp_id: RP_ID.into(),
        origin: ORIGIN.into(),
        challenge,
        allowed: vec![credential_id.to_vec()],
        prf_input: PRF_INPUT,
    }
}

/// Whether these 32 bytes occur in what is sent: raw, in hex, or in base64 at any offset, also
/// inside a value that is itself base64.
pub(crate) fn carries(sent: &Value, secret: &[u8; 32]) -> bool {
    let text = serde_json::to_string(sent).unwrap();
    let mut decoded = vec![text.clone().into_bytes()];
    collect_decoded(sent, &mut decoded);
    let raw = decoded.iter().any(|bytes| bytes.windows(32).any(|window| window == secret));
    raw || text.contains(&hex::encode(secret)) || text.contains(&URL_SAFE_NO_PAD.encode(secret))
}

fn collect_decoded(value: &Value, out: &mut Vec<Vec<u8>>) {
    match value {
        Value::String(text) => out.extend(URL_SAFE_NO_PAD.decode(text)),
        Value::Array(values) => values.iter().for_each(|value| collect_decoded(value, out)),
        Value::Object(map) => map.values().for_each(|value| collect_decoded(value, out)),
        _ => {}
    }
}
