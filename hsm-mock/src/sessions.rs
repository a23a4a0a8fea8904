//! The session table: 16 places, each freed 30 seconds after its last use.
//!
//! Source: Yubico, YubiHSM2 "Session".

use std::time::Duration;

use rand_core::{OsRng, RngCore};

use crate::capability::Capabilities;
use crate::device_error::DeviceError;
use crate::objects::Object;
use crate::secure_channel::{CHALLENGE, SecureChannel};

/// Sessions a device holds at once, ids 0 to 15.
const PLACES: usize = 16;
/// A session unused for this long is gone.
pub const INACTIVITY: Duration = Duration::from_secs(30);

/// What a session inherits from its authentication key.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
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
pub struct Session {
    pub channel: SecureChannel,
    pub caller: Caller,
    pub authenticated: bool,
    last_used: Duration,
}

/// All sessions of a device. Times are since power-on.
#[derive(Default)]
pub struct Sessions {
    places: [Option<Session>; PLACES],
}

impl Sessions {
    /// Opens a session with `key` in the lowest free place; returns its id and the card's challenge.
    pub fn open(
        &mut self,
        key: &Object,
        host: [u8; CHALLENGE],
        now: Duration,
    ) -> Result<(u8, [u8; CHALLENGE], &Session), DeviceError> {
        self.expire(now);
        let place =
            self.places.iter().position(Option::is_none).ok_or(DeviceError::SessionsFull)?;
        // 0 to 15.
        let id = u8::try_from(place).map_err(|_| DeviceError::SessionsFull)?;
        let mut card = [0; CHALLENGE];
        OsRng.fill_bytes(&mut card);
        let channel = SecureChannel::new(id, key.secret.expose(), host, card)?;
        let session =
            Session { channel, caller: Caller::of(key), authenticated: false, last_used: now };
        Ok((id, card, self.places[place].insert(session)))
    }

    /// A live session; using it starts its 30 seconds anew.
    pub fn use_session(&mut self, id: u8, now: Duration) -> Result<&mut Session, DeviceError> {
        self.expire(now);
        let place = self.places.get_mut(usize::from(id)).and_then(Option::as_mut);
        let session = place.ok_or(DeviceError::InvalidSession)?;
        session.last_used = now;
        Ok(session)
    }

    pub fn count(&mut self, now: Duration) -> usize {
        self.expire(now);
        self.places.iter().flatten().count()
    }

    pub fn close(&mut self, id: u8) {
        if let Some(place) = self.places.get_mut(usize::from(id)) {
            *place = None;
        }
    }

    pub fn close_all(&mut self) {
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
    use crate::device::factory_authentication_key;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_seventeenth_session_must_wait_for_one_to_expire() {
        let key = factory_authentication_key();
        let mut sessions = Sessions::default();
        for id in 0..16 {
            assert_eq!(
                sessions.open(&key, [0; 8], at(u64::from(id))).map(|opened| opened.0),
                Ok(id)
            );
        }
        assert!(matches!(sessions.open(&key, [0; 8], at(29)), Err(DeviceError::SessionsFull)));
        assert_eq!(sessions.open(&key, [0; 8], at(30)).map(|opened| opened.0), Ok(0));
    }

    #[test]
    fn use_keeps_a_session_alive_and_a_closed_place_is_used_again() {
        let key = factory_authentication_key();
        let mut sessions = Sessions::default();
        sessions.open(&key, [0; 8], at(0)).map(|_| ()).unwrap();
        assert!(sessions.use_session(0, at(29)).is_ok());
        assert!(sessions.use_session(0, at(58)).is_ok());
        assert!(matches!(sessions.use_session(0, at(88)), Err(DeviceError::InvalidSession)));
        assert!(matches!(sessions.use_session(200, at(88)), Err(DeviceError::InvalidSession)));
        sessions.open(&key, [0; 8], at(90)).map(|_| ()).unwrap();
        sessions.close(0);
        assert_eq!(sessions.open(&key, [0; 8], at(91)).map(|opened| opened.0), Ok(0));
    }
}
