//! The ports of a fleet.

use crate::{FleetError, Result};
use std::net::{TcpListener, TcpStream};

/// Below the range that Linux gives to outgoing connections.
const FIRST: u16 = 20_000;
/// Ports of one fleet, and how many fleets fit into the range.
const STRETCH: u16 = 40;
const STRETCHES: u16 = 250;

/// The ports of a fleet: the auditor has the first, the devices' control ports come after it, then
/// three blocks of ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ports {
    pub base: u16,
}

impl Ports {
    pub(crate) fn auditor(self) -> u16 {
        self.base
    }

    pub(crate) fn control(self, site: u8) -> u16 {
        self.base + u16::from(site)
    }

    pub(crate) fn device(self, site: u8) -> u16 {
        self.base + 10 + u16::from(site)
    }

    pub(crate) fn clients(self, site: u8) -> u16 {
        self.base + 20 + u16::from(site)
    }

    pub(crate) fn peers(self, site: u8) -> u16 {
        self.base + 30 + u16::from(site)
    }

    fn all(self, sites: u8) -> impl Iterator<Item = u16> {
        let of_site = move |site| {
            [self.control(site), self.device(site), self.clients(site), self.peers(site)]
        };
        std::iter::once(self.auditor()).chain((1..=sites).flat_map(of_site))
    }

    /// These, if nothing has them.
    pub(crate) fn at(base: u16, sites: u8) -> Result<Self> {
        let ports = Self { base };
        if base > u16::MAX - STRETCH {
            return Err(FleetError::Port(base));
        }
        match ports.all(sites).find(|port| !is_free(*port)) {
            Some(taken) => Err(FleetError::Port(taken)),
            None => Ok(ports),
        }
    }

    /// A free stretch. Begins at another place in each process and each time, so that two fleets
    /// rarely meet.
    pub(crate) fn choose(sites: u8) -> Result<Self> {
        let nanos = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.subsec_nanos());
        let seed = u64::from(std::process::id()).wrapping_mul(7919) + u64::from(nanos) / 1000;
        let begin = u16::try_from(seed % u64::from(STRETCHES)).unwrap_or(0);
        let bases = (0..STRETCHES).map(|i| FIRST + (begin + i) % STRETCHES * STRETCH);
        let mut free = bases.filter_map(|base| Self::at(base, sites).ok());
        free.next().ok_or(FleetError::NoPorts)
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

/// Whether somebody listens there.
pub(crate) fn answers(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn no_two_services_of_a_fleet_have_one_port() {
        let mut all: Vec<u16> = Ports { base: FIRST }.all(7).collect();
        assert_eq!(all.len(), 29);
        assert!(all.iter().all(|port| (FIRST..FIRST + STRETCH).contains(port)));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 29);
    }

    #[test]
    fn a_port_that_is_taken_is_named() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        assert!(matches!(Ports::at(port, 3), Err(FleetError::Port(p)) if p == port));
        assert!(matches!(Ports::at(u16::MAX, 3), Err(FleetError::Port(_))));
    }
}
