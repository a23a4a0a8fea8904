//! Somebody with a code, doing one step at a time.

use super::{Asks, Reach};
use ed25519_dalek::{Signer, SigningKey};
use rand_core::{CryptoRngCore, OsRng};
use recovery_crypto::oprf::{Blinded, Check, blind};
use recovery_crypto::{
    AccessSigner, Opened, RecoverError, Registration, RegistrationError, ShareAnswer, recover,
};
use vault_protocol::{
    AccountId, Acknowledgement, Admission, Answer, Certificate, Claim, CodeOrigin, CodeParameters,
    KeysDigest, News, OwnerKey, Policy, Record, Refusal, Removal, Request, Response, RoundEnd,
    RoundEndProof, SealedRecord, Shown, Signature64, SignedRecord, SiteIndex, Slot, Statement, Try,
    Version, alpha_digest, confirm_proof, removal_message, reset_message,
};

pub(crate) struct Person {
    owner: SigningKey,
    pub claim: Claim,
    access: AccessSigner,
    pub code: CodeOrigin,
}

/// A signed record, the tickets that admit it, and the sites' certificates.
pub(super) type Prepared = (SealedRecord, Admission, Vec<vault_protocol::VoteKeyCertificate>);

/// A try that got votes.
pub(crate) struct Voted {
    pub certificate: Certificate,
    pub alpha: vault_protocol::Point,
    pub news: News,
}

impl Person {
    pub(crate) fn new(code: CodeOrigin) -> Self {
        Self::drawn(code, &mut OsRng)
    }

    /// The same person for the same randomness.
    pub(crate) fn drawn(code: CodeOrigin, rng: &mut impl CryptoRngCore) -> Self {
        let owner = SigningKey::generate(rng);
        let mut nonce = [0; 16];
        rng.fill_bytes(&mut nonce);
        let claim = Claim { owner: OwnerKey(owner.verifying_key().to_bytes()), nonce };
        let mut secret = [0; 32];
        rng.fill_bytes(&mut secret);
        Self { owner, claim, access: AccessSigner::of_own_code(&secret), code }
    }

    pub(crate) fn account(&self) -> AccountId {
        self.claim.account()
    }

    /// Evaluations of all sites that answer, then the record at each of them.
    pub(crate) async fn register(
        &self,
        fleet: &impl Reach,
        version: Version,
        code: &[u8],
    ) -> Vec<Response> {
        let prepared = self.prepare(fleet, version, code).await.unwrap();
        self.store(fleet, prepared).await
    }

    /// The record at every site that answers.
    pub(crate) async fn store(&self, fleet: &impl Reach, prepared: Prepared) -> Vec<Response> {
        let (record, admission, certificates) = prepared;
        let mut responses = vec![];
        for site in fleet.sites() {
            let Some(mut client) = fleet.open(site).await else { continue };
            let news = News { certificates: certificates.clone(), ..News::default() };
            let request = Request::Register {
                record: Box::new(record.clone()),
                admission: Some(admission.clone()),
                news,
            };
            responses.push(client.ask(request).await);
        }
        responses
    }

