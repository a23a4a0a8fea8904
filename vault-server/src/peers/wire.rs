//! Bodies between sites: postcard.

use crate::site::ports::{PeerAnswer, PeerRequest};
use serde::de::DeserializeOwned;
use vault_protocol::limits::{
    MAX_CERTIFICATES, MAX_PASSKEY_RECORD, MAX_PASSKEYS, MAX_RECORD, MAX_VOTES,
};

/// Facts of one account with all that it may have are the largest.
pub const MAX_PEER_MESSAGE: usize = 128 * 1024;

/// A vote with round, slot, try, site, key and signature is under 160 bytes, a certificate under
/// 128; a roster, receipts and an admission with what is around them under 4 KiB.
const LARGEST: usize = MAX_VOTES * 160
    + MAX_CERTIFICATES * 128
    + MAX_PASSKEYS * MAX_PASSKEY_RECORD
    + MAX_RECORD
    + 4096;
const _: () = assert!(LARGEST <= MAX_PEER_MESSAGE);

/// Where a request goes, and its body.
pub fn write_request(request: &PeerRequest) -> (&'static str, Vec<u8>) {
    let written = match request {
        PeerRequest::Facts { account } => ("facts", postcard::to_allocvec(account)),
        PeerRequest::Push(facts) => ("push", postcard::to_allocvec(facts)),
        PeerRequest::Since { from } => ("since", postcard::to_allocvec(from)),
    };
    let (path, body) = written;
    (path, body.expect("a request is plain data"))
}

/// Reads a body that came to `path`; none if it is not one of such a request.
pub fn read_request(path: &str, body: &[u8]) -> Option<PeerRequest> {
    match path {
        "facts" => read(body).map(|account| PeerRequest::Facts { account }),
        "push" => read(body).map(|facts| PeerRequest::Push(Box::new(facts))),
        "since" => read(body).map(|from| PeerRequest::Since { from }),
        _ => None,
    }
}

/// Reads what a peer answered; none if it is no answer.
pub fn read_answer(body: &[u8]) -> Option<PeerAnswer> {
    read(body)
}

/// Reads a whole body.
fn read<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let (value, rest) = postcard::take_from_bytes(body).ok()?;
    rest.is_empty().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vault_protocol::{AccountId, News, SiteFacts};

    #[test]
    fn requests_survive_the_wire_and_nothing_else_is_one() {
        let account = AccountId([7; 16]);
        let facts = SiteFacts {
            account,
            admission: None,
            record: None,
            passkeys: vec![],
            news: News::default(),
        };
        let requests = [
            PeerRequest::Facts { account },
            PeerRequest::Push(Box::new(facts)),
            PeerRequest::Since { from: 7 },
        ];
        for request in requests {
            let (path, mut body) = write_request(&request);
            assert_eq!(read_request(path, &body), Some(request));
            assert_eq!(read_request("other", &body), None);
            body.push(0);
            assert_eq!(read_request(path, &body), None);
        }
        assert_eq!(read_request("facts", &[1; 3]), None);
    }
}
