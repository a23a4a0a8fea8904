//! An account's history, as its sites tell it.

use crate::collect::Collecting;
use crate::conversation::Lanes;
use crate::error::VaultError;
use crate::fleet::Fleet;
use crate::site_notes::SiteNotes;
use crate::verdict;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use vault_protocol::limits::MAX_EVENTS;
use vault_protocol::{AccountEvent, AccountId, Answer, EventKind, Request, SiteIndex};

/// How long to wait for t sites.
const PATIENCE: Duration = Duration::from_secs(12);
/// Seconds within which the same line at two sites is one event: a site that was away learns late,
/// and clocks differ.
const SAME: u64 = 300;

/// The history of an account, merged from all sites that told theirs.
#[derive(Clone, Debug)]
pub struct History {
    /// Oldest first.
    pub events: Vec<Event>,
    /// What there is to say of single sites.
    pub notes: SiteNotes,
}

/// One event, and who tells of it: nobody can prove it, so what one site alone tells may be a lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Unix seconds: the middle of what these sites say.
    pub at: u64,
    /// What happened.
    pub kind: EventKind,
    /// Sites that tell of it.
    pub sites: BTreeSet<SiteIndex>,
}

impl Fleet {
    /// What happened to the account, by every site's own clock.
    ///
    /// # Errors
    /// [`VaultError::NoSuchAccount`], [`VaultError::TooFewSites`], [`VaultError::OlderFleet`].
    pub async fn events(&self, account: AccountId) -> Result<History, VaultError> {
        let mut lanes = Lanes::new(self, Some(account), PATIENCE);
        let request = Request::Events { account };
        let read = |answer| if let Answer::Events(events) = answer { Some(events) } else { None };
        let mut plan = Collecting::new(&self.known, request, read, lanes.now() + PATIENCE);
        lanes.run(&mut plan).await;
        let notes = SiteNotes { liars: plan.liars.0, ..lanes.notes() };
        if plan.answers.len() < self.known.threshold() {
            return Err(verdict::refused(&self.known, plan.answers.len(), notes));
        }
        Ok(History { events: merge(plan.answers), notes })
    }
}

fn merge(told: BTreeMap<SiteIndex, Vec<AccountEvent>>) -> Vec<Event> {
    let lines = told.into_iter().flat_map(|(site, lines)| {
        lines.into_iter().take(MAX_EVENTS).map(move |line| (line.at, site, line.kind))
    });
    let mut lines: Vec<_> = lines.collect();
    lines.sort_by_key(|(at, site, _)| (*at, *site));
    let mut merged: Vec<(Event, Vec<u64>)> = Vec::new();
    for (at, site, kind) in lines {
        let same = |(event, times): &&mut (Event, Vec<u64>)| {
            let recent = times.first().is_some_and(|first| at - first <= SAME);
            recent && event.kind == kind && !event.sites.contains(&site)
        };
        match merged.iter_mut().find(same) {
            Some((event, times)) => {
                event.sites.insert(site);
                times.push(at);
            }
            None => merged.push((Event { at, kind, sites: [site].into() }, vec![at])),
        }
    }
    let middle = |(event, times): (Event, Vec<u64>)| Event { at: times[times.len() / 2], ..event };
    let mut events: Vec<_> = merged.into_iter().map(middle).collect();
    events.sort_by_key(|event| event.at);
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(at: u64, kind: EventKind) -> AccountEvent {
        AccountEvent { at, kind }
    }

    #[test]
    fn the_same_line_of_several_sites_is_one_event() {
        let tried = EventKind::Tried { version: 1, slot: 1 };
        let confirmed = EventKind::Confirmed { round: 1 };
        let told = BTreeMap::from([
            (SiteIndex(1), vec![line(100, tried), line(102, confirmed)]),
            (SiteIndex(2), vec![line(101, tried), line(103, confirmed)]),
            (SiteIndex(3), vec![line(200, confirmed), line(900, tried)]),
        ]);
        let events = merge(told);
        let told: Vec<_> = events.iter().map(|e| (e.at, e.kind, e.sites.len())).collect();
        let expected = [(101, tried, 2), (103, confirmed, 3), (900, tried, 1)];
        assert_eq!(told, expected);
        assert_eq!(events[2].sites, [SiteIndex(3)].into(), "what one site alone tells");
    }

    #[test]
    fn the_same_line_twice_of_one_site_is_two_events() {
        let used = EventKind::PasskeyUsed;
        let told = BTreeMap::from([
            (SiteIndex(1), vec![line(100, used), line(110, used)]),
            (SiteIndex(2), vec![line(101, used), line(111, used)]),
        ]);
        let events = merge(told);
        assert_eq!(events.len(), 2);
        assert!(events.iter().all(|event| event.sites.len() == 2));
    }
}