    /// A signed record, and the tickets for it; or too few sites had a turn for a newcomer.
    pub(crate) async fn prepare(
        &self,
        fleet: &impl Reach,
        version: Version,
        code: &[u8],
    ) -> Result<Prepared, RegistrationError> {
        let blinded = blind(code, &mut OsRng).unwrap();
        let mut betas = vec![];
        let mut tickets = vec![];
        let mut certificates = vec![];
        for site in fleet.sites() {
            let Some(mut client) = fleet.open(site).await else { continue };
            let check = Check::of(&blinded.alpha(), &mut OsRng).unwrap();
            let (account, alpha) = (self.account(), blinded.alpha());
            let request = Request::EvaluateForRegistration { account, alpha, check: check.alpha() };
            let Ok(Answer::Evaluated { beta, check: answer, ticket, certificate }) =
                client.ask(request).await
            else {
                continue;
            };
            let device = fleet.bundle().site(SiteIndex(site)).unwrap().device().unwrap();
            assert!(check.holds(&device.oprf_key, &beta, &answer));
            betas.push((SiteIndex(site), beta));
            tickets.push(ticket);
            certificates.push(certificate);
        }
        let registration = Registration {
            bundle: fleet.bundle(),
            claim: self.claim,
            version,
            access: self.access.public(),
            parameters: CodeParameters { memory_kib: 8, passes: 1, lanes: 1 },
            policy: Policy::of(self.code),
        };
        let made = registration.seal(&blinded, &betas, &mut OsRng)?;
        let signature = self.sign(&made.record.message());
        let signed = SignedRecord { record: made.record, signature };
        Ok((
            SealedRecord { signed, sealed: made.sealed },
            Admission::Tickets(tickets),
            certificates,
        ))
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Signature64 {
        Signature64(self.owner.sign(message).to_bytes())
    }

    pub(crate) async fn show(&self, fleet: &impl Reach, site: u8) -> Result<Box<Shown>, Refusal> {
        let unreachable = || Refusal::Unavailable { reason: "away".into() };
        let mut client = fleet.open(site).await.ok_or_else(unreachable)?;
        match client.ask(Request::Show { account: self.account() }).await? {
            Answer::Shown(shown) => Ok(shown),
            other => panic!("{other:?}"),
        }
    }

    /// A signed try for one slot.
    pub(crate) fn tried(
        &self,
        fleet: &impl Reach,
        shown: &Shown,
        slot: Slot,
        blinded: &Blinded,
    ) -> Try {
        self.tried_in(&fleet.bundle().keys_digest(), shown, slot, blinded)
    }

    pub(crate) fn tried_in(
        &self,
        keys: &KeysDigest,
        shown: &Shown,
        slot: Slot,
        blinded: &Blinded,
    ) -> Try {
        let record = shown.record.unwrap().record;
        let mut tried = Try {
            account: self.account(),
            version: record.version,
            round: shown.news.round_end.as_ref().map_or(0, |end| end.round + 1),
            slot,
            alpha: alpha_digest(&blinded.alpha()),
            at: shown.clock,
            signature: Signature64([0; 64]),
        };
        tried.signature = self.access.sign(&tried.message(keys));
        tried
    }

    /// Asks these sites for their votes.
    pub(crate) async fn votes(
        &self,
        fleet: &impl Reach,
        tried: &Try,
        news: &News,
        sites: &[u8],
    ) -> Vec<Response> {
        let mut responses = vec![];
        for site in sites {
            let Some(mut client) = fleet.open(*site).await else { continue };
            responses.push(client.ask(Request::Vote { tried: *tried, news: news.clone() }).await);
        }
        responses
    }

    /// A certified try in a slot, by the votes of all these sites.
    pub(crate) async fn certify(
        &self,
        fleet: &impl Reach,
        slot: Slot,
        blinded: &Blinded,
        sites: &[u8],
    ) -> Result<Voted, Vec<Response>> {
        let shown = self.show(fleet, sites[0]).await.unwrap();
        let tried = self.tried(fleet, &shown, slot, blinded);
        let responses = self.votes(fleet, &tried, &shown.news, sites).await;
        let voted = |response: &Response| match response {
            Ok(Answer::Voted(statement)) => Some(*statement),
            _ => None,
        };
        let votes: Vec<Statement> = responses.iter().filter_map(voted).collect();
        if votes.len() < sites.len() {
            return Err(responses);
        }
        let news = with_certificates_of(fleet, shown.news).await;
        Ok(Voted { certificate: Certificate { tried, votes }, alpha: blinded.alpha(), news })
    }

    pub(crate) async fn evaluate(&self, fleet: &impl Reach, voted: &Voted, site: u8) -> Response {
        let mut client = fleet.open(site).await.unwrap();
        let Voted { certificate, alpha, news } = voted;
        let (certificate, alpha, news) = (certificate.clone(), *alpha, news.clone());
        client.ask(Request::Evaluate { certificate, alpha, news }).await
    }

    /// The whole way from a certificate to the secret.
    pub(crate) async fn open(
        &self,
        fleet: &impl Reach,
        voted: &Voted,
        blinded: &Blinded,
        sites: &[u8],
    ) -> Result<Opened, RecoverError> {
        let mut answers = vec![];
        for site in sites {
            if let Ok(Answer::Share { beta, masked_share }) =
                self.evaluate(fleet, voted, *site).await
            {
                answers.push(ShareAnswer { site: SiteIndex(*site), beta, masked_share });
            }
        }
        recover(fleet.bundle(), &self.record(fleet, sites[0]).await, blinded, &answers)
    }

    pub(crate) async fn record(&self, fleet: &impl Reach, site: u8) -> Record {
        self.show(fleet, site).await.unwrap().record.unwrap().record
    }

    /// Shows the tags to these sites; the end of the round, if enough of them gave a receipt.
    pub(crate) async fn confirm(
        &self,
        fleet: &impl Reach,
        voted: &Voted,
        opened: &Opened,
        sites: &[u8],
    ) -> RoundEnd {
        let keys = fleet.bundle().keys_digest();
        let tried = voted.certificate.tried.id(&keys);
        let mut receipts = vec![];
        for site in sites {
            let tag = &opened.tags.iter().find(|(index, _)| index.0 == *site).unwrap().1;
            let proof = confirm_proof(tag, &keys, &tried, *site);
            let mut client = fleet.open(*site).await.unwrap();
            let account = self.account();
            match client.ask(Request::Confirm { account, tried, proof }).await {
                Ok(Answer::Receipt(receipt)) => receipts.push(receipt),
                other => panic!("{other:?}"),
            }
        }
        let Try { version, round, .. } = voted.certificate.tried;
        RoundEnd { round, proof: RoundEndProof::Receipts { version, tried, receipts } }
    }

    /// Tells a site facts; what it acknowledges itself.
    pub(crate) async fn learn(
        &self,
        fleet: &impl Reach,
        site: u8,
        news: News,
    ) -> Result<Vec<Acknowledgement>, Refusal> {
        let mut client = fleet.open(site).await.unwrap();
        let news = with_certificates_of(fleet, news).await;
        match client.ask(Request::Learn { account: self.account(), news }).await? {
            Answer::Acknowledged { words, .. } => Ok(words),
            other => panic!("{other:?}"),
        }
    }

    /// A whole recovery at these sites, which ends the round there.
    pub(crate) async fn recover(
        &self,
        fleet: &impl Reach,
        code: &[u8],
        slot: Slot,
        sites: &[u8],
    ) -> RoundEnd {
        let blinded = blind(code, &mut OsRng).unwrap();
        let voted =
            self.certify(fleet, slot, &blinded, sites).await.unwrap_or_else(|e| panic!("{e:?}"));
        let opened = self.open(fleet, &voted, &blinded, sites).await.unwrap();
        let end = self.confirm(fleet, &voted, &opened, sites).await;
        for site in sites {
            let news = News { round_end: Some(end.clone()), ..News::default() };
            self.learn(fleet, *site, news).await.unwrap();
        }
        end
    }

    pub(crate) fn removal(&self, fleet: &impl Reach) -> Removal {
        let message = removal_message(&fleet.bundle().keys_digest(), &self.account());
        Removal { claim: self.claim, signature: self.sign(&message) }
    }

    pub(crate) fn reset(&self, fleet: &impl Reach, round: u64) -> RoundEnd {
        let message = reset_message(&fleet.bundle().keys_digest(), &self.account(), round);
        RoundEnd { round, proof: RoundEndProof::Reset { signature: self.sign(&message) } }
    }
}

/// Facts are signed with vote keys of sites; a client carries their certificates.
pub(super) async fn with_certificates_of(fleet: &impl Reach, mut news: News) -> News {
    news.certificates.extend(fleet.certificates().await);
    news.certificates.sort_unstable();
    news.certificates.dedup();
    news
}
