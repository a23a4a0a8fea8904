//! How the connector treats its clients: by default as yubihsm-connector does.

use std::time::Duration;

/// Names that yubihsm-connector admits with `--enable-host-header-allowlist`.
pub const LOCAL_HOSTS: [&str; 4] = ["localhost", "localhost.", "127.0.0.1", "[::1]"];

/// Settings of a connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectorOptions {
    /// A connection without a request for this long is closed; `None` leaves it open. The real
    /// connector's 5 seconds surprise clients that keep connections alive.
    pub idle_timeout: Option<Duration>,
    /// Answers over 2,048 bytes come with `Transfer-Encoding: chunked`, as Go sends them.
    pub chunked_answers: bool,
    /// Hosts that the `Host` header may name, without port; any if `None`. A browser that was
    /// lured to this port names its own.
    pub allowed_hosts: Option<Vec<String>>,
}

impl Default for ConnectorOptions {
    fn default() -> Self {
        let idle_timeout = Some(Duration::from_secs(5));
        Self { idle_timeout, chunked_answers: true, allowed_hosts: None }
    }
}

impl ConnectorOptions {
    /// Whether a request with this `Host` header is served.
    pub(super) fn admits(&self, host: &str) -> bool {
        let Some(allowed) = &self.allowed_hosts else { return true };
        let name = without_port(host);
        allowed.iter().any(|allowed| allowed == name)
    }
}

/// Cuts `:port`, but nothing inside the brackets of an IPv6 address.
fn without_port(host: &str) -> &str {
    let bracket = host.find(']').unwrap_or(0);
    match host.rfind(':') {
        Some(colon) if colon > bracket => &host[..colon],
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_hosts_are_admitted_whatever_their_port() {
        let any = ConnectorOptions::default();
        let local = ConnectorOptions {
            allowed_hosts: Some(LOCAL_HOSTS.map(str::to_owned).to_vec()),
            ..ConnectorOptions::default()
        };
        for host in ["localhost", "localhost:12345", "127.0.0.1:1", "[::1]:9", "[::1]"] {
            assert!(local.admits(host), "{host}");
        }
        for host in ["evil.example", "evil.example:12345", "::1", "localhost.evil.example", ""] {
            assert!(!local.admits(host) && any.admits(host), "{host}");
        }
    }
}
