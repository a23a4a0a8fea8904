//! First stage: every device is reset (or found in factory state), and the auditor notes how its
//! log begins.

use super::device_work::{Watch, check_serial};
use super::factory_state::differences;
use crate::error::OperatorError;
use crate::out_folder::{DeviceRecord, Journal, OutFolder};
use crate::plan::{Plan, PlannedSite};
use fleet_evidence::device_log::Entry;
use fleet_evidence::device_profile::{command_of, is_known_firmware, required_audit};
use fleet_evidence::folder::{ANCHORS, AnchorRequest, Anchors, Challenge};
use yubihsm_device::{HsmError, OperatorSession};

/// Older firmware audits other commands by default, and verifiers refuse it.
const OLDEST_FIRMWARE: [u8; 3] = [2, 3, 1];

/// Looks at a device without changing it, and says what the ceremony would meet.
pub(super) fn inspect(site: &PlannedSite) -> Result<Vec<String>, OperatorError> {
    let mut session = open_default(site)?;
    let info = check_serial(&mut session, site)?;
    if info.firmware < OLDEST_FIRMWARE {
        return Err(OperatorError::OldFirmware {
            serial: site.serial,
            found: info.firmware_text(),
        });
    }
    let at = OperatorError::device(site.serial);
    let commands = session.audit_options().map_err(&at)?.commands;
    if let Some(why) = commands_unfit(info.firmware, &commands) {
        let serial = site.serial;
        let found = info.firmware_text();
        return Err(OperatorError::UnknownFirmware { serial, found, why });
    }
    let objects = session.objects().map_err(&at)?;
    let log = session.read_log().map_err(&at)?;
    Ok(differences(&objects, &log))
}

/// Why verifiers would refuse a device for the commands that it has, whatever the ceremony sets.
fn commands_unfit(firmware: [u8; 3], listed: &[(u8, u8)]) -> Option<String> {
    if !is_known_firmware(firmware) {
        return Some("its commands were not looked at yet".into());
    }
    if let Some((code, _)) = listed.iter().find(|(code, _)| command_of(*code).is_none()) {
        return Some(format!("it has a command 0x{code:02x} that is not known"));
    }
    let missing = required_audit(firmware).find(|code| !listed.iter().any(|(c, _)| c == code));
    missing.map(|code| format!("it cannot audit command 0x{code:02x}"))
}

/// Resets one device, unless the journal has it already.
pub(super) fn reset(
    plan: &Plan,
    site: &PlannedSite,
    out: &OutFolder,
    journal: &mut Journal,
    watch: Watch<'_>,
) -> Result<(), OperatorError> {
    if journal.devices.contains_key(&site.serial) {
        return Ok(());
    }
    let at = OperatorError::device(site.serial);
    let reasons = inspect(site)?;
    if !reasons.is_empty() && !plan.reset {
        return Err(OperatorError::NotFactory { serial: site.serial, reasons: reasons.join(", ") });
    }
    let mut session = open_default(site)?;
    let first = if plan.reset {
        watch(out, &format!("device {}: factory reset", site.serial))?;
        let (fresh, first) = session.reset().map_err(&at)?;
        session = fresh;
        first
    } else {
        first_line(&mut session).map_err(&at)?
    };
    let reasons = differences(&session.objects().map_err(&at)?, &session.read_log().map_err(&at)?);
    if !reasons.is_empty() {
        return Err(OperatorError::NotFactory { serial: site.serial, reasons: reasons.join(", ") });
    }
    let firmware = check_serial(&mut session, site)?.firmware_text();
    // Read now: later this command would be audited, and it is no part of the ceremony's log.
    let certificate = session.factory_certificate().map_err(&at)?;
    out.write(&out.factory_certificate(site.serial), &certificate)?;
    let anchor = first.digest;
    journal.devices.insert(site.serial, DeviceRecord { firmware, anchor });
    out.write_json(&out.journal(), journal)?;
    out.note(&format!("device {}: log begins with {}", site.serial, hex::encode(anchor)))
}

