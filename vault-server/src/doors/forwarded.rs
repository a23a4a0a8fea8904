//! The address that a trusted proxy names in the header `Forwarded` (RFC 7239).

use std::net::{IpAddr, SocketAddr};

/// Longer than any that a proxy writes.
const MAX_HEADER: usize = 4096;

/// The address in the last element: what the proxy in front of this site added. Elements before it
/// are the client's own to write.
pub fn forwarded_for(header: &str) -> Option<IpAddr> {
    if header.len() > MAX_HEADER {
        return None;
    }
    let last = header.rsplit(',').next()?;
    let is_for =
        |pair: &&str| pair.trim_start().get(..4).is_some_and(|p| p.eq_ignore_ascii_case("for="));
    let pair = last.split(';').find(is_for)?;
    let node = pair.trim().get(4..)?.trim_matches('"');
    read_node(node)
}

/// `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]` or `[2001:db8::1]:80`; not an obfuscated name.
fn read_node(node: &str) -> Option<IpAddr> {
    let bare = node.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<IpAddr>().ok();
    address.or_else(|| node.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_element_counts() {
        let cases = [
            ("for=192.0.2.1", Some("192.0.2.1")),
            ("For=192.0.2.1:4711;proto=https", Some("192.0.2.1")),
            ("for=6.6.6.6, for=192.0.2.1", Some("192.0.2.1")),
            ("for=\"[2001:db8:cafe::17]:4711\"", Some("2001:db8:cafe::17")),
            ("for=\"[2001:db8:cafe::17]\"", Some("2001:db8:cafe::17")),
            ("proto=http; for=192.0.2.1 ;by=x", Some("192.0.2.1")),
            ("for=192.0.2.1, for=unknown", None),
            ("for=192.0.2.1, by=10.0.0.1", None),
            ("for=_hidden", None),
            ("", None),
            ("for=", None),
        ];
        for (header, expected) in cases {
            let expected: Option<IpAddr> = expected.map(|text| text.parse().unwrap());
            assert_eq!(forwarded_for(header), expected, "{header}");
        }
    }
}
