//! Guesses that honest sites evaluated stay within the bound of the fleet's policy, in every slot
//! and in every round (spec/vault-protocol.md section 7.3).

use crate::scenario::Watch;
use std::collections::{BTreeMap, BTreeSet};
use vault_protocol::limits::MAX_TRIES;
use vault_protocol::{AccountId, Round, Slot, SlotId, TryId, slot_id};

/// Rounds that a course of events can come to.
const ROUNDS: Round = 64;

pub async fn at_end(watch: &Watch) {
    let mut by_slot: BTreeMap<SlotId, BTreeSet<TryId>> = BTreeMap::new();
    for site in watch.honest() {
        for entry in watch.fleet.evaluated(site).await {
            by_slot.entry(entry.slot).or_default().insert(entry.tried);
        }
    }
    let mut accounted = 0;
    for account in watch.accounts() {
        for round in 0..ROUNDS {
            accounted += check_round(watch, &by_slot, account, round);
        }
    }
    let all = by_slot.values().map(BTreeSet::len).sum::<usize>();
    if accounted != all {
        watch.violated(format_args!("{all} tries were evaluated, {accounted} are of known slots"));
    }
}

fn check_round(
    watch: &Watch,
    by_slot: &BTreeMap<SlotId, BTreeSet<TryId>>,
    account: AccountId,
    round: Round,
) -> usize {
    let keys = watch.fleet.keys();
    let mut total = 0;
    let mut allowed = 0;
    for slot in 1..=MAX_TRIES {
        let place = slot_id(&keys.digest, &account, round, slot);
        let tries = by_slot.get(&place).map_or(0, BTreeSet::len);
        let bound = bound(watch, slot);
        if tries > bound {
            let what =
                format_args!("{tries} guesses in round {round} slot {slot}, {bound} allowed");
            watch.violated(what);
        }
        total += tries;
        allowed += bound;
    }
    if total > allowed {
        watch.violated(format_args!("{total} guesses in round {round}, {allowed} allowed"));
    }
    total
}

/// Different tries that can be certified in one slot: floor((n - b) / (q - b)).
fn bound(watch: &Watch, slot: Slot) -> usize {
    let keys = watch.fleet.keys();
    let bad = watch.bad.len();
    (keys.sites() - bad) / (keys.quorum(slot) - bad)
}
