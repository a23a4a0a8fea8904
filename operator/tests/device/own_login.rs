//! A site's first starts on an emulated device after its ceremony.

use super::fleet::{Fleet, note, read_json};
use super::support::{Lose, LossyConnector};
use fleet_evidence::device_log::LivingLog;
use fleet_evidence::device_profile::{OPERATIONAL_AUTH_KEY, STATEMENT_AUTH_KEY};
use std::path::{Path, PathBuf};
use vault_protocol::{Auditor, Bundle, Operator, Signature64, SignedBundle, SiteIndex};
use vault_server::audit::{Known, continue_chain};
use vault_server::config::Config;
use vault_server::own_device;
use yubihsm_device::{
    AuthKey, ConnectorAddress, HsmError, LoginPort, LoginSessions, OperatorSession, OwnLogin, Step,
};

const LOGINS: [(u16, &str); 2] =
    [(OPERATIONAL_AUTH_KEY, "hsm-auth.key"), (STATEMENT_AUTH_KEY, "statement-auth.key")];

/// A fleet after its ceremony, and the first site's configuration with an empty state directory.
struct Rig {
    fleet: Fleet,
    dir: tempfile::TempDir,
    config: Config,
}

fn set_up() -> Rig {
    let fleet = Fleet::new(3);
    let bundle = fleet.run(&note).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let config = configuration(&fleet, &bundle, dir.path());
    Rig { fleet, dir, config }
}

fn configuration(fleet: &Fleet, bundle: &Bundle, dir: &Path) -> Config {
    let signature = Signature64([0; 64]);
    let signed = SignedBundle {
        bundle: bundle.clone(),
        auditor: Auditor { timestamp: 1, signature },
        operator: Operator { signature },
        log_proof: String::new(),
    };
    std::fs::write(dir.join("bundle.json"), serde_json::to_vec(&signed).unwrap()).unwrap();
    let secrets = |name: &str| fleet.out.site(SiteIndex(1), name);
    let text = serde_json::json!({
        "site": 1, "listen": "127.0.0.1:0", "tls": {"cert": "tls.pem", "key": "tls.key"},
        "peer_listen": "127.0.0.1:0", "peer_tls": {"cert": "peer.pem", "key": "peer.key", "ca": "ca.pem"},
        "peers": [{"index": 2, "url": "https://127.0.0.1:2"}, {"index": 3, "url": "https://127.0.0.1:3"}],
        "hsm": {"connector": fleet.plan.sites[0].connector, "mock": true, "key_file": secrets("hsm-auth.key"),
            "statement": {"key_file": secrets("statement-auth.key"), "device_chain": secrets("device-chain.pem")}},
        "state_dir": "state", "bundles": ["bundle.json"],
        "log_anchor": read_json(&secrets("device.json"))["log_head"],
    });
    let path = dir.join("site.json");
    std::fs::write(&path, text.to_string()).unwrap();
    Config::read(&path).unwrap()
}

impl Rig {
    fn address(&self) -> ConnectorAddress {
        ConnectorAddress::parse(&self.config.hsm.connector).unwrap()
    }

    fn login(&self, id: u16, ceremony: &str) -> OwnLogin {
        OwnLogin::new(id, &self.ceremony_key(ceremony), &self.dir.path().join("state"))
    }

    fn ceremony_key(&self, name: &str) -> PathBuf {
        self.fleet.out.site(SiteIndex(1), name)
    }

    fn opens(&self, id: u16, key: &Path) -> bool {
        LoginSessions::new(&self.address(), id).opens(&AuthKey::read(key).unwrap()).unwrap()
    }

    /// Whether neither of the ceremony's keys opens anything, and both of the site's do.
    fn is_own(&self) -> bool {
        LOGINS.iter().all(|(id, name)| {
            let own = self.login(*id, name).key_file();
            own.exists() && self.opens(*id, &own) && !self.opens(*id, &self.ceremony_key(name))
        })
    }

