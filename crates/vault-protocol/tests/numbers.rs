//! Variants of answers and refusals have the numbers of spec/vault-protocol.md section 4.2.
#![allow(clippy::unwrap_used)]

use vault_protocol::{
    Answer, AuditCounts, CodeState, KeysDigest, LiveProof, News, OwnState, PasskeyShare, Point,
    Refusal, Response, Shown, Signature64, SiteIndex, SlotVote, Statement, TryId, VoteKey,
    VoteKeyCertificate,
};

const POINT: Point = Point([4; 65]);
const SIGNATURE: Signature64 = Signature64([0; 64]);
const KEY: VoteKey = VoteKey([0; 32]);
const SITE: SiteIndex = SiteIndex(1);
const SAID: Statement = Statement { site: SITE, key: KEY, signature: SIGNATURE };
const CERTIFICATE: VoteKeyCertificate =
    VoteKeyCertificate { site: SITE, started: 0, key: KEY, signature: SIGNATURE };

fn answers() -> Vec<Answer> {
    let own = OwnState { code: CodeState::None, has_box: false, next_vote_at: 0 };
    let vote = SlotVote { round: 0, slot: 1, tried: TryId([0; 32]), statement: SAID };
    let counts: AuditCounts = {
        let text = include_str!("../../../spec/labels.txt");
        let line = text.split("\naudit-counts\n").nth(1).unwrap().lines().next().unwrap();
        let hex = line.split_whitespace().last().unwrap();
        serde_json::from_slice(&hex::decode(hex).unwrap()).unwrap()
    };
    let proof = LiveProof {
        head_number: 1,
        head_digest: [0; 16],
        certificate: String::new(),
        device_chain: String::new(),
        counts,
        signature: SIGNATURE,
    };
    let shown = Shown {
        clock: 0,
        certificate: CERTIFICATE,
        record: None,
        news: News::default(),
        passkeys: vec![],
        own,
    };
    vec![
        Answer::Shown(Box::new(shown)),
        Answer::Evaluated { beta: POINT, check: POINT, ticket: SAID, certificate: CERTIFICATE },
        Answer::Acknowledged { words: vec![], certificates: vec![] },
        Answer::Voted(SAID),
        Answer::VotedBefore(vote),
        Answer::Share { beta: POINT, masked_share: [0; 32] },
        Answer::Receipt(SAID),
        Answer::Events(vec![]),
        Answer::Proof(Box::new(proof)),
        Answer::Nonce { nonce: [0; 32], ticket: SAID, certificate: CERTIFICATE },
        Answer::Released(PasskeyShare([0; 32])),
    ]
}

fn refusals() -> Vec<Refusal> {
    vec![
        Refusal::Malformed,
        Refusal::NoSuchAccount,
        Refusal::WrongVersion { current: 1 },
        Refusal::WrongRound { current: 1 },
        Refusal::WrongSlot { next: 1 },
        Refusal::Destroyed,
        Refusal::Frozen { until: 1 },
        Refusal::Removed,
        Refusal::TooSoon { at: 1 },
        Refusal::WrongTime { clock: 1 },
        Refusal::NotOwner,
        Refusal::WrongAccess,
        Refusal::NotCertified,
        Refusal::SlotUsed,
        Refusal::NoBox,
        Refusal::UnknownTry,
        Refusal::WrongTag,
        Refusal::Unproved,
        Refusal::WrongKeys { keys: KeysDigest([0; 32]) },
        Refusal::Unavailable { reason: String::new() },
        Refusal::Busy { seconds: 1 },
        Refusal::NotAdmitted,
        Refusal::NoSuchPasskey,
        Refusal::NonceMismatch,
        Refusal::PasskeyInvalid,
        Refusal::ExtensionResults,
        Refusal::WrongRoster { current: 1 },
    ]
}

/// The names in backquotes between two places of section 4.2.
fn specified(from: &str, to: &str) -> Vec<String> {
    let text = include_str!("../../../spec/vault-protocol.md");
    let part = text.split(from).nth(1).unwrap().split(to).next().unwrap();
    part.split('`').skip(1).step_by(2).map(str::to_string).collect()
}

#[test]
fn of_answers() {
    let names = specified("Answers, in the order of their numbers:", "Refusals:");
    check(&names, answers().into_iter().map(Ok).collect(), 0);
}

#[test]
fn of_refusals() {
    let names = specified("Refusals:\n", "*News*");
    check(&names, refusals().into_iter().map(Err).collect(), 1);
}

fn check(names: &[String], responses: Vec<Response>, outcome: u8) {
    assert_eq!(names.len(), responses.len());
    for (number, (name, response)) in names.iter().zip(responses).enumerate() {
        let bytes = Answer::response_to_bytes(&response);
        assert_eq!(bytes[..2], [outcome, u8::try_from(number).unwrap()], "{name}");
        assert_eq!(Answer::response_from_bytes(&bytes).as_ref(), Ok(&response), "{name}");
        let shown = match &response {
            Ok(answer) => format!("{answer:?}"),
            Err(refusal) => format!("{refusal:?}"),
        };
        let variant = shown.split([' ', '(', '{']).next().unwrap();
        assert_eq!(variant, name);
    }
}
