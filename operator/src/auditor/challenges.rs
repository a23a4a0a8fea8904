//! `keepsake-operator request-challenges`: before the ceremony, from the auditor.

use super::answer::{RequestError, exit};
use super::request::OperatorArgs;
use crate::error::OperatorError;
use crate::out_folder::OutFolder;
use crate::plan::Plan;
use clap::Args;
use fleet_evidence::folder::{ChallengeRequest, Challenges};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

/// Ask the auditor for a challenge for each device, before the ceremony.
#[derive(Args, Debug)]
pub struct RequestChallengesArgs {
    /// The plan (JSON): its devices.
    #[arg(long)]
    plan: PathBuf,
    /// The ceremony's folder; challenges.json goes into it.
    #[arg(long)]
    out: PathBuf,
    #[command(flatten)]
    operator: OperatorArgs,
}

/// Exit codes: 0 done, 1 refused, 2 could not be tried.
pub fn request_challenges(args: &RequestChallengesArgs) -> ExitCode {
    exit(request(args))
}

fn request(args: &RequestChallengesArgs) -> Result<String, RequestError> {
    let serials: Vec<u32> = Plan::read(&args.plan)?.sites.iter().map(|s| s.serial).collect();
    let out = OutFolder::new(&args.out);
    let file = out.challenges();
    if file.exists() {
        let text =
            format!("{} exists already, and a ceremony may have begun with it", file.display());
        return Err(OperatorError::Folder(text).into());
    }
    let trust = args.operator.trust()?;
    let requested_at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let request = ChallengeRequest { serials: serials.clone(), requested_at };
    let message = request.message(trust.namespace());
    let Some(answer) =
        args.operator.ask::<_, Challenges>("challenge", request, &message, &trust)?
    else {
        return Ok(carry(args));
    };
    check(&serials, &answer).map_err(RequestError::WrongAnswer)?;
    out.write_json(&file, &answer.challenges)?;
    Ok(format!(
        "Challenges for {} devices: {}\nNext: keepsake-operator ceremony run",
        serials.len(),
        file.display()
    ))
}

fn check(serials: &[u32], answer: &Challenges) -> Result<(), String> {
    let answered: Vec<u32> = answer.challenges.iter().map(|c| c.serial).collect();
    if answered == serials {
        Ok(())
    } else {
        Err(format!("it is for devices {answered:?}, not for {serials:?}"))
    }
}

fn carry(args: &RequestChallengesArgs) -> String {
    let file = args.operator.request_file().unwrap_or(&args.out);
    format!(
        "The signed request: {}\nPost it to the auditor's /challenge within 10 minutes, then run this command with \
         --answer instead.",
        file.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use fleet_evidence::folder::Challenge;

    #[test]
    fn an_answer_for_other_devices_is_refused() {
        let challenge = |serial| Challenge { serial, challenge: [7; 32] };
        let answer = Challenges { challenges: vec![challenge(1001), challenge(1002)] };
        assert_eq!(check(&[1001, 1002], &answer), Ok(()));
        for asked in [&[1001][..], &[1001, 1003], &[1001, 1002, 1003]] {
            assert!(check(asked, &answer).unwrap_err().contains("not for"), "{asked:?}");
        }
    }
}
