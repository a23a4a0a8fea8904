//! The largest of everything fits where it is sent.
#![allow(clippy::unwrap_used)]

use serde::Serialize;
use vault_protocol::limits::{
    MAX_BOX, MAX_CERTIFICATES, MAX_CREDENTIAL_ID, MAX_EVENTS, MAX_PASSKEY_BOX, MAX_PASSKEY_RECORD,
    MAX_PASSKEYS, MAX_PLAINTEXT, MAX_RECORD, MAX_SITES, MAX_TRIES, MAX_VOTES, MAX_WEBAUTHN_JSON,
};
use vault_protocol::*;

/// Section 16 of spec/vault-protocol.md.
const PEER_MESSAGE: usize = 128 * 1024;

const SITE: SiteIndex = SiteIndex(7);
const KEY: VoteKey = VoteKey([0xff; 32]);
const SIGNATURE: Signature64 = Signature64([0xff; 64]);
const SAID: Statement = Statement { site: SITE, key: KEY, signature: SIGNATURE };
const CERTIFICATE: VoteKeyCertificate =
    VoteKeyCertificate { site: SITE, started: u64::MAX, key: KEY, signature: SIGNATURE };
const CLAIM: Claim = Claim { owner: OwnerKey([0xff; 32]), nonce: [0xff; 16] };
const ACCOUNT: AccountId = AccountId([0xff; 16]);
const KEYS: KeysDigest = KeysDigest([0xff; 32]);

fn round_end() -> RoundEnd {
    let tried = TryId([0xff; 32]);
    let receipts = vec![SAID; MAX_SITES];
    let proof = RoundEndProof::Receipts { version: u32::MAX, tried, receipts };
    RoundEnd { round: u64::MAX, proof }
}

fn news() -> News {
    let tried = TryId([0xff; 32]);
    let vote = SlotVote { round: u64::MAX, slot: MAX_TRIES, tried, statement: SAID };
    let passkeys = (0..MAX_PASSKEYS).map(|i| [u8::try_from(i).unwrap(); 32]).collect();
    let roster = Roster { claim: CLAIM, number: u32::MAX, passkeys };
    News {
        certificates: vec![CERTIFICATE; MAX_CERTIFICATES],
        round_end: Some(round_end()),
        votes: vec![vote; MAX_VOTES],
        removal: Some(Removal { claim: CLAIM, signature: SIGNATURE }),
        roster: Some(SignedRoster { roster, signature: SIGNATURE }),
    }
}

fn boxes(len: usize) -> Vec<DeviceBox> {
    let sealed = |site| DeviceBox {
        site: SiteIndex(site),
        serial: u32::MAX,
        sealed: SealedBox(vec![0xff; len]),
    };
    (1..).map(sealed).take(MAX_SITES).collect()
}

fn record() -> SealedRecord {
    let access = AccessOpening { salt: [0xff; 32], key: AccessKey([0xff; 32]) };
    let boxes = boxes(MAX_BOX);
    let record = Record {
        claim: CLAIM,
        version: u32::MAX,
        keys: KEYS,
        access: access.commitment(),
        parameters: CodeParameters { memory_kib: u32::MAX, passes: u32::MAX, lanes: u32::MAX },
        policy: Policy::of(CodeOrigin::Own),
        commitment: [0xff; 32],
        boxes: boxes_digest(&boxes),
    };
    let signed = SignedRecord { record, signature: SIGNATURE };
    SealedRecord { signed, sealed: Sealed { access, boxes } }
}

fn nonces() -> Vec<SiteNonce> {
    let nonce =
        |site| SiteNonce { site: SiteIndex(site), nonce: [0xff; 32], handshake: [0xff; 32] };
    (1..).map(nonce).take(MAX_SITES).collect()
}

fn passkey() -> PasskeyRecord {
    let boxes = boxes(MAX_PASSKEY_BOX);
    let nonces = nonces();
    let registration = vec![0xff; MAX_WEBAUTHN_JSON];
    let head = PasskeyHead {
        account: ACCOUNT,
        keys: KEYS,
        number: u32::MAX,
        credential: vec![0xff; MAX_CREDENTIAL_ID],
        commitment: [0xff; 32],
        registration: registration_digest(&nonces, &registration),
        boxes: boxes_digest(&boxes),
    };
    PasskeyRecord { head, nonces, registration, boxes }
}

