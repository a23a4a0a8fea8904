//! Argon2id (RFC 9106) over a recovery code, with bounded cost.

use crate::code::RecoveryCode;
use crate::error::CodeError;
use crate::kdf::digest;
use crate::labels;
use crate::secret::Secret;
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use vault_protocol::{AccountId, CodeParameters, labelled};
use zeroize::Zeroizing;

/// Cost of stretching a code. Kept beside the slot, so that it can be raised later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Argon2Params {
    /// Memory, KiB.
    pub m_kib: u32,
    /// Passes.
    pub t: u32,
    /// Lanes.
    pub p: u32,
}

impl Argon2Params {
    /// Below this a stolen slot would be too cheap: OWASP's smallest memory (7 MiB, t = 5), rounded
    /// up to 8 MiB.
    pub const MIN_M_KIB: u32 = 8 * 1024;
    /// 1 GiB: above it a hostile header could stop a small computer.
    pub const MAX_M_KIB: u32 = 1024 * 1024;
    /// Most passes over the memory.
    pub const MAX_T: u32 = 16;
    /// Most lanes.
    pub const MAX_P: u32 = 8;

    /// Errors: [`CodeError::Parameters`] outside the bounds.
    pub fn check(&self) -> Result<(), CodeError> {
        let fine = (Self::MIN_M_KIB..=Self::MAX_M_KIB).contains(&self.m_kib)
            && (1..=Self::MAX_T).contains(&self.t)
            && (1..=Self::MAX_P).contains(&self.p);
        if fine { Ok(()) } else { Err(CodeError::Parameters) }
    }
}

/// OWASP's first choice for Argon2id: 19 MiB, t = 2, p = 1. A vault allows ten tries, so the
/// stretching guards only against whoever breaks a threshold of sites, and must leave room in a
/// recovery that answers within 150 ms. Measured on a busy 2-core machine: 41 to 73 ms, where 64
/// MiB, t = 3 took 330 to 390 ms.
impl Default for Argon2Params {
    fn default() -> Self {
        Self { m_kib: 19 * 1024, t: 2, p: 1 }
    }
}

impl From<Argon2Params> for CodeParameters {
    fn from(p: Argon2Params) -> Self {
        Self { memory_kib: p.m_kib, passes: p.t, lanes: p.p }
    }
}

impl From<CodeParameters> for Argon2Params {
    fn from(p: CodeParameters) -> Self {
        Self { m_kib: p.memory_kib, t: p.passes, p: p.lanes }
    }
}

impl RecoveryCode {
    /// code' = Argon2id(canonical code, SHA-256(labelled("code-salt", [account, version u32 BE])),
    /// params), 32 bytes.
    ///
    /// Errors: [`CodeError::Parameters`].
    pub fn stretch(
        &self,
        account: &AccountId,
        version: u32,
        params: Argon2Params,
    ) -> Result<Secret<32>, CodeError> {
        params.check()?;
        let salt = digest(&labelled(labels::CODE_SALT, &[&account.0, &version.to_be_bytes()]));
        let cost = Params::new(params.m_kib, params.t, params.p, Some(32))
            .map_err(|_| CodeError::Parameters)?;
        let mut out = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, cost)
            .hash_password_into(self.canonical().as_bytes(), &salt, out.as_mut())
            .map_err(|_| CodeError::Parameters)?;
        Ok(Secret::new(*out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Argon2Params = Argon2Params { m_kib: 8 * 1024, t: 1, p: 1 };

    #[test]
    fn the_salt_is_the_account_and_the_version() {
        let code = RecoveryCode::own("correct horse battery").unwrap();
        let (a, b) = (AccountId([1; 16]), AccountId([2; 16]));
        let first = code.stretch(&a, 1, CHEAP).unwrap();
        assert_eq!(first, code.stretch(&a, 1, CHEAP).unwrap());
        assert_ne!(first, code.stretch(&b, 1, CHEAP).unwrap());
        assert_ne!(first, code.stretch(&a, 2, CHEAP).unwrap());
    }

    #[test]
    fn stretching_is_pinned() {
        let code = RecoveryCode::own("correct horse battery").unwrap();
        let got = code.stretch(&AccountId([1; 16]), 1, CHEAP).unwrap();
        assert_eq!(hex::encode(got.expose()), include_str!("stretch.txt").trim());
    }

    #[test]
    fn hostile_costs_are_refused_before_any_work() {
        let code = RecoveryCode::own("correct horse battery").unwrap();
        let hostile = [
            Argon2Params { m_kib: u32::MAX, ..CHEAP },
            Argon2Params { m_kib: 1, ..CHEAP },
            Argon2Params { t: 0, ..CHEAP },
            Argon2Params { t: u32::MAX, ..CHEAP },
            Argon2Params { p: 0, ..CHEAP },
            Argon2Params { p: 255, ..CHEAP },
        ];
        for params in hostile {
            assert_eq!(code.stretch(&AccountId([1; 16]), 1, params), Err(CodeError::Parameters));
        }
    }
}
