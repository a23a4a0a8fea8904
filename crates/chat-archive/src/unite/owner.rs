//! What the owner of the archive sees and says of chats that may be one.

use serde::{Deserialize, Serialize};

use super::align::align;
use super::arrange::arrange;
use super::facts_of::{LinkState, apply_links, evidence, put_link, thread_named};
use super::load::{conversation_of, items, threads_of};
pub use crate::facts::ThreadName;
use crate::facts::{self, Evidence, Fact, Link};
use crate::write::Writer;
use crate::{Archive, ArchiveError, ConversationId};

/// Two conversations that may be, or are, the same chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// One of them.
    pub a: ConversationId,
    /// Its title.
    pub a_title: String,
    /// The other; the same number once they are one.
    pub b: ConversationId,
    /// Its title.
    pub b_title: String,
    /// They are shown as one.
    pub united: bool,
    /// The owner said so, as opposed to the program.
    pub by_owner: bool,
    /// Why.
    pub evidence: Evidence,
}

impl Archive {
    /// Chats that may be the same, and those that were united.
    pub fn proposals(&self) -> Result<Vec<Proposal>, ArchiveError> {
        let mut found = Vec::new();
        for record in facts::select(&self.connection, "kind = 'link' ORDER BY change_seq", [])? {
            let Fact::Link(record) = record.fact else { continue };
            let state = LinkState::parse(&record.link.state);
            let threads = (
                thread_named(&self.connection, &record.a)?,
                thread_named(&self.connection, &record.b)?,
            );
            let (Some(a), Some(b)) = threads else { continue };
            let shown =
                (conversation_of(&self.connection, a)?, conversation_of(&self.connection, b)?);
            let united = state == LinkState::Same;
            if state == LinkState::Apart || (!united && shown.0 == shown.1) {
                continue;
            }
            found.push(Proposal {
                a: ConversationId(shown.0),
                a_title: self.title_of(a, shown.0, united)?,
                b: ConversationId(shown.1),
                b_title: self.title_of(b, shown.1, united)?,
                united,
                by_owner: record.link.by_owner,
                evidence: record.link.evidence,
            });
        }
        Ok(found)
    }

    /// The owner says that two conversations are one chat. Undone by [`Archive::separate`]. Returns
    /// the conversation that shows it. `now` is Unix ms.
    ///
    /// # Errors
    /// [`ArchiveError::NotFound`].
    pub fn unite(
        &mut self,
        a: ConversationId,
        b: ConversationId,
        now: i64,
    ) -> Result<ConversationId, ArchiveError> {
        self.conversation(a)?;
        self.conversation(b)?;
        let tx = self.connection.transaction()?;
        let mut writer = Writer::new(&tx)?;
        let found = align(&items(&tx, a.0)?.items, &items(&tx, b.0)?.items);
        let link = Link {
            state: LinkState::Same.as_str().into(),
            by_owner: true,
            evidence: evidence(&found),
        };
        put_link(&tx, &mut writer, (a.0, b.0), link, now)?;
        regroup(&tx, &mut writer)?;
        writer.finish(&tx)?;
        let shown = conversation_of(&tx, a.0)?;
        tx.commit()?;
        Ok(ConversationId(shown))
    }

    /// The owner says that two conversations are not the same chat, whether they are united or
    /// only proposed.
    pub fn keep_apart(
        &mut self,
        a: ConversationId,
        b: ConversationId,
        now: i64,
    ) -> Result<(), ArchiveError> {
        let tx = self.connection.transaction()?;
        let mut writer = Writer::new(&tx)?;
        for x in threads_of(&tx, a.0)? {
            for y in threads_of(&tx, b.0)? {
                put_link(&tx, &mut writer, (x, y), apart(), now)?;
            }
        }
        regroup(&tx, &mut writer)?;
        writer.finish(&tx)?;
        tx.commit()?;
        Ok(())
    }

    /// Takes a conversation apart into the threads of which it is made; they are not proposed
    /// again. Returns the conversations that there are now.
    pub fn separate(
        &mut self,
        id: ConversationId,
        now: i64,
    ) -> Result<Vec<ConversationId>, ArchiveError> {
        let tx = self.connection.transaction()?;
        let mut writer = Writer::new(&tx)?;
        let threads = threads_of(&tx, id.0)?;
        for (n, x) in threads.iter().enumerate() {
            for y in &threads[n + 1..] {
                put_link(&tx, &mut writer, (*x, *y), apart(), now)?;
            }
        }
        regroup(&tx, &mut writer)?;
        writer.finish(&tx)?;
        tx.commit()?;
        Ok(threads.into_iter().map(ConversationId).collect())
    }

    /// A thread's own title where it is shown with others, else the conversation's.
    fn title_of(
        &self,
        thread: i64,
        conversation: i64,
        united: bool,
    ) -> Result<String, ArchiveError> {
        if !united {
            return self.shown_title(ConversationId(conversation));
        }
        let mut statement =
            self.connection.prepare_cached("SELECT title FROM conversations WHERE id = ?1")?;
        Ok(statement.query_row([thread], |r| r.get(0))?)
    }
}

fn apart() -> Link {
    Link { state: LinkState::Apart.as_str().into(), by_owner: true, evidence: Evidence::default() }
}

/// Shows what the facts say now.
pub(crate) fn regroup(
    connection: &rusqlite::Connection,
    writer: &mut Writer,
) -> Result<(), ArchiveError> {
    let changed = apply_links(connection)?;
    for conversation in &changed {
        arrange(connection, writer, *conversation)?;
    }
    // A conversation that gave messages to one that was arranged later has fewer now.
    changed.iter().try_for_each(|conversation| writer.recount(connection, *conversation))
}
