//! `keepsake-operator gather-statements`: puts what the sites' devices said into the next epoch's
//! evidence.

use crate::error::OperatorError;
use clap::Args;
use durable_files::{Readers, read_bounded, write_whole};
use fleet_evidence::folder::{
    DeviceStatement, MAX_NEW_EPOCH, NEW_EPOCH, NewEpoch, Purpose, STATEMENTS, STATEMENTS_TYPE,
    Statements, canonical,
};
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A certificate, its chain and a few numbers, rounded up.
const MAX_STATEMENT: u64 = 64 * 1024;

/// Put the statements of all sites' devices into the next epoch's evidence.
#[derive(Args, Debug)]
pub struct GatherStatementsArgs {
    /// The folder that `renew` made.
    #[arg(long)]
    into: PathBuf,
    /// What `vouch` wrote, one file of each site.
    #[arg(required = true)]
    statements: Vec<PathBuf>,
}

/// Exit code 0 done, 1 refused.
pub fn gather_statements(args: &GatherStatementsArgs) -> ExitCode {
    match try_gather(args) {
        Ok(count) => {
            println!(
                "{count} statements: {}",
                args.into.join("evidence").join(STATEMENTS).display()
            );
            println!(
                "Next: the auditor signs, you countersign, the auditor publishes, each site takes the new bundle."
            );
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("gather-statements: {e}");
            ExitCode::FAILURE
        }
    }
}

fn try_gather(args: &GatherStatementsArgs) -> Result<usize, OperatorError> {
    let request = read::<NewEpoch>(&args.into.join(NEW_EPOCH), MAX_NEW_EPOCH)?;
    let given = args
        .statements
        .iter()
        .map(|path| read(path, MAX_STATEMENT))
        .collect::<Result<Vec<_>, _>>()?;
    let statements = in_order(&request, given).map_err(OperatorError::Folder)?;
    let count = statements.len();
    let path = args.into.join("evidence").join(STATEMENTS);
    let bytes = canonical(&Statements { kind: STATEMENTS_TYPE.into(), statements });
    write_whole(&path, &bytes, Readers::Everyone).map_err(OperatorError::io(&path))?;
    Ok(count)
}

/// One statement for each request, in the order of the sites. Whether a device made it is for the
/// auditor to verify.
fn in_order(
    request: &NewEpoch,
    given: Vec<DeviceStatement>,
) -> Result<Vec<DeviceStatement>, String> {
    let bundle = request.bundle.id();
    for statement in &given {
        let asked = request.of(statement.serial);
        let asked =
            asked.ok_or_else(|| format!("device {} is not of this fleet", statement.serial))?;
        let same = (statement.purpose, statement.challenge, statement.head, statement.bundle)
            == (Purpose::Ceremony, asked.challenge, asked.head, bundle);
        if !same {
            return Err(format!(
                "the statement of device {} is about something else",
                statement.serial
            ));
        }
    }
    let one = |serial: u32| {
        let mut found = given.iter().filter(|s| s.serial == serial);
        match (found.next(), found.next()) {
            (Some(statement), None) => Ok(statement.clone()),
            (None, _) => Err(format!(
                "the statement of device {serial} is missing; all must be given at once"
            )),
            _ => Err(format!("device {serial} has two statements")),
        }
    };
    request.statements.iter().map(|asked| one(asked.serial)).collect()
}

fn read<T: DeserializeOwned>(path: &Path, limit: u64) -> Result<T, OperatorError> {
    let bytes = read_bounded(path, limit).map_err(OperatorError::io(path))?;
    serde_json::from_slice(&bytes)
        .map_err(|e| OperatorError::Folder(format!("{}: {e}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fleet_evidence::folder::{Head, RequestedStatement};

    fn request() -> NewEpoch {
        let vector: serde_json::Value =
            serde_json::from_str(include_str!("../../spec/validation-bundle.json")).unwrap();
        let asked = |serial| RequestedStatement {
            serial,
            challenge: [1; 32],
            head: Head { number: 9, digest: [2; 16] },
        };
        NewEpoch {
            bundle: serde_json::from_value(vector["bundle"].clone()).unwrap(),
            statements: vec![asked(1001), asked(1002)],
        }
    }

    fn statement(serial: u32) -> DeviceStatement {
        DeviceStatement {
            serial,
            purpose: Purpose::Ceremony,
            challenge: [1; 32],
            head: Head { number: 9, digest: [2; 16] },
            bundle: request().bundle.id(),
            certificate: String::new(),
            device_chain: String::new(),
        }
    }

    #[test]
    fn one_statement_of_each_device_in_the_order_of_the_sites() {
        let gathered = in_order(&request(), vec![statement(1002), statement(1001)]).unwrap();
        assert_eq!(gathered.iter().map(|s| s.serial).collect::<Vec<_>>(), [1001, 1002]);
        let other = DeviceStatement { challenge: [3; 32], ..statement(1002) };
        let live = DeviceStatement { purpose: Purpose::Live, ..statement(1002) };
        let wrong = [
            ("1002 is missing", vec![statement(1001)]),
            ("two statements", vec![statement(1001), statement(1002), statement(1002)]),
            ("not of this fleet", vec![statement(1001), statement(1002), statement(7)]),
            ("something else", vec![statement(1001), other]),
            ("something else", vec![statement(1001), live]),
        ];
        for (expected, given) in wrong {
            let refused = in_order(&request(), given).unwrap_err();
            assert!(refused.contains(expected), "{refused}");
        }
    }
}
