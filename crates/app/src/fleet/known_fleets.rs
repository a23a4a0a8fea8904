//! Vaults that a person may choose without typing an address.

use crate::model::KnownFleet;
use crate::{AppError, NextStep, Result};
use durable_files::read_if_there;
use fleet_evidence::FleetUrl;
use serde::Deserialize;
use std::path::Path;

/// Written by whoever looks after the computer.
const LIST: &str = "/etc/keepsake/fleets.json";
const TYPE: &str = "keepsake/fleets/v1";
/// 100 fleets of under 600 bytes each.
const MAX_FILE: u64 = 64 * 1024;

#[derive(Deserialize)]
struct File {
    #[serde(rename = "type")]
    kind: String,
    fleets: Vec<KnownFleet>,
}

/// The vaults that whoever looks after this computer named in `/etc/keepsake/fleets.json`. Each is
/// verified like any other before it is used. The program itself names none: it trusts nobody on a
/// person's behalf.
///
/// # Errors
/// `damaged` if the list cannot be read, or an address in it has no pin.
pub fn known_fleets() -> Result<Vec<KnownFleet>> {
    read(Path::new(LIST))
}

fn read(list: &Path) -> Result<Vec<KnownFleet>> {
    let damaged = |why: &dyn std::fmt::Display| {
        AppError::damaged("The list of vaults for this computer", why, NextStep::MendListOfFleets)
    };
    let Some(bytes) = read_if_there(list, MAX_FILE).map_err(|e| damaged(&e))? else {
        return Ok(vec![]);
    };
    let file: File = serde_json::from_slice(&bytes).map_err(|e| damaged(&e))?;
    if file.kind != TYPE {
        return Err(damaged(&"unknown type"));
    }
    for fleet in &file.fleets {
        let address = FleetUrl::parse(&fleet.url).map_err(|e| damaged(&e))?;
        if address.pin.is_none() {
            return Err(damaged(&"an address without #sha256= at its end"));
        }
    }
    Ok(file.fleets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &str) -> Result<Vec<KnownFleet>> {
        let dir = tempfile::tempdir().unwrap();
        let list = dir.path().join("fleets.json");
        std::fs::write(&list, text).unwrap();
        read(&list)
    }

    #[test]
    fn the_list_of_the_computer_names_vaults_with_their_pins() {
        let url = format!("https://auditor.example/#sha256={}", "5a".repeat(32));
        let text =
            serde_json::json!({ "type": TYPE, "fleets": [{ "name": "Our club", "url": url }] });
        assert_eq!(listed(&text.to_string()).unwrap()[0].name, "Our club");
        assert!(read(Path::new("/nonexistent/fleets.json")).unwrap().is_empty());
    }

    #[test]
    fn a_list_that_cannot_be_trusted_is_refused_whole() {
        for text in [
            "{",
            r#"{"type":"keepsake/fleets/v2","fleets":[]}"#,
            r#"{"type":"keepsake/fleets/v1","fleets":[{"name":"a","url":"https://a.example"}]}"#,
            r#"{"type":"keepsake/fleets/v1","fleets":[{"name":"a","url":"ftp://a.example"}]}"#,
        ] {
            assert_eq!(listed(text).unwrap_err().next, NextStep::MendListOfFleets, "{text}");
        }
        assert!(listed(&" ".repeat(70_000)).is_err());
    }
}
