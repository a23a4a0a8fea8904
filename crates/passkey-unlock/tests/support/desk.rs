//! A computer with one USB port, and a MOCK security key to plug in there.

use key_mock::{Key, Model, Plugged, Touch, plug_in};
use passkey_unlock::{Authenticator, Created, SecurityKey, SocketBus};
use std::path::PathBuf;
use tempfile::TempDir;

pub(crate) const PIN: &str = "2718";

pub(crate) struct Desk {
    folder: TempDir,
    model: Model,
    pin: Option<&'static str>,
    plugged: Option<Plugged>,
}

impl Desk {
    /// With a new key that has a PIN, plugged in, and touched whenever it blinks.
    pub(crate) fn with(model: Model) -> Self {
        Self::with_pin(model, Some(PIN))
    }

    pub(crate) fn with_pin(model: Model, pin: Option<&'static str>) -> Self {
        let mut desk = Self { folder: tempfile::tempdir().unwrap(), model, pin, plugged: None };
        desk.plug_in(Touch::AtOnce);
        desk
    }

    pub(crate) fn plug_in(&mut self, touch: Touch) {
        let key = Key::in_file(self.model, &self.kept(), self.pin).unwrap();
        self.plugged = Some(plug_in(&self.port(), key, touch).unwrap());
    }

    pub(crate) fn pull_out(&mut self) {
        self.plugged = None;
    }

    /// What is kept in the key, as a file that can be carried elsewhere.
    pub(crate) fn kept(&self) -> PathBuf {
        self.folder.path().join("key.json")
    }

    /// The key as the app sees it.
    pub(crate) fn key(&self) -> SecurityKey {
        SecurityKey::new(SocketBus::new(self.port()))
    }

    /// With a passkey made on this key.
    pub(crate) async fn registered(&self) -> (SecurityKey, Created) {
        let key = self.key();
        let created =
            key.create(&super::new_passkey([1; 32]), &super::Person::typing(&[PIN])).await.unwrap();
        (key, created)
    }

    fn port(&self) -> PathBuf {
        self.folder.path().join("usb")
    }
}
