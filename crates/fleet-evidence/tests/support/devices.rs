//! Devices on paper: what an honest ceremony leaves of each, open to any change before it is
//! written out.

use super::certificates::{Contents, Issuer, certify, field, p256_key, rsa512_key};
use super::{p256, point};
use fleet_evidence::device_profile::{self, KeyRole, command};
use fleet_evidence::folder::*;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use vault_protocol::Point;

pub(crate) const ROOT: &str = "Test YubiHSM Root CA";
pub(crate) const SUB_CA: &str = "Test YubiHSM Sub-CA";

/// One command in an audit log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub command: u8,
    pub session: u16,
    pub target: u16,
    pub second: u16,
    pub ok: bool,
    /// Bytes of the command's input.
    pub length: u16,
}

impl Line {
    /// A command of the default login that succeeds.
    pub(crate) fn of(command: u8, target: u16, second: u16) -> Self {
        Self {
            command,
            session: device_profile::DEFAULT_AUTH_KEY,
            target,
            second,
            ok: true,
            length: 10,
        }
    }

    /// Power comes on.
    pub(crate) fn boot() -> Self {
        Self { command: 0, session: 0xffff, target: 0, second: 0, ok: true, length: 0 }
    }

    /// Set Option with a value of so many bytes.
    pub(crate) fn option(bytes: u16) -> Self {
        Self { length: 3 + bytes, ..Self::of(command::SET_OPTION, 0xffff, 0xffff) }
    }
}

/// One attested key.
#[derive(Clone, Debug)]
pub(crate) struct Attested {
    pub seed: String,
    pub id: u16,
    pub serial: u32,
    pub firmware: [u8; 3],
    pub origin: u8,
    pub domains: u16,
    pub capabilities: u64,
    pub label: String,
    /// Serial of the device whose factory key signs.
    pub signer: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct DeviceModel {
    pub serial: u32,
    pub first: bool,
    pub info: DeviceInfo,
    pub anchor: [u8; 16],
    pub challenge: [u8; 32],
    pub attested: BTreeMap<KeyRole, Attested>,
    pub lines: Vec<Line>,
    pub unlogged: (u16, u16),
    pub objects: Vec<ObjectEntry>,
    pub auth_keys: Vec<ObjectEntry>,
    pub options: Options,
    /// The device's certificate has a 512-bit RSA key.
    pub weak: bool,
    /// End of the device certificate's validity.
    pub device_until: Option<u64>,
    /// The device's certificate is no authority.
    pub not_authority: bool,
    /// Signs its own chain instead of the sub-CA.
    pub stranger: bool,
}

impl DeviceModel {
    pub(crate) fn honest(serial: u32, first: bool, copies: usize) -> Self {
        let auth = |id, capabilities, domains| ObjectEntry {
            id,
            kind: device_profile::TYPE_AUTHENTICATION_KEY,
            algorithm: device_profile::ALGORITHM_AES128_YUBICO_AUTHENTICATION,
            capabilities,
            delegated_capabilities: 0,
            domains,
            origin: 2,
            label: "keepsake".into(),
        };
        let attested: BTreeMap<KeyRole, Attested> =
            KeyRole::ALL.into_iter().map(|r| (r, Attested::honest(serial, r, first))).collect();
        Self {
            serial,
            first,
            info: DeviceInfo { serial, firmware: "2.4.0".into() },
            anchor: digest16(&format!("anchor {serial}")),
            challenge: Sha256::digest(format!("challenge {serial}")).into(),
            objects: attested.values().map(Attested::object).collect(),
            attested,
            lines: honest_lines(first, copies),
            unlogged: (0, 0),
            auth_keys: vec![
                auth(
                    device_profile::OPERATIONAL_AUTH_KEY,
                    device_profile::OPERATIONAL_CAPABILITIES,
                    device_profile::KEY_DOMAINS,
                ),
                auth(
                    device_profile::STATEMENT_AUTH_KEY,
                    device_profile::STATEMENT_CAPABILITIES,
                    device_profile::STATEMENT_DOMAINS,
                ),
            ],
            options: Options {
                force_audit: device_profile::LEVEL_FIX,
                command_audit: device_profile::COMMANDS.iter().map(audit).collect(),
            },
            weak: false,
            device_until: None,
            not_authority: false,
            stranger: false,
        }
    }

