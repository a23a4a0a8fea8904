//! What people and their clients do, one step at a time and without a client's checks, at any fleet
//! that can be reached somehow.
#![allow(dead_code, unused_imports, async_fn_in_trait)]

pub(crate) mod authenticator;
pub(crate) mod certificates;
mod fleet_folder;
mod http;
mod passkeys;
mod person;
mod recovery;

pub(crate) use authenticator::Authenticator;
pub(crate) use fleet_folder::FleetFolder;
pub(crate) use http::{Http, Session};
pub(crate) use passkeys::Begun;
pub(crate) use person::{Person, Voted};
pub(crate) use recovery::{Recovered, Stopped};

use vault_protocol::{Bundle, Request, Response, VoteKeyCertificate};

/// A fleet, as a client reaches it.
pub(crate) trait Reach {
    type Client: Asks;

    fn bundle(&self) -> &Bundle;

    /// Opens a session; none if the site is away or lets nobody in.
    async fn open(&self, site: u8) -> Option<Self::Client>;

    /// Of the vote keys that the sites have now.
    async fn certificates(&self) -> Vec<VoteKeyCertificate>;

    fn sites(&self) -> std::ops::RangeInclusive<u8> {
        1..=self.bundle().sites.len() as u8
    }
}

/// An open session.
pub(crate) trait Asks {
    async fn ask(&mut self, request: Request) -> Response;

    /// Names the session.
    fn handshake_hash(&self) -> [u8; 32];
}

/// A person's code after stretching.
pub(crate) fn code(text: &str) -> Vec<u8> {
    format!("stretched {text}").into_bytes()
}
