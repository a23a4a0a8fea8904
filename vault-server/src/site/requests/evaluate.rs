//! A try that a quorum voted for is evaluated, once.

use super::{check_point, device, in_time, opened_box};
use crate::accounts::AccountStore;
use crate::site::Site;
use crate::site::recent::Share;
use crate::site::steps::Done;
use recovery_crypto::{multiplier, oprf};
use vault_protocol::{
    AccountId, Answer, Certificate, EvaluatedTry, News, Point, Refusal, Response,
};
use vault_state::Evaluation;
use zeroize::Zeroizing;

pub(super) async fn evaluate<S: AccountStore>(
    site: &Site<S>,
    certificate: Certificate,
    alpha: Point,
    news: News,
) -> Response {
    check_point(&alpha)?;
    let account = certificate.tried.account;
    let tried = certificate.tried.id(&site.0.rules.keys.digest);
    // The same try while its first is under way waits here, and finds the result.
    let turn = site.0.recent.turn(tried);
    let mut result = turn.lock().await;
    let evaluation = allow(site, certificate, alpha, news, result.is_some()).await?;
    if result.is_none() {
        *result = Some(work(site, account, evaluation, alpha).await?);
    }
    let share = result.as_ref().ok_or(Refusal::UnknownTry)?;
    Ok(Answer::Share { beta: share.beta, masked_share: *share.masked_share })
}

/// Checks the certificate, and writes down that this site evaluates it, before the device works.
async fn allow<S: AccountStore>(
    site: &Site<S>,
    certificate: Certificate,
    alpha: Point,
    news: News,
    result_is_here: bool,
) -> Result<Evaluation, Refusal> {
    let account = certificate.tried.account;
    if certificate.votes.len() > site.0.rules.keys.sites() {
        return Err(Refusal::Malformed);
    }
    let slot = certificate.tried.slot_id(&site.0.rules.keys.digest);
    let ring = site.keyring_for(certificate.votes.clone(), &news).await?;
    let allowed = site.step(account, ring, move |site, before, now| {
        let Some(mut account) = before else {
            return Done::new(Err(Refusal::NoSuchAccount), None);
        };
        let learned = site.learn(&mut account, &news, now);
        let allowed = site.evaluate(&mut account, &certificate, &alpha, now);
        let mut done = Done::new(allowed, Some(account)).having_learned(learned);
        if let Ok(Evaluation { tried, votes, again, .. }) = &done.answer {
            if !again {
                let entry = EvaluatedTry { slot, tried: *tried, votes: votes.clone() };
                done.evaluated = Some(entry);
            } else if !result_is_here {
                done.repeats = 1;
            }
        }
        done
    });
    allowed.await?
}

async fn work<S: AccountStore>(
    site: &Site<S>,
    account: AccountId,
    evaluation: Evaluation,
    alpha: Point,
) -> Result<Share, Refusal> {
    let Evaluation { version, sealed, .. } = evaluation;
    let contents = opened_box(site, account, version, sealed).await?;
    let element = in_time(site.0.ports.device.evaluate(alpha)).await.map_err(device)?;
    let beta = oprf::multiply(&multiplier(&contents.tag), &element);
    let beta = beta.map_err(|_| Refusal::Malformed)?;
    Ok(Share { beta, masked_share: Zeroizing::new(contents.masked_share) })
}
