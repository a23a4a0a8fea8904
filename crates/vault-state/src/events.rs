//! The history of an account at one site, for the person to read.

use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use vault_protocol::limits::MAX_EVENTS;
use vault_protocol::{AccountEvent, EventKind};

/// The newest lines, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Events(VecDeque<AccountEvent>);

impl Events {
    /// Oldest first, at most [`vault_protocol::limits::MAX_EVENTS`].
    pub fn lines(&self) -> Vec<AccountEvent> {
        self.0.iter().cloned().collect()
    }

    /// Appends a line. What others can cause again and again pushes out its own kind only.
    pub(crate) fn note(&mut self, at: u64, kind: EventKind) {
        let of_its_kind = |event: &AccountEvent| same_kind(event.kind, kind);
        if self.0.iter().filter(|e| of_its_kind(e)).count() >= most_of(kind) {
            let oldest = self.0.iter().position(of_its_kind);
            oldest.map(|at| self.0.remove(at));
        }
        if self.0.len() >= MAX_EVENTS {
            self.0.pop_front();
        }
        self.0.push_back(AccountEvent { at, kind });
    }
}

fn same_kind(a: EventKind, b: EventKind) -> bool {
    std::mem::discriminant(&a) == std::mem::discriminant(&b)
}

fn most_of(kind: EventKind) -> usize {
    match kind {
        EventKind::PasskeyRefused => MAX_EVENTS / 16,
        EventKind::PasskeyUsed | EventKind::Tried { .. } => MAX_EVENTS / 4,
        EventKind::Confirmed { .. } => MAX_EVENTS / 4,
        _ => MAX_EVENTS / 8,
    }
}