fn length(of: &impl Serialize) -> usize {
    postcard::to_allocvec(of).unwrap().len()
}

#[test]
fn records_and_passkeys_are_within_their_own_bounds() {
    assert_eq!(record().check_shape(MAX_SITES, 4), Ok(()));
    assert!(length(&record()) <= MAX_RECORD, "{}", length(&record()));
    assert_eq!(passkey().check_shape(MAX_SITES, 4), Ok(()));
    assert!(length(&passkey()) <= MAX_PASSKEY_RECORD, "{}", length(&passkey()));
    assert_eq!(news().check_shape(), Ok(()));
}

#[test]
fn every_request_fits_one_message() {
    let tried = Try {
        account: ACCOUNT,
        version: u32::MAX,
        round: u64::MAX,
        slot: MAX_TRIES,
        alpha: [0xff; 32],
        at: u64::MAX,
        signature: SIGNATURE,
    };
    let admission = Some(Admission::Confirmed(round_end()));
    let alpha = Point([4; 65]);
    let certificate = Certificate { tried, votes: vec![SAID; MAX_SITES] };
    let record = Box::new(record());
    let added = Some(Box::new(passkey()));
    let assertion = vec![0xff; MAX_WEBAUTHN_JSON];
    for request in [
        Request::Register { record, admission: admission.clone(), news: news() },
        Request::Vote { tried, news: news() },
        Request::Evaluate { certificate, alpha, news: news() },
        Request::Learn { account: ACCOUNT, news: news() },
        Request::SetRoster { news: news(), added, admission },
        Request::Release { account: ACCOUNT, nonces: nonces(), assertion },
    ] {
        let bytes = request.to_bytes();
        assert!(bytes.len() <= MAX_PLAINTEXT, "{}", bytes.len());
        assert_eq!(Request::from_bytes(&bytes), Ok(request));
    }
}

#[test]
fn every_answer_fits_one_message() {
    let status = |p: &PasskeyRecord| PasskeyStatus {
        head: p.head.clone(),
        added: u64::MAX,
        last_used: Some(u64::MAX),
    };
    let frozen = CodeState::Frozen { until: u64::MAX };
    let shown = Shown {
        clock: u64::MAX,
        certificate: CERTIFICATE,
        record: Some(record().signed),
        news: news(),
        passkeys: vec![status(&passkey()); MAX_PASSKEYS],
        own: OwnState { code: frozen, has_box: true, next_vote_at: u64::MAX },
    };
    let kind = EventKind::Tried { version: u32::MAX, slot: MAX_TRIES };
    let event = AccountEvent { at: u64::MAX, kind };
    let subject = Subject::Record { version: u32::MAX, digest: [0xff; 32] };
    // Three subjects of each site, each with a certificate of its own.
    let word = Acknowledgement { subject, statement: SAID };
    let words = vec![word; 3 * MAX_SITES];
    let certificates = vec![CERTIFICATE; 3 * MAX_SITES];
    for answer in [
        Answer::Shown(Box::new(shown)),
        Answer::Events(vec![event; MAX_EVENTS]),
        Answer::Acknowledged { words, certificates },
    ] {
        let response: Response = Ok(answer);
        let bytes = Answer::response_to_bytes(&response);
        assert!(bytes.len() <= MAX_PLAINTEXT, "{}", bytes.len());
        assert_eq!(Answer::response_from_bytes(&bytes), Ok(response));
    }
}

#[test]
fn all_that_a_site_knows_of_an_account_fits_one_message_to_a_peer() {
    let facts = SiteFacts {
        account: ACCOUNT,
        admission: Some(Admission::Confirmed(round_end())),
        record: Some(record()),
        passkeys: vec![passkey(); MAX_PASSKEYS],
        news: news(),
    };
    assert!(length(&facts) <= PEER_MESSAGE, "{}", length(&facts));
}

#[test]
fn what_is_longer_than_a_message_is_refused_unread() {
    let long = vec![0; MAX_PLAINTEXT + 1];
    let too_long = |what| DecodeError::TooLong { what, len: long.len(), limit: MAX_PLAINTEXT };
    assert_eq!(Request::from_bytes(&long), Err(too_long("request")));
    assert_eq!(Answer::response_from_bytes(&long), Err(too_long("response")));
}
