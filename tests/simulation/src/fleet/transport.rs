//! A client's way to the sites.

use super::Fleet;
use super::seat::Program;
use crate::front::http;
use crate::network::Node;
use async_trait::async_trait;
use sha2::{Digest, Sha256};
use std::time::Duration;
use vault_client::{Post, Reply, Transport, TransportError};
use vault_protocol::SiteIndex;

/// As long as the app's own transport waits for an answer.
const ANSWER: Duration = Duration::from_secs(10);

/// One client's transport, with an address of its own.
#[derive(Clone)]
pub struct SimulatedTransport {
    fleet: Fleet,
    client: u8,
}

impl SimulatedTransport {
    pub(super) fn new(fleet: Fleet, client: u8) -> Self {
        Self { fleet, client }
    }

    /// The site that a bundle names this address for.
    fn site_at(&self, endpoint: &str) -> Option<SiteIndex> {
        let bundles = self.fleet.bundles();
        let mut sites = bundles.iter().flat_map(|verified| verified.sites());
        sites.find(|site| site.endpoint == endpoint).map(|site| site.index)
    }

    async fn deliver(&self, site: SiteIndex, post: Post) -> Result<Reply, TransportError> {
        let client = Node::Client(self.client);
        let network = self.fleet.network();
        if !network.carry(client, Node::Site(site)).await {
            return std::future::pending().await;
        }
        if let Some(later) = network.repeats() {
            self.deliver_again(site, post.clone(), later);
        }
        let reply = self.handle(site, post).await?;
        if !network.carry(Node::Site(site), client).await {
            return std::future::pending().await;
        }
        Ok(reply)
    }

    /// What the site answers, if its program lives so long.
    async fn handle(&self, site: SiteIndex, post: Post) -> Result<Reply, TransportError> {
        let seat = self.fleet.seat(site);
        let unreachable = |why: &str| TransportError::Unreachable(why.into());
        if seat.is_hung() {
            return std::future::pending().await;
        }
        if let Some(reply) = seat.door().and_then(|door| door(&post)) {
            return Ok(reply);
        }
        let Program { front, life } =
            seat.program().ok_or_else(|| unreachable("connection refused"))?;
        let reply = http(&*front, self.client, post).await;
        if life.is_over() {
            return Err(unreachable("connection reset"));
        }
        match reply {
            Some(reply) => Ok(reply),
            None => std::future::pending().await,
        }
    }

    fn deliver_again(&self, site: SiteIndex, post: Post, later: Duration) {
        let transport = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(later).await;
            let _ = tokio::time::timeout(ANSWER, transport.handle(site, post)).await;
        });
    }

    fn note(&self, site: SiteIndex, post: &Post, outcome: &Result<Reply, TransportError>) {
        let client = self.client;
        let sent = digest(&post.body);
        let kind = if post.path.len() > "/v2/session".len() { "message" } else { "handshake" };
        let history = self.fleet.history();
        match outcome {
            Ok(reply) => {
                let status = reply.status;
                let got = digest(&reply.body);
                let line =
                    format_args!("client {client}, site {site}: {kind} {sent} {status} {got}");
                history.note(line);
            }
            Err(error) => {
                history.note(format_args!("client {client}, site {site}: {kind} {sent} {error}"));
            }
        }
    }
}

#[async_trait]
impl Transport for SimulatedTransport {
    async fn post(&self, post: Post) -> Result<Reply, TransportError> {
        let unreachable = || TransportError::Unreachable("no such address".into());
        let site = self.site_at(&post.endpoint).ok_or_else(unreachable)?;
        let outcome = tokio::time::timeout(ANSWER, self.deliver(site, post.clone())).await;
        let late = || TransportError::TimedOut { seconds: ANSWER.as_secs() };
        let outcome = outcome.unwrap_or_else(|_| Err(late()));
        self.note(site, &post, &outcome);
        outcome
    }
}

/// Enough of a hash to see a difference.
fn digest(bytes: &[u8]) -> String {
    hex::encode(&Sha256::digest(bytes)[..4])
}
