//! Connections that wait for their next request, oldest first: when there are too many connections,
//! the one that has waited longest makes room.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// The waiting connections of one listener.
#[derive(Clone, Default)]
pub(super) struct IdleConnections(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    next: u64,
    by_age: BTreeMap<u64, oneshot::Sender<()>>,
}

/// One connection's place among those that wait; dropped when it waits no longer.
pub(super) struct Place {
    connections: IdleConnections,
    number: u64,
    /// Ready once the connection must go.
    pub evicted: oneshot::Receiver<()>,
}

impl IdleConnections {
    /// Takes the newest place.
    pub(super) fn wait(&self) -> Place {
        let (sender, evicted) = oneshot::channel();
        let mut waiting = self.lock();
        let number = waiting.next;
        waiting.next += 1;
        waiting.by_age.insert(number, sender);
        Place { connections: self.clone(), number, evicted }
    }

    /// Tells the connection that has waited longest to go.
    pub(super) fn evict_oldest(&self) {
        if let Some((_, sender)) = self.lock().by_age.pop_first() {
            // It may just have got a request.
            let _ = sender.send(());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.lock().by_age.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_that_still_waits_goes_first() {
        let connections = IdleConnections::default();
        let (first, mut second, mut third) =
            (connections.wait(), connections.wait(), connections.wait());
        drop(first);
        connections.evict_oldest();
        assert!(second.evicted.try_recv().is_ok());
        assert!(third.evicted.try_recv().is_err());
    }
}
