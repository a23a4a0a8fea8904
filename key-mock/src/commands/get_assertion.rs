//! authenticatorGetAssertion (CTAP 2.1, 6.2).

use super::assertion::Assertion;
use super::authenticator_data::User as State;
use super::give_assertion::give;
use super::hmac_secret::{self, Salts};
use super::options::Options;
use super::user_verification::{self, At};
use super::{Answer, Call, credential_ids};
use crate::credential::ID;
use crate::key::Key;
use crate::parameters::{Parameters, bytes, hash, number, parameters, text};
use crate::pin_protocol::Protocol;
use crate::status::Status;
use crate::token::GET_ASSERTION;
use ciborium::Value;
use std::time::Instant;

pub(super) async fn run(call: &mut Call<'_>, request: &Value) -> Answer {
    let parameters = parameters(request)?;
    let proof = user_verification::read(call, parameters, At { param: 6, protocol: 7 }).await?;
    let request = Request::read(parameters)?;
    let present = request.options.for_assertion(proof.is_some())?;
    let verified = user_verification::check(
        call.key,
        proof.as_ref(),
        GET_ASSERTION,
        request.rp_id,
        &request.client_data_hash,
    )?;
    let found = applicable(call.key, &request)?;
    if present {
        call.person.touch().await?;
        user_verification::touched(call.key);
    }
    let salts = request.salts.filter(|_| call.key.model.hmac_secret);
    if salts.is_some() && !present {
        return Err(Status::UnsupportedOption);
    }
    let salts = salts.map(|input| read_salts(call.key, input)).transpose()?;
    let assertion = Assertion {
        rp_id: request.rp_id.to_owned(),
        client_data_hash: request.client_data_hash,
        state: State { present, verified },
        salts,
        accounts: found.len(),
        remaining: found,
        since: Instant::now(),
    };
    give(call.key, assertion)
}

struct Request<'a> {
    rp_id: &'a str,
    client_data_hash: [u8; 32],
    allowed: Vec<&'a [u8]>,
    salts: Option<&'a Value>,
    options: Options,
}

impl<'a> Request<'a> {
    fn read(request: Parameters<'a>) -> Result<Self, Status> {
        let rp_id = request.required(1, text)?;
        let client_data_hash = request.required(2, hash)?;
        let allowed = request.optional(3, credential_ids)?.unwrap_or_default();
        let extensions = request.optional(4, parameters)?.unwrap_or(Parameters::NONE);
        let salts = extensions.optional(hmac_secret::NAME, Ok)?;
        let options = Options::read(request.optional(5, parameters)?)?;
        Ok(Self { rp_id, client_data_hash, allowed, salts, options })
    }
}

/// Errors: `MissingParameter`, `InvalidParameter`, `PinAuthInvalid`.
fn read_salts(key: &Key, input: &Value) -> Result<Salts, Status> {
    let input = parameters(input)?;
    let platform = input.required(1, Ok)?;
    let sealed = input.required(2, bytes)?;
    let signature = input.required(3, bytes)?;
    let protocol = match input.optional(4, number)? {
        Some(number) => key.model.protocol(number)?,
        None => Protocol::One,
    };
    let shared = key.power.key_agreement(protocol).decapsulate(protocol, platform)?;
    shared.verify(sealed, signature)?;
    Salts::open(shared, sealed)
}

/// One of those allowed; or, where none are named, all that are discoverable, the newest last.
/// Errors: `NoCredentials`.
fn applicable(key: &Key, request: &Request<'_>) -> Result<Vec<[u8; ID]>, Status> {
    let of_rp = || key.kept.credentials.iter().filter(|kept| kept.rp_id == request.rp_id);
    let found: Vec<_> = if request.allowed.is_empty() {
        of_rp().filter(|kept| kept.discoverable).map(|kept| kept.id).collect()
    } else {
        of_rp()
            .filter(|kept| request.allowed.contains(&&kept.id[..]))
            .map(|kept| kept.id)
            .take(1)
            .collect()
    };
    if found.is_empty() { Err(Status::NoCredentials) } else { Ok(found) }
}
