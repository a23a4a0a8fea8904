//! The opened passkeys, as the passkey crate's authenticator uses them.

use crate::authenticator::{AssertionRequest, NewPasskey};
use crate::client_data::{client_data_hash, prf_salt};
use crate::error::PasskeyError;
use crate::origin::RP_NAME;
use passkey::authenticator::extensions::HmacSecretConfig;
use passkey::authenticator::{
    Authenticator, CredentialStore, DiscoverabilitySupport, StoreInfo, UiHint, UserCheck,
    UserValidationMethod,
};
use passkey::types::ctap2::extensions::{AuthenticatorPrfInputs, AuthenticatorPrfValues};
use passkey::types::ctap2::make_credential::{
    Options, PublicKeyCredentialRpEntity, PublicKeyCredentialUserEntity as StoredUser,
};
use passkey::types::ctap2::{Aaguid, Ctap2Error, StatusCode, get_assertion, make_credential};
use passkey::types::webauthn::{
    PublicKeyCredentialDescriptor, PublicKeyCredentialParameters, PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
};
use passkey::types::{CredentialExtensions, Passkey, StoredHmacSecret};
use passkey_crypto::coset::CborSerializable;
use passkey_crypto::rust_crypto::RustCryptoBackend;
use passkey_crypto::{CoseKey, iana};
use sealed_keys::Secret;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Exists only after the right PIN, or before there is one.
pub(super) struct Unlocked {
    pub pin_key: Secret<32>,
    passkeys: Vec<Passkey>,
}

pub(super) struct Made {
    pub credential_id: Vec<u8>,
    pub attestation_object: Vec<u8>,
    pub prf: Secret<32>,
}

pub(super) struct Used {
    pub credential_id: Vec<u8>,
    pub authenticator_data: Vec<u8>,
    pub signature: Vec<u8>,
    pub prf: Secret<32>,
}

impl Unlocked {
    pub(super) fn empty() -> Self {
        Self { pin_key: Secret::new([0; 32]), passkeys: vec![] }
    }

    pub(super) fn read(pin_key: Secret<32>, plain: &[u8]) -> Result<Self, PasskeyError> {
        let kept: Vec<Kept> = postcard::from_bytes(plain).map_err(|_| damaged())?;
        let passkeys: Result<_, _> = kept.into_iter().map(Kept::into_passkey).collect();
        Ok(Self { pin_key, passkeys: passkeys? })
    }

    pub(super) fn write(&self) -> Result<Zeroizing<Vec<u8>>, PasskeyError> {
        let kept: Result<Vec<_>, _> = self.passkeys.iter().map(Kept::of).collect();
        postcard::to_allocvec(&kept?).map(Zeroizing::new).map_err(|_| damaged())
    }

    pub(super) fn forget(&mut self, credential_id: &[u8]) {
        self.passkeys.retain(|passkey| *passkey.credential_id != credential_id);
    }

    /// Errors: `AlreadyThere`, `Unsupported`.
    pub(super) async fn create(
        self,
        new: &NewPasskey,
        client_data: &[u8],
    ) -> Result<(Made, Self), PasskeyError> {
        let of_account = |kept: &Passkey| kept.user_handle.as_deref() == Some(&new.account);
        let excluded = |kept: &Passkey| new.exclude.iter().any(|id| *kept.credential_id == *id);
        let here = |kept: &Passkey| kept.rp_id == new.rp_id && (of_account(kept) || excluded(kept));
        if self.passkeys.iter().any(here) {
            return Err(PasskeyError::AlreadyThere);
        }
        let mut authenticator = self.into_authenticator();
        let response =
            authenticator.make_credential(make_request(new, client_data)).await.map_err(refused)?;
        let prf =
            response.unsigned_extension_outputs.as_ref().and_then(|outputs| outputs.prf.as_ref());
        let prf = prf.and_then(|prf| prf.results.as_ref()).ok_or_else(no_prf)?;
        let attested = response.auth_data.attested_credential_data.as_ref().ok_or_else(no_prf)?;
        let made = Made {
            credential_id: attested.credential_id().to_vec(),
            attestation_object: response.as_webauthn_bytes().into(),
            prf: Secret::new(prf.first),
        };
        Ok((made, authenticator.store().clone_out()))
    }

