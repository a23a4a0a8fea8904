//! Every command of the YubiHSM 2, and whether a device of a fleet must write each use of it down.
//!
//! Codes: `yubihsm.h` of yubihsm-shell 2.8.0, whose last is 0x77, and the list that Get Option
//! gives on firmware 2.4 (docs.yubico.com, "Set Command Audit Option"), which has 0x07 and 0x09
//! besides.

use Audit::{Free, Required};

/// Whether a use of a command must leave a line in the log, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audit {
    /// Every use must be in the log; why.
    Required(&'static str),
    /// Need not be in the log; why it does no harm.
    Free(&'static str),
}

/// One command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// As it stands in the log and in the device's options.
    pub code: u8,
    /// Yubico's name for it.
    pub name: &'static str,
    /// First firmware that has it, as far as a fleet is concerned: everything before 2.3 counts as
    /// 2.0.
    pub since: [u8; 3],
    /// Whether its uses must be in the log.
    pub audit: Audit,
}

/// Newest firmware, major and minor, whose commands are all in [`COMMANDS`]. A later one may have a
/// command that uses or moves a key and is audited by nobody, so its devices are refused until this
/// list was compared with its own.
pub const NEWEST_FIRMWARE: [u8; 2] = [2, 4];

/// Whether all commands of a firmware are known here.
pub fn is_known_firmware(firmware: [u8; 3]) -> bool {
    firmware[..2] <= NEWEST_FIRMWARE[..]
}

/// The commands that a device of this firmware must audit at level FIX, in the order of their
/// codes.
pub fn required_audit(firmware: [u8; 3]) -> impl Iterator<Item = u8> {
    let required = move |c: &&Command| c.since <= firmware && matches!(c.audit, Required(_));
    COMMANDS.iter().filter(required).map(|c| c.code)
}

/// A command by its code.
pub fn command_of(code: u8) -> Option<&'static Command> {
    COMMANDS.iter().find(|c| c.code == code)
}

/// Whether a command only reads or carries, so that its line, if there is one, changes nothing.
pub fn changes_nothing(code: u8) -> bool {
    command_of(code).is_some_and(|c| matches!(c.audit, Free(_)))
}

const V2_0: [u8; 3] = [2, 0, 0];
const V2_3: [u8; 3] = [2, 3, 0];
const V2_4: [u8; 3] = [2, 4, 0];

const MAKES: &str = "puts in or makes a key or login";
const USES: &str = "uses a key";
const MOVES: &str = "takes a key out or brings one in";
const READS: &str = "reads what is no secret";
const UNKNOWN: &str = "is described nowhere, so it may do anything";

const fn command(code: u8, name: &'static str, since: [u8; 3], audit: Audit) -> Command {
    Command { code, name, since, audit }
}

