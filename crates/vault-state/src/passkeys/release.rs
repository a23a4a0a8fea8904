//! A passkey's answer is verified, and this site may release its share.

use crate::{PasskeyVerifier, Registered, Site, SiteAccount};
use vault_protocol::limits::delay_before_try;
use vault_protocol::{
    EventKind, PasskeyRecord, Refusal, SealedBox, SiteNonce, box_of, check_nonces,
    passkey_challenge,
};

/// Which box to open for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The passkey that answered.
    pub credential: Vec<u8>,
    /// This site's box; its device opens it.
    pub sealed: SealedBox,
}

impl Site<'_> {
    /// Whether this site looks at an answer now. Failed ones make it wait, never for good: an
    /// answer cannot be guessed, and a stranger must not lock a person out.
    ///
    /// # Errors
    /// [`Refusal::Removed`], [`Refusal::NoSuchPasskey`], [`Refusal::TooSoon`].
    pub fn may_release(&self, account: &SiteAccount, now: u64) -> Result<(), Refusal> {
        if account.facts.is_removed() {
            return Err(Refusal::Removed);
        }
        if account.facts.passkeys().is_empty() {
            return Err(Refusal::NoSuchPasskey);
        }
        let failed = account.own.failed_assertions;
        let at = match delay_before_try(failed.count.saturating_add(1)) {
            0 => 0,
            delay => failed.last.min(now).saturating_add(delay),
        };
        if now < at { Err(Refusal::TooSoon { at }) } else { Ok(()) }
    }

    /// Verifies an answer to the challenge of these nonces. That this site gave its own nonce in
    /// this session is for the caller to check. A failed answer is counted: the account has to be
    /// stored before the refusal leaves.
    ///
    /// # Errors
    /// As [`Site::may_release`]; [`Refusal::NonceMismatch`], [`Refusal::Malformed`],
    /// [`Refusal::NoSuchPasskey`], [`Refusal::PasskeyInvalid`], [`Refusal::NoBox`].
    pub fn release(
        &self,
        account: &mut SiteAccount,
        nonces: &[SiteNonce],
        assertion: &[u8],
        now: u64,
    ) -> Result<Release, Refusal> {
        self.may_release(account, now)?;
        let verified = self.verify(account, nonces, assertion);
        let own = &mut account.own;
        match verified {
            Ok((position, counter, release)) => {
                own.failed_assertions = Default::default();
                let passkey = own.passkeys.get_mut(position).ok_or(Refusal::NoSuchPasskey)?;
                passkey.counter = counter;
                passkey.last_used = Some(now);
                own.events.note(now, EventKind::PasskeyUsed);
                Ok(release)
            }
            Err(refusal) => {
                own.failed_assertions.count = own.failed_assertions.count.saturating_add(1);
                own.failed_assertions.last = now;
                own.events.note(now, EventKind::PasskeyRefused);
                Err(refusal)
            }
        }
    }

    fn verify(
        &self,
        account: &SiteAccount,
        nonces: &[SiteNonce],
        assertion: &[u8],
    ) -> Result<(usize, u32, Release), Refusal> {
        let keys = self.proofs.keys;
        let listed = check_nonces(nonces, keys.sites(), keys.threshold);
        listed.map_err(|_| Refusal::NonceMismatch)?;
        let passkey = named(self.passkeys, account, assertion)?;
        let digest = passkey.digest();
        let position = account.own.passkeys.iter().position(|p| p.digest == digest);
        let position = position.ok_or(Refusal::NoSuchPasskey)?;
        let registered = Registered {
            challenge: passkey.challenge(),
            credential: &passkey.head.credential,
            registration: &passkey.registration,
            counter: account.own.passkeys[position].counter,
        };
        let challenge = passkey_challenge(&keys.digest, &account.facts.account(), nonces);
        let counter = self.passkeys.assertion(&registered, &challenge, assertion);
        let counter = counter.ok_or(Refusal::PasskeyInvalid)?;
        let sealed = box_of(&passkey.boxes, self.index, self.serial).ok_or(Refusal::NoBox)?;
        let credential = passkey.head.credential.clone();
        Ok((position, counter, Release { credential, sealed: sealed.clone() }))
    }
}

fn named<'a>(
    verifier: &dyn PasskeyVerifier,
    account: &'a SiteAccount,
    assertion: &[u8],
) -> Result<&'a PasskeyRecord, Refusal> {
    let credential = verifier.credential(assertion).ok_or(Refusal::Malformed)?;
    let of = |p: &&PasskeyRecord| p.head.credential == credential;
    account.facts.passkeys().iter().find(of).ok_or(Refusal::NoSuchPasskey)
}