    /// Raw log: reset line, boot line, then the commands.
    pub(crate) fn log(&self) -> AuditLog {
        let mut reset = [0xff; 32];
        reset[..2].copy_from_slice(&1u16.to_be_bytes());
        reset[16..].copy_from_slice(&self.anchor);
        let mut entries = vec![reset];
        for (i, line) in std::iter::once(&Line::boot()).chain(&self.lines).enumerate() {
            let previous = *entries.last().unwrap();
            entries.push(raw_line(u16::try_from(i + 2).unwrap(), line, &previous));
        }
        AuditLog {
            unlogged_boots: self.unlogged.0,
            unlogged_authentications: self.unlogged.1,
            entries,
        }
    }

    pub(crate) fn head(&self) -> Head {
        Head::of(self.log().entries.last().unwrap())
    }

    pub(crate) fn chain(&self) -> String {
        if self.stranger {
            return device_certificate(self) + &sub_ca("stranger") + &root("stranger");
        }
        device_certificate(self) + &sub_ca("test")
    }

    pub(crate) fn attestation(&self, attested: &Attested) -> String {
        let issuer = match self.weak {
            true => Issuer::Rsa512 { name: device_name(attested.signer) },
            false => Issuer::P256 {
                name: device_name(attested.signer),
                seed: device_seed(attested.signer),
            },
        };
        certify(&attested.contents(), &issuer)
    }

    /// The throw-away key of a statement.
    pub(crate) fn statement_key(&self, label: String) -> Attested {
        Attested {
            seed: format!("throw-away {}", self.serial),
            id: 0x0401,
            serial: self.serial,
            firmware: [2, 4, 0],
            origin: 1,
            domains: device_profile::STATEMENT_DOMAINS,
            capabilities: 0,
            label,
            signer: self.serial,
        }
    }

    /// A line of the ceremony.
    pub(crate) fn line(&mut self, code: u8, target: u16) -> &mut Line {
        self.lines.iter_mut().find(|l| l.command == code && l.target == target).unwrap()
    }
}

impl Attested {
    fn honest(serial: u32, role: KeyRole, first: bool) -> Self {
        let seed = if role == KeyRole::Fleet {
            "fleet".into()
        } else {
            format!("{} {serial}", role.name())
        };
        let copied = role == KeyRole::Fleet && !first;
        let origin = if copied {
            device_profile::ORIGIN_GENERATED_IMPORTED_WRAPPED
        } else {
            device_profile::ORIGIN_GENERATED
        };
        Self {
            seed,
            id: role.id(),
            serial,
            firmware: [2, 4, 0],
            origin,
            domains: device_profile::KEY_DOMAINS,
            capabilities: role.capabilities(),
            label: format!("keepsake {}", role.name()),
            signer: serial,
        }
    }

    pub(crate) fn point(&self) -> Point {
        point(&self.seed)
    }

    fn object(&self) -> ObjectEntry {
        ObjectEntry {
            id: self.id,
            kind: device_profile::TYPE_ASYMMETRIC_KEY,
            algorithm: device_profile::ALGORITHM_EC_P256,
            capabilities: self.capabilities,
            delegated_capabilities: 0,
            domains: self.domains,
            origin: self.origin,
            label: self.label.clone(),
        }
    }