    /// Errors: `NoPasskey`, `Unsupported`.
    pub(super) async fn assert(
        self,
        request: &AssertionRequest,
        client_data: &[u8],
    ) -> Result<(Used, Self), PasskeyError> {
        let mut authenticator = self.into_authenticator();
        let response = authenticator
            .get_assertion(get_request(request, client_data))
            .await
            .map_err(refused)?;
        let prf = response
            .unsigned_extension_outputs
            .and_then(|outputs| outputs.prf)
            .ok_or_else(no_prf)?;
        let used = Used {
            credential_id: response.credential.ok_or(PasskeyError::NoPasskey)?.id.into(),
            authenticator_data: response.auth_data.to_vec(),
            signature: response.signature.into(),
            prf: Secret::new(prf.results.first),
        };
        Ok((used, authenticator.store().clone_out()))
    }

    /// The passkey crate gives back its store only by reference.
    fn clone_out(&self) -> Self {
        Self { pin_key: self.pin_key.clone(), passkeys: self.passkeys.clone() }
    }

    fn into_authenticator(self) -> Authenticator<Self, PinWasRight, RustCryptoBackend> {
        let prf = HmacSecretConfig::new_with_uv_only().enable_on_make_credential();
        let mut authenticator =
            Authenticator::new(Aaguid::new_empty(), self, PinWasRight, RustCryptoBackend);
        authenticator.set_make_credentials_with_signature_counter(true);
        authenticator.hmac_secret(prf)
    }
}

fn make_request(new: &NewPasskey, client_data: &[u8]) -> make_credential::Request {
    make_credential::Request {
        client_data_hash: client_data_hash(client_data).to_vec().into(),
        rp: PublicKeyCredentialRpEntity { id: new.rp_id.clone(), name: Some(RP_NAME.into()) },
        user: PublicKeyCredentialUserEntity {
            id: new.account.clone().into(),
            name: new.user_name.clone(),
            display_name: new.user_name.clone(),
        },
        pub_key_cred_params: vec![PublicKeyCredentialParameters {
            ty: PublicKeyCredentialType::PublicKey,
            alg: iana::Algorithm::ES256,
        }],
        exclude_list: None,
        extensions: Some(make_credential::ExtensionInputs {
            hmac_secret: Some(true),
            hmac_secret_mc: None,
            prf: Some(prf_inputs(&new.prf_input)),
        }),
        options: Options { rk: true, up: true, uv: true },
        pin_auth: None,
        pin_protocol: None,
    }
}

fn get_request(request: &AssertionRequest, client_data: &[u8]) -> get_assertion::Request {
    let allowed = request.allowed.iter().map(|id| PublicKeyCredentialDescriptor {
        ty: PublicKeyCredentialType::PublicKey,
        id: id.clone().into(),
        transports: None,
    });
    get_assertion::Request {
        rp_id: request.rp_id.clone(),
        client_data_hash: client_data_hash(client_data).to_vec().into(),
        allow_list: Some(allowed.collect()),
        extensions: Some(get_assertion::ExtensionInputs {
            hmac_secret: None,
            prf: Some(prf_inputs(&request.prf_input)),
        }),
        options: get_assertion::Options { up: true, uv: true },
        pin_auth: None,
        pin_protocol: None,
    }
}

fn prf_inputs(input: &[u8; 32]) -> AuthenticatorPrfInputs {
    let values = AuthenticatorPrfValues { first: prf_salt(input), second: None };
    AuthenticatorPrfInputs { eval: Some(values), eval_by_credential: None }
}

#[async_trait::async_trait]
impl CredentialStore for Unlocked {
    type PasskeyItem = Passkey;

