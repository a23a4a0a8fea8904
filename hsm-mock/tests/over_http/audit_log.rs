use sha2::{Digest, Sha256};
use yubihsm::audit::AuditOption;
use yubihsm::command::Code;
use yubihsm::device::ErrorKind;
use yubihsm::{Capability, Client};

use crate::rig::{ASYMMETRIC, Rig, generate, refusal};

/// The log as the client read it; its own types cannot be named.
pub(crate) struct Log {
    pub unlogged: (u16, u16),
    pub entries: Vec<Entry>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Entry {
    pub number: u16,
    pub command: u8,
    pub length: u16,
    pub session_key: u16,
    pub target: u16,
    pub second: u16,
    pub succeeded: bool,
    pub tick: u32,
    pub digest: [u8; 16],
}

impl Log {
    pub(crate) fn read(client: &Client) -> Self {
        let log = client.get_log_entries().unwrap();
        assert_eq!(usize::from(log.num_entries), log.entries.len());
        let entries = log.entries.iter().map(|entry| Entry {
            number: entry.item,
            command: entry.cmd.to_u8(),
            length: entry.length,
            session_key: entry.session_key,
            target: entry.target_key,
            second: entry.second_key,
            succeeded: entry.result.is_success(),
            tick: entry.tick,
            digest: entry.digest.0,
        });
        Self {
            unlogged: (log.unlogged_boot_events, log.unlogged_auth_events),
            entries: entries.collect(),
        }
    }

    fn summary(&self) -> Vec<(u16, u8, u16, u16)> {
        self.entries.iter().map(|e| (e.number, e.command, e.target, e.second)).collect()
    }

    /// Follows the chain through all entries, from the digest before the first if it is known.
    fn assert_chained(&self, anchor: Option<[u8; 16]>) {
        let mut previous = anchor;
        for entry in &self.entries {
            if let Some(previous) = previous {
                let digest =
                    Sha256::new().chain_update(entry.fields()).chain_update(previous).finalize();
                assert_eq!(entry.digest, digest[..16]);
            }
            previous = Some(entry.digest);
        }
    }
}

impl Entry {
    fn fields(&self) -> Vec<u8> {
        let mut fields = self.number.to_be_bytes().to_vec();
        fields.push(self.command);
        for field in [self.length, self.session_key, self.target, self.second] {
            fields.extend_from_slice(&field.to_be_bytes());
        }
        fields.push(self.result());
        fields.extend_from_slice(&self.tick.to_be_bytes());
        fields
    }

