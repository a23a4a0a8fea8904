//! Check B8: the bundles before this one.

use super::{EpochChange, form, signatures};
use crate::seen::{Seen, SeenBundle};
use crate::trust::Trust;
use vault_protocol::{Bundle, BundleId, SignedBundle};

/// Fleets live for decades at an epoch a week: far fewer than this.
const MAX_HISTORY: usize = 4096;

/// The chain of bundles from the one under test back to epoch 1, as far as it is known.
pub(super) struct History {
    /// Newest first; the bundle under test is not among them.
    earlier: Vec<Bundle>,
    /// From epoch 1 to the bundle under test, if there is no gap.
    chain: Result<Vec<SeenBundle>, String>,
    /// Something in the supplied history contradicts something else.
    conflict: Option<String>,
    changes: Vec<EpochChange>,
}

impl History {
    /// Follows `previous` from the bundle under test back through the supplied documents, then
    /// through what was seen.
    pub(super) fn gather(
        signed: &SignedBundle,
        documents: &[Vec<u8>],
        trust: &Trust,
        seen: Option<&Seen>,
    ) -> Self {
        let (supplied, conflict) = read_all(signed, documents, trust);
        let mut earlier: Vec<Bundle> = Vec::new();
        let mut current = &signed.bundle;
        while let Some(previous) = supplied.iter().find(|b| Some(b.id()) == current.previous) {
            if check_link(Some(previous), current).is_err() {
                break;
            }
            earlier.push(previous.clone());
            current = previous;
        }
        let chain = chain_to_first(&signed.bundle, &earlier, seen);
        let mut changes: Vec<EpochChange> = std::iter::once(&signed.bundle)
            .chain(&earlier)
            .zip(&earlier)
            .map(|(new, old)| EpochChange::between(old, new))
            .collect();
        changes.reverse();
        Self { earlier, chain, conflict, changes }
    }

    /// Check B6.
    pub(super) fn check_newer(
        &self,
        bundle: &Bundle,
        trust: &Trust,
        seen: Option<&Seen>,
    ) -> Result<String, String> {
        if let Some(conflict) = &self.conflict {
            return Err(conflict.clone());
        }
        let Some(seen) = seen else {
            return Ok(format!("epoch {}, none was seen before", bundle.epoch));
        };
        if seen.trust != hex::encode(trust.id()) {
            return Err("what was seen before was verified under another trust document".into());
        }
        if bundle.epoch < seen.epoch {
            return Err(format!(
                "epoch {} is older than epoch {}, seen before",
                bundle.epoch, seen.epoch
            ));
        }
        if bundle.epoch == seen.epoch && bundle.id() != seen.bundle {
            return Err(format!(
                "a second bundle for epoch {}: {} was seen before",
                bundle.epoch, seen.bundle
            ));
        }
        match self.id_at(bundle, seen.epoch) {
            Some(id) if id == seen.bundle => {
                Ok(format!("epoch {}, last seen {}", bundle.epoch, seen.epoch))
            }
            Some(id) => Err(format!(
                "the history has {id} for epoch {}, seen before was {}",
                seen.epoch, seen.bundle
            )),
            None => {
                Err(format!("the history does not reach back to epoch {}, seen before", seen.epoch))
            }
        }
    }

    /// Check B8.
    pub(super) fn check_chain(&self, bundle: &Bundle) -> Result<String, String> {
        if let Some(other) = self.earlier.iter().find(|b| b.fleet_id != bundle.fleet_id) {
            return Err(format!("epoch {} belongs to another fleet", other.epoch));
        }
        let chain = self.chain.as_ref().map_err(Clone::clone)?;
        Ok(format!("{} bundles from epoch 1 to {}", chain.len(), bundle.epoch))
    }

    pub(super) fn changes(&self) -> Vec<EpochChange> {
        self.changes.clone()
    }

    pub(super) fn into_chain(self) -> Vec<SeenBundle> {
        self.chain.unwrap_or_default()
    }

    fn id_at(&self, bundle: &Bundle, epoch: u64) -> Option<BundleId> {
        if bundle.epoch == epoch {
            return Some(bundle.id());
        }
        // The oldest document names the one before it, so one link more than there are documents is
        // known.
        let oldest = self.earlier.last().unwrap_or(bundle);
        if oldest.epoch == epoch.saturating_add(1) {
            return oldest.previous;
        }
        self.earlier.iter().find(|b| b.epoch == epoch).map(Bundle::id)
    }
}