    fn contents(&self) -> Contents {
        let yubico = vec![
            field::firmware(self.firmware),
            field::serial(self.serial),
            field::origin(self.origin),
            field::domains(self.domains),
            field::capabilities(self.capabilities),
            field::object_id(self.id),
            field::label(&self.label),
        ];
        let subject = format!("YubiHSM Attestation id:{:#06x}", self.id);
        Contents { yubico, ..Contents::of(&subject, p256_key(&p256(&self.seed))) }
    }
}

pub(crate) fn root(family: &str) -> String {
    let contents = Contents {
        authority: Some(2),
        ..Contents::of(ROOT, p256_key(&p256(&format!("root {family}"))))
    };
    certify(&contents, &Issuer::P256 { name: ROOT.into(), seed: format!("root {family}") })
}

fn sub_ca(family: &str) -> String {
    let contents = Contents {
        authority: Some(1),
        ..Contents::of(SUB_CA, p256_key(&p256(&format!("sub {family}"))))
    };
    certify(&contents, &Issuer::P256 { name: ROOT.into(), seed: format!("root {family}") })
}

fn device_certificate(device: &DeviceModel) -> String {
    let key = if device.weak { rsa512_key() } else { p256_key(&p256(&device_seed(device.serial))) };
    let family = if device.stranger { "stranger" } else { "test" };
    let mut contents = Contents {
        authority: if device.not_authority { None } else { Some(0) },
        yubico: vec![field::firmware([2, 2, 0]), field::serial(device.serial)],
        ..Contents::of(&device_name(device.serial), key)
    };
    if let Some(until) = device.device_until {
        contents.valid.1 = until;
    }
    certify(&contents, &Issuer::P256 { name: SUB_CA.into(), seed: format!("sub {family}") })
}

fn device_name(serial: u32) -> String {
    format!("YubiHSM Attestation ({serial})")
}

fn device_seed(serial: u32) -> String {
    format!("device {serial}")
}

fn audit(command: &device_profile::Command) -> CommandAudit {
    let level = if matches!(command.audit, device_profile::Audit::Required(_)) {
        device_profile::LEVEL_FIX
    } else {
        0
    };
    CommandAudit { command: command.code, level }
}

fn honest_lines(first: bool, copies: usize) -> Vec<Line> {
    let (line, none) = (Line::of, 0xffff);
    let fleet = KeyRole::Fleet.id();
    let others = u16::try_from(device_profile::required_audit([2, 4, 0]).count() - 1).unwrap();
    let mut lines = vec![Line::option(2), Line::option(2 * others), Line::option(1)];
    lines.extend([0x0201, 0x0202].map(|id| line(command::PUT_AUTHENTICATION_KEY, id, none)));
    let own = [KeyRole::Oprf, KeyRole::Seal, KeyRole::Receipt, KeyRole::Session];
    lines.extend(own.map(|role| line(command::GENERATE_ASYMMETRIC_KEY, role.id(), none)));
    if first {
        lines.push(line(command::GENERATE_ASYMMETRIC_KEY, fleet, none));
    }
    lines.push(line(command::PUT_WRAP_KEY, device_profile::WRAP_KEY, none));
    let (code, times) =
        if first { (command::EXPORT_WRAPPED, copies) } else { (command::IMPORT_WRAPPED, 1) };
    lines.extend(vec![line(code, device_profile::WRAP_KEY, fleet); times]);
    lines
        .extend(KeyRole::ALL.map(|role| line(command::SIGN_ATTESTATION_CERTIFICATE, role.id(), 0)));
    lines.push(line(command::DELETE_OBJECT, device_profile::WRAP_KEY, none));
    lines.push(line(command::DELETE_OBJECT, device_profile::DEFAULT_AUTH_KEY, none));
    lines
}

/// Lines of a device in service, chained as the device would.
pub(crate) fn chained_after(head: Head, lines: &[Line]) -> Vec<[u8; 32]> {
    let mut previous = [0; 32];
    previous[..2].copy_from_slice(&head.number.to_be_bytes());
    previous[16..].copy_from_slice(&head.digest);
    let next = |line: &Line| {
        let number = u16::from_be_bytes([previous[0], previous[1]]) + 1;
        previous = raw_line(number, line, &previous);
        previous
    };
    lines.iter().map(next).collect()
}

fn raw_line(number: u16, line: &Line, previous: &[u8; 32]) -> [u8; 32] {
    let mut raw = [0; 32];
    raw[..2].copy_from_slice(&number.to_be_bytes());
    raw[2] = line.command;
    raw[3..5].copy_from_slice(&line.length.to_be_bytes());
    raw[5..7].copy_from_slice(&line.session.to_be_bytes());
    raw[7..9].copy_from_slice(&line.target.to_be_bytes());
    raw[9..11].copy_from_slice(&line.second.to_be_bytes());
    raw[11] = match (line.command, line.ok) {
        (0, _) => 0,
        (_, true) => line.command | 0x80,
        (_, false) => 0x09,
    };
    raw[12..16].copy_from_slice(&(u32::from(number) * 41).to_be_bytes());
    let digest = Sha256::new_with_prefix(&raw[..16]).chain_update(&previous[16..]).finalize();
    raw[16..].copy_from_slice(&digest[..16]);
    raw
}

pub(crate) fn digest16(text: &str) -> [u8; 16] {
    Sha256::digest(text)[..16].try_into().unwrap()
}
