//! Algorithm numbers, their names, and the firmware that brought them.
//!
//! Source: `yh_algorithm` and `yh_algorithms` in `yubihsm.h` (the table on docs.yubico.com has
//! misprints).

use crate::firmware::Firmware;

macro_rules! algorithms {
    ($($number:literal $constant:ident $name:literal,)*) => {
        $(#[allow(dead_code, reason = "the table is whole")] pub(crate) const $constant: u8 = $number;)*

        /// The name that Yubico's shell prints.
        pub(crate) fn name(algorithm: u8) -> Option<&'static str> {
            match algorithm { $($number => Some($name),)* _ => None }
        }
    };
}

algorithms! {
    1 RSA_PKCS1_SHA1 "rsa-pkcs1-sha1",
    2 RSA_PKCS1_SHA256 "rsa-pkcs1-sha256",
    3 RSA_PKCS1_SHA384 "rsa-pkcs1-sha384",
    4 RSA_PKCS1_SHA512 "rsa-pkcs1-sha512",
    5 RSA_PSS_SHA1 "rsa-pss-sha1",
    6 RSA_PSS_SHA256 "rsa-pss-sha256",
    7 RSA_PSS_SHA384 "rsa-pss-sha384",
    8 RSA_PSS_SHA512 "rsa-pss-sha512",
    9 RSA_2048 "rsa2048",
    10 RSA_3072 "rsa3072",
    11 RSA_4096 "rsa4096",
    12 EC_P256 "ecp256",
    13 EC_P384 "ecp384",
    14 EC_P521 "ecp521",
    15 EC_K256 "eck256",
    16 EC_BP256 "ecbp256",
    17 EC_BP384 "ecbp384",
    18 EC_BP512 "ecbp512",
    19 HMAC_SHA1 "hmac-sha1",
    20 HMAC_SHA256 "hmac-sha256",
    21 HMAC_SHA384 "hmac-sha384",
    22 HMAC_SHA512 "hmac-sha512",
    23 EC_ECDSA_SHA1 "ecdsa-sha1",
    24 EC_ECDH "ecdh",
    25 RSA_OAEP_SHA1 "rsa-oaep-sha1",
    26 RSA_OAEP_SHA256 "rsa-oaep-sha256",
    27 RSA_OAEP_SHA384 "rsa-oaep-sha384",
    28 RSA_OAEP_SHA512 "rsa-oaep-sha512",
    29 AES128_CCM_WRAP "aes128-ccm-wrap",
    30 OPAQUE_DATA "opaque-data",
    31 OPAQUE_X509_CERTIFICATE "opaque-x509-certificate",
    32 RSA_MGF1_SHA1 "mgf1-sha1",
    33 RSA_MGF1_SHA256 "mgf1-sha256",
    34 RSA_MGF1_SHA384 "mgf1-sha384",
    35 RSA_MGF1_SHA512 "mgf1-sha512",
    36 TEMPLATE_SSH "template-ssh",
    37 AES128_YUBICO_OTP "aes128-yubico-otp",
    38 AES128_YUBICO_AUTHENTICATION "aes128-yubico-authentication",
    39 AES192_YUBICO_OTP "aes192-yubico-otp",
    40 AES256_YUBICO_OTP "aes256-yubico-otp",
    41 AES192_CCM_WRAP "aes192-ccm-wrap",
    42 AES256_CCM_WRAP "aes256-ccm-wrap",
    43 EC_ECDSA_SHA256 "ecdsa-sha256",
    44 EC_ECDSA_SHA384 "ecdsa-sha384",
    45 EC_ECDSA_SHA512 "ecdsa-sha512",
    46 EC_ED25519 "ed25519",
    47 EC_P224 "ecp224",
    48 RSA_PKCS1_DECRYPT "rsa-pkcs1-decrypt",
    49 EC_P256_YUBICO_AUTHENTICATION "ecp256-yubico-authentication",
    50 AES128 "aes128",
    51 AES192 "aes192",
    52 AES256 "aes256",
    53 AES_ECB "aes-ecb",
    54 AES_CBC "aes-cbc",
    55 AES_KWP "aes-kwp",
}

/// Families, in the order SHA-1, SHA-256, SHA-384, SHA-512.
pub(crate) const RSA_PKCS1: [u8; 4] =
    [RSA_PKCS1_SHA1, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512];
pub(crate) const RSA_PSS: [u8; 4] = [RSA_PSS_SHA1, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512];
pub(crate) const RSA_OAEP: [u8; 4] =
    [RSA_OAEP_SHA1, RSA_OAEP_SHA256, RSA_OAEP_SHA384, RSA_OAEP_SHA512];
pub(crate) const RSA_MGF1: [u8; 4] =
    [RSA_MGF1_SHA1, RSA_MGF1_SHA256, RSA_MGF1_SHA384, RSA_MGF1_SHA512];
pub(crate) const HMAC: [u8; 4] = [HMAC_SHA1, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512];
pub(crate) const EC_ECDSA: [u8; 4] =
    [EC_ECDSA_SHA1, EC_ECDSA_SHA256, EC_ECDSA_SHA384, EC_ECDSA_SHA512];
pub(crate) const RSA: [u8; 3] = [RSA_2048, RSA_3072, RSA_4096];

/// The algorithms that a firmware knows, lowest first: what `GET DEVICE INFO` lists. 2.2.0 has 48.
pub(crate) fn known(firmware: Firmware) -> impl Iterator<Item = u8> {
    1..=last(firmware)
}

pub(crate) fn is_known(algorithm: u8, firmware: Firmware) -> bool {
    (1..=last(firmware)).contains(&algorithm)
}

fn last(firmware: Firmware) -> u8 {
    match firmware {
        _ if firmware >= Firmware::V2_4_0 => AES_KWP,
        _ if firmware >= Firmware::V2_3_0 => AES_CBC,
        _ if firmware >= Firmware::V2_2_0 => RSA_PKCS1_DECRYPT,
        _ => EC_P224,
    }
}

/// Bytes of the AES key of an algorithm that has one of a fixed length.
pub(crate) fn aes_key_length(algorithm: u8) -> Option<usize> {
    match algorithm {
        AES128_CCM_WRAP | AES128_YUBICO_OTP | AES128 => Some(16),
        AES192_CCM_WRAP | AES192_YUBICO_OTP | AES192 => Some(24),
        AES256_CCM_WRAP | AES256_YUBICO_OTP | AES256 => Some(32),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_firmware_knows_as_many_as_yubico_says() {
        let counts = ["2.0.0", "2.1.2", "2.2.0", "2.3.1", "2.4.0", "2.5.0"]
            .map(|version| known(version.parse().unwrap()).count());
        assert_eq!(counts, [47, 47, 48, 54, 55, 55]);
        assert!(known(Firmware::V2_4_0).all(|algorithm| name(algorithm).is_some()));
        assert_eq!((name(46), name(56)), (Some("ed25519"), None));
    }
}
