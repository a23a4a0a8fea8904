//! What a site does by itself.

use crate::accounts::AccountStore;
use crate::api::Api;
use crate::audit::{Prover, PublishedCounts};
use crate::device::{HsmDevice, Work};
use crate::site::SystemClock;
use crate::site::ports::{Clock, DeviceFault};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// The device's session idles out after 30 s; a person should not wait longer to hear that it is
/// away.
const LOOK_AT_DEVICE: Duration = Duration::from_secs(5);
/// A device that takes longer for an echo is of no use to anyone.
const DEVICE_PATIENCE: Duration = Duration::from_secs(5);
const DRAIN: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_secs(5);
const PULL: Duration = Duration::from_secs(15);
/// While a peer is missing: it should be found soon after it is back.
const PULL_MISSING: Duration = Duration::from_secs(2);
const COUNTS: Duration = Duration::from_secs(60);
const CHECKPOINT: Duration = Duration::from_secs(600);
/// Seconds between two checkpoints.
const DAY: u64 = 24 * 3600;

#[derive(Clone)]
struct Parts {
    api: Arc<Api>,
    device: HsmDevice,
    prover: Arc<Prover>,
}

/// Starts the timers; they end when the set is dropped.
pub(super) fn start(api: &Arc<Api>, device: &HsmDevice, prover: &Arc<Prover>) -> JoinSet<()> {
    let parts = Parts { api: api.clone(), device: device.clone(), prover: prover.clone() };
    let mut timers = JoinSet::new();
    every(&mut timers, &parts, LOOK_AT_DEVICE, look_at_device);
    every(&mut timers, &parts, DRAIN, drain);
    every(&mut timers, &parts, TICK, tick);
    timers.spawn(pull(parts.clone()));
    every(&mut timers, &parts, COUNTS, publish_counts);
    every(&mut timers, &parts, CHECKPOINT, checkpoint);
    timers
}

fn every<F, W>(timers: &mut JoinSet<()>, parts: &Parts, period: Duration, work: F)
where
    F: Fn(Parts) -> W + Send + 'static,
    W: Future<Output = ()> + Send + 'static,
{
    let parts = parts.clone();
    timers.spawn(async move {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            work(parts.clone()).await;
        }
    });
}

async fn look_at_device(parts: Parts) {
    let asked =
        timeout(DEVICE_PATIENCE, parts.device.run(Work::Unlogged, |keys| keys.keep_alive()));
    let answered = match asked.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(fault)) => Err(fault.to_string()),
        Err(_) => Err(format!("no answer within {} s", DEVICE_PATIENCE.as_secs())),
    };
    parts.api.vitals.device_answered(answered);
    parts.api.vitals.say();
}

async fn drain(parts: Parts) {
    let ledger = &parts.api.ledger;
    if ledger.is_unread()
        && let Err(fault) = ledger.drain().await
    {
        // A device that is away is said by who looks at it.
        tracing::debug!(%fault, "the device's log was not drained");
    }
    if let Ok(log) = parts.api.site.store().log().await {
        let number = log.last.map(|last| u16::from_be_bytes([last[0], last[1]]));
        parts.api.vitals.set_log(log.entries, number);
    }
}

async fn tick(parts: Parts) {
    let Parts { api, .. } = parts;
    api.site.tick().await;
    api.handshakes.sweep();
    api.vitals.look_at_disk();
    if api.site.store().failure().is_some() {
        api.site.store().try_to_write().await;
    }
}

async fn pull(parts: Parts) {
    let Parts { api, .. } = parts;
    loop {
        let answered = api.site.pull().await;
        api.vitals.peers_answered(&answered);
        api.vitals.say();
        let all = answered.len() == api.vitals.now().peers.len();
        tokio::time::sleep(if all { PULL } else { PULL_MISSING }).await;
    }
}

/// Signs new counts when there is something new to count.
async fn publish_counts(parts: Parts) {
    let Parts { api, device, prover } = &parts;
    let store = api.site.store();
    let (Ok(totals), Ok(log)) = (store.totals().await, store.log().await) else { return };
    let published = api.counts.read().unwrap_or_else(PoisonError::into_inner).clone();
    let bundle = prover.subject().bundle;
    let is_same = published.is_some_and(|published| {
        let counts = published.counts;
        counts.bundle == bundle
            && counts.oprf_entries == log.oprf_entries
            && counts.evaluated == totals.evaluated
    });
    if is_same {
        return;
    }
    match make_counts(prover, device).await {
        Ok(published) => {
            *api.counts.write().unwrap_or_else(PoisonError::into_inner) = Some(published);
        }
        Err(fault) => tracing::debug!(%fault, "the audit counts were not signed"),
    }
}

async fn make_counts(prover: &Prover, device: &HsmDevice) -> Result<PublishedCounts, DeviceFault> {
    let at = SystemClock.now();
    let published = PublishedCounts::make(prover.subject(), &prover.store, device, at).await?;
    let surplus = published.counts.surplus();
    if surplus > 0 {
        tracing::error!(surplus, "the device did more than anything accounts for");
    }
    Ok(published)
}

/// Signs and stores counts once a day.
async fn checkpoint(parts: Parts) {
    let Parts { api, device, prover } = &parts;
    let store = api.site.store();
    let Ok(last) = store.last_checkpoint().await else { return };
    let last = last.and_then(|bytes| serde_json::from_slice::<PublishedCounts>(&bytes).ok());
    let now = SystemClock.now();
    if last.is_some_and(|last| now < last.counts.at.saturating_add(DAY)) {
        return;
    }
    let stored = match make_counts(prover, device).await {
        Ok(published) => match serde_json::to_vec(&published) {
            Ok(bytes) => store.add_checkpoint(bytes).await.map_err(|e| e.to_string()),
            Err(error) => Err(error.to_string()),
        },
        Err(fault) => Err(fault.to_string()),
    };
    if let Err(error) = stored {
        tracing::warn!(%error, "no checkpoint was made; it is tried again");
    }
}
