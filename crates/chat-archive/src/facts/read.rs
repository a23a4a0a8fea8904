//! Facts as the screens show them.

use super::select::select;
use super::{ExportRead, Fact, FactRecord, Leftover, OwnName, UnclaimedFile};
use crate::{Archive, ArchiveError, ConversationId};

/// Threads that are shown in a conversation, its own among them.
const THREADS: &str = "(SELECT id FROM conversations WHERE id = ?1 OR shown_in = ?1)";

impl Archive {
    /// What no importer understood in a conversation.
    pub fn leftovers(&self, id: ConversationId) -> Result<Vec<Leftover>, ArchiveError> {
        self.facts_of(id, "leftover", |fact| match fact {
            Fact::Leftover(leftover) => Some(leftover),
            _ => None,
        })
    }

    /// Files that came with a conversation's exports and that no message names.
    pub fn unclaimed_files(&self, id: ConversationId) -> Result<Vec<UnclaimedFile>, ArchiveError> {
        // One that turned out to be a message's is none of them any more.
        let condition = format!(
            "thread_id IN {THREADS} AND kind = 'unclaimed_file' AND NOT EXISTS
                (SELECT 1 FROM attachments a WHERE a.hash = facts.hash AND a.name = facts.name)
             ORDER BY name, change_seq"
        );
        let found = select(&self.connection, &condition, [id.0])?;
        Ok(found
            .into_iter()
            .filter_map(|record| match record.fact {
                Fact::UnclaimedFile(file) => Some(file),
                _ => None,
            })
            .collect())
    }

    /// How many files no message names.
    pub(crate) fn unclaimed_count(&self, id: ConversationId) -> Result<u64, ArchiveError> {
        let sql = format!(
            "SELECT count(*) FROM facts WHERE thread_id IN {THREADS} AND kind = 'unclaimed_file' AND NOT EXISTS
                (SELECT 1 FROM attachments a WHERE a.hash = facts.hash AND a.name = facts.name)"
        );
        let n: i64 = self.connection.prepare_cached(&sql)?.query_row([id.0], |r| r.get(0))?;
        Ok(n.unsigned_abs())
    }

    /// The exports that were read into a conversation, oldest first.
    pub fn exports_read(&self, id: ConversationId) -> Result<Vec<ExportRead>, ArchiveError> {
        self.facts_of(id, "export", |fact| match fact {
            Fact::Export(export) => Some(export),
            _ => None,
        })
    }

    /// As [`Self::exports_read`], each with when it was learnt, Unix ms; 0 where nobody wrote it
    /// down.
    pub fn exports_seen(&self, id: ConversationId) -> Result<Vec<(ExportRead, i64)>, ArchiveError> {
        let condition =
            format!("thread_id IN {THREADS} AND kind = 'export' ORDER BY as_of, change_seq");
        let found = select(&self.connection, &condition, [id.0])?;
        let export = |record: FactRecord| match record.fact {
            Fact::Export(export) => Some((export, record.as_of)),
            _ => None,
        };
        Ok(found.into_iter().filter_map(export).collect())
    }

    /// Names and numbers that are the owner's wherever they appear.
    pub fn own_names(&self) -> Result<Vec<OwnName>, ArchiveError> {
        let found = select(&self.connection, "kind = 'own' ORDER BY change_seq", [])?;
        Ok(found
            .into_iter()
            .filter_map(|record| match record.fact {
                Fact::Own(name) if name.own => Some(name),
                _ => None,
            })
            .collect())
    }

    fn facts_of<T>(
        &self,
        id: ConversationId,
        kind: &str,
        wanted: fn(Fact) -> Option<T>,
    ) -> Result<Vec<T>, ArchiveError> {
        let condition = format!("thread_id IN {THREADS} AND kind = ?2 ORDER BY as_of, change_seq");
        let found = select(&self.connection, &condition, (id.0, kind))?;
        Ok(found.into_iter().filter_map(|record| wanted(record.fact)).collect())
    }
}
