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

impl Entry {
    /// A person who types a PIN and looks for a key takes longer than a program.
    fn is_alive(&self) -> bool {
        self.used.elapsed() < if self.nonce.is_some() { NONCE_FOR } else { IDLE }
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
        let mut sessions = self.lock();
        let entry = sessions.get_mut(id).filter(|e| e.is_alive() && e.messages < MAX_MESSAGES)?;
        entry.used = Instant::now();
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
        let given = self.lock().get_mut(id)?.nonce.take()?;
        let good = given.purpose == purpose && given.account == account && given.given.elapsed() < NONCE_FOR;
        good.then_some(given.bytes)
    }

    pub fn contains(&self, id: &SessionId) -> bool {
        self.lock().contains_key(id)
    }

    pub fn close(&self, id: &SessionId) {
        self.lock().remove(id);
    }

    pub fn sweep(&self) {
        self.lock().retain(|_, entry| entry.is_alive());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<SessionId, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
