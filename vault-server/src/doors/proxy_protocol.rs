//! The address that a proxy in front of a site announces before the connection's own bytes.
//!
//! Source: The PROXY protocol, versions 1 and 2 (HAProxy, doc/proxy-protocol.txt), read by crate
//! `ppp`.

use ppp::HeaderResult;
use std::io;
use std::net::IpAddr;
use tokio::io::{AsyncRead, AsyncReadExt};

/// A header of version 1 with its line end (section 2.1).
const MAX_LINE: usize = 107;
/// What precedes the addresses of version 2: signature, version and family, length (section 2.2).
const FIXED: usize = 16;
/// Of what follows nobody needs more than a pair of IPv6 addresses and a few TLVs.
const MAX_ADDRESSES: usize = 520;

/// What a proxy says of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announced {
    /// Where the client is.
    Address(IpAddr),
    /// The proxy's own: it looks whether the site is alive.
    Itself,
}

/// Reads exactly the header, and nothing after it.
///
/// # Errors
/// What is no header, or longer than one may be.
pub async fn read_announcement(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Announced> {
    let first = stream.read_u8().await?;
    let header = match first {
        b'P' => read_line(stream, first).await?,
        b'\r' => read_binary(stream, first).await?,
        _ => return Err(no_header()),
    };
    match HeaderResult::parse(&header) {
        HeaderResult::V1(Ok(read)) => Ok(of_version_1(&read.addresses)),
        HeaderResult::V2(Ok(read)) => Ok(of_version_2(&read)),
        _ => Err(no_header()),
    }
}

/// One byte at a time: what follows the line is not ours to take.
async fn read_line(stream: &mut (impl AsyncRead + Unpin), first: u8) -> io::Result<Vec<u8>> {
    let mut line = vec![first];
    while line.last() != Some(&b'\n') {
        if line.len() >= MAX_LINE {
            return Err(no_header());
        }
        line.push(stream.read_u8().await?);
    }
    Ok(line)
}

async fn read_binary(stream: &mut (impl AsyncRead + Unpin), first: u8) -> io::Result<Vec<u8>> {
    let mut header = vec![first; FIXED];
    stream.read_exact(&mut header[1..]).await?;
    let length = usize::from(u16::from_be_bytes([header[14], header[15]]));
    if length > MAX_ADDRESSES {
        return Err(no_header());
    }
    header.resize(FIXED + length, 0);
    stream.read_exact(&mut header[FIXED..]).await?;
    Ok(header)
}

fn no_header() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "no PROXY header")
}

fn of_version_1(addresses: &ppp::v1::Addresses) -> Announced {
    match addresses {
        ppp::v1::Addresses::Tcp4(tcp) => Announced::Address(tcp.source_address.into()),
        ppp::v1::Addresses::Tcp6(tcp) => Announced::Address(tcp.source_address.into()),
        ppp::v1::Addresses::Unknown => Announced::Itself,
    }
}

fn of_version_2(header: &ppp::v2::Header<'_>) -> Announced {
    match header.addresses {
        ppp::v2::Addresses::IPv4(ip) => Announced::Address(ip.source_address.into()),
        ppp::v2::Addresses::IPv6(ip) => Announced::Address(ip.source_address.into()),
        ppp::v2::Addresses::Unspecified | ppp::v2::Addresses::Unix(_) => Announced::Itself,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> Option<(Announced, usize)> {
        let mut stream = bytes;
        let announced = read_announcement(&mut stream).await.ok()?;
        Some((announced, stream.len()))
    }

    #[tokio::test]
    async fn both_versions_name_the_client_and_leave_what_follows() {
        let v1 = b"PROXY TCP4 192.0.2.7 198.51.100.1 5555 443\r\nrest";
        let client = Announced::Address([192, 0, 2, 7].into());
        assert_eq!(read(v1).await, Some((client, 4)));
        let v6 = b"PROXY TCP6 2001:db8::7 2001:db8::1 5555 443\r\n";
        let client6 = Announced::Address("2001:db8::7".parse().unwrap());
        assert_eq!(read(v6).await, Some((client6, 0)));
        let mut v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".to_vec();
        v2.extend([192, 0, 2, 7, 198, 51, 100, 1, 0x15, 0xb3, 1, 0xbb]);
        v2.extend(b"rest");
        assert_eq!(read(&v2).await, Some((client, 4)));
    }

    #[tokio::test]
    async fn a_proxy_that_looks_after_the_site_is_itself() {
        assert_eq!(read(b"PROXY UNKNOWN\r\n").await, Some((Announced::Itself, 0)));
        let local = b"\r\n\r\n\0\r\nQUIT\n\x20\x00\0\0";
        assert_eq!(read(local).await, Some((Announced::Itself, 0)));
    }

    #[tokio::test]
    async fn what_is_no_header_is_refused() {
        let long = [b"PROXY TCP4 ".as_slice(), &[b'1'; 2000]].concat();
        let hellos: [&[u8]; 6] = [
            b"",
            b"GET / HTTP/1.1\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"PROXY TCP4 999.0.2.7 198.51.100.1 5555 443\r\n",
            b"PROXY TCP4 192.0.2.7",
            &long,
        ];
        for bytes in hellos {
            assert_eq!(read(bytes).await, None, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