/// The rule between neighbours: next epoch, named digest, same fleet and namespace.
pub(super) fn check_link(previous: Option<&Bundle>, bundle: &Bundle) -> Result<(), String> {
    let Some(previous) = previous else {
        return if bundle.epoch == 1 {
            Ok(())
        } else {
            Err(format!("epoch {} without epoch {}", bundle.epoch, bundle.epoch.saturating_sub(1)))
        };
    };
    if Some(bundle.epoch) != previous.epoch.checked_add(1) {
        return Err(format!("epoch {} after epoch {}", bundle.epoch, previous.epoch));
    }
    if bundle.previous != Some(previous.id()) {
        return Err(format!(
            "it does not name the bundle of epoch {} as the one before",
            previous.epoch
        ));
    }
    if (&bundle.namespace, bundle.fleet_id) != (&previous.namespace, previous.fleet_id) {
        return Err("it belongs to another fleet or namespace than the one before".into());
    }
    check_keys(previous, bundle)?;
    match previous.revoked_epochs.iter().find(|e| !bundle.revoked_epochs.contains(e)) {
        Some(epoch) => Err(format!("epoch {epoch} was revoked before and is not any more")),
        None => Ok(()),
    }
}

/// `keys_since` may only reach back over bundles with the same keys: accounts are bound to that
/// epoch.
fn check_keys(previous: &Bundle, bundle: &Bundle) -> Result<(), String> {
    match bundle.keys_since {
        None => Ok(()),
        Some(_) if !bundle.has_keys_of(previous) => {
            Err("it says that its keys are those of before, and they differ".into())
        }
        Some(since) if since != previous.keys_since() => {
            Err(format!("its keys date from epoch {}, not {since}", previous.keys_since()))
        }
        Some(_) => Ok(()),
    }
}

/// Earlier bundles that are well formed and properly signed, and the first contradiction among what
/// was supplied.
fn read_all(
    signed: &SignedBundle,
    documents: &[Vec<u8>],
    trust: &Trust,
) -> (Vec<Bundle>, Option<String>) {
    let mut bundles: Vec<Bundle> = Vec::new();
    let mut conflict = None;
    for bytes in documents.iter().take(MAX_HISTORY) {
        let Ok(other) = form::read_signed(bytes) else { continue };
        if !is_sound(&other, trust) {
            continue;
        }
        let same_epoch =
            bundles.iter().chain([&signed.bundle]).find(|b| b.epoch == other.bundle.epoch);
        match same_epoch {
            Some(b) if b.id() == other.bundle.id() => {}
            Some(b) => {
                conflict =
                    conflict.or_else(|| Some(format!("two signed bundles for epoch {}", b.epoch)))
            }
            None => bundles.push(other.bundle),
        }
    }
    (bundles, conflict)
}

/// An old document counts only if it was signed by both and logged; its period of use may be over.
fn is_sound(signed: &SignedBundle, trust: &Trust) -> bool {
    form::check(&signed.bundle).is_ok()
        && signatures::auditor(signed, trust).is_ok()
        && signatures::operator(signed, trust).is_ok()
        && signatures::check_logged(signed, trust).is_ok()
}

/// The ids from epoch 1 to the bundle under test: first from documents, then from memory.
fn chain_to_first(
    bundle: &Bundle,
    earlier: &[Bundle],
    seen: Option<&Seen>,
) -> Result<Vec<SeenBundle>, String> {
    let name = |b: &Bundle| SeenBundle { epoch: b.epoch, id: b.id() };
    let mut chain: Vec<SeenBundle> = std::iter::once(bundle).chain(earlier).map(name).collect();
    let oldest = earlier.last().unwrap_or(bundle);
    let mut named = oldest.previous;
    for epoch in (1..oldest.epoch).rev() {
        let remembered = seen.and_then(|s| s.bundle_at(epoch));
        let Some(id) = named.filter(|id| remembered == Some(*id)) else {
            return Err(format!(
                "the bundle of epoch {epoch} is missing, not properly signed, or contradicts what was seen"
            ));
        };
        chain.push(SeenBundle { epoch, id });
        // Memory holds no `previous`; it was verified as a chain when it was stored.
        named = seen.and_then(|s| s.bundle_at(epoch.saturating_sub(1)));
    }
    chain.reverse();
    Ok(chain)
}
