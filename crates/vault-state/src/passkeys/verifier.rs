//! WebAuthn, as a port.

/// WebAuthn as a site reads it: no clock, no randomness.
pub trait PasskeyVerifier: Send + Sync {
    /// The counter with which a registration begins, if it holds for this challenge and is of this
    /// credential.
    fn registration(
        &self,
        challenge: &[u8; 32],
        credential: &[u8],
        registration: &[u8],
    ) -> Option<u32>;

    /// The id of the credential that an assertion names.
    fn credential(&self, assertion: &[u8]) -> Option<Vec<u8>>;

    /// The new counter, if the assertion holds for `challenge` and goes beyond `counter`.
    fn assertion(
        &self,
        registered: &Registered<'_>,
        challenge: &[u8; 32],
        assertion: &[u8],
    ) -> Option<u32>;
}

/// A passkey's registration as it was accepted, and its counter since.
pub struct Registered<'a> {
    /// Of the registration.
    pub challenge: [u8; 32],
    /// The id that WebAuthn gave it.
    pub credential: &'a [u8],
    /// RegistrationResponseJSON (WebAuthn level 3, 5.1), as sent.
    pub registration: &'a [u8],
    /// As this site last saw it.
    pub counter: u32,
}