    /// The client turns an error code into one of its own numbers; these tests meet only
    /// OBJECT_NOT_FOUND.
    fn result(&self) -> u8 {
        match (self.command, self.succeeded) {
            (0xff, _) => 0xff,
            (0x00, _) => 0x00,
            (command, true) => command | 0x80,
            (_, false) => 0x0b,
        }
    }
}

fn audit(client: &Client, commands: &[Code]) {
    for command in commands {
        client.set_command_audit_option(*command, AuditOption::On).unwrap();
    }
}

#[test]
fn a_new_device_shows_its_reset_and_its_boot() {
    let rig = Rig::new(1);
    let log = Log::read(&rig.admin());
    assert_eq!(log.summary(), [(1, 0xff, 0xffff, 0xffff), (2, 0x00, 0, 0)]);
    log.assert_chained(None);
}

#[test]
fn only_audited_commands_leave_entries_and_they_are_chained() {
    let rig = Rig::new(1);
    let client = rig.admin();
    audit(&client, &[Code::GenerateAsymmetricKey, Code::DeleteObject]);
    generate(&client, 7, Capability::DERIVE_ECDH);
    client.get_public_key(7).unwrap();
    client.delete_object(7, ASYMMETRIC).unwrap();
    assert_eq!(refusal(client.delete_object(7, ASYMMETRIC)), ErrorKind::ObjectNotFound);
    let log = Log::read(&client);
    let own = &log.summary()[2..];
    assert_eq!(own, [(3, 0x46, 7, 0xffff), (4, 0x58, 7, 0xffff), (5, 0x58, 7, 0xffff)]);
    assert_eq!(
        (log.entries[2].length, log.entries[3].length, log.entries[2].session_key),
        (0x35, 3, 1)
    );
    log.assert_chained(None);
    client.set_log_index(4).unwrap();
    let rest = Log::read(&client);
    assert_eq!(rest.summary(), [(5, 0x58, 7, 0xffff)]);
    rest.assert_chained(Some(log.entries[3].digest));
    assert_eq!(refusal(client.set_log_index(99)), ErrorKind::InvalidData);
}

#[test]
fn force_audit_refuses_audited_commands_while_the_log_is_full() {
    let rig = Rig::new(1);
    let client = rig.admin();
    audit(&client, &[Code::GetPseudoRandom, Code::CreateSession, Code::AuthenticateSession]);
    client.set_force_audit_option(AuditOption::On).unwrap();
    let done = (0..100).take_while(|_| client.get_pseudo_random(1).is_ok()).count();
    assert_eq!(done, 60, "62 less reset and boot");
    assert_eq!(refusal(client.get_pseudo_random(1)), ErrorKind::LogFull);
    client.get_storage_info().unwrap();
    assert_eq!(client.device_info().unwrap().log_store_used, 62);

    let log = Log::read(&rig.admin());
    assert_eq!(log.unlogged, (0, 2));
    log.assert_chained(None);
    rig.emulator.power_cycle().unwrap();
    let client = rig.admin();
    let log = Log::read(&client);
    assert_eq!(log.unlogged, (1, 4));

    client.set_log_index(62).unwrap();
    client.get_pseudo_random(1).unwrap();
    assert_eq!(Log::read(&client).summary(), [(63, 0x51, 0xffff, 0xffff)]);
}

#[test]
fn without_force_audit_a_full_log_loses_its_oldest_entries() {
    let rig = Rig::new(1);
    let client = rig.admin();
    audit(&client, &[Code::GetPseudoRandom]);
    (0..70).for_each(|_| client.get_pseudo_random(1).map(|_| ()).unwrap());
    let log = Log::read(&client);
    assert_eq!((log.entries.len(), log.entries[0].number, log.entries[61].number), (62, 11, 72));
    log.assert_chained(None);
}

#[test]
fn fixed_options_fall_only_to_a_factory_reset() {
    let rig = Rig::new(1);
    let client = rig.admin();
    client.set_command_audit_option(Code::DeriveEcdh, AuditOption::Fix).unwrap();
    client.set_force_audit_option(AuditOption::Fix).unwrap();
    assert!(client.set_command_audit_option(Code::DeriveEcdh, AuditOption::Off).is_err());
    assert!(client.set_force_audit_option(AuditOption::Off).is_err());
    assert_eq!(client.get_command_audit_option(Code::DeriveEcdh).unwrap(), AuditOption::Fix);
    assert_eq!(client.get_force_audit_option().unwrap(), AuditOption::Fix);
    let anchor = Log::read(&client).entries[0].digest;

    client.reset_device().unwrap();
    let client = rig.admin();
    assert_eq!(client.get_command_audit_option(Code::DeriveEcdh).unwrap(), AuditOption::Off);
    assert_eq!(client.get_force_audit_option().unwrap(), AuditOption::Off);
    let log = Log::read(&client);
    assert_eq!(log.summary(), [(1, 0xff, 0xffff, 0xffff), (2, 0x00, 0, 0)]);
    assert_ne!(log.entries[0].digest, anchor);
}

#[test]
fn a_wrapped_move_names_the_wrap_key_and_the_object() {
    let rig = Rig::new(1);
    let client = rig.admin();
    audit(&client, &[Code::ExportWrapped, Code::ImportWrapped, Code::SignAttestationCertificate]);
    let own = Capability::EXPORT_WRAPPED | Capability::IMPORT_WRAPPED;
    let algorithm = yubihsm::wrap::Algorithm::Aes128Ccm;
    client
        .generate_wrap_key(5, "w".into(), crate::rig::DOMAIN, own, Capability::all(), algorithm)
        .unwrap();
    generate(&client, 6, Capability::EXPORTABLE_UNDER_WRAP);
    let sealed = client.export_wrapped(5, ASYMMETRIC, 6).unwrap();
    client.sign_attestation_certificate(6, None).unwrap();
    client.delete_object(6, ASYMMETRIC).unwrap();
    client.import_wrapped(5, sealed).unwrap();
    let log = Log::read(&client);
    assert_eq!(log.summary()[2..], [(3, 0x4a, 5, 6), (4, 0x64, 6, 0), (5, 0x4b, 5, 6)]);
}
