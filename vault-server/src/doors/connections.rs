//! Which connections are open, from where, and who has to go for a new one.

use super::patient_stream::Phase;
use crate::site::Origin;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// Connections of one address.
pub(super) const OF_ORIGIN: usize = 64;

/// All connections of one listener. Clones share it.
#[derive(Clone)]
pub struct Connections(Arc<Mutex<Open>>);

struct Open {
    most: usize,
    next: u64,
    by_id: BTreeMap<u64, Connection>,
    counts: BTreeMap<Origin, usize>,
}

struct Connection {
    origin: Origin,
    /// Of a trusted proxy: the addresses behind it are counted elsewhere.
    is_proxy: bool,
    since: Instant,
    phase: Phase,
    task: Option<AbortHandle>,
}

/// One connection's place; given back when it is dropped.
pub struct Place {
    connections: Connections,
    id: u64,
    pub phase: Phase,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.lock().remove(self.id);
    }
}

impl Connections {
    /// For at most so many at once.
    pub fn at_most(most: usize) -> Self {
        let open = Open { most, next: 0, by_id: BTreeMap::new(), counts: BTreeMap::new() };
        Self(Arc::new(Mutex::new(open)))
    }

    /// Open connections.
    pub fn len(&self) -> usize {
        self.lock().by_id.len()
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes at most so many from now on; those that are open stay.
    pub fn set_most(&self, most: usize) {
        self.lock().most = most;
    }

    /// A place for a new connection; none if its address has enough. Where all places are taken, a
    /// connection of the address with most of them goes: the one that has been idle for the longest
    /// time.
    pub fn enter(&self, origin: Origin, is_proxy: bool) -> Option<Place> {
        let mut open = self.lock();
        if !is_proxy && open.count(origin) >= OF_ORIGIN {
            return None;
        }
        if open.by_id.len() >= open.most {
            open.make_room();
        }
        let phase = Phase::default();
        let id = open.next;
        open.next += 1;
        let since = Instant::now();
        let connection = Connection { origin, is_proxy, since, phase: phase.clone(), task: None };
        open.by_id.insert(id, connection);
        if !is_proxy {
            *open.counts.entry(origin).or_default() += 1;
        }
        Some(Place { connections: self.clone(), id, phase })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Names the task that serves the connection: it is ended when the place is needed.
    pub fn served_by(&self, task: AbortHandle) {
        if let Some(connection) = self.connections.lock().by_id.get_mut(&self.id) {
            connection.task = Some(task);
        }
    }

    /// A proxy has said whose connection it is; none if that address has enough.
    pub fn is_of(&self, origin: Origin) -> Option<()> {
        let mut open = self.connections.lock();
        if open.count(origin) >= OF_ORIGIN {
            return None;
        }
        let connection = open.by_id.get_mut(&self.id)?;
        if !connection.is_proxy {
            return None;
        }
        connection.is_proxy = false;
        connection.origin = origin;
        *open.counts.entry(origin).or_default() += 1;
        Some(())
    }
}

impl Open {
    fn count(&self, origin: Origin) -> usize {
        self.counts.get(&origin).copied().unwrap_or_default()
    }

    fn make_room(&mut self) {
        let most = self.counts.values().copied().max().unwrap_or_default();
        let is_greedy =
            |connection: &Connection| !connection.is_proxy && self.count(connection.origin) == most;
        let greedy = self.by_id.iter().filter(|(_, connection)| is_greedy(connection));
        let goes = greedy.min_by_key(|(_, c)| (c.phase.is_answering(), c.since)).map(|(id, _)| *id);
        if let Some(connection) = goes.and_then(|id| self.remove(id))
            && let Some(task) = connection.task
        {
            task.abort();
        }
    }

    fn remove(&mut self, id: u64) -> Option<Connection> {
        let connection = self.by_id.remove(&id)?;
        if !connection.is_proxy
            && let Some(count) = self.counts.get_mut(&connection.origin)
        {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&connection.origin);
            }
        }
        Some(connection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;
    use std::time::Duration;

    fn origin(n: u32) -> Origin {
        Origin::of(IpAddr::from(n.to_be_bytes()))
    }

    #[test]
    fn one_address_has_so_many_and_no_more() {
        let connections = Connections::at_most(1000);
        let places: Vec<_> = (0..OF_ORIGIN).map(|_| connections.enter(origin(1), false)).collect();
        assert!(places.iter().all(Option::is_some));
        assert!(connections.enter(origin(1), false).is_none());
        assert!(connections.enter(origin(2), false).is_some());
        drop(places);
        assert!(connections.enter(origin(1), false).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn when_all_places_are_taken_the_greediest_address_loses_its_oldest_idle_one() {
        let connections = Connections::at_most(6);
        let mut places = vec![];
        for n in [1, 2, 2, 2, 3, 3] {
            let place = connections.enter(origin(n), false).unwrap();
            let task = tokio::spawn(std::future::pending::<()>());
            place.served_by(task.abort_handle());
            places.push((place, task));
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        // The oldest of address 2 is being answered.
        places[1].0.phase.answering();
        let _new = connections.enter(origin(4), false).unwrap();
        tokio::task::yield_now().await;
        let ended: Vec<_> = places.iter().map(|(_, task)| task.is_finished()).collect();
        assert_eq!(ended, [false, false, true, false, false, false]);
        assert_eq!(connections.len(), 6);
    }

    #[test]
    fn whom_a_proxy_names_is_counted_and_the_proxy_is_not() {
        let connections = Connections::at_most(1000);
        let places: Vec<_> =
            (0..200).map(|_| connections.enter(origin(9), true).unwrap()).collect();
        let (first, rest) = places.split_at(OF_ORIGIN);
        assert!(first.iter().all(|place| place.is_of(origin(1)).is_some()));
        assert!(rest[0].is_of(origin(1)).is_none());
        assert!(rest[0].is_of(origin(2)).is_some());
    }
}
