//! Where each behaviour is known from.

pub const COMMANDS: &str = "Yubico, YubiHSM 2 Command Reference";
pub const HEADER: &str = "yubihsm.h of yubihsm-shell";
pub const PYTHON: &str = "python-yubihsm 3.1.2, tests of a device";
pub const WRAP: &str = "yubihsm-wrap of yubihsm-shell";
pub const SIZES: &str = "sizes measured on firmware 2.5.0, published by virtual-yubihsm";
pub const SCP03: &str = "GlobalPlatform GPC_SPE_014 (SCP03)";
pub const LOGGING: &str = "Yubico, YubiHSM 2 Core Concepts: Logs";
pub const OPTIONS: &str = "Yubico, YubiHSM 2 Core Concepts: Options";
pub const NIST_AES: &str = "NIST SP 800-38A, F.1.1 and F.2.1";
pub const HMAC: &str = "RFC 4231, test case 2";
pub const OTP: &str = "Yubico, OTP specification and its first test vector";
pub const SSH: &str = "yubihsm-ssh-tool; OpenSSH PROTOCOL.certkeys";
pub const ATTESTATION: &str = "Yubico, YubiHSM 2 Attestation";
pub const RSA: &str = "RFC 8017";
pub const ED25519: &str = "RFC 8032";
