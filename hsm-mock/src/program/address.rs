//! Addresses as people type them.

use std::net::{SocketAddr, ToSocketAddrs};

use anyhow::{Context, bail};

const DEFAULT_HOST: &str = "localhost";
/// yubihsm-connector's own.
pub(super) const DEFAULT_PORT: u16 = 12345;

/// Host and port of `12345`, `:12345`, `localhost`, `[::1]:12345`, `::1`,
/// `http://localhost:12345/`.
///
/// # Errors
/// It is none of these.
pub(super) fn parse(text: &str) -> anyhow::Result<(String, u16)> {
    let rest = text.trim();
    let rest = rest.strip_prefix("http://").or(rest.strip_prefix("https://")).unwrap_or(rest);
    let rest = rest.trim_end_matches('/');
    if rest.contains(['/', '@', ' ']) {
        bail!("`{text}` is no address to listen at, such as localhost:12345");
    }
    if let Ok(port) = rest.parse() {
        return Ok((DEFAULT_HOST.to_owned(), port));
    }
    let (host, port) = split(rest);
    let port = match port {
        Some(digits) => {
            digits.parse().with_context(|| format!("`{digits}` in `{text}` is no port"))?
        }
        None => DEFAULT_PORT,
    };
    let host = if host.is_empty() { DEFAULT_HOST } else { host };
    Ok((host.to_owned(), port))
}

fn split(text: &str) -> (&str, Option<&str>) {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').unwrap_or((rest, ""));
        return (host, rest.strip_prefix(':'));
    }
    match text.rsplit_once(':') {
        // An IPv6 address without brackets has no port.
        Some((host, _)) if host.contains(':') => (text, None),
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    }
}

/// The addresses that a host has.
///
/// # Errors
/// It has none.
pub(super) fn resolve(host: &str, port: u16) -> anyhow::Result<Vec<SocketAddr>> {
    let found = (host, port).to_socket_addrs();
    let found: Vec<_> = found.with_context(|| format!("finding the address of {host}"))?.collect();
    if found.is_empty() {
        bail!("{host} has no address");
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_types_is_understood() {
        let cases = [
            ("12345", "localhost", 12345),
            (":7", "localhost", 7),
            ("localhost", "localhost", 12345),
            ("localhost:0", "localhost", 0),
            ("127.0.0.1", "127.0.0.1", 12345),
            ("0.0.0.0:8080", "0.0.0.0", 8080),
            ("[::1]:9", "::1", 9),
            ("[::1]", "::1", 12345),
            ("::1", "::1", 12345),
            ("http://localhost:12345/", "localhost", 12345),
            (" hsm.internal:5 ", "hsm.internal", 5),
        ];
        for (text, host, port) in cases {
            assert_eq!(parse(text).unwrap(), (host.to_owned(), port), "{text}");
        }
        for bad in ["localhost:x", "localhost:99999", "http://a/b", "a b"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
