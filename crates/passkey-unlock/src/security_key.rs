//! A USB security key with the hmac-secret extension (CTAP 2.1), over HID reports.
//!
//! FIDO prescribes the primitives of its PIN protocols, so they are named here and not in
//! sealed-keys.

mod channel;
mod commands;
mod framing;
mod pin_protocol;
mod socket;
mod usb;

pub use framing::{HidPort, REPORT};
pub use socket::SocketBus;
pub use usb::UsbBus;

use crate::authenticator::{
    Asserted, AssertionRequest, Authenticator, Created, Description, NewPasskey, PinPrompt,
    Protection, Purpose, UserCheck,
};
use crate::client_data::{Ceremony, client_data, client_data_hash, prf_salt};
use crate::error::PasskeyError;
use crate::origin::check_origin;
use crate::reply;
use async_trait::async_trait;
use channel::GivenUp;
use commands::Session;
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

const LIMIT: &str = "Kept inside the key, which works on any computer. If the key is lost or reset, this way back is \
                     gone: keep another one.";

const MOCK_LIMIT: &str =
    "MOCK: a program that behaves like a security key. It is not hardware and protects nothing.";

/// Where security keys are found.
pub trait HidBus: Send + Sync + 'static {
    /// Opens the one connected key. Errors: `NoDevice`, `Unsupported` (several), `Io`.
    fn open(&self) -> Result<Box<dyn HidPort>, PasskeyError>;

    /// What is found there is a program and protects nothing.
    fn mock(&self) -> bool {
        false
    }
}

/// A security key. Dropping what its methods return breaks off the wait: the key is told, and stops
/// blinking.
pub struct SecurityKey {
    bus: Arc<dyn HidBus>,
}

impl SecurityKey {
    /// See [`UsbBus`] and [`SocketBus`].
    pub fn new(bus: impl HidBus) -> Self {
        Self { bus: Arc::new(bus) }
    }

    /// The key answers when it is touched, which may take a minute.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(Session) -> Result<T, PasskeyError> + Send + 'static,
    ) -> Result<T, PasskeyError> {
        let bus = self.bus.clone();
        let given_up = GivenUp::default();
        let _waiting = given_up.when_dropped();
        let done =
            tokio::task::spawn_blocking(move || work(Session::begin(bus.open()?, given_up)?)).await;
        done.map_err(|stopped| PasskeyError::Io(stopped.to_string()))?
    }

    async fn ask_pin(
        &self,
        purpose: Purpose,
        person: &dyn UserCheck,
    ) -> Result<Zeroizing<String>, PasskeyError> {
        let prompt = self.prompt(purpose).await?;
        let pin = person.pin(&prompt).await.ok_or(PasskeyError::Cancelled)?;
        person.touch(purpose).await;
        Ok(Zeroizing::new(pin.expose().nfc().collect()))
    }
}

#[async_trait]
impl Authenticator for SecurityKey {
    fn description(&self) -> Description {
        let mock = self.bus.mock();
        let (name, limit) =
            if mock { ("MOCK security key", MOCK_LIMIT) } else { ("Security key", LIMIT) };
        Description { protection: Protection::Hardware, mock, name: name.into(), limit }
    }

    async fn prompt(&self, purpose: Purpose) -> Result<PinPrompt, PasskeyError> {
        let retries = self.blocking(|mut session| {
            let info = session.info()?;
            info.check()?;
            session.pin_retries(info.protocol)
        });
        match retries.await? {
            0 => Err(PasskeyError::KeyBlocked),
            tries => Ok(PinPrompt { purpose, choose: false, tries_left: Some(tries) }),
        }
    }

    async fn create(
        &self,
        new: &NewPasskey,
        person: &dyn UserCheck,
    ) -> Result<Created, PasskeyError> {
        check_origin(&new.rp_id, &new.origin)?;
        let pin = self.ask_pin(Purpose::Create, person).await?;
        let new = new.clone();
        self.blocking(move |mut session| {
            let info = session.info()?;
            let client_data = client_data(Ceremony::Create, &new.challenge, &new.origin);
            let made =
                session.make_credential(&info, &pin, &new, &client_data_hash(&client_data))?;
            let registration =
                reply::registration(&made.credential_id, &client_data, &made.attestation_object);
            Ok(Created { credential_id: made.credential_id, registration, prf: None })
        })
        .await
    }

    async fn assert(
        &self,
        request: &AssertionRequest,
        person: &dyn UserCheck,
    ) -> Result<Asserted, PasskeyError> {
        check_origin(&request.rp_id, &request.origin)?;
        if request.allowed.is_empty() {
            return Err(PasskeyError::NoPasskey);
        }
        let pin = self.ask_pin(Purpose::Use, person).await?;
        let request = request.clone();
        self.blocking(move |mut session| {
            let info = session.info()?;
            let client_data = client_data(Ceremony::Get, &request.challenge, &request.origin);
            let salt = prf_salt(&request.prf_input);
            let used = session.get_assertion(
                &info,
                &pin,
                &request,
                &client_data_hash(&client_data),
                &salt,
            )?;
            let assertion = reply::assertion(
                &used.credential_id,
                &client_data,
                &used.authenticator_data,
                &used.signature,
            );
            Ok(Asserted { credential_id: used.credential_id, assertion, prf: used.prf })
        })
        .await
    }
}
