//! What can hold passkeys here: this computer, and a security key.

use crate::Keepsake;
use crate::model::{PasskeyHolder, PasskeyPlace};
use passkey_unlock::{
    Authenticator, Purpose, SecurityKey, SocketBus, SoftwareAuthenticator, UsbBus,
};
use sealed_keys::KeyringStore;

pub(super) fn holder(keepsake: &Keepsake, place: PasskeyPlace) -> Box<dyn Authenticator> {
    match place {
        PasskeyPlace::ThisComputer => Box::new(this_computer(keepsake)),
        PasskeyPlace::SecurityKey => match keepsake.mock_security_key() {
            Some(socket) => Box::new(SecurityKey::new(SocketBus::new(socket))),
            None => Box::new(SecurityKey::new(UsbBus)),
        },
    }
}

pub(super) fn this_computer(keepsake: &Keepsake) -> SoftwareAuthenticator {
    SoftwareAuthenticator::new(keepsake.home().join("passkeys"), keepsake.id(), KeyringStore::new())
}

/// Both, and whether each can be used now.
pub(super) async fn holders(keepsake: &Keepsake) -> Vec<PasskeyHolder> {
    let mut holders = vec![];
    for place in [PasskeyPlace::ThisComputer, PasskeyPlace::SecurityKey] {
        holders.push(look(&*holder(keepsake, place), place).await);
    }
    holders
}

async fn look(authenticator: &dyn Authenticator, place: PasskeyPlace) -> PasskeyHolder {
    let about = authenticator.description();
    let mut shown = PasskeyHolder {
        place,
        name: about.name,
        limit: about.limit.into(),
        available: false,
        problem: None,
        choose_pin: false,
        tries_left: None,
        mock: about.mock,
    };
    match authenticator.prompt(Purpose::Create).await {
        Ok(prompt) => {
            (shown.available, shown.choose_pin, shown.tries_left) =
                (true, prompt.choose, prompt.tries_left);
        }
        Err(error) => shown.problem = Some(crate::AppError::from(error).happened),
    }
    shown
}

/// `this_computer` or `security_key`, as a key slot names it.
pub(super) fn place_name(place: PasskeyPlace) -> &'static str {
    match place {
        PasskeyPlace::ThisComputer => "this_computer",
        PasskeyPlace::SecurityKey => "security_key",
    }
}

/// Of a key slot; one of a later version may name another.
pub(super) fn place_of(name: &str) -> Option<PasskeyPlace> {
    [PasskeyPlace::ThisComputer, PasskeyPlace::SecurityKey]
        .into_iter()
        .find(|place| place_name(*place) == name)
}
