//! The log of a device in service: what its site may do.

use super::entry::{Actor, Entry};
use crate::device_profile::{
    FACTORY_ATTESTATION_KEY, KeyRole, OPERATIONAL_AUTH_KEY, STATEMENT_AUTH_KEY, STATEMENT_KEY,
    changes_nothing, command,
};
use serde::{Deserialize, Serialize};

/// Target of a line whose command names no object.
const NO_OBJECT: u16 = 0xffff;

/// Reads the lines of a device in service, one after the other: what its site may do, and the one
/// change of each login's key by which the site makes it its own (spec/evidence.md section 5).
///
/// Whether the lines are one chain is for the caller to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LivingLog {
    /// The first line read was the first after the ceremony, so that nothing can have come before
    /// the logins' changes.
    since_ceremony: bool,
    operational: OwnLogin,
    statement: OwnLogin,
}

/// Whose key a login has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OwnLogin {
    /// The ceremony's, or unknown.
    NotYet,
    /// One that the site drew.
    Made,
}

/// A line that no site of a fleet makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineRefused {
    /// The device was reset, and everything in it was lost.
    #[error("line {number}: the device was reset")]
    Reset {
        /// Of the line.
        number: u16,
    },
    /// A login that is none of the site's.
    #[error("line {number}, command 0x{command:02x}: by login 0x{login:04x}, which no site has")]
    ForeignLogin {
        /// Of the line.
        number: u16,
        /// What it did.
        command: u8,
        /// Which login.
        login: u16,
    },
    /// Something was done outside of every session.
    #[error("line {number}, command 0x{command:02x} on 0x{target:04x}: outside of every session")]
    NoSession {
        /// Of the line.
        number: u16,
        /// What was done.
        command: u8,
        /// The object that it was done to.
        target: u16,
    },
    #[error(
        "line {number}, command 0x{command:02x} on 0x{target:04x} by login 0x{login:04x}: no site does this"
    )]
    /// A site's login did something that is no work of a site.
    NotASites {
        /// Of the line.
        number: u16,
        /// What it did.
        command: u8,
        /// The object that it was done to.
        target: u16,
        /// Which login.
        login: u16,
    },
    /// A login got another key a second time.
    #[error("line {number}: login 0x{login:04x} was given another key a second time")]
    LoginChangedAgain {
        /// Of the line.
        number: u16,
        /// Which login.
        login: u16,
    },
    /// A login changed the key of a login other than itself.
    #[error("line {number}: login 0x{login:04x} tried to give another key to 0x{target:04x}")]
    AnotherLoginChanged {
        /// Of the line.
        number: u16,
        /// Who did it.
        login: u16,
        /// Whose key it was.
        target: u16,
    },
    #[error(
        "line {number}, command 0x{command:02x}: login 0x{login:04x} was used before its site gave it a key of its own"
    )]
    /// The device was used with a login whose key the ceremony's computer still knew.
    UsedBeforeOwnLogin {
        /// Of the line.
        number: u16,
        /// What was done.
        command: u8,
        /// Which login.
        login: u16,
    },
}

impl LineRefused {
    /// Whether it is about the logins' keys (check C3), or about what was done with the device
    /// (check C2).
    pub fn is_about_own_logins(&self) -> bool {
        matches!(
            self,
            Self::LoginChangedAgain { .. }
                | Self::AnotherLoginChanged { .. }
                | Self::UsedBeforeOwnLogin { .. }
        )
    }
}

impl LivingLog {
    /// For a log that is read from the first line after its ceremony.
    pub fn since_ceremony() -> Self {
        Self { since_ceremony: true, operational: OwnLogin::NotYet, statement: OwnLogin::NotYet }
    }

    /// For a log whose beginning is not known: what came before its first line cannot be judged.
    pub fn from_anywhere() -> Self {
        Self { since_ceremony: false, ..Self::since_ceremony() }
    }

    /// The logins that, as far as the lines show, still have the ceremony's key.
    pub fn not_yet_own(&self) -> impl Iterator<Item = u16> {
        let logins =
            [(OPERATIONAL_AUTH_KEY, self.operational), (STATEMENT_AUTH_KEY, self.statement)];
        logins.into_iter().filter(|(_, own)| *own == OwnLogin::NotYet).map(|(login, _)| login)
    }

