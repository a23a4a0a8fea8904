//! A site gives a login of its device a key of its own, once (spec/evidence.md section 5): from
//! then on the ceremony's key, and whoever has a copy of it, opens nothing.
//!
//! The new key is on disk, as *pending*, before the device hears of it, so that no crash leaves a
//! device with a key that nobody has. At the next start the device itself says which of the two it
//! has.

use super::commands::change_authentication_key;
use super::device_login::DeviceLogin;
use super::raw_session::{Fault, once_a_session_is_free};
use super::{AuthKey, ConnectorAddress, HsmError};
use durable_files::{create_dirs, remove_leftovers, rename_durably};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Below a site's state directory.
const FOLDER: &str = "logins";

/// One login of one device, the key that the ceremony gave it, and where the site's own is.
#[derive(Clone, Debug)]
pub struct OwnLogin {
    id: u16,
    ceremony_key: PathBuf,
    folder: PathBuf,
}

/// What can be asked of a device about one of its logins.
pub trait LoginPort {
    /// Whether a session opens with this key.
    ///
    /// # Errors
    /// The device could not be asked.
    fn opens(&self, key: &AuthKey) -> Result<bool, HsmError>;

    /// Gives the login the key `new`, in a session that is opened with `old`.
    ///
    /// # Errors
    /// The device refused, or its answer was lost: then it may have done it.
    fn change(&self, old: &AuthKey, new: &AuthKey) -> Result<(), HsmError>;
}

/// A step that was just made durable, here or in the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The new key is in a file.
    Pending,
    /// The device has the new key.
    Changed,
    /// The new key is the one in use, here and in the device.
    Current,
}

/// Told of each step after it; an error stops there.
pub type Watch<'a> = &'a dyn Fn(Step) -> Result<(), HsmError>;

impl OwnLogin {
    /// With the id of the login, the file that the ceremony wrote, and the site's state directory.
    pub fn new(id: u16, ceremony_key: &Path, state_dir: &Path) -> Self {
        Self { id, ceremony_key: ceremony_key.to_path_buf(), folder: state_dir.join(FOLDER) }
    }

    /// Where the site's own key is once it was made.
    pub fn key_file(&self) -> PathBuf {
        self.folder.join(format!("{:04x}.key", self.id))
    }

    fn pending_file(&self) -> PathBuf {
        self.folder.join(format!("{:04x}.pending", self.id))
    }

    /// Whether the site has a key of its own for this login.
    pub fn is_made(&self) -> bool {
        self.key_file().exists()
    }

    /// The file with the key that the site has for this login: its own, or the ceremony's while
    /// there is none.
    pub fn newest_file(&self) -> PathBuf {
        if self.is_made() { self.key_file() } else { self.ceremony_key.clone() }
    }

    /// Makes the login the site's own, unless it is already, and returns its key.
    ///
    /// # Errors
    /// [`HsmError::NoOwnKey`] if the device has a key that is neither the ceremony's nor here;
    /// [`HsmError::Key`] if a file cannot be read or written; or the device's. Whatever happened,
    /// the next start goes on from there.
    pub fn make(&self, device: &dyn LoginPort, watch: Watch<'_>) -> Result<AuthKey, HsmError> {
        create_dirs(&self.folder).map_err(|e| self.unusable(&self.folder, &e))?;
        let _only_one = self.lock()?;
        // Part of a key that a killed program was writing, and no device ever heard of.
        remove_leftovers(&self.folder).map_err(|e| self.unusable(&self.folder, &e))?;
        if self.is_made() {
            let own = AuthKey::read(&self.key_file())?;
            return if device.opens(&own)? { Ok(own) } else { Err(self.no_own_key()) };
        }
        let pending = self.pending(device, watch)?;
        if !device.opens(&pending)? {
            self.change(device, &pending)?;
            watch(Step::Changed)?;
        }
        let done = rename_durably(&self.pending_file(), &self.key_file());
        done.map_err(|e| self.unusable(&self.key_file(), &e))?;
        watch(Step::Current)?;
        tracing::info!(
            login = format!("0x{:04x}", self.id),
            "this site has made the login its own"
        );
        Ok(pending)
    }

    /// The key that is waiting to be the site's own, drawn now if there is none. It is read back
    /// from the disk, so that what the device gets is what the file holds.
    fn pending(&self, device: &dyn LoginPort, watch: Watch<'_>) -> Result<AuthKey, HsmError> {
        let file = self.pending_file();
        if !file.exists() {
            if !device.opens(&self.ceremony_key()?)? {
                return Err(self.no_own_key());
            }
            AuthKey::random().write(&file)?;
            watch(Step::Pending)?;
        }
        AuthKey::read(&file)
    }