    fn log(&self) -> yubihsm_device::DeviceLog {
        let key =
            AuthKey::read(&self.login(OPERATIONAL_AUTH_KEY, LOGINS[0].1).newest_file()).unwrap();
        OperatorSession::open(&self.address(), OPERATIONAL_AUTH_KEY, &key)
            .unwrap()
            .read_log()
            .unwrap()
    }

    /// Commands in the log since the ceremony.
    fn commands(&self) -> Vec<u8> {
        self.log().entries.iter().map(|e| e.command).collect()
    }

    /// What the site would find when it reads the log for the first time.
    fn read_as_the_site_does(&self) -> Result<LivingLog, String> {
        let head = self.config.log_anchor;
        let known = Known { head, living: LivingLog::since_ceremony() };
        continue_chain(known, &self.log()).map(|(_, living)| living).map_err(|e| e.to_string())
    }
}

#[test]
fn a_first_start_leaves_the_ceremony_without_a_login() {
    let rig = set_up();
    let (device, own) = own_device::open(&rig.config).unwrap();
    drop(device);
    assert!(rig.is_own());
    assert_eq!(own.hsm.key_file, rig.login(OPERATIONAL_AUTH_KEY, LOGINS[0].1).key_file());
    // The ceremony's statement, then one change of each login, and nothing else.
    assert_eq!(rig.commands(), [0x46, 0x64, 0x58, 0x6c, 0x6c]);
    assert_eq!(rig.read_as_the_site_does().unwrap().not_yet_own().count(), 0);

    drop(own_device::open(&rig.config).unwrap());
    assert_eq!(rig.commands(), [0x46, 0x64, 0x58, 0x6c, 0x6c], "a later start changes nothing");
}

#[test]
fn a_start_that_is_killed_after_any_step_is_gone_on_from() {
    for (which, (id, name)) in LOGINS.iter().enumerate() {
        for step in [Step::Pending, Step::Changed, Step::Current] {
            let rig = set_up();
            let stop = |done| if done == step { Err(HsmError::SessionLost) } else { Ok(()) };
            if which == 1 {
                let first = rig.login(LOGINS[0].0, LOGINS[0].1);
                first.make(&LoginSessions::new(&rig.address(), LOGINS[0].0), &|_| Ok(())).unwrap();
            }
            let killed = rig.login(*id, name).make(&LoginSessions::new(&rig.address(), *id), &stop);
            assert!(killed.is_err(), "{id:04x} {step:?}");
            rig.fleet.devices[0].emulator.power_cycle().unwrap();
            drop(own_device::open(&rig.config).unwrap());
            assert!(rig.is_own(), "{id:04x} {step:?}");
            assert_eq!(
                rig.commands().iter().filter(|c| **c == 0x6c).count(),
                2,
                "{id:04x} {step:?}"
            );
            assert_eq!(rig.read_as_the_site_does().unwrap().not_yet_own().count(), 0);
        }
    }
}

/// Loses the change itself, or its answer, on the way.
struct Lossy<'a> {
    connector: &'a LossyConnector,
    port: LoginSessions,
    lose: Lose,
}

impl LoginPort for Lossy<'_> {
    fn opens(&self, key: &AuthKey) -> Result<bool, HsmError> {
        self.port.opens(key)
    }

    fn change(&self, old: &AuthKey, new: &AuthKey) -> Result<(), HsmError> {
        // Create and authenticate the session, then the change.
        self.connector.lose_after(2, self.lose);
        self.port.change(old, new)
    }
}

#[test]
fn a_change_whose_answer_is_lost_is_found_done_and_a_lost_one_is_done_again() {
    for lose in [Lose::Answer, Lose::Message] {
        let rig = set_up();
        let connector = LossyConnector::before(&rig.fleet.devices[0]);
        let port = LoginSessions::new(&connector.address(), OPERATIONAL_AUTH_KEY);
        let lossy = Lossy { connector: &connector, port, lose };
        let first = rig.login(LOGINS[0].0, LOGINS[0].1).make(&lossy, &|_| Ok(()));
        assert_eq!(first.is_ok(), lose == Lose::Answer, "{lose:?}: {first:?}");
        drop(own_device::open(&rig.config).unwrap());
        assert!(rig.is_own(), "{lose:?}");
        assert_eq!(rig.commands().iter().filter(|c| **c == 0x6c).count(), 2, "{lose:?}");
        connector.stop();
    }
}