    /// Takes the next line.
    ///
    /// # Errors
    /// What is wrong with it; further lines may be taken all the same.
    pub fn take(&mut self, line: &Entry) -> Result<(), LineRefused> {
        let Entry { number, command, target, .. } = *line;
        if line.is_reset() {
            return Err(LineRefused::Reset { number });
        }
        let login = match line.actor() {
            Actor::Device => return Ok(()),
            Actor::Nobody if changes_nothing(command) => return Ok(()),
            Actor::Nobody => return Err(LineRefused::NoSession { number, command, target }),
            Actor::Login(login @ (OPERATIONAL_AUTH_KEY | STATEMENT_AUTH_KEY)) => login,
            Actor::Login(login) => {
                return Err(LineRefused::ForeignLogin { number, command, login });
            }
        };
        if changes_nothing(command) {
            return Ok(());
        }
        if command == command::CHANGE_AUTHENTICATION_KEY {
            return self.change(line, login);
        }
        if self.since_ceremony && self.is_too_early(login) {
            return Err(LineRefused::UsedBeforeOwnLogin { number, command, login });
        }
        match line.succeeded() && !is_a_sites(line, login) {
            true => Err(LineRefused::NotASites { number, command, target, login }),
            false => Ok(()),
        }
    }

    /// The command reaches only the login of its own session; a line that names another was an
    /// attempt.
    fn change(&mut self, line: &Entry, login: u16) -> Result<(), LineRefused> {
        let Entry { number, target, .. } = *line;
        if target != login && target != NO_OBJECT {
            return Err(LineRefused::AnotherLoginChanged { number, login, target });
        }
        let own = match login {
            OPERATIONAL_AUTH_KEY => &mut self.operational,
            _ => &mut self.statement,
        };
        if *own == OwnLogin::Made {
            return Err(LineRefused::LoginChangedAgain { number, login });
        }
        if line.succeeded() {
            *own = OwnLogin::Made;
        }
        Ok(())
    }

    /// Until a site starts for the first time only the ceremony's own statements are made; it
    /// changes the operational login first.
    fn is_too_early(&self, login: u16) -> bool {
        match login {
            OPERATIONAL_AUTH_KEY => self.operational == OwnLogin::NotYet,
            _ => self.operational == OwnLogin::Made && self.statement == OwnLogin::NotYet,
        }
    }
}