/// Checks that the auditor noted these beginnings; asks for it if not.
///
/// # Errors
/// [`OperatorError::Waiting`] until `evidence/anchors.json` is there.
pub(super) fn anchors(
    plan: &Plan,
    out: &OutFolder,
    journal: &Journal,
) -> Result<Anchors, OperatorError> {
    let path = out.evidence().join(ANCHORS);
    let Some(anchors) = out.read_json::<Anchors>(&path)? else {
        return Err(ask_auditor(out, journal)?);
    };
    let noted = |site: &PlannedSite| {
        let ours = journal.devices.get(&site.serial).map(|d| d.anchor);
        anchors.record.devices.iter().any(|d| d.serial == site.serial && Some(d.anchor) == ours)
    };
    match plan.sites.iter().find(|site| !noted(site)) {
        None => Ok(anchors),
        Some(site) => {
            let text = format!(
                "{}: the auditor noted another beginning of device {}",
                path.display(),
                site.serial
            );
            Err(OperatorError::Folder(text))
        }
    }
}

fn ask_auditor(out: &OutFolder, journal: &Journal) -> Result<OperatorError, OperatorError> {
    let challenges: Vec<Challenge> = out.read_json(&out.challenges())?.unwrap_or_default();
    let request = |(serial, record): (&u32, &DeviceRecord)| {
        let challenge = challenges.iter().find(|c| c.serial == *serial)?.challenge;
        Some(AnchorRequest { serial: *serial, challenge, anchor: record.anchor })
    };
    let requests: Option<Vec<AnchorRequest>> = journal.devices.iter().map(request).collect();
    let Some(requests) = requests else {
        let text = format!(
            "run `keepsake-operator request-challenges`, or put what `auditor challenge` prints into {}; then run \
             `keepsake-operator ceremony resume`",
            out.challenges().display()
        );
        return Ok(OperatorError::Waiting(text));
    };
    out.write_json(&out.anchor_request(), &requests)?;
    let line = |r: &AnchorRequest| {
        format!("{}:{}:{}\n", r.serial, hex::encode(r.challenge), hex::encode(r.anchor))
    };
    out.write(&out.anchor_arguments(), requests.iter().map(line).collect::<String>().as_bytes())?;
    Ok(OperatorError::Waiting(format!(
        "run `keepsake-operator send-anchors`, or put what `auditor anchor` prints for the lines of {} into {}; then run \
         `keepsake-operator ceremony resume`",
        out.anchor_arguments().display(),
        out.evidence().join(ANCHORS).display(),
    )))
}

fn first_line(session: &mut OperatorSession) -> Result<Entry, HsmError> {
    let first = session.read_log()?.entries.first().copied().filter(Entry::is_reset);
    first.ok_or(HsmError::BadAnswer { command: "get log entries", reason: "no reset line".into() })
}

fn open_default(site: &PlannedSite) -> Result<OperatorSession, OperatorError> {
    match OperatorSession::open_default(&site.address()?) {
        Err(HsmError::WrongAuthKey(_)) => Err(OperatorError::NotFactory {
            serial: site.serial,
            reasons: "the default login is gone; reset it by hand (insert it while touching its ring for 10 s)".into(),
        }),
        other => other.map_err(OperatorError::device(site.serial)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fleet_evidence::device_profile::COMMANDS;

    #[test]
    fn a_device_must_have_exactly_commands_that_verifiers_know() {
        let all: Vec<(u8, u8)> = COMMANDS.iter().map(|c| (c.code, 0)).collect();
        assert_eq!(commands_unfit([2, 4, 0], &all), None);
        let of_2_3: Vec<(u8, u8)> = all.iter().copied().filter(|(code, _)| *code < 0x73).collect();
        assert_eq!(commands_unfit([2, 3, 1], &of_2_3), None);
        let more = [&all[..], &[(0x78, 0)]].concat();
        let wrong = |expected: &str, firmware, listed: &[(u8, u8)]| {
            let why = commands_unfit(firmware, listed).unwrap();
            assert!(why.contains(expected), "{why}");
        };
        wrong("not looked at", [2, 5, 0], &all);
        wrong("0x78 that is not known", [2, 4, 0], &more);
        wrong("cannot audit command 0x73", [2, 4, 0], &of_2_3);
    }
}
