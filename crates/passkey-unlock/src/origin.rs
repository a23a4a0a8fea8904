//! The relying party that all passkeys of Keepsake belong to.

use crate::error::PasskeyError;

pub use vault_protocol::{ORIGIN, RP_ID};

/// Of the relying party, as an authenticator shows it.
pub const RP_NAME: &str = "Keepsake";

/// A passkey answers only to an https origin at its own relying party or below it (WebAuthn 5.1.3).
///
/// Errors: `Unsupported`.
pub(crate) fn check_origin(rp_id: &str, origin: &str) -> Result<(), PasskeyError> {
    let refused =
        || PasskeyError::Unsupported(format!("origin {origin:?} for relying party {rp_id:?}"));
    let host = origin.strip_prefix("https://").ok_or_else(refused)?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let below = host.strip_suffix(rp_id).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if rp_id.contains('.') && below && host.chars().all(plain) { Ok(()) } else { Err(refused()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_origins_of_the_relying_party_are_answered() {
        check_origin(RP_ID, ORIGIN).unwrap();
        check_origin(RP_ID, "https://app.keepsake.invalid").unwrap();
        let refused = [
            "http://keepsake.invalid",
            "https://keepsake.invalid.example",
            "https://notkeepsake.invalid",
            "https://example.com",
            "https://example.com/keepsake.invalid",
            "https://keepsake.invalid:443",
            "https://user@keepsake.invalid",
            "",
        ];
        for origin in refused {
            assert!(check_origin(RP_ID, origin).is_err(), "{origin}");
        }
        assert!(check_origin("invalid", "https://keepsake.invalid").is_err());
        assert!(check_origin("", ORIGIN).is_err());
    }
}
