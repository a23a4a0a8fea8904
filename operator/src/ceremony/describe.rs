//! What a ceremony would do.

use crate::plan::Plan;
use yubihsm_device::objects::{KEYS, LOGINS};

/// The steps of a plan, for a person to read before anything is done.
pub fn describe(plan: &Plan) -> Vec<String> {
    let n = plan.sites.len();
    let mut lines = vec![format!(
        "fleet {} of {}, epoch {}: {n} sites, {} needed for a recovery, {} policy for guesses",
        plan.fleet_id,
        plan.namespace,
        plan.epoch,
        plan.threshold(),
        plan.policy.name()
    )];
    for site in &plan.sites {
        let erase = if plan.reset { "ERASE and reset" } else { "take in factory state" };
        lines.push(format!(
            "site {} ({}, {}): {erase} device {}",
            site.index, site.region, site.endpoint, site.serial
        ));
    }
    lines.push("wait for the auditor to note how each log begins".into());
    lines.push(
        "each: fix auditing of every command that touches a key or login, and forced auditing"
            .into(),
    );
    lines.extend(
        LOGINS
            .iter()
            .map(|l| format!("each: put login 0x{:04x} ({}), fresh random key", l.id, l.label)),
    );
    lines.extend(KEYS.iter().map(|k| format!("each: key 0x{:04x} ({})", k.id, k.label)));
    lines.push(format!(
        "clone the fleet key from the first device to the others: {} exports",
        n - 1
    ));
    lines.push("each: attest the keys, delete the wrap key, delete the default login".into());
    lines.push("write evidence, bundle and one statement of each device".into());
    lines
}
