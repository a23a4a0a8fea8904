//! How long commands take.
//!
//! Source: Yubico, product overview, for what it publishes (signing, wrap, HMAC); measurements on a
//! device with firmware 2.4.0 for sessions and small commands, and for the generation of RSA keys.

use std::time::Duration;

use crate::algorithm::*;
use crate::commands::Command;
use crate::device::Record;

/// How long commands take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Latency {
    /// As long as this machine needs.
    #[default]
    None,
    /// About as long as a YubiHSM2 needs.
    YubiHsm2,
}

impl Latency {
    pub(crate) fn of(self, record: &Record) -> Duration {
        match (self, record.command) {
            (Self::YubiHsm2, Some(command)) => device_time(command, record.trace.algorithm),
            // What is no command is refused at once.
            _ => Duration::ZERO,
        }
    }
}

fn device_time(command: Command, algorithm: u8) -> Duration {
    let microseconds = match command {
        Command::Echo => 2_000,
        Command::GetPublicKey | Command::GetDevicePublicKey => 11_000,
        // Asymmetric authentication computes two ECDHs and a key.
        Command::CreateSession if algorithm == EC_P256_YUBICO_AUTHENTICATION => 219_000,
        Command::CreateSession => 10_500,
        Command::AuthenticateSession => 9_300,
        Command::CloseSession => 10_300,
        Command::DeviceInfo => 6_800,
        Command::GenerateAsymmetricKey | Command::GenerateWrapKey => generation(algorithm),
        Command::PutAsymmetricKey
        | Command::SignEcdsa
        | Command::DeriveEcdh
        | Command::SignEddsa
        | Command::SignPkcs1
        | Command::SignPss
        | Command::DecryptPkcs1
        | Command::DecryptOaep
        | Command::SignSshCertificate => private_operation(algorithm),
        // The factory's key is RSA-2048.
        Command::SignAttestationCertificate => 139_000,
        Command::ImportRsaWrapped | Command::ImportRsaWrappedKey => private_operation(RSA_2048),
        Command::WrapData
        | Command::UnwrapData
        | Command::ExportWrapped
        | Command::ImportWrapped
        | Command::ExportRsaWrapped
        | Command::ExportRsaWrappedKey => 10_000,
        Command::SignHmac | Command::VerifyHmac => match algorithm {
            HMAC_SHA384 | HMAC_SHA512 => 243_000,
            _ => 4_000,
        },
        // As the fastest command that Yubico publishes.
        _ => 4_000,
    };
    Duration::from_micros(microseconds)
}

fn private_operation(algorithm: u8) -> u64 {
    match algorithm {
        EC_P384 | EC_BP384 => 120_000,
        EC_P521 | EC_BP512 => 210_000,
        EC_ED25519 => 105_000,
        RSA_2048 => 139_000,
        RSA_3072 => 504_000,
        RSA_4096 => 852_000,
        _ => 73_000,
    }
}

/// RSA-3072 was seen to take 25 to 45 s, RSA-4096 about 93 s.
fn generation(algorithm: u8) -> u64 {
    match algorithm {
        RSA_2048 => 25_000_000,
        RSA_3072 => 45_000_000,
        RSA_4096 => 93_000_000,
        AES128_CCM_WRAP | AES192_CCM_WRAP | AES256_CCM_WRAP => 4_000,
        _ => private_operation(algorithm),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_are_those_of_the_device() {
        let table = [
            (Command::Echo, 0, 2.0),
            (Command::GetPublicKey, 0, 11.0),
            (Command::CreateSession, AES128_YUBICO_AUTHENTICATION, 10.5),
            (Command::AuthenticateSession, 0, 9.3),
            (Command::CloseSession, 0, 10.3),
            (Command::DeviceInfo, 0, 6.8),
            (Command::SignEcdsa, EC_P256, 73.0),
            (Command::SignEcdsa, EC_P384, 120.0),
            (Command::SignEcdsa, EC_P521, 210.0),
            (Command::SignEddsa, EC_ED25519, 105.0),
            (Command::SignPkcs1, RSA_2048, 139.0),
            (Command::WrapData, AES256_CCM_WRAP, 10.0),
            (Command::SignHmac, HMAC_SHA1, 4.0),
            (Command::SignHmac, HMAC_SHA256, 4.0),
            (Command::SignHmac, HMAC_SHA384, 243.0),
            (Command::SignHmac, HMAC_SHA512, 243.0),
            (Command::GenerateAsymmetricKey, RSA_4096, 93_000.0),
        ];
        for (command, algorithm, milliseconds) in table {
            let expected = Duration::from_micros((milliseconds * 1000.0_f64).round() as u64);
            assert_eq!(device_time(command, algorithm), expected, "{command:?}");
        }
    }
}
