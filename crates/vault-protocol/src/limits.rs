//! Every bound of the protocol, with its arithmetic.

/// Sites in a fleet: 3, 5 or 7. More would only slow a recovery down.
pub const MAX_SITES: usize = 7;
/// Slots of a round: wrong tries before an account's boxes are destroyed, across all its versions.
pub const MAX_TRIES: u8 = 10;
/// First try that has to wait: tries 1 to 4 are immediate.
pub const FIRST_DELAYED_TRY: u8 = 5;
/// A Noise message is at most 65,535 bytes (Noise spec section 3), 16 of them the tag.
pub const MAX_NOISE_MESSAGE: usize = 65_535;
/// Plaintext of one Noise transport message.
pub const MAX_PLAINTEXT: usize = MAX_NOISE_MESSAGE - 16;
/// HPKE box: 33 encapsulated key + 16 tag + 64 contents = 113, rounded up.
pub const MAX_BOX: usize = 128;
/// A record: 7 boxes with 8 bytes beside each, and under 512 bytes of keys, parameters and
/// signature.
pub const MAX_RECORD: usize = MAX_SITES * (MAX_BOX + 8) + 512;
/// Two votes of each site for each slot: more than two prove no more than two.
pub const MAX_VOTES: usize = 2 * MAX_SITES * MAX_TRIES as usize;
/// Vote keys that an account's facts are signed with: each vote and receipt may be of another
/// start.
pub const MAX_CERTIFICATES: usize = MAX_VOTES + 3 * MAX_SITES;
/// Seconds that a try's time may differ from a site's clock, either way.
pub const CLOCK_TOLERANCE: u64 = 120;
/// Seconds after the last slot was spent until a generated code's boxes are destroyed: time enough
/// for the right code in the last try to be confirmed.
pub const EXHAUSTED_GRACE: u64 = 3600;
/// Seconds that an own code stays frozen after its last slot was spent, before its boxes are
/// destroyed: its owner has as long to hear of it and to thaw it.
pub const FROZEN: u64 = 7 * 24 * 3600;
/// Seconds after which an account that never showed a right code or passkey, and was never tried,
/// is forgotten.
pub const UNCONFIRMED_LIFETIME: u64 = 30 * 24 * 3600;
/// Passkeys of one account: a person has a computer or two and a security key or two.
pub const MAX_PASSKEYS: usize = 8;
/// WebAuthn level 3, 4 ("credential id").
pub const MAX_CREDENTIAL_ID: usize = 1023;
/// A registration or an assertion as JSON: authenticator data and credential id of at most 1.5 KiB
/// and client data of under 300 bytes, each in base64, rounded up.
pub const MAX_WEBAUTHN_JSON: usize = 6 * 1024;
/// HPKE box: 33 encapsulated key + 16 tag + 32 share = 81, rounded up.
pub const MAX_PASSKEY_BOX: usize = 96;
/// A passkey record: 7 boxes with 8 bytes beside each, 7 nonces of 67 bytes, its JSON, its
/// credential id, and under 256 bytes beside.
pub const MAX_PASSKEY_RECORD: usize =
    MAX_SITES * (MAX_PASSKEY_BOX + 8 + 67) + MAX_WEBAUTHN_JSON + MAX_CREDENTIAL_ID + 256;
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
    fn the_largest_messages_fit_one_noise_message() {
        // A vote with round, slot, try, site, key and signature is under 160 bytes, a certificate
        // under 128.
        const NEWS: usize = MAX_VOTES * 160 + MAX_CERTIFICATES * 128 + MAX_PASSKEYS * 32 + 2048;
        const { assert!(NEWS + MAX_RECORD < MAX_PLAINTEXT) };
        // Heads of all passkeys beside the news.
        const { assert!(NEWS + MAX_PASSKEYS * (MAX_CREDENTIAL_ID + 256) < MAX_PLAINTEXT) };
        const { assert!(MAX_PASSKEY_RECORD + MAX_PASSKEYS * 32 + 2048 < MAX_PLAINTEXT) };
    }
}
