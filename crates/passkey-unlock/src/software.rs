//! A passkey kept by this computer: private key and PRF secret in a file that only the keyring's
//! key and the PIN open.

mod credentials;
mod keyring;
mod pin;
mod store;

pub use keyring::KeyringOnly;
pub use pin::{MAX_PIN_BYTES, MIN_PIN_CHARS, TRIES};

use crate::authenticator::{
    Asserted, AssertionRequest, Authenticator, Created, Description, NewPasskey, PinPrompt,
    Protection, Purpose, UserCheck,
};
use crate::client_data::{Ceremony, client_data};
use crate::error::PasskeyError;
use crate::origin::check_origin;
use crate::reply;
use async_trait::async_trait;
use credentials::Unlocked;
use sealed_keys::SecretText;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use store::{Contents, Store};

/// Passkeys of one home, guarded by this computer's keyring and a PIN.
pub struct SoftwareAuthenticator {
    store: Arc<Store>,
    clock: Clock,
}

/// Unix seconds.
type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// A kept passkey, as a person may see it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PasskeyInfo {
    /// The id that WebAuthn gave it.
    pub credential_id: Vec<u8>,
    /// The relying party that it is for.
    pub rp_id: String,
    /// Given by the person; may be changed.
    pub name: String,
    /// Unix seconds.
    pub created: u64,
    /// Unix seconds.
    pub last_used: Option<u64>,
}

impl SoftwareAuthenticator {
    /// `folder` holds the sealed file; `home` names its key in the keyring. Touches neither before
    /// it must.
    pub fn new(folder: impl Into<PathBuf>, home: &str, keys: impl KeyringOnly + 'static) -> Self {
        let clock =
            || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self {
            store: Arc::new(Store::new(folder.into(), home, Box::new(keys))),
            clock: Arc::new(clock),
        }
    }

    /// With another clock, in Unix seconds: for tests of the delays.
    pub fn with_clock(mut self, clock: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Needs the keyring, not the PIN. Errors: `NoKeyring`, `KeyringLocked`, `Damaged`, `Io`.
    pub async fn list(&self) -> Result<Vec<PasskeyInfo>, PasskeyError> {
        let read = |store: &Store| {
            Ok(store.locked()?.load()?.map(|kept| kept.passkeys).unwrap_or_default())
        };
        self.blocking(read).await
    }

    /// Errors: `NoPasskey` and as [`SoftwareAuthenticator::list`].
    pub async fn rename(&self, credential_id: &[u8], name: &str) -> Result<(), PasskeyError> {
        let id = credential_id.to_vec();
        let name = name.to_string();
        let change = move |store: &Store| {
            let locked = store.locked()?;
            let mut kept = locked.load()?.ok_or(PasskeyError::NoPasskey)?;
            kept.named(&id)?.name = name;
            locked.save(&kept)
        };
        self.blocking(change).await
    }

    /// Erases a passkey's private key and PRF secret. Asks for the PIN, for the secrets are sealed
    /// as one.
    pub async fn remove(
        &self,
        credential_id: &[u8],
        person: &dyn UserCheck,
    ) -> Result<(), PasskeyError> {
        let prompt = self.prompt(Purpose::Use).await?;
        if prompt.choose {
            return Err(PasskeyError::NoPasskey);
        }
        let pin = person.pin(&prompt).await.ok_or(PasskeyError::Cancelled)?;
        let id = credential_id.to_vec();
        let clock = self.clock.clone();
        let change = move |store: &Store| {
            let locked = store.locked()?;
            let (mut kept, mut unlocked) = locked.unlock(&pin, clock())?;
            kept.named(&id)?;
            kept.passkeys.retain(|known| known.credential_id != id);
            unlocked.forget(&id);
            locked.save_unlocked(&mut kept, &unlocked)
        };
        self.blocking(change).await
    }

    /// Erases everything kept here, without the PIN: for who has forgotten it. Errors: as
    /// [`SoftwareAuthenticator::list`].
    pub async fn erase_all(&self) -> Result<(), PasskeyError> {
        self.blocking(|store| store.locked()?.erase()).await
    }

    /// Errors: `WrongPin`, `TooSoon`, `Wiped`, `PinLength`, and as [`SoftwareAuthenticator::list`].
    pub async fn change_pin(&self, old: SecretText, new: SecretText) -> Result<(), PasskeyError> {
        let clock = self.clock.clone();
        let change = move |store: &Store| {
            pin::check_new(&new)?;
            let locked = store.locked()?;
            let (mut kept, mut unlocked) = locked.unlock(&old, clock())?;
            locked.set_pin(&mut kept, &mut unlocked, &new)?;
            locked.save_unlocked(&mut kept, &unlocked)
        };
        self.blocking(change).await
    }

    /// The keyring may wait for the person, and a PIN costs a good deal of memory and time.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, PasskeyError> + Send + 'static,
    ) -> Result<T, PasskeyError> {
        let store = self.store.clone();
        let done = tokio::task::spawn_blocking(move || work(&store)).await;
        done.map_err(|stopped| PasskeyError::Io(stopped.to_string()))?
    }
}

