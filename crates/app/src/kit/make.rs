//! Making a kit.

use super::known_kits::KnownKit;
use crate::backup::{computer_name, destinations};
use crate::model::KitView;
use crate::progress::blocking;
use crate::{Keepsake, Result};
use rand_core::OsRng;
use sealed_keys::OfflineKey;

/// Makes a kit and gives it to every backup that can be reached; the others get it with their next
/// backup. Asks nobody. It counts once [`crate::confirm_kit`] was called; one before it that never
/// was is taken back.
///
/// # Errors
/// `device_key`, `disk`, …: nothing opens with the new key then.
pub async fn make_kit(keepsake: &Keepsake) -> Result<KitView> {
    let home = keepsake.clone();
    let (kit, offline) = blocking(move || {
        let backup = home.backup_key_or_new()?;
        let offline = OfflineKey::generate(&mut OsRng);
        let kit = KnownKit::new(&home, &backup, &offline);
        let mut all = home.known_kits()?;
        all.iter_mut().filter(|kit| kit.saved.is_none()).for_each(|kit| kit.removed = true);
        all.push(kit.clone());
        home.write_kits(all)?;
        Ok((kit, offline))
    })
    .await?;
    let warnings = destinations::renew_ways_back(keepsake).await;
    let words = offline.words();
    Ok(KitView {
        id: kit.id,
        words: words.expose().split(' ').map(Into::into).collect(),
        digits: offline.display().expose().to_string(),
        places: keepsake.destinations()?.into_iter().map(|place| place.url).collect(),
        computer: computer_name(),
        made: i64::try_from(kit.made).unwrap_or(i64::MAX),
        warnings,
    })
}
