//! `keepsake-operator send-anchors`: after the resets, to the auditor.

use super::answer::{RequestError, exit};
use super::request::OperatorArgs;
use crate::error::OperatorError;
use crate::keys::auditor_key;
use crate::out_folder::OutFolder;
use clap::Args;
use ed25519_dalek::Signature;
use fleet_evidence::Trust;
use fleet_evidence::folder::{ANCHORS, ANCHORS_TYPE, AnchorRequest, Anchors, AnchorsRequest};
use std::path::PathBuf;
use std::process::ExitCode;

/// Tell the auditor how the devices' logs begin, when the ceremony waits for it.
#[derive(Args, Debug)]
pub struct SendAnchorsArgs {
    /// The ceremony's folder; evidence/anchors.json goes into it.
    #[arg(long)]
    out: PathBuf,
    #[command(flatten)]
    operator: OperatorArgs,
}

/// Exit codes: 0 done, 1 refused, 2 could not be tried.
pub fn send_anchors(args: &SendAnchorsArgs) -> ExitCode {
    exit(send(args))
}

fn send(args: &SendAnchorsArgs) -> Result<String, RequestError> {
    let out = OutFolder::new(&args.out);
    let devices: Option<Vec<AnchorRequest>> = out.read_json(&out.anchor_request())?;
    let Some(devices) = devices else {
        let text = format!(
            "{} is not there: run `keepsake-operator ceremony run` first",
            out.anchor_request().display()
        );
        return Err(OperatorError::Folder(text).into());
    };
    let trust = args.operator.trust()?;
    let request = AnchorsRequest { devices: devices.clone() };
    let message = request.message(trust.namespace());
    let Some(anchors) = args.operator.ask::<_, Anchors>("anchor", request, &message, &trust)?
    else {
        return Ok(carry(args));
    };
    check(&devices, &anchors, &trust).map_err(|why| RequestError::WrongAnswer(why.into()))?;
    let file = out.evidence().join(ANCHORS);
    out.write_json(&file, &anchors)?;
    Ok(format!(
        "Anchors of {} devices: {}\nNext: keepsake-operator ceremony resume",
        devices.len(),
        file.display()
    ))
}

/// The auditor's word on exactly what was sent: the evidence would be refused with anything else.
fn check(sent: &[AnchorRequest], anchors: &Anchors, trust: &Trust) -> Result<(), &'static str> {
    let record = &anchors.record;
    if record.kind != ANCHORS_TYPE || record.namespace != trust.namespace() {
        return Err("it is not a record of anchors of this namespace");
    }
    let noted = record.devices.iter().map(|d| (d.serial, d.challenge, d.anchor));
    if !noted.eq(sent.iter().map(|s| (s.serial, s.challenge, s.anchor))) {
        return Err("it notes other anchors than were sent");
    }
    let auditor = auditor_key(trust).ok_or("the trust document has no usable auditor key")?;
    let signature = Signature::from_bytes(&anchors.signature.0);
    auditor
        .verify_strict(&record.message(), &signature)
        .map_err(|_| "the auditor's signature does not fit")
}

fn carry(args: &SendAnchorsArgs) -> String {
    let file = args.operator.request_file().unwrap_or(&args.out);
    format!(
        "The signed request: {}\nPost it to the auditor's /anchor, then run this command with --answer instead.",
        file.display()
    )
}
