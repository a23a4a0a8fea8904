//! Chats that may be one: proposed with evidence, united, taken apart.

use super::shown::shown;
use crate::model::SameChat;
use crate::{Keepsake, Result};
use chat_archive::{Archive, ConversationId, Proposal};

/// Chats that may be the same, and those that are shown as one because of it.
pub async fn same_chats(keepsake: &Keepsake) -> Result<Vec<SameChat>> {
    keepsake.with_archive(|archive| Ok(archive.proposals()?.into_iter().map(view).collect())).await
}

/// Shows two chats as one; returns its number. `separate_chat` undoes it.
pub async fn unite_chats(keepsake: &Keepsake, a: i64, b: i64) -> Result<i64> {
    let unite = move |archive: &mut Archive| {
        Ok(archive.unite(ConversationId(a), ConversationId(b), now())?.0)
    };
    keepsake.with_archive(unite).await
}

/// Two chats are not the same: they are not proposed again.
pub async fn keep_chats_apart(keepsake: &Keepsake, a: i64, b: i64) -> Result<()> {
    let apart = move |archive: &mut Archive| {
        Ok(archive.keep_apart(ConversationId(a), ConversationId(b), now())?)
    };
    keepsake.with_archive(apart).await
}

/// Takes a chat apart into the exports of which it was made; returns their numbers.
pub async fn separate_chat(keepsake: &Keepsake, id: i64) -> Result<Vec<i64>> {
    let separate = move |archive: &mut Archive| {
        Ok(archive.separate(ConversationId(id), now())?.into_iter().map(|c| c.0).collect())
    };
    keepsake.with_archive(separate).await
}

/// Unix milliseconds.
fn now() -> i64 {
    i64::try_from(crate::home::unix_now()).unwrap_or(i64::MAX / 1_000).saturating_mul(1_000)
}

fn view(proposal: Proposal) -> SameChat {
    SameChat {
        a: proposal.a.0,
        a_title: shown(&proposal.a_title),
        b: proposal.b.0,
        b_title: shown(&proposal.b_title),
        united: proposal.united,
        by_owner: proposal.by_owner,
        evidence: words(&proposal.evidence),
    }
}

/// `412 of 430 messages are the same, 2 h apart`
fn words(evidence: &chat_archive::Evidence) -> String {
    if evidence.same == 0 {
        return "the same name, and no message in common".into();
    }
    let mut words =
        format!("{} of {} messages are the same", evidence.same, evidence.of.max(evidence.same));
    let minutes = evidence.shift_minutes.unsigned_abs();
    if minutes > 0 {
        let hours = if minutes.is_multiple_of(60) {
            format!("{} h", minutes / 60)
        } else {
            format!("{}:{:02} h", minutes / 60, minutes % 60)
        };
        words.push_str(&format!(", {hours} apart"));
    }
    words
}
