//! Every command: its code, what it needs, and the one function that carries it out.

pub mod blink_device;
pub mod change_authentication_key;
pub mod delete_object;
pub mod derive_ecdh;
pub mod device_info;
pub mod echo;
pub mod export_wrapped;
pub mod generate_asymmetric_key;
pub mod generate_wrap_key;
pub mod get_log_entries;
pub mod get_object_info;
pub mod get_opaque;
pub mod get_option;
pub mod get_pseudo_random;
pub mod get_public_key;
pub mod get_storage_info;
pub mod import_wrapped;
pub mod list_objects;
pub mod put_asymmetric_key;
pub mod put_authentication_key;
pub mod put_opaque;
pub mod put_wrap_key;
pub mod set_log_index;
pub mod set_option;
pub mod sign_attestation_certificate;
pub mod sign_ecdsa;
pub mod unwrap_data;
pub mod wrap_data;

mod call;
mod new_object;

pub use call::Call;
use zeroize::Zeroizing;

use crate::capability::Capabilities;
use crate::device_error::DeviceError;

/// What a command answers with: the data of the response.
pub type Answer = Result<Zeroizing<Vec<u8>>, DeviceError>;

macro_rules! commands {
    ($($name:ident = $code:literal),* $(,)?) => {
        /// The commands this emulator carries out, by code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Command { $($name = $code),* }

        impl Command {
            /// Reads a command code; `None` for codes the emulator does not carry out.
            pub fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }
        }
    };
}

commands! {
    Echo = 0x01, CreateSession = 0x03, AuthenticateSession = 0x04, SessionMessage = 0x05, DeviceInfo = 0x06,
    ResetDevice = 0x08, CloseSession = 0x40, GetStorageInfo = 0x41, PutOpaque = 0x42, GetOpaque = 0x43,
    PutAuthenticationKey = 0x44, PutAsymmetricKey = 0x45, GenerateAsymmetricKey = 0x46, ListObjects = 0x48,
    ExportWrapped = 0x4a, ImportWrapped = 0x4b, PutWrapKey = 0x4c, GetLogEntries = 0x4d, GetObjectInfo = 0x4e,
    SetOption = 0x4f, GetOption = 0x50, GetPseudoRandom = 0x51, GetPublicKey = 0x54, SignEcdsa = 0x56,
    DeriveEcdh = 0x57, DeleteObject = 0x58, GenerateWrapKey = 0x5b, SignAttestationCertificate = 0x64,
    SetLogIndex = 0x67, WrapData = 0x68, UnwrapData = 0x69, BlinkDevice = 0x6b, ChangeAuthenticationKey = 0x6c,
}

impl Command {
    /// Opening a session is never refused for want of log space, or nobody could empty the log.
    pub fn opens_session(self) -> bool {
        matches!(self, Self::CreateSession | Self::AuthenticateSession)
    }

    /// Neither are the commands that carry, empty or end that session.
    pub fn runs_without_log(self) -> bool {
        self.opens_session()
            || matches!(
                self,
                Self::SessionMessage | Self::CloseSession | Self::GetLogEntries | Self::SetLogIndex
            )
    }

    /// What the session must be allowed.
    fn capability(self) -> Capabilities {
        match self {
            Self::ResetDevice => Capabilities::RESET_DEVICE,
            Self::PutOpaque => Capabilities::PUT_OPAQUE,
            Self::GetOpaque => Capabilities::GET_OPAQUE,
            Self::PutAuthenticationKey => Capabilities::PUT_AUTHENTICATION_KEY,
            Self::PutAsymmetricKey => Capabilities::PUT_ASYMMETRIC_KEY,
            Self::GenerateAsymmetricKey => Capabilities::GENERATE_ASYMMETRIC_KEY,
            Self::ExportWrapped => Capabilities::EXPORT_WRAPPED,
            Self::ImportWrapped => Capabilities::IMPORT_WRAPPED,
            Self::PutWrapKey => Capabilities::PUT_WRAP_KEY,
            Self::GenerateWrapKey => Capabilities::GENERATE_WRAP_KEY,
            Self::GetLogEntries | Self::SetLogIndex => Capabilities::GET_LOG_ENTRIES,
            Self::SetOption => Capabilities::SET_OPTION,
            Self::GetOption => Capabilities::GET_OPTION,
            Self::GetPseudoRandom => Capabilities::GET_PSEUDO_RANDOM,
            Self::SignEcdsa => Capabilities::SIGN_ECDSA,
            Self::DeriveEcdh => Capabilities::DERIVE_ECDH,
            Self::SignAttestationCertificate => Capabilities::SIGN_ATTESTATION_CERTIFICATE,
            Self::WrapData => Capabilities::WRAP_DATA,
            Self::UnwrapData => Capabilities::UNWRAP_DATA,
            Self::ChangeAuthenticationKey => Capabilities::CHANGE_AUTHENTICATION_KEY,
            // Free to all, or (delete) decided by the type of the object.
            _ => Capabilities::NONE,
        }
    }
}

/// Carries out a command inside a session.
pub fn run(command: Command, call: &mut Call<'_>, data: &[u8]) -> Answer {
    let handler = match command {
        Command::Echo => return echo::run(data),
        Command::DeviceInfo => return device_info::run(call.state, call.firmware, data),
        // Their effect comes after the response; here only whether they are allowed.
        Command::CloseSession | Command::ResetDevice => no_arguments,
        Command::GetStorageInfo => get_storage_info::run,
        Command::PutOpaque => put_opaque::run,
        Command::GetOpaque => get_opaque::run,
        Command::PutAuthenticationKey => put_authentication_key::run,
        Command::PutAsymmetricKey => put_asymmetric_key::run,
        Command::GenerateAsymmetricKey => generate_asymmetric_key::run,
        Command::ListObjects => list_objects::run,
        Command::ExportWrapped => export_wrapped::run,
        Command::ImportWrapped => import_wrapped::run,
        Command::PutWrapKey => put_wrap_key::run,
        Command::GetLogEntries => get_log_entries::run,
        Command::GetObjectInfo => get_object_info::run,
        Command::SetOption => set_option::run,
        Command::GetOption => get_option::run,
        Command::GetPseudoRandom => get_pseudo_random::run,
        Command::GetPublicKey => get_public_key::run,
        Command::SignEcdsa => sign_ecdsa::run,
        Command::DeriveEcdh => derive_ecdh::run,
        Command::DeleteObject => delete_object::run,
        Command::GenerateWrapKey => generate_wrap_key::run,
        Command::SignAttestationCertificate => sign_attestation_certificate::run,
        Command::SetLogIndex => set_log_index::run,
        Command::WrapData => wrap_data::run,
        Command::UnwrapData => unwrap_data::run,
        Command::BlinkDevice => blink_device::run,
        Command::ChangeAuthenticationKey => change_authentication_key::run,
        Command::CreateSession | Command::AuthenticateSession | Command::SessionMessage => {
            return Err(DeviceError::InvalidCommand);
        }
    };
    call.require(command.capability())?;
    handler(call, data)
}

fn no_arguments(_: &mut Call<'_>, data: &[u8]) -> Answer {
    if data.is_empty() { Ok(Zeroizing::default()) } else { Err(DeviceError::WrongLength) }
}
