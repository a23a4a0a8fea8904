//! A network that loses, delays, repeats and reorders messages, and is cut in two.

use crate::dice::Dice;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use vault_protocol::SiteIndex;

/// Who sends and who is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    Client(u8),
    Site(SiteIndex),
}

/// What the network does to messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weather {
    /// Milliseconds that a message takes: different delays put messages out of order.
    pub fastest: u64,
    pub slowest: u64,
    /// Of 1,000 messages.
    pub lost: u64,
    pub repeated: u64,
}

impl Weather {
    pub const FAIR: Self = Self { fastest: 1, slowest: 10, lost: 0, repeated: 0 };
}

/// Clones share it.
#[derive(Clone)]
pub struct Network {
    dice: Dice,
    state: Arc<Mutex<State>>,
}

struct State {
    weather: Weather,
    /// Pairs between which nothing passes, the smaller first.
    cut: BTreeSet<(Node, Node)>,
}

impl Network {
    pub fn new(dice: Dice, weather: Weather) -> Self {
        let cut = BTreeSet::new();
        Self { dice, state: Arc::new(Mutex::new(State { weather, cut })) }
    }

    pub fn set_weather(&self, weather: Weather) {
        self.lock().weather = weather;
    }

    /// Nothing passes between these two any more, either way.
    pub fn cut(&self, a: Node, b: Node) {
        self.lock().cut.insert(pair(a, b));
    }

    /// Everybody reaches everybody.
    pub fn mend(&self) {
        self.lock().cut.clear();
    }

    /// Takes as long as one message does; false if it does not arrive.
    pub async fn carry(&self, from: Node, to: Node) -> bool {
        let (delay, arrives) = self.fate(from, to);
        tokio::time::sleep(delay).await;
        arrives && !self.is_cut(from, to)
    }

    /// Whether the network delivers this one a second time, and how much later.
    pub fn repeats(&self) -> Option<Duration> {
        let repeated = self.lock().weather.repeated;
        self.dice.in_1000(repeated).then(|| self.dice.millis(1, 2000))
    }

    fn fate(&self, from: Node, to: Node) -> (Duration, bool) {
        let Weather { fastest, slowest, lost, .. } = self.lock().weather;
        let delay = self.dice.millis(fastest, slowest);
        let lost = self.dice.in_1000(lost);
        (delay, !lost && !self.is_cut(from, to))
    }

    fn is_cut(&self, a: Node, b: Node) -> bool {
        self.lock().cut.contains(&pair(a, b))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pair(a: Node, b: Node) -> (Node, Node) {
    if a < b { (a, b) } else { (b, a) }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(client) => write!(f, "client {client}"),
            Self::Site(site) => write!(f, "site {site}"),
        }
    }
}
