//! Which fleet a person means, before anything is contacted.
//!
//! A backup's header names a fleet, and is the word of whoever stores the backup: they could name a
//! fleet of their own, and read or burn what is typed for it (spec/vault-protocol.md section 14).

use crate::{AppError, Keepsake, NextStep, Result};
use fleet_evidence::FleetUrl;
use sealed_keys::{AccountAddress, CodeError, in_groups, read_base32, show_base32};
use std::fmt;

/// Bytes of the trust document's id that the fingerprint shows: 80 bits, so that nobody finds
/// another document with the same one.
const BYTES: usize = 10;
/// Of five bits each.
const CHARACTERS: usize = BYTES * 8 / 5;

/// A fleet's trust document in 16 characters, as it is printed on the recovery sheet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FleetFingerprint([u8; BYTES]);

/// The person's word on which fleet guards a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FleetPin {
    /// The whole address from the recovery sheet, or its fingerprint, as typed.
    Sheet(String),
    /// None: the person gives the protection up, and takes the fleet that the backup's header
    /// names.
    TrustHeader,
}

enum Typed {
    Address(FleetUrl),
    Fingerprint(FleetFingerprint),
}

impl FleetFingerprint {
    /// Of a trust document's id.
    pub fn of(trust: &[u8; 32]) -> Self {
        let mut first = [0; BYTES];
        first.copy_from_slice(&trust[..BYTES]);
        Self(first)
    }

    /// Reads it as recovery codes are read: any case, spaces and dashes anywhere, O for 0, I and L
    /// for 1.
    ///
    /// # Errors
    /// A character that cannot occur, or another number of them.
    pub fn parse(typed: &str) -> std::result::Result<Self, CodeError> {
        let symbols = read_base32(typed, 2 * CHARACTERS)?;
        if symbols.len() != CHARACTERS {
            return Err(CodeError::Length { got: symbols.len(), want: CHARACTERS });
        }
        let number = symbols.iter().fold(0u128, |number, symbol| number << 5 | u128::from(*symbol));
        let mut bytes = [0; BYTES];
        bytes.copy_from_slice(&number.to_be_bytes()[16 - BYTES..]);
        Ok(Self(bytes))
    }
}

impl fmt::Display for FleetFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.0.iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte));
        let symbols: Vec<u8> =
            (0..CHARACTERS).rev().map(|at| (number >> (5 * at)) as u8 & 31).collect();
        f.write_str(&in_groups(&show_base32(&symbols)))
    }
}

impl fmt::Debug for FleetFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FleetFingerprint({self})")
    }
}

/// The fleet address to contact for an account that a header names. Contacts nobody.
///
/// # Errors
/// `fleet_needed` without a word of the person's, unless this computer's own account is at that
/// fleet; `other_fleet` if the header names another one; `header_altered` if it contradicts itself.
pub(crate) fn pinned(
    keepsake: &Keepsake,
    pin: Option<&FleetPin>,
    at: &AccountAddress,
) -> Result<String> {
    let named = named(at)?;
    match pin {
        None if is_own(keepsake, &at.trust)? => Ok(at.fleet_url.clone()),
        None => Err(fleet_needed()),
        Some(FleetPin::TrustHeader) => Ok(at.fleet_url.clone()),
        Some(FleetPin::Sheet(typed)) => match read(typed)? {
            Typed::Fingerprint(wanted) if wanted == FleetFingerprint::of(&at.trust) => {
                Ok(at.fleet_url.clone())
            }
            // The person's own address: the header's may be an old one, or a stranger's.
            Typed::Address(wanted) if wanted.pin == named.pin => Ok(typed.trim().to_string()),
            _ => Err(other_fleet()),
        },
    }
}

/// Whether two addresses name the same trust document.
pub(crate) fn same_fleet(wanted: &str, named: &str) -> Result<bool> {
    let read = |url: &str| FleetUrl::parse(url).map_err(|e| AppError::fleet_url(&e.to_string()));
    Ok(read(wanted)?.pin.is_some_and(|pin| read(named).is_ok_and(|u| u.pin == Some(pin))))
}

/// Whether this computer's own account is at the fleet with this trust document.
pub(crate) fn is_own(keepsake: &Keepsake, trust: &[u8; 32]) -> Result<bool> {
    Ok(keepsake.account_at()?.is_some_and(|own| own.address.trust == *trust))
}

/// The header's address, which has to fit the trust document that the header names beside it.
fn named(at: &AccountAddress) -> Result<FleetUrl> {
    let url = FleetUrl::parse(&at.fleet_url).ok().filter(|url| url.pin == Some(at.trust));
    url.ok_or_else(|| AppError::header_altered("which fleet guards it"))
}

fn read(typed: &str) -> Result<Typed> {
    if typed.contains(['/', ':', '#']) {
        let url = FleetUrl::parse(typed).map_err(|e| AppError::fleet_url(&e.to_string()))?;
        return if url.pin.is_some() {
            Ok(Typed::Address(url))
        } else {
            Err(AppError::fleet_not_pinned())
        };
    }
    FleetFingerprint::parse(typed).map(Typed::Fingerprint).map_err(|e| not_a_fingerprint(&e))
}

