//! Third stage: the fleet key goes from the first device to the others under a key that lives in
//! our memory only while this function runs, and in the devices until the next stage deletes it.

use super::device_work::{DeviceWork, Watch};
use super::progress::Step;
use crate::error::OperatorError;
use fleet_evidence::device_profile::capability::{EXPORT_WRAPPED, IMPORT_WRAPPED};
use rand_core::{OsRng, RngCore};
use zeroize::Zeroizing;

/// Clones the fleet key from the first device to all others.
///
/// # Errors
/// [`OperatorError::StartOver`] if an earlier run was interrupted in here: its wrap key is gone for
/// good.
pub(super) fn clone_fleet_key(
    works: &mut [DeviceWork<'_>],
    watch: Watch<'_>,
) -> Result<(), OperatorError> {
    let over =
        works.iter().all(|w| w.progress.has(Step::PutWrapKey) && !w.progress.is_cloning(w.role));
    if over {
        return Ok(());
    }
    if let Some(begun) = works.iter().find(|w| w.progress.has(Step::PutWrapKey)) {
        return Err(begun.start_over(
            "it was interrupted while the fleet key was being copied, and the copying key is gone",
        ));
    }
    let mut key = Zeroizing::new([0; 32]);
    OsRng.fill_bytes(key.as_mut());
    let Some((first, others)) = works.split_first_mut() else { return Ok(()) };
    first.step(Step::PutWrapKey, "put wrap key 0x0301 (export only)", watch, |s| {
        s.put_wrap_key(&key, EXPORT_WRAPPED)
    })?;
    for other in others {
        let what = "put wrap key 0x0301 (import only)";
        other.step(Step::PutWrapKey, what, watch, |s| s.put_wrap_key(&key, IMPORT_WRAPPED))?;
        let what = format!("export fleet key for device {}", other.serial());
        let exported = first.step(Step::ExportFleetKey, &what, watch, |s| s.export_fleet_key())?;
        let Some(wrapped) = exported else { return Err(first.start_over("it exported before")) };
        other.step(Step::ImportFleetKey, "import fleet key", watch, |s| {
            s.import_fleet_key(&wrapped)
        })?;
    }
    Ok(())
}
