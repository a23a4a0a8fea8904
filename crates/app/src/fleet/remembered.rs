//! What this computer knows of fleets without asking anybody.

use super::memory::FleetMemory;
use crate::{Keepsake, Result};
use durable_files::read_if_there;
use fleet_evidence::{FleetUrl, Trust};
use vault_protocol::limits::MAX_BUNDLE;
use vault_protocol::{Bundle, SignedBundle};

/// A fleet as this computer remembers it.
#[derive(Default)]
pub(crate) struct Remembered {
    /// The newest that was verified here.
    pub bundle: Option<Bundle>,
    pub mock: bool,
}

pub(crate) fn remembered_fleet(keepsake: &Keepsake, url: &str) -> Result<Remembered> {
    let Some(pin) = FleetUrl::parse(url).ok().and_then(|u| u.pin) else {
        return Ok(Remembered::default());
    };
    let memory = FleetMemory::new(keepsake.home(), &pin);
    let mock = match memory.trust()? {
        Some(bytes) => Trust::from_pinned_json(&bytes, &pin).is_ok_and(|t| t.mock()),
        None => false,
    };
    let bundle = memory
        .bundle()?
        .and_then(|bytes| SignedBundle::from_json(&bytes).ok())
        .map(|signed| signed.bundle);
    Ok(Remembered { bundle, mock })
}

/// Trust documents of all fleets that this computer knows.
pub(crate) fn known_trusts(keepsake: &Keepsake) -> Vec<Trust> {
    let Ok(folders) = std::fs::read_dir(keepsake.home().join("fleets")) else { return vec![] };
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let bytes =
            read_if_there(&entry.ok()?.path().join("trust.json"), MAX_BUNDLE as u64).ok()??;
        Trust::from_json(&bytes).ok()
    };
    folders.filter_map(read).collect()
}

/// Whether this computer knows the fleet with this trust document.
pub(crate) fn is_known(keepsake: &Keepsake, trust: &[u8; 32]) -> bool {
    known_trusts(keepsake).iter().any(|known| known.id() == *trust)
}
