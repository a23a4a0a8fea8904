//! Open sessions: bounded, one message at a time, dropped at the first thing that is wrong.

use rand_core::{OsRng, RngCore};
use recovery_crypto::session::Session;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use vault_protocol::limits::NONCE_LIFETIME;
use vault_protocol::{AccountId, Refusal, SessionId};

/// Sessions at once: under 2 KiB each.
pub const MAX_SESSIONS: usize = 2048;
/// A client sends its next message within seconds.
pub const IDLE: Duration = Duration::from_secs(60);

const NONCE_FOR: Duration = Duration::from_secs(NONCE_LIFETIME);
/// A recovery or a registration sends two or three.
pub const MAX_MESSAGES: u32 = 64;

/// One client's session; locked while a message is answered.
pub type Shared = Arc<tokio::sync::Mutex<Session>>;

struct Entry {
    session: Shared,
    used: Instant,
    messages: u32,
    nonce: Option<Nonce>,
}

/// What a nonce was given for: one for a registration answers for nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NonceFor {
    Registration,
    Release,
}

struct Nonce {
    bytes: [u8; 32],
    purpose: NonceFor,
    account: AccountId,
    given: Instant,
}

impl Nonce {
    fn is_good_for(&self, purpose: NonceFor, account: AccountId, now: Instant) -> bool {
        self.purpose == purpose && self.account == account && now.duration_since(self.given) < NONCE_FOR
    }
}

impl Entry {
    /// A person who types a PIN and looks for a key takes longer than a program.
    fn is_alive(&self, now: Instant) -> bool {
        now.duration_since(self.used) < if self.nonce.is_some() { NONCE_FOR } else { IDLE }
    }
}

#[derive(Default)]
pub struct Sessions(Mutex<HashMap<SessionId, Entry>>);

impl Sessions {
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn has_room(&self) -> bool {
        self.len() < MAX_SESSIONS
    }

    pub fn insert(&self, id: SessionId, session: Session) {
        let session = Arc::new(tokio::sync::Mutex::new(session));
        self.lock().insert(id, Entry { session, used: Instant::now(), messages: 0, nonce: None });
    }

    /// The session for its next message, unless it is gone or has had [`MAX_MESSAGES`].
    pub fn next_message(&self, id: &SessionId) -> Option<Shared> {
        let (mut sessions, now) = (self.lock(), Instant::now());
        let entry = sessions.get_mut(id).filter(|e| e.is_alive(now) && e.messages < MAX_MESSAGES)?;
        entry.used = now;
        entry.messages += 1;
        Some(entry.session.clone())
    }

    /// Draws a nonce for this session; an earlier one is void.
    pub(super) fn give_nonce(
        &self,
        id: &SessionId,
        purpose: NonceFor,
        account: AccountId,
    ) -> Result<[u8; 32], Refusal> {
        let mut bytes = [0; 32];
        OsRng.fill_bytes(&mut bytes);
        let mut sessions = self.lock();
        let entry = sessions.get_mut(id).ok_or(Refusal::NonceMismatch)?;
        entry.nonce = Some(Nonce { bytes, purpose, account, given: Instant::now() });
        Ok(bytes)
    }

    /// The nonce that this session was given for this, if it is still good. It is good for one message.
    pub(super) fn take_nonce(&self, id: &SessionId, purpose: NonceFor, account: AccountId) -> Option<[u8; 32]> {
        let nonce = self.lock().get_mut(id)?.nonce.take()?;
        nonce.is_good_for(purpose, account, Instant::now()).then_some(nonce.bytes)
    }

    pub fn contains(&self, id: &SessionId) -> bool {
        self.lock().contains_key(id)
    }

    pub fn close(&self, id: &SessionId) {
        self.lock().remove(id);
    }

    pub fn sweep(&self) {
        let now = Instant::now();
        self.lock().retain(|_, entry| entry.is_alive(now));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<SessionId, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use recovery_crypto::session::{initiate, respond};
    use recovery_crypto::{DeviceKey, SoftwareKey};
    use vault_protocol::BundleId;

    const ADA: AccountId = AccountId([1; 16]);
    const ID: SessionId = SessionId([7; 16]);

    fn sessions_with_one() -> Sessions {
        let bundle = BundleId([0; 32]);
        let key: Arc<dyn DeviceKey> = Arc::new(SoftwareKey::generate(&mut OsRng));
        let (_, message) = initiate(&bundle, &key.public(), &mut OsRng).unwrap();
        let (session, _) = respond(&bundle, &key, &message, &mut OsRng).unwrap();
        let sessions = Sessions::default();
        sessions.insert(ID, session);
        sessions
    }

    #[test]
    fn a_nonce_is_good_once() {
        let sessions = sessions_with_one();
        assert_eq!(sessions.take_nonce(&ID, NonceFor::Release, ADA), None);
        let given = sessions.give_nonce(&ID, NonceFor::Release, ADA).unwrap();
        assert_eq!(sessions.take_nonce(&ID, NonceFor::Release, ADA), Some(given));
        assert_eq!(sessions.take_nonce(&ID, NonceFor::Release, ADA), None);
    }

    #[test]
    fn asking_for_something_else_uses_the_nonce_up() {
        let sessions = sessions_with_one();
        for (purpose, account) in [(NonceFor::Registration, ADA), (NonceFor::Release, AccountId([2; 16]))] {
            sessions.give_nonce(&ID, NonceFor::Release, ADA).unwrap();
            assert_eq!(sessions.take_nonce(&ID, purpose, account), None);
            assert_eq!(sessions.take_nonce(&ID, NonceFor::Release, ADA), None);
        }
    }

    #[test]
    fn a_new_nonce_voids_the_one_before_it() {
        let sessions = sessions_with_one();
        let first = sessions.give_nonce(&ID, NonceFor::Release, ADA).unwrap();
        let second = sessions.give_nonce(&ID, NonceFor::Release, ADA).unwrap();
        assert_ne!(first, second);
        assert_eq!(sessions.take_nonce(&ID, NonceFor::Release, ADA), Some(second));
    }

    #[test]
    fn a_nonce_expires_after_two_minutes() {
        let given = Instant::now();
        let nonce = Nonce { bytes: [3; 32], purpose: NonceFor::Release, account: ADA, given };
        let good_after = |seconds| nonce.is_good_for(NonceFor::Release, ADA, given + Duration::from_secs(seconds));
        assert!(good_after(0) && good_after(119));
        assert!(!good_after(120) && !good_after(3600));
    }

    #[test]
    fn a_session_waits_longer_for_a_person_than_for_a_program() {
        let sessions = sessions_with_one();
        let alive_after = |seconds| {
            let sessions = sessions.lock();
            let entry = &sessions[&ID];
            entry.is_alive(entry.used + Duration::from_secs(seconds))
        };
        assert!(alive_after(59) && !alive_after(60));
        sessions.give_nonce(&ID, NonceFor::Release, ADA).unwrap();
        assert!(alive_after(119) && !alive_after(120));
        sessions.take_nonce(&ID, NonceFor::Release, ADA);
        assert!(!alive_after(60));
    }

    #[test]
    fn no_session_no_nonce() {
        let sessions = sessions_with_one();
        sessions.give_nonce(&ID, NonceFor::Release, ADA).unwrap();
        sessions.close(&ID);
        assert_eq!(sessions.take_nonce(&ID, NonceFor::Release, ADA), None);
        assert_eq!(sessions.give_nonce(&ID, NonceFor::Release, ADA), Err(Refusal::NonceMismatch));
    }
}
