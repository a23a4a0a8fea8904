//! authenticatorMakeCredential (CTAP 2.1, 6.1).

use super::authenticator_data::{User as State, attested};
use super::options::Options;
use super::user_verification::{self, At};
use super::{Answer, Call, credential_ids, hmac_secret};
use crate::cbor::{map, named};
use crate::credential::{Credential, ES256, User};
use crate::key::Key;
use crate::parameters::{Parameters, bytes, flag, hash, list, number, parameters, text};
use crate::status::Status;
use crate::token::MAKE_CREDENTIAL;
use ciborium::Value;

/// Room for credentials, as in the keys sold now.
pub(super) const MAX_CREDENTIALS: usize = 100;

pub(super) async fn run(call: &mut Call<'_>, request: &Value) -> Answer {
    let parameters = parameters(request)?;
    let proof = user_verification::read(call, parameters, At { param: 8, protocol: 9 }).await?;
    let request = Request::read(parameters)?;
    let discoverable = request.options.for_new_credential(proof.is_some())?;
    if parameters.has(ENTERPRISE_ATTESTATION) {
        return Err(Status::InvalidParameter);
    }
    let verified = user_verification::check(
        call.key,
        proof.as_ref(),
        MAKE_CREDENTIAL,
        request.rp_id,
        &request.client_data_hash,
    )?;
    if call.key.kept.pin.is_set() && !verified {
        return Err(Status::PuatRequired);
    }
    if request.excluded.iter().any(|id| has(call.key, request.rp_id, id)) {
        // The person agrees to nothing here; the touch hides from a web page which keys are plugged
        // in.
        return Err(match call.person.touch().await {
            Err(Status::KeepaliveCancel) => Status::KeepaliveCancel,
            _ => Status::CredentialExcluded,
        });
    }
    call.person.touch().await?;
    user_verification::touched(call.key);
    make(call.key, &request, discoverable, verified)
}

const ENTERPRISE_ATTESTATION: i64 = 10;

struct Request<'a> {
    client_data_hash: [u8; 32],
    rp_id: &'a str,
    user: User,
    excluded: Vec<&'a [u8]>,
    hmac_secret: bool,
    options: Options,
}

impl<'a> Request<'a> {
    fn read(request: Parameters<'a>) -> Result<Self, Status> {
        let client_data_hash = request.required(1, hash)?;
        let rp_id = request.required(2, parameters)?.required("id", text)?;
        let user = read_user(request.required(3, parameters)?)?;
        check_algorithms(request.required(4, list)?)?;
        let excluded = request.optional(5, credential_ids)?.unwrap_or_default();
        let extensions = request.optional(6, parameters)?.unwrap_or(Parameters::NONE);
        let hmac_secret = extensions.optional(hmac_secret::NAME, flag)?.unwrap_or(false);
        let options = Options::read(request.optional(7, parameters)?)?;
        Ok(Self { client_data_hash, rp_id, user, excluded, hmac_secret, options })
    }
}

/// A user handle has 1 to 64 bytes (WebAuthn 5.4.3).
fn read_user(user: Parameters<'_>) -> Result<User, Status> {
    let id = user.required("id", bytes)?;
    if id.is_empty() || id.len() > 64 {
        return Err(Status::InvalidParameter);
    }
    let name = |key: &str| Ok(user.optional(key, text)?.map(str::to_owned));
    Ok(User { id: id.to_vec(), name: name("name")?, display_name: name("displayName")? })
}

/// Every entry must be whole, and one of them ES256.
fn check_algorithms(entries: &[Value]) -> Result<(), Status> {
    let mut found = false;
    for entry in entries {
        let entry = parameters(entry)?;
        let (algorithm, kind) = (entry.required("alg", number)?, entry.required("type", text)?);
        found |= algorithm == ES256 && kind == "public-key";
    }
    if found { Ok(()) } else { Err(Status::UnsupportedAlgorithm) }
}

fn has(key: &Key, rp_id: &str, id: &[u8]) -> bool {
    key.kept.credentials.iter().any(|kept| kept.rp_id == rp_id && kept.id == id)
}

fn make(key: &mut Key, request: &Request<'_>, discoverable: bool, verified: bool) -> Answer {
    let hmac_secret = request.hmac_secret && key.model.hmac_secret;
    let new = Credential::generate(request.rp_id, request.user.clone(), hmac_secret, discoverable);
    let state = State { present: true, verified };
    let extensions = hmac_secret.then(|| named([(hmac_secret::NAME, true.into())]));
    let data = attested(&new, state, key.kept.counter, extensions);
    // Self attestation (WebAuthn 8.2): signed by the new key, since nobody vouches for a MOCK.
    let signature = new.sign(&[&data[..], &request.client_data_hash].concat());
    store(key, new)?;
    let statement = named([("alg", ES256.into()), ("sig", Value::Bytes(signature))]);
    Ok(map([(1, "packed".into()), (2, Value::Bytes(data)), (3, statement)]))
}

/// A discoverable credential takes the place of the same account's older one.
fn store(key: &mut Key, new: Credential) -> Result<(), Status> {
    let replaced = |kept: &Credential| {
        new.discoverable
            && kept.discoverable
            && kept.rp_id == new.rp_id
            && kept.user.id == new.user.id
    };
    key.kept.credentials.retain(|kept| !replaced(kept));
    if key.kept.credentials.len() >= MAX_CREDENTIALS {
        return Err(Status::KeyStoreFull);
    }
    key.kept.credentials.push(new);
    Ok(())
}
