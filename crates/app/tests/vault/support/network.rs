//! The network of a test: publishers and sites in memory, and a list of everybody who was
//! contacted.

use app::{Network, Result, Unfetched, Web};
use async_trait::async_trait;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use vault_client::{Post, Randomness, Reply, Timer, TokioTimer, Transport, TransportError};
use vault_simulation::fleet::{Fleet, SimulatedTransport};

/// Somebody was contacted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Contact {
    /// A publisher, by host and path.
    Publisher(String),
    /// A site, by its endpoint, for the bundle that it serves to everybody.
    Bundle(String),
    /// A site, with a message of a session.
    Session(String),
}

impl Contact {
    pub(crate) fn is_session(&self) -> bool {
        matches!(self, Self::Session(_))
    }
}

/// What every computer of a world reaches. Clones share it.
#[derive(Clone)]
pub(crate) struct Wires(Arc<Mutex<State>>);

struct State {
    /// Fleets by the address of their publisher.
    fleets: BTreeMap<String, Fleet>,
    /// Publishers that do not answer now.
    silent: BTreeSet<String>,
    contacts: Vec<Contact>,
}

impl Wires {
    pub(crate) fn new() -> Self {
        let state =
            State { fleets: BTreeMap::new(), silent: BTreeSet::new(), contacts: Vec::new() };
        Self(Arc::new(Mutex::new(state)))
    }

    pub(crate) fn publish(&self, base: &str, fleet: Fleet) {
        self.lock().fleets.insert(base.into(), fleet);
    }

    pub(crate) fn silence(&self, base: &str) {
        self.lock().silent.insert(base.into());
    }

    /// Everybody who was contacted since the last look.
    pub(crate) fn take_contacts(&self) -> Vec<Contact> {
        std::mem::take(&mut self.lock().contacts)
    }

    fn note(&self, contact: Contact) {
        self.lock().contacts.push(contact);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One computer's way into the network. `fleet` is the one whose sites have addresses.
pub(super) struct Cable {
    pub wires: Wires,
    pub fleet: Fleet,
    pub client: u8,
}

impl Network for Cable {
    fn reach(&self, _: Option<&str>) -> Result<Arc<dyn Web>> {
        let sites = self.fleet.transport(self.client);
        Ok(Arc::new(Plugged { wires: self.wires.clone(), sites }))
    }

    fn timer(&self) -> Arc<dyn Timer> {
        Arc::new(TokioTimer::start())
    }

    fn randomness(&self) -> Arc<dyn Randomness> {
        self.fleet.ports(self.client).randomness
    }
}

struct Plugged {
    wires: Wires,
    sites: SimulatedTransport,
}

#[async_trait]
impl Web for Plugged {
    async fn get(&self, url: &str, limit: usize) -> std::result::Result<Vec<u8>, Unfetched> {
        if let Some(endpoint) = url.strip_suffix("/v2/bundle") {
            self.wires.note(Contact::Bundle(endpoint.into()));
            return Err(Unfetched::Unreachable(
                "a simulated site gives its bundle to nobody".into(),
            ));
        }
        self.wires.note(Contact::Publisher(url.into()));
        let state = self.wires.lock();
        let published = state
            .fleets
            .iter()
            .find_map(|(base, fleet)| Some((base, fleet, url.strip_prefix(base)?)));
        let (base, fleet, path) =
            published.ok_or_else(|| Unfetched::Unreachable("no such host".into()))?;
        if state.silent.contains(base) {
            return Err(Unfetched::TimedOut { seconds: 10 });
        }
        let bytes = document(fleet, path)
            .ok_or(Unfetched::Status { status: 404, reason: "not found".into() })?;
        if bytes.len() > limit { Err(Unfetched::TooLong { limit }) } else { Ok(bytes) }
    }
}

#[async_trait]
impl Transport for Plugged {
    async fn post(&self, post: Post) -> std::result::Result<Reply, TransportError> {
        self.wires.note(Contact::Session(post.endpoint.clone()));
        self.sites.post(post).await
    }
}

fn document(fleet: &Fleet, path: &str) -> Option<Vec<u8>> {
    let bundles = fleet.bundles();
    if path == "/trust.json" {
        return Some(serde_json::to_vec(fleet.trust().document()).unwrap());
    }
    let wanted = match path.strip_prefix("/bundles/")? {
        "latest" => bundles.first(),
        epoch => bundles.iter().find(|bundle| bundle.epoch().to_string() == epoch),
    };
    wanted.map(|bundle| serde_json::to_vec(bundle.signed()).unwrap())
}
