//! What the vault's client counted and noted of sites, as plain values for the shells.

use crate::model::{CaughtSite, SpreadView};
use std::collections::BTreeSet;
use vault_client::{Lie, SiteNotes, Spread};
use vault_protocol::{Bundle, SiteIndex};

/// Of the end of a round: all tries are back when so many know it that nobody can be fed the round
/// before (spec/vault-protocol.md section 7.4).
pub(crate) fn settling(spread: &Spread) -> SpreadView {
    view(spread, spread.needed_to_settle())
}

/// Of what revokes something: it holds whatever number of bad sites can be borne (section 10).
pub(crate) fn revoking(spread: &Spread) -> SpreadView {
    let bearable = spread.sites() / 2;
    view(spread, spread.needed_despite(bearable))
}

fn view(spread: &Spread, needed: usize) -> SpreadView {
    let count = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
    SpreadView {
        acknowledged: count(spread.count()),
        needed: count(needed),
        sites: count(spread.sites()),
        done: spread.count() >= needed,
    }
}

/// The sites that were caught, by name.
pub(crate) fn caught(bundle: &Bundle, notes: &SiteNotes) -> Vec<CaughtSite> {
    let named = |(site, lies): (&SiteIndex, &BTreeSet<Lie>)| CaughtSite {
        index: site.0,
        region: bundle.site(*site).map(|s| s.region.clone()).unwrap_or_default(),
        what: lies.iter().map(ToString::to_string).collect(),
    };
    notes.liars.iter().map(named).collect()
}
