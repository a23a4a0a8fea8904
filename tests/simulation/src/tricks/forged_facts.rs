//! Shows facts that do not prove themselves: votes of others, ends of rounds, removals, tickets.

use crate::corrupt::{CorruptSite, Talk, Trick};
use async_trait::async_trait;
use vault_protocol::{
    Answer, News, Removal, Request, Response, RoundEnd, RoundEndProof, Shown, Signature64,
    SignedRecord, SiteIndex, SlotVote, Statement, StatementOf, TryId, slot_id,
};
use vault_server::site::ports::{PeerAnswer, PeerRequest};

pub struct ForgedFacts;

#[async_trait]
impl Trick for ForgedFacts {
    fn name(&self) -> &'static str {
        "forged facts"
    }

    async fn answer(&self, talk: &mut Talk, request: Request) -> Option<Response> {
        let Request::Show { account } = request else { return Some(talk.honest(request).await) };
        let shown = match talk.honest_show(request).await {
            Ok(shown) => shown,
            Err(refusal) => return Some(Err(refusal)),
        };
        let site = &talk.site;
        let votes = (1..=10).flat_map(|slot| site_indexes(site).map(move |by| (slot, by)));
        let forged = votes.map(|(slot, by)| {
            let of = slot_id(&site.has.keys.digest, &account, 0, slot);
            let tried = TryId([slot; 32]);
            let own = site.signs(&StatementOf::Vote { slot: of, tried });
            SlotVote { round: 0, slot, tried, statement: Statement { site: by, ..own } }
        });
        let record = shown.record.map(forge_record);
        let news = News {
            certificates: vec![site.certificate],
            round_end: Some(forged_end()),
            votes: forged.collect(),
            removal: record.map(|signed| forged_removal(&signed)),
            roster: None,
        };
        let forged = Shown { record, news, ..shown };
        Some(Ok(Answer::Shown(Box::new(forged))))
    }

    async fn peer(&self, site: &CorruptSite, from: SiteIndex, request: PeerRequest) -> PeerAnswer {
        let answer = site.has.program.peer(from, request).await;
        let PeerAnswer::Facts(Some(mut facts)) = answer else { return answer };
        facts.news.round_end = Some(forged_end());
        let record = facts.record.as_ref().map(|whole| whole.signed);
        facts.news.removal = record.as_ref().map(forged_removal);
        PeerAnswer::Facts(Some(facts))
    }
}

fn site_indexes(site: &CorruptSite) -> impl Iterator<Item = SiteIndex> + use<> {
    (1..=u8::try_from(site.has.keys.sites()).unwrap_or(u8::MAX)).map(SiteIndex)
}

/// With parameters that make a right code come out wrong.
fn forge_record(signed: SignedRecord) -> SignedRecord {
    let mut forged = signed;
    forged.record.parameters.passes += 1;
    forged
}

fn forged_removal(signed: &SignedRecord) -> Removal {
    Removal { claim: signed.record.claim, signature: Signature64([7; 64]) }
}

fn forged_end() -> RoundEnd {
    RoundEnd { round: 1000, proof: RoundEndProof::Reset { signature: Signature64([7; 64]) } }
}