    /// An answer may be lost, and the key changed all the same: the device is asked before this
    /// fails.
    fn change(&self, device: &dyn LoginPort, pending: &AuthKey) -> Result<(), HsmError> {
        let ceremony = self.ceremony_key()?;
        let error = match device.change(&ceremony, pending) {
            Ok(()) => HsmError::BadAnswer {
                command: "change authentication key",
                reason: "the device says that it is done and does not accept the new key".into(),
            },
            Err(HsmError::WrongAuthKey(_)) => self.no_own_key(),
            Err(error) => error,
        };
        if device.opens(pending)? { Ok(()) } else { Err(error) }
    }

    fn ceremony_key(&self) -> Result<AuthKey, HsmError> {
        AuthKey::read(&self.ceremony_key)
    }

    /// Two programs of one site must not draw two keys.
    fn lock(&self) -> Result<File, HsmError> {
        let path = self.folder.join("lock");
        let unusable =
            |e: &dyn std::fmt::Display| HsmError::Key(format!("{}: {e}", path.display()));
        let file = File::create(&path).map_err(|e| unusable(&e))?;
        file.try_lock()
            .map_err(|_| unusable(&"another program is making this site's logins its own"))?;
        Ok(file)
    }

    fn no_own_key(&self) -> HsmError {
        HsmError::NoOwnKey { login: self.id, folder: self.folder.clone() }
    }

    fn unusable(&self, path: &Path, error: &std::io::Error) -> HsmError {
        HsmError::Key(format!("{}: {error}", path.display()))
    }
}

/// A login of a real device: each question is a session of its own.
pub struct LoginSessions {
    address: ConnectorAddress,
    id: u16,
}

impl LoginSessions {
    /// For the login `id`. Nothing is asked yet.
    pub fn new(address: &ConnectorAddress, id: u16) -> Self {
        Self { address: address.clone(), id }
    }

    fn login(&self, key: &AuthKey) -> Result<DeviceLogin, HsmError> {
        once_a_session_is_free(|| {
            let mut login = DeviceLogin::new(self.address.clone(), self.id, key.clone());
            login.open().map(|()| login)
        })
    }
}

