//! The table as a document.

use std::fmt::Write;

use hsm_mock::{DeviceError, Firmware};

use crate::behaviour::{Answer, Behaviour};
use crate::{FIRMWARE, cases};

const HEAD: &str = "\
# What the MOCK YubiHSM2 does

Made from the tests in `hsm-mock/tests/conformance`, which run every row on every firmware named
here: `UPDATE_CONFORMANCE=1 cargo test -p hsm-mock --test conformance` writes this page anew. \"yes\"
is what the row says; a name is the error that a device answers with; \"–\" is a command that the
firmware does not have, which answers `INVALID COMMAND`.

The emulator is made from what is published: no row was compared with hardware by us. The last
column says where the behaviour is known from. Beside these rows `script/test-hsm-mock` runs Yubico's
Python client, unchanged, on the emulator: asymmetric authentication, FIPS mode and TLS among it.

## Not emulated

- What an attacker who has the device could measure: timing, power, faults. It is an ordinary program.
- `DEMO MODE` and `SESSION FAILED`: nothing leads to them.
- Command codes `0x07` and `0x09`, which have audit settings on a device and no published meaning.
- USB. Clients that open the device themselves (`yhusb://`) need the connector's URL instead.
- Wear of the flash memory, and the time that the first RSA key after power-on takes longer.
- The texts of Yubico's certificates and of `GET DEVICE INFO` page 1: here they say MOCK.
- What a row says of one firmware was not tried on every release between two columns.

";

/// The whole page.
pub(crate) fn document() -> String {
    let mut page = HEAD.to_owned();
    for (code, name, since) in hsm_mock::commands() {
        let _ = writeln!(page, "## {code:#04x} {name}\n");
        if since > Firmware::V2_0_0 {
            let _ = writeln!(page, "Since firmware {since}.\n");
        }
        let versions = FIRMWARE.map(|firmware| firmware.to_string()).join(" | ");
        let _ = writeln!(page, "| | {versions} | source |");
        let _ = writeln!(page, "|---|{}---|", "---|".repeat(FIRMWARE.len()));
        for behaviour in cases::all().filter(|behaviour| behaviour.command == code) {
            let _ = writeln!(page, "{}", row(&behaviour, since));
        }
        page.push('\n');
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn row(behaviour: &Behaviour, since: Firmware) -> String {
    let cells = FIRMWARE.map(|firmware| cell(behaviour, since, firmware)).join(" | ");
    format!("| {} | {cells} | {} |", behaviour.what, behaviour.source)
}

fn cell(behaviour: &Behaviour, since: Firmware, firmware: Firmware) -> &'static str {
    match behaviour.on(firmware) {
        _ if firmware < since => "–",
        Answer::Done => "yes",
        Answer::Refused(error) => DeviceError::name(error),
    }
}