    async fn find_credentials(
        &self,
        ids: Option<&[PublicKeyCredentialDescriptor]>,
        rp_id: &str,
        user_handle: Option<&[u8]>,
    ) -> Result<Vec<Passkey>, StatusCode> {
        let allowed = |kept: &Passkey| {
            ids.is_some_and(|ids| ids.iter().any(|id| id.id == kept.credential_id))
        };
        let whose = |kept: &Passkey| {
            user_handle
                .is_none_or(|user| kept.user_handle.as_deref().is_some_and(|kept| kept == user))
        };
        let found =
            self.passkeys.iter().filter(|kept| kept.rp_id == rp_id && allowed(kept) && whose(kept));
        let found: Vec<_> = found.cloned().collect();
        if found.is_empty() { Err(Ctap2Error::NoCredentials.into()) } else { Ok(found) }
    }

    async fn save_credential(
        &mut self,
        passkey: Passkey,
        _user: StoredUser,
        _rp: PublicKeyCredentialRpEntity,
        _options: Options,
    ) -> Result<(), StatusCode> {
        self.passkeys.push(passkey);
        Ok(())
    }

    async fn update_credential(&mut self, changed: &Passkey) -> Result<(), StatusCode> {
        let kept =
            self.passkeys.iter_mut().find(|kept| kept.credential_id == changed.credential_id);
        *kept.ok_or(Ctap2Error::NoCredentials)? = changed.clone();
        Ok(())
    }

    async fn get_info(&self) -> StoreInfo {
        StoreInfo { discoverability: DiscoverabilitySupport::ForcedDiscoverable }
    }
}

/// The person was asked before: an [`Unlocked`] exists only after the right PIN.
struct PinWasRight;

#[async_trait::async_trait]
impl UserValidationMethod for PinWasRight {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _hint: UiHint<'a, Passkey>,
        _presence: bool,
        _verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence: true, verification: true })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}

/// A passkey as it is sealed.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Kept {
    credential_id: Vec<u8>,
    rp_id: String,
    user_handle: Vec<u8>,
    user_name: String,
    /// COSE_Key (RFC 9052), private part included.
    key: Vec<u8>,
    prf_secret: Vec<u8>,
    counter: u32,
}

impl Kept {
    fn of(passkey: &Passkey) -> Result<Self, PasskeyError> {
        Ok(Self {
            credential_id: passkey.credential_id.to_vec(),
            rp_id: passkey.rp_id.clone(),
            user_handle: passkey.user_handle.as_deref().cloned().unwrap_or_default(),
            user_name: passkey.username.clone().unwrap_or_default(),
            key: passkey.key.clone().to_vec().map_err(|_| damaged())?,
            prf_secret: passkey
                .extensions
                .hmac_secret
                .as_ref()
                .ok_or_else(no_prf)?
                .cred_with_uv
                .clone(),
            counter: passkey.counter.unwrap_or_default(),
        })
    }

    fn into_passkey(self) -> Result<Passkey, PasskeyError> {
        let prf = StoredHmacSecret { cred_with_uv: self.prf_secret.clone(), cred_without_uv: None };
        Ok(Passkey {
            key: CoseKey::from_slice(&self.key).map_err(|_| damaged())?,
            credential_id: self.credential_id.clone().into(),
            rp_id: self.rp_id.clone(),
            user_handle: Some(self.user_handle.clone().into()),
            username: Some(self.user_name.clone()),
            user_display_name: Some(self.user_name.clone()),
            counter: Some(self.counter),
            extensions: CredentialExtensions { hmac_secret: Some(prf) },
        })
    }
}

fn refused(status: StatusCode) -> PasskeyError {
    if status == StatusCode::from(Ctap2Error::NoCredentials) {
        PasskeyError::NoPasskey
    } else {
        PasskeyError::Unsupported(format!("the passkey was refused: {status:?}"))
    }
}

fn no_prf() -> PasskeyError {
    PasskeyError::Unsupported("no PRF output".into())
}

fn damaged() -> PasskeyError {
    PasskeyError::Damaged("the passkey file".into())
}
