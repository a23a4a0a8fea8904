//! Wrong PINs, altered files and missing keyrings.

#![allow(clippy::unwrap_used)]

mod support;

use passkey_unlock::*;
use sealed_keys::{DeviceKeyError, DeviceKeyStore, LocalKey, MemoryKeyStore, SecretText};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use support::*;

const PIN: &str = "271828";
const WRONG: &str = "314159";

/// The keyring outlives the program; so does this one.
#[derive(Clone, Default)]
struct Keyring(Arc<MemoryKeyStore>);

impl DeviceKeyStore for Keyring {
    fn name(&self) -> &'static str {
        "memory"
    }
    fn load(&self, home: &str) -> Result<LocalKey, DeviceKeyError> {
        self.0.load(home)
    }
    fn save(&self, home: &str, key: &LocalKey) -> Result<(), DeviceKeyError> {
        self.0.save(home, key)
    }
    fn delete(&self, home: &str) -> Result<(), DeviceKeyError> {
        self.0.delete(home)
    }
}

impl KeyringOnly for Keyring {}

struct Home {
    dir: tempfile::TempDir,
    keyring: Keyring,
    now: Arc<AtomicU64>,
}

impl Home {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            keyring: Keyring::default(),
            now: Arc::new(1_764_000_000.into()),
        }
    }

    /// A new process: nothing is remembered but the file and the keyring.
    fn authenticator(&self) -> SoftwareAuthenticator {
        let now = self.now.clone();
        SoftwareAuthenticator::new(self.dir.path(), "home", self.keyring.clone())
            .with_clock(move || now.load(Ordering::Relaxed))
    }

    async fn enrol(&self) -> Vec<u8> {
        let created =
            self.authenticator().create(&new_passkey([1; 32]), &Person::typing(&[PIN])).await;
        created.unwrap().credential_id
    }

    async fn try_pin(&self, id: &[u8], pin: &str) -> Result<(), PasskeyError> {
        self.authenticator().assert(&request([2; 32], id), &Person::typing(&[pin])).await.map(drop)
    }

    fn sealed(&self) -> std::path::PathBuf {
        self.dir.path().join("passkeys.sealed")
    }
}

#[tokio::test]
async fn ten_wrong_pins_erase_the_passkeys_whatever_process_counts() {
    let home = Home::new();
    let id = home.enrol().await;
    let copy = fs::read(home.sealed()).unwrap();
    for left in (1..TRIES).rev() {
        let Err(PasskeyError::WrongPin { tries_left, wait_seconds }) =
            home.try_pin(&id, WRONG).await
        else {
            panic!("a wrong PIN is a wrong PIN")
        };
        assert_eq!(tries_left, left);
        if wait_seconds > 0 {
            let soon = home.try_pin(&id, PIN).await;
            assert_eq!(
                soon,
                Err(PasskeyError::TooSoon { tries_left, wait_seconds }),
                "not even the right one"
            );
        }
        home.now.fetch_add(wait_seconds, Ordering::Relaxed);
    }
    assert_eq!(home.try_pin(&id, WRONG).await, Err(PasskeyError::Wiped));
    assert!(!home.sealed().exists());
    assert_eq!(home.try_pin(&id, PIN).await, Err(PasskeyError::NoPasskey));
    // A copy of the file does not bring them back: its key is gone.
    fs::write(home.sealed(), copy).unwrap();
    assert!(matches!(home.try_pin(&id, PIN).await, Err(PasskeyError::Damaged(_))));
}

#[tokio::test]
async fn the_right_pin_forgives_the_wrong_ones() {
    let home = Home::new();
    let id = home.enrol().await;
    assert!(home.try_pin(&id, WRONG).await.is_err());
    home.try_pin(&id, PIN).await.unwrap();
    let refused = home.try_pin(&id, WRONG).await;
    assert_eq!(refused, Err(PasskeyError::WrongPin { tries_left: 9, wait_seconds: 0 }));
}

/// Answers this often, then dies with the process.
struct Dying(Keyring, AtomicU64);

impl DeviceKeyStore for Dying {
    fn name(&self) -> &'static str {
        "memory"
    }
    fn load(&self, home: &str) -> Result<LocalKey, DeviceKeyError> {
        let left =
            self.1.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if left.is_ok() {
            self.0.load(home)
        } else {
            Err(DeviceKeyError::NoKeyringService("it died".into()))
        }
    }
    fn save(&self, home: &str, key: &LocalKey) -> Result<(), DeviceKeyError> {
        self.0.save(home, key)
    }
    fn delete(&self, home: &str) -> Result<(), DeviceKeyError> {
        self.0.delete(home)
    }
}

impl KeyringOnly for Dying {}