#[async_trait]
impl Authenticator for SoftwareAuthenticator {
    fn description(&self) -> Description {
        Description {
            protection: Protection::Software,
            mock: false,
            name: "This computer".into(),
            limit: "Kept on this computer and guarded by your login and a PIN. It is lost with this computer, and \
                    does not protect you from somebody or some program that controls your account here. A security \
                    key does.",
        }
    }

    async fn prompt(&self, purpose: Purpose) -> Result<PinPrompt, PasskeyError> {
        let clock = self.clock.clone();
        let kept = self.blocking(move |store| {
            let locked = store.locked()?;
            let kept = locked.load()?;
            match &kept {
                Some(kept) => locked.allow(kept, clock())?,
                None => locked.check_keyring()?,
            }
            Ok(kept)
        });
        let kept = kept.await?;
        let tries_left = kept.as_ref().map(|kept| kept.pin.tries_left());
        Ok(PinPrompt { purpose, choose: kept.is_none(), tries_left })
    }

    async fn create(
        &self,
        new: &NewPasskey,
        person: &dyn UserCheck,
    ) -> Result<Created, PasskeyError> {
        check_origin(&new.rp_id, &new.origin)?;
        let prompt = self.prompt(Purpose::Create).await?;
        let pin = person.pin(&prompt).await.ok_or(PasskeyError::Cancelled)?;
        let new = new.clone();
        let now = (self.clock)();
        let runtime = tokio::runtime::Handle::current();
        self.blocking(move |store| {
            let locked = store.locked()?;
            let (mut kept, unlocked) =
                if prompt.choose { locked.start(&pin)? } else { locked.unlock(&pin, now)? };
            let client_data = client_data(Ceremony::Create, &new.challenge, &new.origin);
            let (made, unlocked) = runtime.block_on(unlocked.create(&new, &client_data))?;
            kept.passkeys.push(PasskeyInfo {
                credential_id: made.credential_id.clone(),
                rp_id: new.rp_id,
                name: new.user_name,
                created: now,
                last_used: None,
            });
            locked.save_unlocked(&mut kept, &unlocked)?;
            let registration =
                reply::registration(&made.credential_id, &client_data, &made.attestation_object);
            Ok(Created { credential_id: made.credential_id, registration, prf: Some(made.prf) })
        })
        .await
    }

    async fn assert(
        &self,
        request: &AssertionRequest,
        person: &dyn UserCheck,
    ) -> Result<Asserted, PasskeyError> {
        check_origin(&request.rp_id, &request.origin)?;
        let kept = self.list().await?;
        if !request
            .allowed
            .iter()
            .any(|id| kept.iter().any(|k| k.credential_id == *id && k.rp_id == request.rp_id))
        {
            return Err(PasskeyError::NoPasskey);
        }
        let prompt = self.prompt(Purpose::Use).await?;
        let pin = person.pin(&prompt).await.ok_or(PasskeyError::Cancelled)?;
        let request = request.clone();
        let now = (self.clock)();
        let runtime = tokio::runtime::Handle::current();
        self.blocking(move |store| {
            let locked = store.locked()?;
            let (mut kept, unlocked) = locked.unlock(&pin, now)?;
            let client_data = client_data(Ceremony::Get, &request.challenge, &request.origin);
            let (used, unlocked) = runtime.block_on(unlocked.assert(&request, &client_data))?;
            kept.named(&used.credential_id)?.last_used = Some(now);
            // The counter is on disk before the signature leaves.
            locked.save_unlocked(&mut kept, &unlocked)?;
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

impl Contents {
    fn named(&mut self, credential_id: &[u8]) -> Result<&mut PasskeyInfo, PasskeyError> {
        self.passkeys
            .iter_mut()
            .find(|known| known.credential_id == credential_id)
            .ok_or(PasskeyError::NoPasskey)
    }
}

/// Needed by both ways in, so that the type is named here.
type Opened = (Contents, Unlocked);
