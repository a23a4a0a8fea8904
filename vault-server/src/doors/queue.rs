//! Two queues for one device: owners, and strangers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Who may wait in each queue: at 13 handshakes a second, five seconds of owners.
pub(super) const MAX_WAITING: usize = 64;
/// Of so many turns strangers get at least one while they wait.
const STRANGERS_SHARE: u32 = 5;

/// Who works with the device now, and who waits. Clones share it.
#[derive(Clone, Default)]
pub struct Queue(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    is_busy: bool,
    owners: VecDeque<oneshot::Sender<Turn>>,
    strangers: VecDeque<oneshot::Sender<Turn>>,
    /// Turns of owners since the last of a stranger.
    owners_turns: u32,
}

/// A turn at the device; the next one's begins when it is dropped.
pub struct Turn(Option<Queue>);

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            queue.pass_on();
        }
    }
}

impl Queue {
    /// Those that wait.
    pub fn waiting(&self) -> usize {
        let waiting = self.lock();
        waiting.owners.len() + waiting.strangers.len()
    }

    /// Waits for a turn; none if too many wait already.
    pub async fn turn(&self, is_owner: bool) -> Option<Turn> {
        let turn = {
            let mut waiting = self.lock();
            if !waiting.is_busy {
                waiting.is_busy = true;
                return Some(Turn(Some(self.clone())));
            }
            let queue = if is_owner { &mut waiting.owners } else { &mut waiting.strangers };
            // Who went away while waiting takes no place.
            queue.retain(|waiter| !waiter.is_closed());
            if queue.len() >= MAX_WAITING {
                return None;
            }
            let (tell, told) = oneshot::channel();
            queue.push_back(tell);
            told
        };
        turn.await.ok()
    }

    fn pass_on(&self) {
        loop {
            let Some(next) = self.lock().next() else { return };
            match next.send(Turn(Some(self.clone()))) {
                Ok(()) => return,
                // It went away: its turn is the next one's, and must not pass itself on.
                Err(mut turn) => drop(turn.0.take()),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let strangers_turn = self.owners_turns + 1 >= STRANGERS_SHARE || self.owners.is_empty();
        let next = match strangers_turn {
            true => self.strangers.pop_front().map(|next| (next, 0)),
            false => None,
        };
        let of_owner =
            |owners: &mut VecDeque<_>, turns| owners.pop_front().map(|next| (next, turns + 1));
        match next.or_else(|| of_owner(&mut self.owners, self.owners_turns)) {
            Some((next, turns)) => {
                self.owners_turns = turns;
                Some(next)
            }
            None => {
                self.is_busy = false;
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;

    /// Lets `owners` and `strangers` wait behind one turn; the order in which they get theirs.
    async fn order(owners: usize, strangers: usize) -> String {
        let queue = Queue::default();
        let first = queue.turn(true).await.unwrap();
        let order = Arc::new(Mutex::new(String::new()));
        let wait = |is_owner: bool| {
            let queue = queue.clone();
            let order = order.clone();
            async move {
                let turn = queue.turn(is_owner).await;
                if turn.is_some() {
                    order.lock().unwrap().push(if is_owner { 'o' } else { 's' });
                }
            }
        };
        let all = (0..strangers).map(|_| wait(false)).chain((0..owners).map(|_| wait(true)));
        let waiting = join_all(all.map(tokio::spawn));
        tokio::task::yield_now().await;
        drop(first);
        waiting.await;
        std::mem::take(&mut *order.lock().unwrap())
    }

    #[tokio::test]
    async fn owners_go_first_and_strangers_get_one_in_five() {
        assert_eq!(order(10, 3).await, "oooosoooosoos");
        assert_eq!(order(0, 3).await, "sss");
        assert_eq!(order(3, 0).await, "ooo");
    }

    #[tokio::test]
    async fn who_goes_away_loses_nobody_a_turn() {
        let queue = Queue::default();
        let first = queue.turn(true).await.unwrap();
        let gone = tokio::spawn({
            let queue = queue.clone();
            async move { queue.turn(true).await.is_some() }
        });
        let waits = tokio::spawn({
            let queue = queue.clone();
            async move { queue.turn(true).await.is_some() }
        });
        tokio::task::yield_now().await;
        gone.abort();
        tokio::task::yield_now().await;
        drop(first);
        assert!(waits.await.unwrap());
        // Nobody has it now.
        assert!(queue.turn(false).await.is_some());
    }

    #[tokio::test]
    async fn no_more_wait_than_can_be_served() {
        let queue = Queue::default();
        let _first = queue.turn(true).await.unwrap();
        let waits = |is_owner: bool| {
            let queue = queue.clone();
            tokio::spawn(async move { queue.turn(is_owner).await.is_some() })
        };
        let _strangers: Vec<_> = (0..MAX_WAITING).map(|_| waits(false)).collect();
        while queue.waiting() < MAX_WAITING {
            tokio::task::yield_now().await;
        }
        assert!(queue.turn(false).await.is_none());
        let owner = waits(true);
        while queue.waiting() < MAX_WAITING + 1 {
            tokio::task::yield_now().await;
        }
        owner.abort();
    }
}
