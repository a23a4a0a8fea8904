//! What a device must record, firmware by firmware.

use super::Case;
use super::makers::device;
use crate::support::devices::{DeviceModel, Line};
use fleet_evidence::device_profile::{LEVEL_FIX, command};
use fleet_evidence::folder::CommandAudit;

pub(super) fn cases() -> Vec<Case> {
    let mut out = accepted();
    out.extend(levels());
    out.extend(firmware());
    out
}

/// The line that set all commands but Set Option fits what the settings say now.
fn say_so_in_the_log(device: &mut DeviceModel) {
    let fixed = device.options.command_audit.iter().filter(|c| c.level == LEVEL_FIX).count();
    device.lines[1] = Line::option(2 * (u16::try_from(fixed).unwrap() - 1));
}

fn set_firmware(device: &mut DeviceModel, version: [u8; 3]) {
    device.attested.values_mut().for_each(|a| a.firmware = version);
    device.info.firmware = version.map(|n| n.to_string()).join(".");
}

/// The settings are as told, and so is the line in the log.
fn setting(
    name: &'static str,
    about: &'static str,
    change: impl Fn(&mut Vec<CommandAudit>),
) -> Case {
    device(name, about, &["E9"], |d| {
        change(&mut d.options.command_audit);
        say_so_in_the_log(d);
    })
}

fn level(code: u8, level: u8) -> impl Fn(&mut Vec<CommandAudit>) {
    move |listed| listed.iter_mut().find(|c| c.command == code).unwrap().level = level
}

fn accepted() -> Vec<Case> {
    vec![
        device(
            "honest-firmware-2.3.1",
            "Firmware 2.3.1 lacks the commands of 2.4, and need not record them.",
            &[],
            |d| {
                set_firmware(d, [2, 3, 1]);
                d.options.command_audit.retain(|c| c.command < 0x73);
                say_so_in_the_log(d);
            },
        ),
        device("honest-more-recorded", "A device records reading too.", &[], |d| {
            level(0x43, LEVEL_FIX)(&mut d.options.command_audit);
            say_so_in_the_log(d);
        }),
    ]
}

fn levels() -> Vec<Case> {
    vec![
        setting(
            "audit-off-for-a-command",
            "Exports are not recorded.",
            level(command::EXPORT_WRAPPED, 0),
        ),
        setting(
            "audit-off-for-receipts",
            "The receipt key is used unrecorded.",
            level(command::SIGN_ECDSA, 0),
        ),
        setting("audit-off-for-logins", "A login's key is changed unrecorded.", level(0x6c, 0)),
        setting(
            "audit-off-for-symmetric-keys",
            "Symmetric keys are made unrecorded.",
            level(0x6e, 0),
        ),
        setting(
            "audit-off-for-rsa-wrap-keys",
            "A public wrap key is put in unrecorded.",
            level(0x73, 0),
        ),
        setting(
            "audit-off-for-rsa-exports",
            "The fleet key leaves under a public key, unrecorded.",
            level(0x74, 0),
        ),
        setting(
            "audit-on-but-not-fixed",
            "Recording of a command could be turned off.",
            level(command::DERIVE_ECDH, 1),
        ),
        setting(
            "audit-off-for-what-nobody-knows",
            "A command without a description goes unrecorded.",
            level(0x09, 0),
        ),
        setting(
            "audit-silent-about-a-command",
            "The settings say nothing about exports.",
            |listed| listed.retain(|c| c.command != command::EXPORT_WRAPPED),
        ),
        device("audit-said-twice", "The settings name a command twice.", &["E9"], |d| {
            d.options
                .command_audit
                .push(CommandAudit { command: command::EXPORT_WRAPPED, level: 0 });
        }),
        device(
            "audit-of-reading-said-twice",
            "The settings name a reading command twice.",
            &["E9"],
            |d| {
                d.options.command_audit.push(CommandAudit { command: 0x01, level: 0 });
            },
        ),
        device(
            "force-audit-not-fixed",
            "Force-audit is on but could be turned off.",
            &["E9"],
            |d| d.options.force_audit = 1,
        ),
        device(
            "audit-claimed-for-more",
            "The settings claim what the log does not show.",
            &["E6"],
            |d| level(0x43, LEVEL_FIX)(&mut d.options.command_audit),
        ),
    ]
}

fn firmware() -> Vec<Case> {
    vec![
        device(
            "firmware-of-two-numbers",
            "A device's firmware is not named in full.",
            &["E3", "E9"],
            |d| d.info.firmware = "2.4".into(),
        ),
        device(
            "firmware-not-known-yet",
            "Firmware 2.5 may have commands that nobody has looked at.",
            &["E9"],
            |d| set_firmware(d, [2, 5, 0]),
        ),
        device(
            "command-not-known",
            "A device lists a command that nobody knows, and does not record it.",
            &["E9"],
            |d| {
                d.options.command_audit.push(CommandAudit { command: 0x78, level: 0 });
            },
        ),
        device(
            "firmware-2.3-claims-for-2.4",
            "A device with firmware 2.4 says it has the commands of 2.3.",
            &["E9"],
            |d| {
                d.options.command_audit.retain(|c| c.command < 0x73);
                say_so_in_the_log(d);
            },
        ),
    ]
}
