//! A private CA and one certificate for each site.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::path::Path;

/// Writes `ca.pem`, and `site-<i>.pem` and `site-<i>.key` for each site.
pub(crate) fn write(dir: &Path, sites: u8) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    std::fs::write(dir.join("ca.pem"), ca.self_signed(&ca_key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(ca, ca_key);
    for site in 1..=sites {
        let names = vec!["127.0.0.1".to_string(), format!("site-{site}.peer.keepsake")];
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
        std::fs::write(dir.join(format!("site-{site}.pem")), certificate.pem()).unwrap();
        std::fs::write(dir.join(format!("site-{site}.key")), key.serialize_pem()).unwrap();
    }
}
