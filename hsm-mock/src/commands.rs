//! Every command: its code, its name, the firmware that brought it, what the session must be
//! allowed, and the one function that carries it out.

pub(crate) mod aes_cbc;
pub(crate) mod aes_ecb;
pub(crate) mod blink_device;
pub(crate) mod change_authentication_key;
pub(crate) mod create_otp_aead;
pub(crate) mod decrypt_oaep;
pub(crate) mod decrypt_otp;
pub(crate) mod decrypt_pkcs1;
pub(crate) mod delete_object;
pub(crate) mod derive_ecdh;
pub(crate) mod device_info;
pub(crate) mod echo;
pub(crate) mod export_rsa_wrapped;
pub(crate) mod export_rsa_wrapped_key;
pub(crate) mod export_wrapped;
pub(crate) mod generate_object;
pub(crate) mod get_device_public_key;
pub(crate) mod get_log_entries;
pub(crate) mod get_object_info;
pub(crate) mod get_opaque;
pub(crate) mod get_option;
pub(crate) mod get_pseudo_random;
pub(crate) mod get_public_key;
pub(crate) mod get_storage_info;
pub(crate) mod get_template;
pub(crate) mod import_rsa_wrapped;
pub(crate) mod import_rsa_wrapped_key;
pub(crate) mod import_wrapped;
pub(crate) mod list_objects;
pub(crate) mod put_object;
pub(crate) mod randomize_otp_aead;
pub(crate) mod rewrap_otp_aead;
pub(crate) mod set_log_index;
pub(crate) mod set_option;
pub(crate) mod sign_attestation_certificate;
pub(crate) mod sign_ecdsa;
pub(crate) mod sign_eddsa;
pub(crate) mod sign_hmac;
pub(crate) mod sign_pkcs1;
pub(crate) mod sign_pss;
pub(crate) mod sign_ssh_certificate;
pub(crate) mod unwrap_data;
pub(crate) mod verify_hmac;
pub(crate) mod wrap_data;

mod call;
mod new_object;
mod otp_aead;
mod rsa_wrap;
mod ssh;

pub(crate) use call::{Answer, Call, Trace};
use zeroize::Zeroizing;

use crate::capability::Capabilities;
use crate::crypto::cbc_ecb::Direction;
use crate::device_error::DeviceError;
use crate::firmware::Firmware;
use crate::objects::ObjectType;

