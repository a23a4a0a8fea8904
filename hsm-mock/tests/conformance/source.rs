//! Where each behaviour is known from.

pub(crate) const COMMANDS: &str = "Yubico, YubiHSM 2 Command Reference";
pub(crate) const HEADER: &str = "yubihsm.h of yubihsm-shell";
pub(crate) const PYTHON: &str = "python-yubihsm 3.1.2, tests of a device";
pub(crate) const WRAP: &str = "yubihsm-wrap of yubihsm-shell";
pub(crate) const SIZES: &str = "sizes measured on firmware 2.5.0, published by virtual-yubihsm";
pub(crate) const SCP03: &str = "GlobalPlatform GPC_SPE_014 (SCP03)";
pub(crate) const LOGGING: &str = "Yubico, YubiHSM 2 Core Concepts: Logs";
pub(crate) const OPTIONS: &str = "Yubico, YubiHSM 2 Core Concepts: Options";
pub(crate) const NIST_AES: &str = "NIST SP 800-38A, F.1.1 and F.2.1";
pub(crate) const HMAC: &str = "RFC 4231, test case 2";
pub(crate) const OTP: &str = "Yubico, OTP specification and its first test vector";
pub(crate) const SSH: &str = "yubihsm-ssh-tool; OpenSSH PROTOCOL.certkeys";
pub(crate) const ATTESTATION: &str = "Yubico, YubiHSM 2 Attestation";
pub(crate) const RSA: &str = "RFC 8017";
pub(crate) const ED25519: &str = "RFC 8032";
