//! Passkeys, verified by webauthn-rs for each site by itself (spec/passkey-release.md, section 6).
//!
//! That library draws its own challenges; ours comes from the sites' nonces (section 5), so it is
//! put into the library's state, which is serialisable for this.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::{Arc, LazyLock};
use vault_protocol::limits::MAX_WEBAUTHN_JSON;
use vault_protocol::{ORIGIN, RP_ID};
use vault_state::{PasskeyVerifier, Registered};
use webauthn_rs::prelude::{
    COSEAlgorithm, Credential, Passkey, PasskeyAuthentication, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, Url, Uuid, Webauthn, WebauthnBuilder,
};

/// How an attestation object of format `none` begins (WebAuthn 6.5.4, in CTAP2's canonical order).
/// The other formats hold certificates and structures of many makers: nobody here trusts them, so
/// nobody here reads them.
const NO_ATTESTATION: &[u8] = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData";

/// The one relying party of all fleets.
pub fn verifier() -> Arc<dyn PasskeyVerifier> {
    static VERIFIER: LazyLock<Arc<RelyingParty>> = LazyLock::new(|| Arc::new(RelyingParty::new()));
    VERIFIER.clone()
}

/// Whether a WebAuthn answer carries extension results: a PRF output may be among them, so nobody
/// must send any.
pub fn has_extension_results(json: &[u8]) -> bool {
    let Ok(answer) = serde_json::from_slice::<Value>(json) else { return false };
    let results =
        ["clientExtensionResults", "extensions"].into_iter().filter_map(|name| answer.get(name));
    results.into_iter().any(|r| !r.is_null() && r.as_object().is_none_or(|map| !map.is_empty()))
}

struct RelyingParty(Webauthn);

impl RelyingParty {
    fn new() -> Self {
        let origin = Url::parse(ORIGIN).expect("a constant");
        let built = WebauthnBuilder::new(RP_ID, &origin).and_then(WebauthnBuilder::build);
        Self(built.expect("the origin is at the relying party"))
    }

    fn register(&self, challenge: &[u8; 32], registration: &[u8]) -> Option<Credential> {
        let answer: RegisterPublicKeyCredential = read(registration)?;
        let response = &answer.response;
        if !response.attestation_object.starts_with(NO_ATTESTATION)
            || !is_at_our_origin(&response.client_data_json)
        {
            return None;
        }
        // Who registers is not for webauthn-rs to know: the challenge names the account.
        let (_, begun) =
            self.0.start_passkey_registration(Uuid::nil(), "keepsake", "keepsake", None).ok()?;
        let begun: PasskeyRegistration = with_challenge(&begun, "rs", challenge)?;
        let made: Credential = self.0.finish_passkey_registration(&answer, &begun).ok()?.into();
        (made.cred.type_ == COSEAlgorithm::ES256).then_some(made)
    }
}

impl PasskeyVerifier for RelyingParty {
    fn registration(
        &self,
        challenge: &[u8; 32],
        credential: &[u8],
        registration: &[u8],
    ) -> Option<u32> {
        let made = self.register(challenge, registration)?;
        (made.cred_id.as_slice() == credential).then_some(made.counter)
    }

    fn credential(&self, assertion: &[u8]) -> Option<Vec<u8>> {
        read::<PublicKeyCredential>(assertion).map(|answer| answer.raw_id.to_vec())
    }

    fn assertion(
        &self,
        registered: &Registered<'_>,
        challenge: &[u8; 32],
        assertion: &[u8],
    ) -> Option<u32> {
        let answer: PublicKeyCredential = read(assertion)?;
        if !is_at_our_origin(&answer.response.client_data_json) {
            return None;
        }
        let mut credential = self.register(&registered.challenge, registered.registration)?;
        if credential.cred_id.as_slice() != registered.credential {
            return None;
        }
        credential.counter = registered.counter;
        let (_, begun) = self.0.start_passkey_authentication(&[Passkey::from(credential)]).ok()?;
        let begun: PasskeyAuthentication = with_challenge(&begun, "ast", challenge)?;
        let result = self.0.finish_passkey_authentication(&answer, &begun).ok()?;
        result.user_verified().then_some(result.counter())
    }
}

/// Compared as text. The library compares addresses, to which a path or the usual port makes no
/// difference.
fn is_at_our_origin(client_data: &[u8]) -> bool {
    serde_json::from_slice::<Value>(client_data).is_ok_and(|data| data["origin"] == ORIGIN)
}

/// Bounded JSON without extension results.
fn read<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    if json.len() > MAX_WEBAUTHN_JSON || has_extension_results(json) {
        return None;
    }
    serde_json::from_slice(json).ok()
}

fn with_challenge<T: Serialize + DeserializeOwned>(
    begun: &T,
    part: &str,
    challenge: &[u8; 32],
) -> Option<T> {
    let mut state = serde_json::to_value(begun).ok()?;
    *state.get_mut(part)?.get_mut("challenge")? = URL_SAFE_NO_PAD.encode(challenge).into();
    serde_json::from_value(state).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extension_results_are_seen_wherever_they_may_stand() {
        let with = |name: &str, value: &str| {
            has_extension_results(format!(r#"{{"{name}":{value}}}"#).as_bytes())
        };
        assert!(!with("clientExtensionResults", "{}"));
        assert!(!with("clientExtensionResults", "null"));
        assert!(with("clientExtensionResults", r#"{"prf":{"results":{"first":"AAAA"}}}"#));
        assert!(with("extensions", r#"{"hmacGetSecret":{"output1":"AAAA"}}"#));
        assert!(with("clientExtensionResults", "[1]"));
    }

    #[test]
    fn what_is_no_webauthn_is_refused() {
        for bytes in [&b""[..], b"{}", b"[]", b"\xff\xfe", &vec![b' '; MAX_WEBAUTHN_JSON + 1]] {
            assert_eq!(verifier().credential(bytes), None);
            assert_eq!(verifier().registration(&[1; 32], b"id", bytes), None);
        }
    }
}
