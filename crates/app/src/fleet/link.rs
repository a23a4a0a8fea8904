//! Links that name a vault, as its operator publishes them.

use crate::{AppError, Result};
use fleet_evidence::FleetUrl;

/// `keepsake://fleet/HOST/PATH#sha256=…`: a fleet's address without its `https://`.
const SCHEME: &str = "keepsake://fleet/";
/// An address is at most 2,048 bytes.
const MAX_LINK: usize = 2048;

/// The address of the fleet that a link names. Nobody is asked: the person sees the address, and
/// the fleet is verified before it is used.
///
/// # Errors
/// `fleet_refused` for anything but such a link with a pin.
pub fn fleet_of_link(link: &str) -> Result<String> {
    let named = link.trim().strip_prefix(SCHEME).filter(|_| link.len() <= MAX_LINK);
    let named = named.ok_or_else(|| AppError::fleet_url("this is no link to a vault"))?;
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '@');
    if named.is_empty() || named.starts_with(['/', '#']) || !named.chars().all(plain) {
        return Err(AppError::fleet_url("this link names no vault"));
    }
    let url = format!("https://{named}");
    let address = FleetUrl::parse(&url).map_err(|e| AppError::fleet_url(&e.to_string()))?;
    if address.pin.is_none() {
        return Err(AppError::fleet_not_pinned());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_gives_the_address_with_its_pin() {
        let pin = "5a".repeat(32);
        let link = format!("keepsake://fleet/auditor.example/club#sha256={pin}");
        let url = format!("https://auditor.example/club#sha256={pin}");
        assert_eq!(fleet_of_link(&link).unwrap(), url);
    }

    #[test]
    fn anything_else_is_refused() {
        let pin = format!("#sha256={}", "5a".repeat(32));
        for link in [
            "",
            "https://auditor.example",
            "keepsake://fleet/",
            "keepsake://fleet/auditor.example",
            "keepsake://restore/auditor.example",
            "keepsake://fleet/auditor.example#sha256=5a",
        ] {
            assert!(fleet_of_link(link).is_err(), "{link}");
        }
        for named in ["/auditor.example", "someone@auditor.example", "a b", "a\u{202e}b", "a\"b"] {
            assert!(fleet_of_link(&format!("keepsake://fleet/{named}{pin}")).is_err(), "{named}");
        }
        assert!(fleet_of_link(&format!("keepsake://fleet/{}{pin}", "a".repeat(3000))).is_err());
    }
}
