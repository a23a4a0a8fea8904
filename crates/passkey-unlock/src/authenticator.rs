//! What Keepsake needs of whatever holds a passkey, and of the person in front of it.

use crate::error::PasskeyError;
use async_trait::async_trait;
use sealed_keys::{Secret, SecretText};

/// Holds passkeys: this computer in software, a security key, or a MOCK of one.
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// What it is called, and what it protects from.
    fn description(&self) -> Description;

    /// What the person will be asked, and so whether it can be used now.
    ///
    /// Errors: `TooSoon`, `Wiped`, `KeyBlocked`, `NoDevice`, `NoKeyring`, `KeyringLocked`,
    /// `Unsupported`, `Damaged`, `Io`.
    async fn prompt(&self, purpose: Purpose) -> Result<PinPrompt, PasskeyError>;

    /// Makes a passkey, after the person agreed and proved who they are.
    ///
    /// Errors: `Cancelled`, `WrongPin`, `TooSoon`, `PinLength`, `Wiped`, `AlreadyThere`,
    /// `NoDevice`, `NoKeyring`, `KeyringLocked`, `Unsupported`, `Damaged`, `Io`.
    async fn create(
        &self,
        new: &NewPasskey,
        person: &dyn UserCheck,
    ) -> Result<Created, PasskeyError>;

    /// Answers a challenge with one of the allowed passkeys, after the person proved who they are.
    ///
    /// Errors: as [`Authenticator::create`], and `NoPasskey`.
    async fn assert(
        &self,
        request: &AssertionRequest,
        person: &dyn UserCheck,
    ) -> Result<Asserted, PasskeyError>;
}

/// How an authenticator is shown where a person chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// What guards its keys.
    pub protection: Protection,
    /// A program plays the hardware, which then protects nothing. Its name says so too.
    pub mock: bool,
    /// What to call it.
    pub name: String,
    /// What it protects from and what not, in plain words, to be shown where a person chooses.
    pub limit: &'static str,
}

/// What guards the keys of an authenticator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// A program: who controls the account on this computer can use them.
    Software,
    /// A device: they cannot be read out of it.
    Hardware,
}

/// A passkey to be made. `Debug` shows nothing secret, for it holds nothing secret.
#[derive(Clone, Debug)]
pub struct NewPasskey {
    /// [`crate::RP_ID`]
    pub rp_id: String,
    /// An https origin at `rp_id`, see [`crate::ORIGIN`].
    pub origin: String,
    /// The account's handle, 1 to 64 bytes (WebAuthn, "user handle").
    pub account: Vec<u8>,
    /// Shown by authenticators that show accounts.
    pub user_name: String,
    /// Made of t sites' nonces ([`vault_protocol::passkey_challenge`]).
    pub challenge: [u8; 32],
    /// Input of the PRF extension, see [`crate::PRF_INPUT`].
    pub prf_input: [u8; 32],
    /// Credential ids of the account's passkeys: what holds one of them makes no second one.
    pub exclude: Vec<Vec<u8>>,
}

/// A passkey that was just made.
pub struct Created {
    /// What to ask for it by, at most 1,023 bytes.
    pub credential_id: Vec<u8>,
    /// RegistrationResponseJSON (WebAuthn level 3), without extension results: safe to send.
    pub registration: serde_json::Value,
    /// PRF output, where the authenticator gives it at once. Otherwise assert afterwards.
    pub prf: Option<Secret<32>>,
}

/// A challenge to be answered.
#[derive(Clone, Debug)]
pub struct AssertionRequest {
    /// [`crate::RP_ID`]
    pub rp_id: String,
    /// An https origin at `rp_id`.
    pub origin: String,
    /// Made of t sites' nonces ([`vault_protocol::passkey_challenge`]).
    pub challenge: [u8; 32],
    /// Credential ids, at least one.
    pub allowed: Vec<Vec<u8>>,
    /// Input of the PRF extension, see [`crate::PRF_INPUT`].
    pub prf_input: [u8; 32],
}

/// An answer to a challenge.
pub struct Asserted {
    /// Which of the allowed passkeys answered.
    pub credential_id: Vec<u8>,
    /// AuthenticationResponseJSON (WebAuthn level 3), without extension results: safe to send.
    pub assertion: serde_json::Value,
    /// PRF output. Never leaves this computer.
    pub prf: Secret<32>,
}

/// The person, as the command line or the app reaches them.
#[async_trait]
pub trait UserCheck: Send + Sync {
    /// Asks for the PIN. `None`: the person gave up.
    async fn pin(&self, prompt: &PinPrompt) -> Option<SecretText>;

    /// A security key waits to be touched. Returns when the person has been told, not when they
    /// have done it.
    async fn touch(&self, purpose: Purpose);
}

/// What a person is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinPrompt {
    /// What the PIN is asked for.
    pub purpose: Purpose,
    /// The authenticator has no PIN yet: the answer becomes it.
    pub choose: bool,
    /// Before the passkeys are erased; `None` where the authenticator does not tell.
    pub tries_left: Option<u32>,
}

/// What a person is asked to agree to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A new passkey.
    Create,
    /// The use of one that is there.
    Use,
}
