//! An attestation certificate, as DER and as PEM.
#![no_main]

use fleet_evidence::attestation::{AttestationFields, Certificate};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(certificate) = Certificate::from_der(bytes) {
        let _ = AttestationFields::read(&certificate);
        let _ = (certificate.subject(), certificate.p256_point());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Certificate::from_pem(text);
    }
});