#[test]
fn whoever_uses_a_ceremonys_key_before_the_site_is_found_out() {
    // Its keys were changed by somebody else: the site does not start.
    let rig = set_up();
    let theirs = AuthKey::random();
    let port = LoginSessions::new(&rig.address(), OPERATIONAL_AUTH_KEY);
    port.change(&AuthKey::read(&rig.ceremony_key(LOGINS[0].1)).unwrap(), &theirs).unwrap();
    let refused = own_device::open(&rig.config).err().unwrap().to_string();
    assert!(refused.contains("somebody else has changed the login"), "{refused}");

    // They put their key in the ceremony's place: the log shows two changes.
    std::fs::remove_file(rig.ceremony_key(LOGINS[0].1)).unwrap();
    theirs.write(&rig.ceremony_key(LOGINS[0].1)).unwrap();
    drop(own_device::open(&rig.config).unwrap());
    let broken = rig.read_as_the_site_does().unwrap_err();
    assert!(broken.contains("login 0x0201 was given another key a second time"), "{broken}");
}

#[test]
fn a_second_change_and_a_use_before_the_first_are_refused() {
    let rig = set_up();
    drop(own_device::open(&rig.config).unwrap());
    let own = AuthKey::read(&rig.login(STATEMENT_AUTH_KEY, LOGINS[1].1).key_file()).unwrap();
    LoginSessions::new(&rig.address(), STATEMENT_AUTH_KEY)
        .change(&own, &AuthKey::random())
        .unwrap();
    let broken = rig.read_as_the_site_does().unwrap_err();
    assert!(broken.contains("login 0x0202 was given another key a second time"), "{broken}");

    let rig = set_up();
    let ceremony = AuthKey::read(&rig.ceremony_key(LOGINS[0].1)).unwrap();
    let options = yubihsm_device::SiteSessionOptions::new(rig.address(), ceremony, true);
    let thief = yubihsm_device::SiteSession::open(options).unwrap();
    yubihsm_device::SiteDevice::sign_receipt(&thief, b"a receipt").unwrap();
    drop(thief);
    drop(own_device::open(&rig.config).unwrap());
    let broken = rig.read_as_the_site_does().unwrap_err();
    assert!(broken.contains("was used before its site gave it a key of its own"), "{broken}");
}

#[test]
fn a_state_directory_that_is_lost_or_anothers_is_refused_before_the_device_is_touched() {
    let mut rig = set_up();
    let anchor = rig.config.log_anchor.take();
    let refused = own_device::open(&rig.config).err().unwrap().to_string();
    assert!(refused.contains("holds no state"), "{refused}");
    assert_eq!(rig.commands(), [0x46, 0x64, 0x58]);

    rig.config.log_anchor = anchor;
    drop(own_device::open(&rig.config).unwrap());
    std::fs::remove_dir_all(rig.dir.path().join("state")).unwrap();
    let refused = own_device::open(&rig.config).err().unwrap().to_string();
    assert!(refused.contains("needs a new ceremony"), "{refused}");
}

#[test]
fn a_finished_ceremony_says_so_once_the_site_has_started() {
    let rig = set_up();
    drop(own_device::open(&rig.config).unwrap());
    let resumed = rig.fleet.resume(&note).unwrap_err().to_string();
    assert!(resumed.contains("device 1001 refuses the ceremony's login"), "{resumed}");
}

/// What a verifier concludes from the same log (check C3).
#[test]
fn the_devices_log_goes_on_from_the_published_one() {
    let rig = set_up();
    drop(own_device::open(&rig.config).unwrap());
    assert!(rig.config.log_anchor.unwrap().then_all(&rig.log().entries).is_ok());
}
