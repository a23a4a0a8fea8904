//! What a ceremony would meet.

use super::begin;
use crate::error::OperatorError;
use crate::plan::{Plan, PlannedSite};

/// Looks at every device without changing it, and returns one line for each.
///
/// # Errors
/// A device cannot be reached, is not the planned one, or holds something and the plan does not
/// reset it.
pub fn dry_run(plan: &Plan) -> Result<Vec<String>, OperatorError> {
    let look = |site: &PlannedSite| match (begin::inspect(site)?, plan.reset) {
        (reasons, _) if reasons.is_empty() => {
            Ok(format!("device {}: in factory state", site.serial))
        }
        (reasons, true) => {
            Ok(format!("device {}: will be ERASED: {}", site.serial, reasons.join(", ")))
        }
        (reasons, false) => {
            Err(OperatorError::NotFactory { serial: site.serial, reasons: reasons.join(", ") })
        }
    };
    plan.sites.iter().map(look).collect()
}
