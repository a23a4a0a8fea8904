//! A place that answers one request after the other, in an order that follows from a seed, and
//! whose lists show late what other computers did.

use crate::damage_suite::Dice;
use crate::store::{MemoryStore, Store, StoreEntry, StoreError};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Condvar, Mutex};

/// Whose request comes next.
pub(super) struct Turns {
    state: Mutex<State>,
    changed: Condvar,
    late: u64,
    inner: Arc<MemoryStore>,
}

struct State {
    dice: Dice,
    /// Computers that still work.
    working: Vec<u64>,
    next: u64,
    /// Requests so far.
    time: u64,
    /// For each path that somebody wrote or deleted: who, until when the others' lists do not show
    /// it, and what they show instead.
    hidden: BTreeMap<String, (u64, u64, Option<u64>)>,
}

impl Turns {
    pub(super) fn new(seed: u64, computers: u64, late: u64, inner: Arc<MemoryStore>) -> Self {
        let working = (0..computers).collect();
        let state =
            State { dice: Dice::new(seed), working, next: 0, time: 0, hidden: BTreeMap::new() };
        Self { state: Mutex::new(state), changed: Condvar::new(), late, inner }
    }

    /// Unix seconds: each request takes one.
    pub(super) fn clock(&self) -> Mutex<u64> {
        Mutex::new(1_800_000_000 + self.state.lock().unwrap().time)
    }

    fn ends(&self, number: u64) {
        let mut state = self.state.lock().unwrap();
        state.working.retain(|n| *n != number);
        state.pass_on();
        self.changed.notify_all();
    }

    /// Does something when it is the computer's turn.
    fn take<T>(&self, number: u64, act: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state.lock().unwrap();
        while state.next != number && state.working.contains(&number) {
            state = self.changed.wait(state).unwrap();
        }
        state.time += 1;
        let done = act(&mut state);
        state.pass_on();
        self.changed.notify_all();
        done
    }
}

impl State {
    fn pass_on(&mut self) {
        if !self.working.is_empty() {
            let next = self.dice.below(self.working.len());
            self.next = self.working[next];
        }
    }

    /// Others' lists go on showing for a while what they show now.
    fn hide(&mut self, path: &str, number: u64, before: Option<u64>, late: u64) {
        if late > 0 {
            let until = self.time + self.dice.below(late as usize) as u64;
            self.hidden.insert(path.into(), (number, until, before));
        }
    }
}

/// Takes part until it is dropped.
pub(super) struct Baton {
    turns: Arc<Turns>,
    number: u64,
}

impl Baton {
    pub(super) fn of(turns: Arc<Turns>, number: u64) -> Self {
        Self { turns, number }
    }
}

impl Drop for Baton {
    fn drop(&mut self) {
        self.turns.ends(self.number);
    }
}

/// The place, as one computer has it.
pub(super) struct SharedStore {
    turns: Arc<Turns>,
    number: u64,
    /// Requests until the computer is killed.
    left: Option<AtomicI64>,
}

impl SharedStore {
    pub(super) fn new(turns: Arc<Turns>, number: u64, dies_after: Option<u64>) -> Self {
        Self { turns, number, left: dies_after.map(|n| AtomicI64::new(n as i64)) }
    }

    fn take<T>(
        &self,
        path: &str,
        act: impl FnOnce(&mut State, &MemoryStore) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let dead = self.left.as_ref().is_some_and(|left| left.fetch_sub(1, Ordering::SeqCst) <= 0);
        if dead {
            let cause = std::io::Error::other("killed");
            return Err(StoreError::Io { path: path.into(), cause });
        }
        self.turns.take(self.number, |state| act(state, &self.turns.inner))
    }

    fn write(
        &self,
        path: &str,
        act: impl FnOnce(&MemoryStore) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.take(path, |state, inner| {
            let before = inner.get(path, usize::MAX).ok().map(|bytes| bytes.len() as u64);
            act(inner)?;
            state.hide(path, self.number, before, self.turns.late);
            Ok(())
        })
    }
}

impl Store for SharedStore {
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.write(path, |inner| inner.put(path, bytes))
    }

    fn put_new(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.write(path, |inner| inner.put_new(path, bytes))
    }

    fn get(&self, path: &str, limit: usize) -> Result<Vec<u8>, StoreError> {
        self.take(path, |_, inner| inner.get(path, limit))
    }

    fn get_range(&self, path: &str, start: u64, len: usize) -> Result<Vec<u8>, StoreError> {
        self.take(path, |_, inner| inner.get_range(path, start, len))
    }

    fn list(&self, folder: &str) -> Result<Vec<StoreEntry>, StoreError> {
        self.take(folder, |state, inner| {
            let mut shown: BTreeMap<String, u64> =
                inner.list(folder)?.into_iter().map(|e| (e.name, e.len)).collect();
            for (path, (by, until, before)) in &state.hidden {
                let Some(name) = path.strip_prefix(&format!("{folder}/")) else { continue };
                if *by != self.number && state.time < *until {
                    match before {
                        Some(len) => drop(shown.insert(name.into(), *len)),
                        None => drop(shown.remove(name)),
                    }
                }
            }
            Ok(shown.into_iter().map(|(name, len)| StoreEntry { name, len }).collect())
        })
    }

    fn exists(&self, path: &str) -> Result<bool, StoreError> {
        self.take(path, |_, inner| inner.exists(path))
    }

    fn delete(&self, path: &str) -> Result<(), StoreError> {
        self.write(path, |inner| inner.delete(path))
    }
}
