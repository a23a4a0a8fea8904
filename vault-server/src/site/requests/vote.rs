//! The site's one vote for a slot.

use crate::accounts::AccountStore;
use crate::site::Site;
use crate::site::sessions::Conversation;
use crate::site::steps::Done;
use vault_protocol::{Answer, News, Refusal, Response, Try};
use vault_state::Vote;

pub(super) async fn vote<S: AccountStore>(
    site: &Site<S>,
    conversation: &mut Conversation,
    tried: Try,
    news: News,
) -> Response {
    let asked = site.ask_peers(&mut conversation.asked, tried.account);
    asked.ok_or(Refusal::Busy { seconds: 1 })?.await;
    let ring = site.keyring_for([], &news).await?;
    let voted = site.step(tried.account, ring, move |site, before, now| {
        let Some(mut account) = before else {
            return Done::new(Err(Refusal::NoSuchAccount), None);
        };
        let learned = site.learn(&mut account, &news, now);
        let voted = site.vote(&mut account, &tried, now);
        Done::new(voted, Some(account)).having_learned(learned)
    });
    match voted.await?? {
        Vote::For(vote) => Ok(Answer::Voted(vote.statement)),
        Vote::ForAnother(vote) => Ok(Answer::VotedBefore(vote)),
    }
}
