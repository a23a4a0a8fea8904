//! DEV certificates for a fleet on one machine. A real site has a certificate of the public web for
//! its clients, and one of the fleet's own authority, whose key is kept offline, for its peers.

use clap::Args;
use durable_files::{Readers, write_whole};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault_protocol::SiteIndex;
use vault_protocol::limits::MAX_SITES;

/// Make DEV certificates: a fleet authority, and for each site one for clients and one for peers.
#[derive(Args, Debug)]
pub struct DevCertificatesArgs {
    #[arg(long)]
    out: PathBuf,
    #[arg(long)]
    sites: u8,
}

/// Writes `ca.pem`, `site-<i>.pem`, `site-<i>.key`, `site-<i>.peer.pem` and `site-<i>.peer.key`;
/// the authority's key is not kept. Exit code 0 done, 1 refused.
pub fn dev_certificates(args: &DevCertificatesArgs) -> ExitCode {
    match make(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("dev-certificates: {e:#}");
            ExitCode::FAILURE
        }
    }
}

fn make(args: &DevCertificatesArgs) -> anyhow::Result<()> {
    anyhow::ensure!((1..=MAX_SITES).contains(&usize::from(args.sites)), "1 to {MAX_SITES} sites");
    let ca_key = KeyPair::generate()?;
    let mut ca = named("Keepsake DEV fleet authority", vec![])?;
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    write_whole(
        &args.out.join("ca.pem"),
        ca.self_signed(&ca_key)?.pem().as_bytes(),
        Readers::Everyone,
    )?;
    let issuer = Issuer::new(ca, ca_key);
    for index in 1..=args.sites {
        let local = ["127.0.0.1", "::1", "localhost"].map(String::from).to_vec();
        let client_side = named(&format!("Keepsake DEV site {index}"), local)?;
        issue(&args.out, &format!("site-{index}"), client_side, &issuer)?;
        let peer_side =
            named(&format!("Keepsake DEV peer {index}"), vec![SiteIndex(index).peer_name()])?;
        issue(&args.out, &format!("site-{index}.peer"), peer_side, &issuer)?;
    }
    println!("DEV certificates for {} sites in {}", args.sites, args.out.display());
    Ok(())
}

fn named(name: &str, subjects: Vec<String>) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::new(subjects)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(params)
}

fn issue(
    folder: &Path,
    name: &str,
    params: CertificateParams,
    issuer: &Issuer<'_, KeyPair>,
) -> anyhow::Result<()> {
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer)?;
    write_whole(
        &folder.join(format!("{name}.key")),
        key.serialize_pem().as_bytes(),
        Readers::Owner,
    )?;
    write_whole(
        &folder.join(format!("{name}.pem")),
        certificate.pem().as_bytes(),
        Readers::Everyone,
    )?;
    Ok(())
}
