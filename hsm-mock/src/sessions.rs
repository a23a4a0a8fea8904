//! The session table: 16 places, each freed 30 seconds after its last use.
//!
//! Source: Yubico, YubiHSM2 "Session".

use std::time::Duration;

use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::objects::Object;
use crate::rng::DeviceRng;
use crate::secure_channel::{Agreed, CHALLENGE, SecureChannel};

/// Sessions a device holds at once, ids 0 to 15.
const PLACES: usize = 16;
/// A session unused for this long is gone.
pub(crate) const INACTIVITY: Duration = Duration::from_secs(30);

/// What a session inherits from its authentication key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    pub key: u16,
    pub domains: u16,
    pub capabilities: Capabilities,
    /// What objects made in this session may be given.
    pub delegated: Capabilities,
}

impl Caller {
    fn of(key: &Object) -> Self {
        Self {
            key: key.id,
            domains: key.domains,
            capabilities: key.capabilities,
            delegated: key.delegated,
        }
    }
}

/// One session, perhaps not authenticated yet.
pub(crate) struct Session {
    pub channel: SecureChannel,
    pub caller: Caller,
    pub authenticated: bool,
    last_used: Duration,
}

/// All sessions of a device. Times are since power-on.
#[derive(Default)]
pub(crate) struct Sessions {
    places: [Option<Session>; PLACES],
}

impl Sessions {
    /// Opens a session with a symmetric `key` in the lowest free place; returns its id and the
    /// card's challenge. The host has yet to authenticate.
    ///
    /// # Errors
    /// `SESSIONS_FULL`
    pub(crate) fn open(
        &mut self,
        key: &Object,
        host: [u8; CHALLENGE],
        now: Duration,
        rng: &mut DeviceRng,
    ) -> Result<(u8, [u8; CHALLENGE], &Session), DeviceError> {
        let id = self.free_place(now)?;
        let card = rng.array();
        let channel = SecureChannel::new(id, key.secret.expose(), host, card)?;
        let session =
            Session { channel, caller: Caller::of(key), authenticated: false, last_used: now };
        Ok((id, card, self.places[usize::from(id)].insert(session)))
    }

    /// Opens a session with a P-256 `key`; returns its id and what the device answers.
    ///
    /// # Errors
    /// `SESSIONS_FULL`; `WRONG_LENGTH` or `INVALID_DATA` for a host's key that is none.
    pub(crate) fn agree(
        &mut self,
        key: &Object,
        host: &[u8],
        device_key: &[u8],
        now: Duration,
        rng: &mut DeviceRng,
    ) -> Result<(u8, Agreed), DeviceError> {
        let id = self.free_place(now)?;
        let (channel, agreed) =
            SecureChannel::agreed(id, host, key.secret.expose(), device_key, rng)?;
        let session =
            Session { channel, caller: Caller::of(key), authenticated: true, last_used: now };
        self.places[usize::from(id)] = Some(session);
        Ok((id, agreed))
    }

    fn free_place(&mut self, now: Duration) -> Result<u8, DeviceError> {
        self.expire(now);
        let place = self.places.iter().position(Option::is_none);
        // 0 to 15.
        place.and_then(|place| u8::try_from(place).ok()).ok_or(DeviceError::SessionsFull)
    }

    /// A live session; using it starts its 30 seconds anew.
    pub(crate) fn use_session(
        &mut self,
        id: u8,
        now: Duration,
    ) -> Result<&mut Session, DeviceError> {
        self.expire(now);
        let place = self.places.get_mut(usize::from(id)).and_then(Option::as_mut);
        let session = place.ok_or(DeviceError::InvalidSession)?;
        session.last_used = now;
        Ok(session)
    }

    pub(crate) fn count(&mut self, now: Duration) -> usize {
        self.expire(now);
        self.places.iter().flatten().count()
    }

    pub(crate) fn close(&mut self, id: u8) {
        if let Some(place) = self.places.get_mut(usize::from(id)) {
            *place = None;
        }
    }

    pub(crate) fn close_all(&mut self) {
        self.places = Default::default();
    }

    fn expire(&mut self, now: Duration) {
        for place in &mut self.places {
            if place
                .as_ref()
                .is_some_and(|session| now.saturating_sub(session.last_used) >= INACTIVITY)
            {
                *place = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::factory_authentication_key;

    fn open(sessions: &mut Sessions, key: &Object, now: Duration) -> Result<u8, DeviceError> {
        let mut rng = DeviceRng::from_seed(1, 2, 3);
        sessions.open(key, [0; 8], now, &mut rng).map(|opened| opened.0)
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_seventeenth_session_must_wait_for_one_to_expire() {
        let key = factory_authentication_key();
        let mut sessions = Sessions::default();
        for id in 0..16 {
            assert_eq!(open(&mut sessions, &key, at(u64::from(id))), Ok(id));
        }
        assert!(matches!(open(&mut sessions, &key, at(29)), Err(DeviceError::SessionsFull)));
        assert_eq!(open(&mut sessions, &key, at(30)), Ok(0));
    }

    #[test]
    fn use_keeps_a_session_alive_and_a_closed_place_is_used_again() {
        let key = factory_authentication_key();
        let mut sessions = Sessions::default();
        open(&mut sessions, &key, at(0)).unwrap();
        assert!(sessions.use_session(0, at(29)).is_ok());
        assert!(sessions.use_session(0, at(58)).is_ok());
        assert!(matches!(sessions.use_session(0, at(88)), Err(DeviceError::InvalidSession)));
        assert!(matches!(sessions.use_session(200, at(88)), Err(DeviceError::InvalidSession)));
        open(&mut sessions, &key, at(90)).unwrap();
        sessions.close(0);
        assert_eq!(open(&mut sessions, &key, at(91)), Ok(0));
    }
}
