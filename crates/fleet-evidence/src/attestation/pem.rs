//! Certificates as text (RFC 7468).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

pub(super) const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
pub(super) const END: &str = "-----END CERTIFICATE-----";

/// One certificate, from its DER bytes, in lines of 64 characters.
pub fn pem(der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> =
        (0..text.len()).step_by(64).map(|i| &text[i..text.len().min(i + 64)]).collect();
    format!("{BEGIN}\n{}\n{END}\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_by_another_reader_of_pem() {
        for length in [1, 47, 48, 49, 96, 300] {
            let der: Vec<u8> = (0..length).map(|i| i as u8).collect();
            let text = pem(&der);
            let (label, read) = x509_cert::der::pem::decode_vec(text.as_bytes()).unwrap();
            assert_eq!((label, read), ("CERTIFICATE", der));
        }
    }
}
