//! What one site sends another: requests by their path, and answers.
#![no_main]

use vault_protocol::SiteFacts;
use vault_server::peers::{MAX_PEER_MESSAGE, read_answer, read_request, write_request};
use vault_server::site::ports::{PeerAnswer, PeerRequest};

const PATHS: [&str; 4] = ["facts", "push", "since", "append"];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((what, body)) = bytes.split_first() else { return };
    if body.len() > MAX_PEER_MESSAGE {
        return;
    }
    if let Some(request) = read_request(PATHS[usize::from(*what) % PATHS.len()], body) {
        let (path, written) = write_request(&request);
        assert_eq!(read_request(path, &written).as_ref(), Some(&request));
        if let PeerRequest::Push(facts) = &request {
            is_bounded(facts, body.len());
        }
    }
    if let Some(answer) = read_answer(body) {
        let written = postcard::to_allocvec(&answer).expect("an answer is plain data");
        assert_eq!(read_answer(&written).as_ref(), Some(&answer));
        if let PeerAnswer::Facts(Some(facts)) = &answer {
            is_bounded(facts, body.len());
        }
    }
});

/// A length that a message claims takes no memory that the message does not have.
fn is_bounded(facts: &SiteFacts, bytes: usize) {
    let SiteFacts { passkeys, news, .. } = facts;
    let items = passkeys.len() + news.votes.len() + news.certificates.len();
    assert!(items <= bytes);
}
