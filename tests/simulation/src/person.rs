//! A person with a code, as the app keeps one.

use crate::dice::Dice;
use ed25519_dalek::{Signer, SigningKey};
use recovery_crypto::AccessSigner;
use sha2::{Digest, Sha256};
use vault_client::{
    Attempt, Enrolled, Enrolment, Errand, Fleet, Header, Owner, Recovered, VaultError,
};
use vault_protocol::{
    AccountId, Claim, CodeOrigin, CodeParameters, KeysDigest, OwnerKey, Round, Signature64, Slot,
    Try, Version,
};

/// What the simulation's codes are registered with. They are not stretched: that takes time, and is
/// tested elsewhere.
pub const PARAMETERS: CodeParameters = CodeParameters { memory_kib: 65_536, passes: 3, lanes: 4 };

/// Somebody who has a code, its header, and the owner key.
#[derive(Clone)]
pub struct Person {
    pub name: String,
    owner: SigningKey,
    nonce: [u8; 16],
    /// The code of the newest version that was registered.
    pub code: String,
    pub origin: CodeOrigin,
    pub version: Version,
    pub keys: KeysDigest,
    /// In the header.
    pub secret: [u8; 32],
    /// What is on its way to the sites.
    pub errands: Vec<Errand>,
}

impl Person {
    pub fn new(name: &str, origin: CodeOrigin, dice: &Dice) -> Self {
        Self {
            name: name.into(),
            owner: SigningKey::from_bytes(&dice.bytes()),
            nonce: dice.bytes(),
            code: format!("{name}'s code 1"),
            origin,
            version: 0,
            keys: KeysDigest([0; 32]),
            secret: dice.bytes(),
            errands: Vec::new(),
        }
    }

    pub fn claim(&self) -> Claim {
        let owner = OwnerKey(self.owner.verifying_key().to_bytes());
        Claim { owner, nonce: self.nonce }
    }

    pub fn account(&self) -> AccountId {
        self.claim().account()
    }

    /// Signs with the owner key.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.owner.sign(message).to_bytes()
    }

    /// What the backup's header says.
    pub fn header(&self) -> Header {
        let Self { version, keys, origin, .. } = *self;
        Header { account: self.account(), version, keys, parameters: PARAMETERS, origin }
    }

    /// Registers a code of this version.
    ///
    /// # Errors
    /// As [`Fleet::enroll`].
    pub async fn enroll(
        &mut self,
        fleet: &Fleet,
        version: Version,
    ) -> Result<Enrolled, VaultError> {
        let code = format!("{}'s code {version}", self.name);
        let stretched = stretched(&code);
        let sign = |message: &[u8]| self.sign(message);
        let enrolment = Enrolment {
            owner: Owner { claim: self.claim(), sign: &sign },
            version,
            parameters: PARAMETERS,
            origin: self.origin,
            stretched: &stretched,
            secret: &self.secret,
        };
        let enrolled = fleet.enroll(&enrolment).await?;
        self.version = version;
        self.code = code;
        self.keys = fleet.keys();
        self.errands.extend(enrolled.carried.errand.clone());
        Ok(enrolled)
    }

    /// Tries a code.
    ///
    /// # Errors
    /// As [`Fleet::recover`].
    pub async fn try_code(&self, fleet: &Fleet, code: &str) -> Result<Recovered, VaultError> {
        self.try_with(fleet, self.header(), code).await
    }

    /// Tries a code with another header.
    ///
    /// # Errors
    /// As [`Fleet::recover`].
    pub async fn try_with(
        &self,
        fleet: &Fleet,
        header: Header,
        code: &str,
    ) -> Result<Recovered, VaultError> {
        let stretched = stretched(code);
        fleet.recover(&Attempt { header, stretched: &stretched, secret: &self.secret }).await
    }

    /// A try of an own code that nobody can do anything with but vote for it.
    pub fn sign_try(&self, round: Round, slot: Slot, at: u64) -> Try {
        let mut tried = Try {
            account: self.account(),
            version: self.version,
            round,
            slot,
            alpha: [1; 32],
            at,
            signature: Signature64([0; 64]),
        };
        let signer = AccessSigner::of_own_code(&self.secret);
        tried.signature = signer.sign(&tried.message(&self.keys));
        tried
    }

    /// Tries the right code.
    ///
    /// # Errors
    /// As [`Fleet::recover`].
    pub async fn recover(&mut self, fleet: &Fleet) -> Result<Recovered, VaultError> {
        let recovered = self.try_code(fleet, &self.code).await?;
        self.errands.extend(recovered.errand.clone());
        Ok(recovered)
    }

    /// Goes on with what is on its way.
    pub async fn carry(&mut self, fleet: &Fleet) {
        for errand in std::mem::take(&mut self.errands) {
            self.errands.extend(fleet.carry(errand).await.errand);
        }
    }
}

/// In place of Argon2id.
pub fn stretched(code: &str) -> [u8; 32] {
    Sha256::digest(code).into()
}
