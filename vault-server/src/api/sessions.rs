//! Open sessions: bounded, one message at a time, dropped at the first thing that is wrong.

use recovery_crypto::session::Session;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use vault_protocol::SessionId;

/// Sessions at once: under 2 KiB each.
pub const MAX_SESSIONS: usize = 2048;
/// A client sends its next message within seconds.
pub const IDLE: Duration = Duration::from_secs(60);

/// A recovery or a registration sends two or three.
pub const MAX_MESSAGES: u32 = 64;

/// One client's session; locked while a message is answered.
pub type Shared = Arc<tokio::sync::Mutex<Session>>;

struct Entry {
    session: Shared,
    used: Instant,
    messages: u32,
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
        self.lock().insert(id, Entry { session, used: Instant::now(), messages: 0 });
    }

    /// The session for its next message, unless it is gone or has had [`MAX_MESSAGES`].
    pub fn next_message(&self, id: &SessionId) -> Option<Shared> {
        let mut sessions = self.lock();
        let entry = sessions.get_mut(id).filter(|e| e.used.elapsed() < IDLE && e.messages < MAX_MESSAGES)?;
        entry.used = Instant::now();
        entry.messages += 1;
        Some(entry.session.clone())
    }

    pub fn contains(&self, id: &SessionId) -> bool {
        self.lock().contains_key(id)
    }

    pub fn close(&self, id: &SessionId) {
        self.lock().remove(id);
    }

    pub fn sweep(&self) {
        self.lock().retain(|_, entry| entry.used.elapsed() < IDLE);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<SessionId, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