/// A try reads the file, writes the count, and only then makes the PIN's key; each step asks the
/// keyring once.
#[tokio::test]
async fn a_process_that_dies_before_it_looked_at_the_pin_has_used_up_the_try() {
    let home = Home::new();
    let id = home.enrol().await;
    let pin = |text: &str| SecretText::new(text.into());
    for (answers, tries_left) in [(1, 9), (2, 8)] {
        let dying = Dying(home.keyring.clone(), answers.into());
        let killed =
            SoftwareAuthenticator::new(home.dir.path(), "home", dying).with_clock(|| 1_764_000_000);
        let died = killed.change_pin(pin(PIN), pin("161803")).await;
        assert_eq!(died, Err(PasskeyError::NoKeyring("it died".into())));
        let refused = home.try_pin(&id, WRONG).await;
        let expected = PasskeyError::WrongPin { tries_left, wait_seconds: 0 };
        assert_eq!(
            refused,
            Err(expected),
            "{answers} answers: before the count is written, and after"
        );
        home.try_pin(&id, PIN).await.unwrap();
    }
}

#[tokio::test]
async fn a_pin_is_changed_only_with_the_old_one() {
    let home = Home::new();
    let id = home.enrol().await;
    let pin = |text: &str| SecretText::new(text.into());
    let authenticator = home.authenticator();
    assert!(matches!(
        authenticator.change_pin(pin(WRONG), pin("999999")).await,
        Err(PasskeyError::WrongPin { .. })
    ));
    assert!(matches!(
        authenticator.change_pin(pin(PIN), pin("12345")).await,
        Err(PasskeyError::PinLength { .. })
    ));
    authenticator.change_pin(pin(PIN), pin("161803")).await.unwrap();
    assert!(home.try_pin(&id, PIN).await.is_err());
    home.try_pin(&id, "161803").await.unwrap();
}

#[tokio::test]
async fn a_short_pin_makes_no_passkey() {
    let home = Home::new();
    let refused =
        home.authenticator().create(&new_passkey([1; 32]), &Person::typing(&["12345"])).await;
    assert!(matches!(refused.err(), Some(PasskeyError::PinLength { .. })));
    assert_eq!(home.authenticator().list().await.unwrap(), []);
}

#[tokio::test]
async fn an_altered_file_is_refused_wherever_it_is_altered() {
    let home = Home::new();
    let id = home.enrol().await;
    let whole = fs::read(home.sealed()).unwrap();
    for at in (0..whole.len()).step_by(7) {
        let mut bent = whole.clone();
        bent[at] ^= 1;
        fs::write(home.sealed(), &bent).unwrap();
        assert!(
            matches!(home.authenticator().list().await, Err(PasskeyError::Damaged(_))),
            "byte {at}"
        );
        fs::write(home.sealed(), &whole[..at]).unwrap();
        assert!(
            matches!(home.authenticator().list().await, Err(PasskeyError::Damaged(_))),
            "cut at {at}"
        );
    }
    fs::write(home.sealed(), vec![0; 2 * 1024 * 1024]).unwrap();
    assert!(
        matches!(home.authenticator().list().await, Err(PasskeyError::Damaged(_))),
        "too large"
    );
    fs::write(home.sealed(), &whole).unwrap();
    home.try_pin(&id, PIN).await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_reads_the_file_and_nothing_in_it_is_plain() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    home.enrol().await;
    assert_eq!(fs::metadata(home.sealed()).unwrap().permissions().mode() & 0o777, 0o600);
    let bytes = fs::read(home.sealed()).unwrap();
    for plain in [&b"ada"[..], RP_ID.as_bytes(), PIN.as_bytes(), &ACCOUNT] {
        assert!(!bytes.windows(plain.len()).any(|window| window == plain));
    }
}

/// As on a computer without a Secret Service.
struct NoKeyring;

impl DeviceKeyStore for NoKeyring {
    fn name(&self) -> &'static str {
        "keyring"
    }
    fn load(&self, _: &str) -> Result<LocalKey, DeviceKeyError> {
        Err(DeviceKeyError::NoKeyringService("no bus".into()))
    }
    fn save(&self, _: &str, _: &LocalKey) -> Result<(), DeviceKeyError> {
        Err(DeviceKeyError::NoKeyringService("no bus".into()))
    }
    fn delete(&self, _: &str) -> Result<(), DeviceKeyError> {
        Err(DeviceKeyError::NoKeyringService("no bus".into()))
    }
}

impl KeyringOnly for NoKeyring {}

#[tokio::test]
async fn without_a_keyring_no_passkey_is_made_and_nobody_is_asked() {
    let dir = tempfile::tempdir().unwrap();
    let person = Person::typing(&[PIN]);
    let authenticator = SoftwareAuthenticator::new(dir.path(), "home", NoKeyring);
    let refused = authenticator.create(&new_passkey([1; 32]), &person).await;
    assert_eq!(refused.err(), Some(PasskeyError::NoKeyring("no bus".into())));
    assert!(person.asked.lock().unwrap().is_empty());
    assert!(!dir.path().join("passkeys.sealed").exists());
}