/// In the order of their codes.
#[rustfmt::skip]
pub const COMMANDS: [Command; 65] = [
    command(0x01, "echo", V2_0, Free("repeats what it is sent")),
    command(0x03, "create session", V2_0, Free("anyone may ask: its lines could fill the log")),
    command(0x04, "authenticate session", V2_0, Free("each use of a key names the login")),
    command(0x05, "session message", V2_0, Free("carries the others, which have lines")),
    command(0x06, "device info", V2_0, Free(READS)),
    command(0x07, "bsl", V2_0, Required(UNKNOWN)),
    command(0x08, "reset device", V2_0, Required("destroys every key")),
    command(0x09, "command 09", V2_0, Required(UNKNOWN)),
    command(0x0a, "get device public key", V2_3, Free(READS)),
    command(0x40, "close session", V2_0, Free("ends what it is sent in")),
    command(0x41, "get storage info", V2_0, Free(READS)),
    command(0x42, "put opaque", V2_0, Required("may replace a certificate")),
    command(0x43, "get opaque", V2_0, Free("reads certificates, never a key")),
    command(0x44, "put authentication key", V2_0, Required(MAKES)),
    command(0x45, "put asymmetric key", V2_0, Required(MAKES)),
    command(0x46, "generate asymmetric key", V2_0, Required(MAKES)),
    command(0x47, "sign pkcs1", V2_0, Required(USES)),
    command(0x48, "list objects", V2_0, Free(READS)),
    command(0x49, "decrypt pkcs1", V2_0, Required(USES)),
    command(0x4a, "export wrapped", V2_0, Required(MOVES)),
    command(0x4b, "import wrapped", V2_0, Required(MOVES)),
    command(0x4c, "put wrap key", V2_0, Required(MAKES)),
    command(0x4d, "get log entries", V2_0, Free(READS)),
    command(0x4e, "get object info", V2_0, Free(READS)),
    command(0x4f, "set option", V2_0, Required("decides what is written down at all")),
    command(0x50, "get option", V2_0, Free(READS)),
    command(0x51, "get pseudo random", V2_0, Free("no key is made of them")),
    command(0x52, "put hmac key", V2_0, Required(MAKES)),
    command(0x53, "sign hmac", V2_0, Required(USES)),
    command(0x54, "get public key", V2_0, Free(READS)),
    command(0x55, "sign pss", V2_0, Required(USES)),
    command(0x56, "sign ecdsa", V2_0, Required("uses the receipt key")),
    command(0x57, "derive ecdh", V2_0, Required("uses the oprf, seal, fleet and session keys")),
    command(0x58, "delete object", V2_0, Required("removes a key or login")),
    command(0x59, "decrypt oaep", V2_0, Required(USES)),
    command(0x5a, "generate hmac key", V2_0, Required(MAKES)),
    command(0x5b, "generate wrap key", V2_0, Required(MAKES)),
    command(0x5c, "verify hmac", V2_0, Required(USES)),
    command(0x5d, "sign ssh certificate", V2_0, Required(USES)),
    command(0x5e, "put template", V2_0, Required("decides what a key may sign")),
    command(0x5f, "get template", V2_0, Free(READS)),
    command(0x60, "decrypt otp", V2_0, Required(USES)),
    command(0x61, "create otp aead", V2_0, Required(USES)),
    command(0x62, "randomize otp aead", V2_0, Required(USES)),
    command(0x63, "rewrap otp aead", V2_0, Required(USES)),
    command(0x64, "sign attestation certificate", V2_0, Required("uses the factory's key")),
    command(0x65, "put otp aead key", V2_0, Required(MAKES)),
    command(0x66, "generate otp aead key", V2_0, Required(MAKES)),
    command(0x67, "set log index", V2_0, Free("forgets lines; unread ones leave a gap")),
    command(0x68, "wrap data", V2_0, Required(USES)),
    command(0x69, "unwrap data", V2_0, Required(USES)),
    command(0x6a, "sign eddsa", V2_0, Required(USES)),
    command(0x6b, "blink device", V2_0, Free("lights a lamp")),
    command(0x6c, "change authentication key", V2_0, Required("puts another key into a login")),
    command(0x6d, "put symmetric key", V2_3, Required(MAKES)),
    command(0x6e, "generate symmetric key", V2_3, Required(MAKES)),
    command(0x6f, "decrypt ecb", V2_3, Required(USES)),
    command(0x70, "encrypt ecb", V2_3, Required(USES)),
    command(0x71, "decrypt cbc", V2_3, Required(USES)),
    command(0x72, "encrypt cbc", V2_3, Required(USES)),
    command(0x73, "put public wrap key", V2_4, Required(MAKES)),
    command(0x74, "get rsa wrapped key", V2_4, Required(MOVES)),
    command(0x75, "put rsa wrapped key", V2_4, Required(MOVES)),
    command(0x76, "export rsa wrapped", V2_4, Required(MOVES)),
    command(0x77, "import rsa wrapped", V2_4, Required(MOVES)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_in_order_and_once() {
        assert!(COMMANDS.windows(2).all(|pair| pair[0].code < pair[1].code));
    }

    #[test]
    fn newer_firmware_has_more_to_audit() {
        let count = |firmware| required_audit(firmware).count();
        assert_eq!((count([2, 2, 0]), count([2, 3, 1]), count([2, 4, 0])), (36, 42, 47));
        assert!(
            is_known_firmware([2, 4, 7])
                && !is_known_firmware([2, 5, 0])
                && !is_known_firmware([3, 0, 0])
        );
    }

    #[test]
    fn whatever_only_reads_is_free() {
        let free: Vec<u8> =
            COMMANDS.iter().map(|c| c.code).filter(|c| changes_nothing(*c)).collect();
        let expected = [
            0x01, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x40, 0x41, 0x43, 0x48, 0x4d, 0x4e, 0x50, 0x51,
            0x54, 0x5f, 0x67, 0x6b,
        ];
        assert_eq!(free, expected);
        assert!(!changes_nothing(0x00) && !changes_nothing(0x78));
    }
}
