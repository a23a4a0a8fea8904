//! Open sessions: bounded, one message at a time, dropped at the first thing that is wrong.

use super::asking::Asked;
use super::ports::Randomness;
use recovery_crypto::session::Session;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use vault_protocol::limits::NONCE_LIFETIME;
use vault_protocol::{AccountId, SessionId};

/// Sessions at once: under 4 KiB each.
pub const MAX_SESSIONS: usize = 2048;
/// Sessions of one address.
pub(super) const MAX_OF_ORIGIN: usize = 32;
/// A client sends its next message within seconds.
pub(super) const IDLE: Duration = Duration::from_secs(60);
/// A recovery sends six, a registration four; of a passkey's nonces one may follow another.
pub(super) const MAX_MESSAGES: u32 = 64;

const NONCE_FOR: Duration = Duration::from_secs(NONCE_LIFETIME);

/// Where a session comes from: an IPv4 address, or the /64 of an IPv6 address, which one customer
/// has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin([u8; 16]);

impl Origin {
    /// IPv6 by its first 64 bits: one household has as many addresses as it likes.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(v4.to_ipv6_mapped().octets()),
            IpAddr::V6(v6) => {
                let mut octets = v6.octets();
                octets[8..].fill(0);
                Self(Ipv6Addr::from(octets).octets())
            }
        }
    }

    /// To be hashed.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// One session, locked while a message of it is answered.
pub(super) struct Conversation {
    pub session: Session,
    /// Names the session (Noise, section 11.2).
    pub handshake: [u8; 32],
    pub origin: Origin,
    /// The newer facts that the peers were asked for.
    pub asked: Option<Asked>,
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

impl Conversation {
    pub(super) fn new(session: Session, origin: Origin) -> Self {
        let handshake = session.handshake_hash();
        Self { session, handshake, origin, asked: None, nonce: None }
    }

    /// Draws a nonce; an earlier one is void.
    pub(super) fn give_nonce(
        &mut self,
        randomness: &dyn Randomness,
        purpose: NonceFor,
        account: AccountId,
    ) -> [u8; 32] {
        let mut bytes = [0; 32];
        randomness.fill(&mut bytes);
        self.nonce = Some(Nonce { bytes, purpose, account, given: Instant::now() });
        bytes
    }

    /// The nonce that this session was given for this, if it is still good. It is good for one
    /// message.
    pub(super) fn take_nonce(&mut self, purpose: NonceFor, account: AccountId) -> Option<[u8; 32]> {
        let nonce = self.nonce.take()?;
        let good = nonce.purpose == purpose
            && nonce.account == account
            && nonce.given.elapsed() < NONCE_FOR;
        good.then_some(nonce.bytes)
    }

    pub(super) fn waits_with_a_nonce(&self) -> bool {
        self.nonce.is_some()
    }
}

/// What the sessions' keeper sees of one of them without waiting for it.
struct Entry {
    conversation: Arc<tokio::sync::Mutex<Conversation>>,
    origin: Origin,
    used: Instant,
    messages: u32,
    /// A person who types a PIN and looks for a key takes longer than a program.
    patience: Duration,
}

impl Entry {
    fn is_alive(&self, now: Instant) -> bool {
        now.duration_since(self.used) < self.patience
    }

    /// Nobody is being answered in it.
    fn is_idle(&self) -> bool {
        Arc::strong_count(&self.conversation) == 1
    }
}

#[derive(Default)]
pub(super) struct Sessions(Mutex<BTreeMap<SessionId, Entry>>);

impl Sessions {
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Takes a new session. Where there are too many, the one goes that was idle for the longest
    /// time: of its own address, or of the address that has most.
    pub(super) fn insert(&self, id: SessionId, conversation: Conversation) {
        let mut sessions = self.lock();
        let now = Instant::now();
        let origin = conversation.origin;
        let of_origin = sessions.values().filter(|entry| entry.origin == origin).count();
        if of_origin >= MAX_OF_ORIGIN {
            make_room(&mut sessions, origin);
        } else if sessions.len() >= MAX_SESSIONS {
            sessions.retain(|_, entry| entry.is_alive(now));
            if sessions.len() >= MAX_SESSIONS
                && let Some(origin) = greediest(&sessions)
            {
                make_room(&mut sessions, origin);
            }
        }
        let conversation = Arc::new(tokio::sync::Mutex::new(conversation));
        let entry = Entry { conversation, origin, used: now, messages: 0, patience: IDLE };
        sessions.insert(id, entry);
    }

    /// The session for its next message, unless it is gone or has had [`MAX_MESSAGES`].
    pub(super) fn next_message(
        &self,
        id: &SessionId,
    ) -> Option<Arc<tokio::sync::Mutex<Conversation>>> {
        let now = Instant::now();
        let mut sessions = self.lock();
        let entry = sessions.get_mut(id)?;
        if !entry.is_alive(now) || entry.messages >= MAX_MESSAGES {
            sessions.remove(id);
            return None;
        }
        entry.used = now;
        entry.messages += 1;
        Some(entry.conversation.clone())
    }

    /// A message was answered.
    pub(super) fn answered(&self, id: &SessionId, waits_with_a_nonce: bool) {
        if let Some(entry) = self.lock().get_mut(id) {
            entry.used = Instant::now();
            entry.patience = if waits_with_a_nonce { NONCE_FOR } else { IDLE };
        }
    }

