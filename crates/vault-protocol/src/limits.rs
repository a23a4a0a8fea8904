//! Every bound of the protocol, with its arithmetic.

/// Sites in a fleet: 3, 5 or 7. More would only slow a recovery down.
pub const MAX_SITES: usize = 7;
/// Wrong tries before an account's boxes are destroyed (spec: 10 per account, across all versions).
pub const MAX_TRIES: u8 = 10;
/// First try that has to wait: tries 1 to 4 are immediate.
pub const FIRST_DELAYED_TRY: u8 = 5;
/// A Noise message is at most 65,535 bytes (Noise spec section 3), 16 of them the tag.
pub const MAX_NOISE_MESSAGE: usize = 65_535;
/// Plaintext of one Noise transport message.
pub const MAX_PLAINTEXT: usize = MAX_NOISE_MESSAGE - 16;
/// HPKE box: 65 encapsulated key + 16 tag + contents (u 32, e 32, tag 32, commit 32, policy < 16), rounded up.
pub const MAX_BOX: usize = 512;
/// A record: 7 boxes of at most 512 bytes and under 512 bytes of keys and parameters.
pub const MAX_RECORD: usize = MAX_SITES * MAX_BOX + 512;
/// Passkeys of one account: a person has a computer or two and a security key or two.
pub const MAX_PASSKEYS: usize = 8;
/// WebAuthn level 3, 4 ("credential id").
pub const MAX_CREDENTIAL_ID: usize = 1023;
/// A registration or an assertion as JSON: authenticator data and credential id of at most 1.5 KiB and client data of
/// under 300 bytes, each in base64, rounded up.
pub const MAX_WEBAUTHN_JSON: usize = 6 * 1024;
/// HPKE box: 65 encapsulated key + 16 tag + share 32 + commitment 32, rounded up.
pub const MAX_PASSKEY_BOX: usize = 192;
/// A passkey record: 7 boxes, 7 nonces of 33 bytes, its JSON, its credential id, and under 256 bytes beside.
pub const MAX_PASSKEY_RECORD: usize = MAX_SITES * (MAX_PASSKEY_BOX + 40) + MAX_WEBAUTHN_JSON + MAX_CREDENTIAL_ID + 256;
/// Seconds that a nonce for a passkey is good for: a person looks for a key and types a PIN.
pub const NONCE_LIFETIME: u64 = 120;
/// A signed bundle: 7 sites at under 1 KiB each, signatures and a log proof under 8 KiB.
pub const MAX_BUNDLE: usize = 64 * 1024;
/// Events a site returns for one account, newest last: at 64 bytes each they fit one Noise message.
pub const MAX_EVENTS: usize = 256;

/// Seconds that try number `n` (1-based) must wait after the one before it.
///
/// Tries 1-4 are free; then 30 s, doubling, at most one hour.
pub fn delay_before_try(n: u8) -> u64 {
    if n < FIRST_DELAYED_TRY {
        return 0;
    }
    let doublings = u32::from(n - FIRST_DELAYED_TRY).min(7);
    (30u64 << doublings).min(3600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_begin_at_the_fifth_try_and_grow() {
        let all: Vec<u64> = (1..=MAX_TRIES).map(delay_before_try).collect();
        assert_eq!(all, [0, 0, 0, 0, 30, 60, 120, 240, 480, 960]);
        assert_eq!(delay_before_try(255), 3600);
    }

    #[test]
    fn the_largest_record_fits_one_noise_message() {
        const { assert!(MAX_RECORD + 256 < MAX_PLAINTEXT) };
        const { assert!(MAX_PASSKEY_RECORD + MAX_PASSKEYS * 32 + 256 < MAX_PLAINTEXT) };
    }
}