macro_rules! commands {
    ($($code:literal $name:ident $text:literal $since:ident $capability:ident,)*) => {
        /// The commands of the device, by code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Command { $($name = $code),* }

        impl Command {
            /// All of them, by code.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Reads a command code; `None` for codes that `firmware` does not have.
            pub(crate) fn from_code(code: u8, firmware: Firmware) -> Option<Self> {
                let command = match code { $($code => Self::$name,)* _ => return None };
                (firmware >= command.since()).then_some(command)
            }

            /// The first firmware that has it.
            pub(crate) fn since(self) -> Firmware {
                match self { $(Self::$name => Firmware::$since),* }
            }

            /// What the session must be allowed; more is asked of some by the objects they name.
            pub(crate) fn capability(self) -> Capabilities {
                match self { $(Self::$name => Capabilities::$capability),* }
            }

            /// Its name in Yubico's documents.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

// Source: `yh_cmd` in `yubihsm.h`; the firmware that brought each: python-yubihsm's tests, and the
// release notes of the SDK.
commands! {
    0x01 Echo "ECHO" V2_0_0 NONE,
    0x03 CreateSession "CREATE SESSION" V2_0_0 NONE,
    0x04 AuthenticateSession "AUTHENTICATE SESSION" V2_0_0 NONE,
    0x05 SessionMessage "SESSION MESSAGE" V2_0_0 NONE,
    0x06 DeviceInfo "GET DEVICE INFO" V2_0_0 NONE,
    0x08 ResetDevice "RESET DEVICE" V2_0_0 RESET_DEVICE,
    0x0a GetDevicePublicKey "GET DEVICE PUBLIC KEY" V2_3_0 NONE,
    0x40 CloseSession "CLOSE SESSION" V2_0_0 NONE,
    0x41 GetStorageInfo "GET STORAGE INFO" V2_0_0 NONE,
    0x42 PutOpaque "PUT OPAQUE" V2_0_0 PUT_OPAQUE,
    0x43 GetOpaque "GET OPAQUE" V2_0_0 GET_OPAQUE,
    0x44 PutAuthenticationKey "PUT AUTHENTICATION KEY" V2_0_0 PUT_AUTHENTICATION_KEY,
    0x45 PutAsymmetricKey "PUT ASYMMETRIC KEY" V2_0_0 PUT_ASYMMETRIC_KEY,
    0x46 GenerateAsymmetricKey "GENERATE ASYMMETRIC KEY" V2_0_0 GENERATE_ASYMMETRIC_KEY,
    0x47 SignPkcs1 "SIGN PKCS1" V2_0_0 SIGN_PKCS,
    0x48 ListObjects "LIST OBJECTS" V2_0_0 NONE,
    0x49 DecryptPkcs1 "DECRYPT PKCS1" V2_0_0 DECRYPT_PKCS,
    0x4a ExportWrapped "EXPORT WRAPPED" V2_0_0 EXPORT_WRAPPED,
    0x4b ImportWrapped "IMPORT WRAPPED" V2_0_0 IMPORT_WRAPPED,
    0x4c PutWrapKey "PUT WRAP KEY" V2_0_0 PUT_WRAP_KEY,
    0x4d GetLogEntries "GET LOG ENTRIES" V2_0_0 GET_LOG_ENTRIES,
    0x4e GetObjectInfo "GET OBJECT INFO" V2_0_0 NONE,
    0x4f SetOption "SET OPTION" V2_0_0 SET_OPTION,
    0x50 GetOption "GET OPTION" V2_0_0 GET_OPTION,
    0x51 GetPseudoRandom "GET PSEUDO RANDOM" V2_0_0 GET_PSEUDO_RANDOM,
    0x52 PutHmacKey "PUT HMAC KEY" V2_0_0 PUT_HMAC_KEY,
    0x53 SignHmac "SIGN HMAC" V2_0_0 SIGN_HMAC,
    0x54 GetPublicKey "GET PUBLIC KEY" V2_0_0 NONE,
    0x55 SignPss "SIGN PSS" V2_0_0 SIGN_PSS,
    0x56 SignEcdsa "SIGN ECDSA" V2_0_0 SIGN_ECDSA,
    0x57 DeriveEcdh "DERIVE ECDH" V2_0_0 DERIVE_ECDH,
    0x58 DeleteObject "DELETE OBJECT" V2_0_0 NONE,
    0x59 DecryptOaep "DECRYPT OAEP" V2_0_0 DECRYPT_OAEP,
    0x5a GenerateHmacKey "GENERATE HMAC KEY" V2_0_0 GENERATE_HMAC_KEY,
    0x5b GenerateWrapKey "GENERATE WRAP KEY" V2_0_0 GENERATE_WRAP_KEY,
    0x5c VerifyHmac "VERIFY HMAC" V2_0_0 VERIFY_HMAC,
    0x5d SignSshCertificate "SIGN SSH CERTIFICATE" V2_0_0 SIGN_SSH_CERTIFICATE,
    0x5e PutTemplate "PUT TEMPLATE" V2_0_0 PUT_TEMPLATE,
    0x5f GetTemplate "GET TEMPLATE" V2_0_0 GET_TEMPLATE,
    0x60 DecryptOtp "DECRYPT OTP" V2_0_0 DECRYPT_OTP,
    0x61 CreateOtpAead "CREATE OTP AEAD" V2_0_0 CREATE_OTP_AEAD,
    0x62 RandomizeOtpAead "RANDOMIZE OTP AEAD" V2_0_0 RANDOMIZE_OTP_AEAD,
    0x63 RewrapOtpAead "REWRAP OTP AEAD" V2_0_0 NONE,
    0x64 SignAttestationCertificate "SIGN ATTESTATION CERTIFICATE" V2_0_0
        SIGN_ATTESTATION_CERTIFICATE,
    0x65 PutOtpAeadKey "PUT OTP AEAD KEY" V2_0_0 PUT_OTP_AEAD_KEY,
    0x66 GenerateOtpAeadKey "GENERATE OTP AEAD KEY" V2_0_0 GENERATE_OTP_AEAD_KEY,
    0x67 SetLogIndex "SET LOG INDEX" V2_0_0 GET_LOG_ENTRIES,
    0x68 WrapData "WRAP DATA" V2_0_0 WRAP_DATA,
    0x69 UnwrapData "UNWRAP DATA" V2_0_0 UNWRAP_DATA,
    0x6a SignEddsa "SIGN EDDSA" V2_0_0 SIGN_EDDSA,
    0x6b BlinkDevice "BLINK DEVICE" V2_0_0 NONE,
    0x6c ChangeAuthenticationKey "CHANGE AUTHENTICATION KEY" V2_1_0 CHANGE_AUTHENTICATION_KEY,
    0x6d PutSymmetricKey "PUT SYMMETRIC KEY" V2_3_0 PUT_SYMMETRIC_KEY,
    0x6e GenerateSymmetricKey "GENERATE SYMMETRIC KEY" V2_3_0 GENERATE_SYMMETRIC_KEY,
    0x6f DecryptEcb "DECRYPT ECB" V2_3_0 DECRYPT_ECB,
    0x70 EncryptEcb "ENCRYPT ECB" V2_3_0 ENCRYPT_ECB,
    0x71 DecryptCbc "DECRYPT CBC" V2_3_0 DECRYPT_CBC,
    0x72 EncryptCbc "ENCRYPT CBC" V2_3_0 ENCRYPT_CBC,
    0x73 PutPublicWrapKey "PUT PUBLIC WRAPKEY" V2_4_0 PUT_PUBLIC_WRAP_KEY,
    0x74 ExportRsaWrappedKey "GET RSA WRAPPED KEY" V2_4_0 EXPORT_WRAPPED,
    0x75 ImportRsaWrappedKey "PUT RSA WRAPPED KEY" V2_4_0 IMPORT_WRAPPED,
    0x76 ExportRsaWrapped "EXPORT RSA WRAPPED" V2_4_0 EXPORT_WRAPPED,
    0x77 ImportRsaWrapped "IMPORT RSA WRAPPED" V2_4_0 IMPORT_WRAPPED,
}

impl Command {
    /// Opening a session is never refused for want of log space, or nobody could empty the log.
    pub(crate) fn opens_session(self) -> bool {
        matches!(self, Self::CreateSession | Self::AuthenticateSession)
    }

    /// Neither are the commands that empty or end that session. The one that carries them all is:
    /// auditing `SESSION MESSAGE` with force audit locks a device whose log is full until it is
    /// reset by hand, as Yubico warns.
    pub(crate) fn runs_without_log(self) -> bool {
        self.opens_session()
            || matches!(self, Self::CloseSession | Self::GetLogEntries | Self::SetLogIndex)
    }

    /// May come outside a session.
    pub(crate) fn is_plain(self) -> bool {
        matches!(
            self,
            Self::Echo
                | Self::DeviceInfo
                | Self::GetDevicePublicKey
                | Self::CreateSession
                | Self::AuthenticateSession
                | Self::SessionMessage
        )
    }
}

/// Carries out a command inside a session.
pub(crate) fn run(command: Command, call: &mut Call<'_>, data: &[u8]) -> Answer {
    call.require(command.capability())?;
    match command {
        Command::Echo => echo::run(data),
        Command::DeviceInfo => device_info::run(call.state, call.firmware, data),
        Command::GetDevicePublicKey => get_device_public_key::run(call.state, data),
        // Their effect comes after the response; here only whether they are allowed.
        Command::CloseSession | Command::ResetDevice => no_arguments(data),
        Command::GetStorageInfo => get_storage_info::run(call, data),
        Command::GetOpaque => get_opaque::run(call, data),
        Command::PutOpaque => put_object::run(call, ObjectType::Opaque, data),
        Command::PutAuthenticationKey => put_object::run(call, ObjectType::AuthenticationKey, data),
        Command::PutAsymmetricKey => put_object::run(call, ObjectType::AsymmetricKey, data),
        Command::PutWrapKey => put_object::run(call, ObjectType::WrapKey, data),
        Command::PutPublicWrapKey => put_object::run(call, ObjectType::PublicWrapKey, data),
        Command::PutHmacKey => put_object::run(call, ObjectType::HmacKey, data),
        Command::PutTemplate => put_object::run(call, ObjectType::Template, data),
        Command::PutOtpAeadKey => put_object::run(call, ObjectType::OtpAeadKey, data),
        Command::PutSymmetricKey => put_object::run(call, ObjectType::SymmetricKey, data),
        Command::GenerateAsymmetricKey => {
            generate_object::run(call, ObjectType::AsymmetricKey, data)
        }
        Command::GenerateWrapKey => generate_object::run(call, ObjectType::WrapKey, data),
        Command::GenerateHmacKey => generate_object::run(call, ObjectType::HmacKey, data),
        Command::GenerateOtpAeadKey => generate_object::run(call, ObjectType::OtpAeadKey, data),
        Command::GenerateSymmetricKey => generate_object::run(call, ObjectType::SymmetricKey, data),
        Command::ListObjects => list_objects::run(call, data),
        Command::GetObjectInfo => get_object_info::run(call, data),
        Command::DeleteObject => delete_object::run(call, data),
        Command::GetPublicKey => get_public_key::run(call, data),
        Command::SignPkcs1 => sign_pkcs1::run(call, data),
        Command::SignPss => sign_pss::run(call, data),
        Command::SignEcdsa => sign_ecdsa::run(call, data),
        Command::SignEddsa => sign_eddsa::run(call, data),
        Command::SignHmac => sign_hmac::run(call, data),
        Command::VerifyHmac => verify_hmac::run(call, data),
        Command::SignSshCertificate => sign_ssh_certificate::run(call, data),
        Command::SignAttestationCertificate => sign_attestation_certificate::run(call, data),
        Command::DecryptPkcs1 => decrypt_pkcs1::run(call, data),
        Command::DecryptOaep => decrypt_oaep::run(call, data),
        Command::DeriveEcdh => derive_ecdh::run(call, data),
        Command::EncryptEcb => aes_ecb::run(call, Direction::Encrypt, data),
        Command::DecryptEcb => aes_ecb::run(call, Direction::Decrypt, data),
        Command::EncryptCbc => aes_cbc::run(call, Direction::Encrypt, data),
        Command::DecryptCbc => aes_cbc::run(call, Direction::Decrypt, data),
        Command::WrapData => wrap_data::run(call, data),
        Command::UnwrapData => unwrap_data::run(call, data),
        Command::ExportWrapped => export_wrapped::run(call, data),
        Command::ImportWrapped => import_wrapped::run(call, data),
        Command::ExportRsaWrapped => export_rsa_wrapped::run(call, data),
        Command::ImportRsaWrapped => import_rsa_wrapped::run(call, data),
        Command::ExportRsaWrappedKey => export_rsa_wrapped_key::run(call, data),
        Command::ImportRsaWrappedKey => import_rsa_wrapped_key::run(call, data),
        Command::GetTemplate => get_template::run(call, data),
        Command::CreateOtpAead => create_otp_aead::run(call, data),
        Command::RandomizeOtpAead => randomize_otp_aead::run(call, data),
        Command::RewrapOtpAead => rewrap_otp_aead::run(call, data),
        Command::DecryptOtp => decrypt_otp::run(call, data),
        Command::GetLogEntries => get_log_entries::run(call, data),
        Command::SetLogIndex => set_log_index::run(call, data),
        Command::SetOption => set_option::run(call, data),
        Command::GetOption => get_option::run(call, data),
        Command::GetPseudoRandom => get_pseudo_random::run(call, data),
        Command::BlinkDevice => blink_device::run(data),
        Command::ChangeAuthenticationKey => change_authentication_key::run(call, data),
        Command::CreateSession | Command::AuthenticateSession | Command::SessionMessage => {
            Err(DeviceError::InvalidCommand)
        }
    }
}

fn no_arguments(data: &[u8]) -> Answer {
    if data.is_empty() { Ok(Zeroizing::default()) } else { Err(DeviceError::WrongLength) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_appear_with_their_firmware() {
        let first =
            |code| Firmware::ALL.into_iter().find(|v| Command::from_code(code, *v).is_some());
        assert_eq!(first(0x57), Some(Firmware::V2_0_0));
        assert_eq!(first(0x6c), Some(Firmware::V2_1_0));
        assert_eq!(first(0x0a), Some(Firmware::V2_3_0));
        assert_eq!(first(0x72), Some(Firmware::V2_3_0));
        assert_eq!(first(0x77), Some(Firmware::V2_4_0));
        assert_eq!((first(0x07), first(0x78)), (None, None));
    }
}
