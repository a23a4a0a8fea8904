//! Ordering commands over the sites: openraft on a SQLite store, RPC over mutual TLS.
//!
//! Consensus is not Byzantine, so nothing rests on it alone: every site checks each command's proof when it applies it
//! (crate `vault-state`), and keeps its own count of guesses (module `local`).

mod cluster;
mod network;
mod peer_api;
pub mod store;
pub mod tls;
mod wire;

pub use cluster::{Applied, Cluster, ClusterError, Membership, Timing};
pub use network::Peer;

use vault_protocol::SiteIndex;
use vault_state::{Command, Outcome};

openraft::declare_raft_types!(
    /// Types of the fleet's Raft: a node is a site, its address comes from the site's own configuration.
    pub Vault:
        D = Command,
        R = Outcome,
        NodeId = u64,
        Node = openraft::EmptyNode,
        SnapshotData = tokio::fs::File,
);

/// Raft's name of a site.
pub fn node_id(site: SiteIndex) -> u64 {
    u64::from(site.0)
}