fn not_a_fingerprint(why: &CodeError) -> AppError {
    let why = match why {
        CodeError::Length { got, want } => format!("it has {got} characters, {want} are needed"),
        other => other.to_string().replace("a code", "a fingerprint"),
    };
    AppError::new(
        "fleet_typo",
        format!("That cannot be a fleet's fingerprint: {why}."),
        "Nobody was contacted, and no try was spent.",
        NextStep::CompareFingerprint,
    )
}

fn fleet_needed() -> AppError {
    AppError::new(
        "fleet_needed",
        "A backup says itself which fleet guards its key, and whoever stores it could have changed that.",
        "Nobody was contacted, and no try was spent.",
        NextStep::NameFleetOfBackup,
    )
}

fn other_fleet() -> AppError {
    AppError::new(
        "other_fleet",
        "This backup names another fleet than the one you gave.",
        "Nobody was contacted, and no code was sent anywhere.",
        NextStep::CompareFleetWithSheet,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeyStore, Surroundings};
    use vault_protocol::{AccountId, FleetId, KeysDigest};

    const TRUST: [u8; 32] = [0x5a; 32];

    fn home() -> (tempfile::TempDir, Keepsake) {
        let dir = tempfile::tempdir().unwrap();
        let around =
            Surroundings { key_store: Some(KeyStore::File), ..Surroundings::of_this_computer() };
        let keepsake = Keepsake::open_in(dir.path(), around).unwrap();
        (dir, keepsake)
    }

    fn address(host: &str, trust: &[u8; 32]) -> String {
        format!("https://{host}/#sha256={}", hex::encode(trust))
    }

    fn header() -> AccountAddress {
        AccountAddress {
            account: AccountId([1; 16]),
            claim: [2; 16],
            keys: KeysDigest([3; 32]),
            trust: TRUST,
            fleet_id: FleetId([4; 16]),
            fleet_url: address("fleet.example", &TRUST),
        }
    }

    fn sheet(typed: &str) -> FleetPin {
        FleetPin::Sheet(typed.into())
    }

    #[test]
    fn a_fingerprint_is_the_first_80_bits_and_survives_being_copied_by_hand() {
        let mut trust = [0xff; 32];
        trust[..10].copy_from_slice(&[0x00, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6, 0x35, 0xcf]);
        let fingerprint = FleetFingerprint::of(&trust);
        assert_eq!(fingerprint.to_string(), "0123-4567-89AB-CDEF");
        for sloppy in ["0123456789abcdef", " o i 2 3-4567\u{2013}89ab cdef ", "OL23_4567_89AB_CDEF"]
        {
            assert_eq!(FleetFingerprint::parse(sloppy), Ok(fingerprint), "{sloppy}");
        }
        trust[10] ^= 1;
        assert_eq!(FleetFingerprint::of(&trust), fingerprint);
        trust[9] ^= 1;
        assert_ne!(FleetFingerprint::of(&trust), fingerprint);
    }

    #[test]
    fn what_is_no_fingerprint_and_no_address_says_why() {
        let (_dir, keepsake) = home();
        let code = |typed| pinned(&keepsake, Some(&sheet(typed)), &header()).unwrap_err().code;
        for typed in ["", "0123-4567-89AB-CDE", "0123-4567-89AB-CDEF-0", "0123-4567-89AB-CDEU"] {
            assert_eq!(code(typed), "fleet_typo", "{typed}");
        }
        assert_eq!(code("https://fleet.example/"), "fleet_not_pinned");
        assert_eq!(code("ftp://fleet.example/#sha256=00"), "fleet_refused");
    }

    #[test]
    fn only_the_fleet_on_the_sheet_is_contacted() {
        let (_dir, keepsake) = home();
        let contact = |pin: Option<&FleetPin>, at: &AccountAddress| {
            pinned(&keepsake, pin, at).map_err(|e| e.code)
        };
        let fingerprint = sheet(&FleetFingerprint::of(&TRUST).to_string());
        let moved = address("moved.example", &TRUST);
        assert_eq!(contact(None, &header()), Err("fleet_needed"));
        assert_eq!(contact(Some(&fingerprint), &header()), Ok(header().fleet_url));
        assert_eq!(
            contact(Some(&sheet(&moved)), &header()),
            Ok(moved),
            "the person's own address is used"
        );
        assert_eq!(contact(Some(&FleetPin::TrustHeader), &header()), Ok(header().fleet_url));

        let other = [0x11; 32];
        let theirs =
            AccountAddress { trust: other, fleet_url: address("evil.example", &other), ..header() };
        assert_eq!(contact(Some(&fingerprint), &theirs), Err("other_fleet"));
        assert_eq!(contact(Some(&sheet(&header().fleet_url)), &theirs), Err("other_fleet"));
        // The address of one fleet, the trust document of the other.
        let mixed = AccountAddress { trust: TRUST, ..theirs.clone() };
        for pin in [Some(&fingerprint), Some(&FleetPin::TrustHeader), None] {
            assert_eq!(contact(pin, &mixed), Err("header_altered"));
        }
    }
}