    pub(super) fn contains(&self, id: &SessionId) -> bool {
        self.lock().contains_key(id)
    }

    pub(super) fn close(&self, id: &SessionId) {
        self.lock().remove(id);
    }

    pub(super) fn sweep(&self) {
        let now = Instant::now();
        self.lock().retain(|_, entry| entry.is_alive(now) || !entry.is_idle());
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<SessionId, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn greediest(sessions: &BTreeMap<SessionId, Entry>) -> Option<Origin> {
    let mut counts: BTreeMap<Origin, usize> = BTreeMap::new();
    for entry in sessions.values() {
        *counts.entry(entry.origin).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(origin, _)| origin)
}

/// Drops the session of this address that was idle for the longest time.
fn make_room(sessions: &mut BTreeMap<SessionId, Entry>, origin: Origin) {
    let of_origin = sessions.iter().filter(|(_, entry)| entry.origin == origin);
    let oldest = of_origin.min_by_key(|(_, entry)| (!entry.is_idle(), entry.used));
    let oldest = oldest.map(|(id, _)| *id);
    oldest.and_then(|id| sessions.remove(&id));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::ports::Draw;
    use crate::site::system::SystemRandomness;
    use recovery_crypto::session::{Prologue, initiate, respond};
    use recovery_crypto::{DeviceKey, SoftwareKey};
    use vault_protocol::{BundleId, SiteIndex};

    const ADA: AccountId = AccountId([1; 16]);

    fn id(n: u16) -> SessionId {
        let mut id = [0; 16];
        id[..2].copy_from_slice(&n.to_be_bytes());
        SessionId(id)
    }

    fn origin(n: u32) -> Origin {
        Origin::of(IpAddr::from(n.to_be_bytes()))
    }

    fn session() -> Session {
        let prologue = Prologue { bundle: BundleId([0; 32]), site: SiteIndex(1) };
        let rng = &mut Draw(&SystemRandomness);
        let key: Arc<dyn DeviceKey> = Arc::new(SoftwareKey::generate(rng));
        let (_, message) = initiate(&prologue, &key.public(), rng).unwrap();
        respond(&prologue, &key, &message, rng).unwrap().0
    }

    fn add(sessions: &Sessions, n: u16, from: Origin) {
        sessions.insert(id(n), Conversation::new(session(), from));
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_session_ends_and_one_that_waits_for_a_person_later() {
        let sessions = Sessions::default();
        add(&sessions, 1, origin(1));
        add(&sessions, 2, origin(1));
        sessions.answered(&id(2), true);
        tokio::time::advance(IDLE).await;
        sessions.sweep();
        assert!(sessions.next_message(&id(1)).is_none());
        tokio::time::advance(NONCE_FOR - IDLE - Duration::from_secs(1)).await;
        assert!(sessions.next_message(&id(2)).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_has_a_limited_number_of_messages() {
        let sessions = Sessions::default();
        add(&sessions, 1, origin(1));
        for _ in 0..MAX_MESSAGES {
            assert!(sessions.next_message(&id(1)).is_some());
        }
        assert!(sessions.next_message(&id(1)).is_none());
        assert_eq!(sessions.len(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_with_many_sessions_loses_its_own_oldest() {
        let sessions = Sessions::default();
        add(&sessions, 0, origin(2));
        for n in 1..=MAX_OF_ORIGIN as u16 + 1 {
            tokio::time::advance(Duration::from_millis(1)).await;
            add(&sessions, n, origin(1));
        }
        assert_eq!(sessions.len(), MAX_OF_ORIGIN + 1);
        assert!(!sessions.contains(&id(1)) && sessions.contains(&id(2)));
        assert!(sessions.contains(&id(0)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_site_takes_from_the_greediest_address() {
        let sessions = Sessions::default();
        add(&sessions, 0, origin(0));
        let mut n = 0;
        for address in 1.. {
            for _ in 0..MAX_OF_ORIGIN {
                n += 1;
                if sessions.len() == MAX_SESSIONS {
                    break;
                }
                add(&sessions, n, origin(address));
            }
            if sessions.len() == MAX_SESSIONS {
                break;
            }
        }
        add(&sessions, u16::MAX, origin(u32::MAX));
        assert_eq!(sessions.len(), MAX_SESSIONS);
        assert!(sessions.contains(&id(0)) && sessions.contains(&id(u16::MAX)));
    }

    #[test]
    fn a_nonce_is_good_for_one_message_of_its_purpose_and_account() {
        let mut conversation = Conversation::new(session(), origin(1));
        let mut give = |purpose| conversation.give_nonce(&SystemRandomness, purpose, ADA);
        let first = give(NonceFor::Release);
        let second = give(NonceFor::Release);
        assert_ne!(first, second);
        assert_eq!(conversation.take_nonce(NonceFor::Release, ADA), Some(second));
        assert_eq!(conversation.take_nonce(NonceFor::Release, ADA), None);
        conversation.give_nonce(&SystemRandomness, NonceFor::Release, ADA);
        assert_eq!(conversation.take_nonce(NonceFor::Registration, ADA), None);
        conversation.give_nonce(&SystemRandomness, NonceFor::Release, ADA);
        assert_eq!(conversation.take_nonce(NonceFor::Release, AccountId([2; 16])), None);
    }

    #[test]
    fn an_address_of_ipv6_is_its_network() {
        let of = |text: &str| Origin::of(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