/// The commands that a site sends: it uses the keys, and makes, attests and deletes the throw-away
/// key of a statement.
fn is_a_sites(line: &Entry, login: u16) -> bool {
    let role = KeyRole::of(line.target);
    match (login, line.command) {
        (OPERATIONAL_AUTH_KEY, command::DERIVE_ECDH) => {
            role.is_some_and(|role| role != KeyRole::Receipt)
        }
        (OPERATIONAL_AUTH_KEY, command::SIGN_ECDSA) => role == Some(KeyRole::Receipt),
        (STATEMENT_AUTH_KEY, command::GENERATE_ASYMMETRIC_KEY | command::DELETE_OBJECT) => {
            line.target == STATEMENT_KEY
        }
        (STATEMENT_AUTH_KEY, command::SIGN_ATTESTATION_CERTIFICATE) => {
            (line.target, line.second) == (STATEMENT_KEY, FACTORY_ATTESTATION_KEY)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Command, login, target, second, whether it succeeded.
    type Line = (u8, u16, u16, u16, bool);

    fn entry((command, login, target, second, ok): Line) -> Entry {
        let mut raw = [0; 32];
        raw[1] = 9;
        raw[2] = command;
        raw[5..7].copy_from_slice(&login.to_be_bytes());
        raw[7..9].copy_from_slice(&target.to_be_bytes());
        raw[9..11].copy_from_slice(&second.to_be_bytes());
        raw[11] = if ok { command | 0x80 } else { 0x09 };
        Entry::read(&raw)
    }

    const STATEMENT: [Line; 3] = [
        (0x46, 0x0202, 0x0401, 0xffff, true),
        (0x64, 0x0202, 0x0401, 0, true),
        (0x58, 0x0202, 0x0401, 0xffff, true),
    ];
    const OWN: [Line; 2] =
        [(0x6c, 0x0201, 0x0201, 0xffff, true), (0x6c, 0x0202, 0x0202, 0xffff, true)];
    const WORK: [Line; 2] =
        [(0x57, 0x0201, 0x0101, 0xffff, true), (0x56, 0x0201, 0x0104, 0xffff, true)];

    fn read(lines: &[Line]) -> (LivingLog, Result<(), LineRefused>) {
        let mut log = LivingLog::since_ceremony();
        let result = lines.iter().try_for_each(|line| log.take(&entry(*line)));
        (log, result)
    }

    #[test]
    fn a_site_makes_its_logins_its_own_and_works() {
        let failed = (0x6c, 0x0201, 0x0201, 0xffff, false);
        let session = (0x04, 0xffff, 0x0201, 0xffff, true);
        let lines = [&STATEMENT[..], &[session, failed], &OWN, &WORK, &STATEMENT].concat();
        let (log, result) = read(&lines);
        assert_eq!((log.not_yet_own().count(), result), (0, Ok(())));
        let (log, result) = read(&STATEMENT);
        assert_eq!((log.not_yet_own().collect::<Vec<_>>(), result), (vec![0x0201, 0x0202], Ok(())));
    }

    #[test]
    fn what_no_site_does_is_refused() {
        let wrong: [(&str, Line); 10] = [
            ("login 0x0999, which no site has", (0x57, 0x0999, 0x0101, 0xffff, true)),
            ("login 0x0001, which no site has", (0x04, 0xffff, 0x0001, 0xffff, false)),
            ("outside of every session", (0x57, 0xffff, 0x0101, 0xffff, true)),
            ("no site does this", (0x4a, 0x0201, 0x0301, 0x0103, true)),
            ("no site does this", (0x56, 0x0201, 0x0999, 0xffff, true)),
            ("no site does this", (0x57, 0x0201, 0x0999, 0xffff, true)),
            ("no site does this", (0x64, 0x0202, 0x0101, 0, true)),
            ("no site does this", (0x64, 0x0202, 0x0401, 0x0999, true)),
            ("no site does this", (0x46, 0x0202, 0x0101, 0xffff, true)),
            ("no site does this", (0x74, 0x0202, 0x0103, 0xffff, true)),
        ];
        for (expected, line) in wrong {
            let (_, result) = read(&[&OWN[..], &[line]].concat());
            let refusal = result.unwrap_err();
            assert!(
                refusal.to_string().contains(expected) && !refusal.is_about_own_logins(),
                "{refusal}"
            );
        }
        let mut reset = [0xff; 32];
        reset[..2].copy_from_slice(&[0, 1]);
        let refused = LivingLog::from_anywhere().take(&Entry::read(&reset));
        assert_eq!(refused, Err(LineRefused::Reset { number: 1 }));
    }

    #[test]
    fn a_failed_command_of_a_known_login_is_no_offence() {
        assert_eq!(read(&[&OWN[..], &[(0x4a, 0x0201, 0x0301, 0x0103, false)]].concat()).1, Ok(()));
    }

    #[test]
    fn each_login_changes_once_by_itself_and_first() {
        let again = (0x6c, 0x0202, 0x0202, 0xffff, false);
        let wrong: [(&str, &[Line]); 5] = [
            ("a second time", &[OWN[0], OWN[1], again]),
            ("to 0x0202", &[(0x6c, 0x0201, 0x0202, 0xffff, false)]),
            ("before its site", &[WORK[0]]),
            ("before its site", &[OWN[0], STATEMENT[0]]),
            ("a second time", &[OWN[0], OWN[0]]),
        ];
        for (expected, lines) in wrong {
            let refusal = read(lines).1.unwrap_err();
            assert!(
                refusal.to_string().contains(expected) && refusal.is_about_own_logins(),
                "{refusal}"
            );
        }
        let mut anywhere = LivingLog::from_anywhere();
        assert_eq!(anywhere.take(&entry(WORK[0])), Ok(()));
    }
}
