//! What a site does by itself, on timers.

use crate::api::{Site, now};
use crate::audit::{PublishedCounts, Subject};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use vault_state::{Command, EXPIRY_GRACE};

/// The device's session idles out after 30 s.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const DRAIN: Duration = Duration::from_secs(5);
const COUNTS: Duration = Duration::from_secs(60);
const EXPIRE: Duration = Duration::from_secs(60);
const SWEEP: Duration = Duration::from_secs(10);

/// Starts the timers; they end when the set is dropped.
pub fn start(site: &Arc<Site>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    every(&mut tasks, site, KEEP_ALIVE, keep_alive);
    every(&mut tasks, site, DRAIN, drain);
    every(&mut tasks, site, COUNTS, publish_counts);
    every(&mut tasks, site, EXPIRE, expire);
    every(&mut tasks, site, SWEEP, sweep);
    tasks
}

fn every<F, W>(tasks: &mut JoinSet<()>, site: &Arc<Site>, period: Duration, work: F)
where
    F: Fn(Arc<Site>) -> W + Send + 'static,
    W: Future<Output = ()> + Send + 'static,
{
    let site = site.clone();
    tasks.spawn(async move {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            work(site.clone()).await;
        }
    });
}

async fn keep_alive(site: Arc<Site>) {
    if let Err(fault) = site.device.keep_alive().await {
        tracing::warn!(%fault, "the device did not answer");
    }
}

async fn drain(site: Arc<Site>) {
    if site.ledger.is_unread()
        && let Err(fault) = site.ledger.drain().await
    {
        tracing::warn!(%fault, "the device's log was not drained");
    }
}

/// Signs new counts when there is something new to count.
pub async fn publish_counts(site: Arc<Site>) {
    let Ok(totals) = site.cluster.reader().totals().await else { return };
    let Ok(counters) = site.local.counters().await else { return };
    let counted = site.counts.read().await.as_ref().map(|p| (p.counts.oprf_entries, p.counts.tries));
    if counted == Some((counters.oprf_entries, totals.tries)) {
        return;
    }
    let subject = Subject { site: site.index, bundle: site.bundle_id, serial: site.identity.serial };
    match PublishedCounts::make(subject, &site.local, &totals, &site.device, now()).await {
        Ok(published) => {
            if published.counts.surplus() > 0 {
                tracing::error!(surplus = published.counts.surplus(), "the device did more than the fleet allowed");
            }
            *site.counts.write().await = Some(published);
        }
        Err(fault) => tracing::warn!(%fault, "the audit counts were not signed"),
    }
}

async fn expire(site: Arc<Site>) {
    let at = now();
    if !site.cluster.is_leader() {
        return;
    }
    match site.cluster.reader().any_exhausted(at.saturating_sub(EXPIRY_GRACE)).await {
        Ok(false) => {}
        Ok(true) => {
            if let Err(error) = site.cluster.propose(Command::Expire { at }).await {
                tracing::warn!(%error, "an expiry was not committed; it is tried again");
            }
        }
        Err(error) => tracing::error!(%error, "the site's storage failed"),
    }
}

async fn sweep(site: Arc<Site>) {
    site.sessions.sweep();
    site.open_boxes.sweep();
}