impl LoginPort for LoginSessions {
    fn opens(&self, key: &AuthKey) -> Result<bool, HsmError> {
        match self.login(key) {
            Ok(_) => Ok(true),
            Err(HsmError::WrongAuthKey(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn change(&self, old: &AuthKey, new: &AuthKey) -> Result<(), HsmError> {
        let mut login = self.login(old)?;
        login.run(&change_authentication_key(self.id, new)).map(|_| ()).map_err(Fault::into_error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fleet_evidence::device_profile::OPERATIONAL_AUTH_KEY;
    use std::cell::{Cell, RefCell};

    /// A login of a device in memory.
    struct FakeDevice {
        key: RefCell<[u8; 32]>,
        changes: Cell<u32>,
        /// What the next change does instead of answering.
        next: Cell<Option<Lose>>,
    }

    #[derive(Clone, Copy)]
    enum Lose {
        Command,
        Answer,
    }

    impl LoginPort for FakeDevice {
        fn opens(&self, key: &AuthKey) -> Result<bool, HsmError> {
            Ok(key.bytes() == &*self.key.borrow())
        }

        fn change(&self, old: &AuthKey, new: &AuthKey) -> Result<(), HsmError> {
            if !self.opens(old)? {
                return Err(HsmError::WrongAuthKey(OPERATIONAL_AUTH_KEY));
            }
            let lose = self.next.take();
            if !matches!(lose, Some(Lose::Command)) {
                *self.key.borrow_mut() = *new.bytes();
                self.changes.set(self.changes.get() + 1);
            }
            lose.map_or(Ok(()), |_| Err(HsmError::Unreachable("lost".into())))
        }
    }

    struct Rig {
        dir: tempfile::TempDir,
        device: FakeDevice,
        login: OwnLogin,
    }

    /// A device as the ceremony leaves it, and an empty state directory.
    fn rig() -> Rig {
        let dir = tempfile::tempdir().unwrap();
        let ceremony = AuthKey::random();
        let file = dir.path().join("hsm-auth.key");
        ceremony.write(&file).unwrap();
        let key = RefCell::new(*ceremony.bytes());
        let device = FakeDevice { key, changes: Cell::new(0), next: Cell::new(None) };
        let login = OwnLogin::new(OPERATIONAL_AUTH_KEY, &file, &dir.path().join("state"));
        Rig { dir, device, login }
    }

    impl Rig {
        fn make(&self) -> Result<AuthKey, HsmError> {
            self.login.make(&self.device, &|_| Ok(()))
        }

        fn stop_after(&self, step: Step) {
            let stopped = self.login.make(&self.device, &|done| match done == step {
                true => Err(HsmError::SessionLost),
                false => Ok(()),
            });
            assert!(matches!(stopped, Err(HsmError::SessionLost)), "{step:?}: {stopped:?}");
        }

        fn ceremony_key(&self) -> AuthKey {
            AuthKey::read(&self.dir.path().join("hsm-auth.key")).unwrap()
        }
    }

    #[test]
    fn a_login_is_made_own_once_and_stays_so() {
        let rig = rig();
        let own = rig.make().unwrap();
        assert!(rig.device.opens(&own).unwrap() && !rig.device.opens(&rig.ceremony_key()).unwrap());
        // The ceremony's file is of no more use: it may be deleted.
        std::fs::remove_file(rig.dir.path().join("hsm-auth.key")).unwrap();
        assert_eq!(rig.make().unwrap().bytes(), own.bytes());
        assert_eq!((rig.device.changes.get(), rig.login.newest_file()), (1, rig.login.key_file()));
        assert!(!rig.login.pending_file().exists());
    }

    #[test]
    fn a_crash_after_any_step_is_gone_on_from() {
        for step in [Step::Pending, Step::Changed, Step::Current] {
            let rig = rig();
            rig.stop_after(step);
            let own = rig.make().unwrap();
            assert!(rig.device.opens(&own).unwrap(), "{step:?}");
            assert_eq!(rig.device.changes.get(), 1, "{step:?}");
        }
    }

    #[test]
    fn a_lost_answer_is_no_second_change_and_a_lost_command_no_lost_login() {
        let rig = rig();
        rig.device.next.set(Some(Lose::Answer));
        let own = rig.make().unwrap();
        assert!(rig.device.opens(&own).unwrap() && rig.device.changes.get() == 1);

        let rig = self::rig();
        rig.device.next.set(Some(Lose::Command));
        assert!(matches!(rig.make(), Err(HsmError::Unreachable(_))));
        assert!(rig.device.opens(&rig.ceremony_key()).unwrap());
        let own = rig.make().unwrap();
        assert!(rig.device.opens(&own).unwrap() && rig.device.changes.get() == 1);
    }

    #[test]
    fn a_state_directory_without_the_own_key_is_refused_and_nothing_is_drawn() {
        let rig = rig();
        rig.make().unwrap();
        std::fs::remove_dir_all(rig.dir.path().join("state")).unwrap();
        let refused = rig.make().unwrap_err();
        assert!(matches!(refused, HsmError::NoOwnKey { login: 0x0201, .. }), "{refused}");
        assert!(refused.to_string().contains("state/logins"), "{refused}");
        assert!(!rig.login.pending_file().exists() && rig.device.changes.get() == 1);
    }

    #[test]
    fn an_own_key_that_the_device_refuses_is_never_replaced_by_the_ceremonys() {
        let rig = rig();
        rig.make().unwrap();
        *rig.device.key.borrow_mut() = *rig.ceremony_key().bytes();
        assert!(matches!(rig.make(), Err(HsmError::NoOwnKey { .. })));
    }

    #[test]
    fn a_pending_key_that_cannot_be_read_stops_before_the_device_is_touched() {
        let rig = rig();
        rig.stop_after(Step::Pending);
        std::fs::write(rig.login.pending_file(), b"torn").unwrap();
        assert!(matches!(rig.make(), Err(HsmError::Key(_))));
        assert_eq!(rig.device.changes.get(), 0);
    }

    #[test]
    fn what_a_killed_write_left_is_gone_at_the_next_start() {
        let rig = rig();
        std::fs::create_dir_all(rig.dir.path().join("state/logins")).unwrap();
        let torn = rig.dir.path().join("state/logins/.0201.pending.unfinished-4711");
        std::fs::write(&torn, b"a half").unwrap();
        rig.make().unwrap();
        assert!(!torn.exists());
    }

    #[test]
    fn two_programs_do_not_draw_two_keys() {
        let rig = rig();
        let second = rig.login.make(&rig.device, &|step| {
            if step == Step::Pending {
                let meanwhile = rig.make().unwrap_err();
                assert!(meanwhile.to_string().contains("another program"), "{meanwhile}");
            }
            Ok(())
        });
        assert!(second.is_ok() && rig.device.changes.get() == 1);
    }
}
