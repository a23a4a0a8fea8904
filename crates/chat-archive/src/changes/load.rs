//! Putting in very many changes: few large transactions, and one wait for the disk.

use std::collections::HashSet;

use rusqlite::Connection;

use super::apply::{ApplyReport, Applying};
use crate::write::{Growth, set_growth};
use crate::{Archive, ArchiveError, Change};

/// Pages in the write-ahead log before they go to the database: 16,384 of 4 KiB are 64 MiB, so that
/// a page that changes often is written once. SQLite's own choice is 1,000.
const CHECKPOINT_PAGES: i64 = 16_384;
const USUAL_CHECKPOINT_PAGES: i64 = 1_000;

/// A restore into an archive. What was committed can be read by others at once; what was not is
/// undone when this is dropped. A crash of the computer may undo commits before
/// [`Loading::finish`], never a part of one.
pub struct Loading<'a> {
    connection: &'a Connection,
    open: Option<Applying>,
    /// Threads that were made here: their messages are new as a rule.
    made_here: HashSet<i64>,
}

impl Archive {
    /// Begins to put in changes. One at a time on a handle.
    ///
    /// # Errors
    /// [`ArchiveError::Database`].
    pub fn begin_loading(&mut self) -> Result<Loading<'_>, ArchiveError> {
        let connection = &self.connection;
        connection.pragma_update(None, "synchronous", "normal")?;
        connection
            .pragma_update_and_check(None, "wal_autocheckpoint", CHECKPOINT_PAGES, |_| Ok(()))?;
        Ok(Loading { connection, open: None, made_here: HashSet::new() })
    }
}

impl Loading<'_> {
    /// Puts in one change, in the transaction that the last commit left to be begun.
    ///
    /// # Errors
    /// [`ArchiveError::InvalidRecord`] for a message before any conversation since the last commit;
    /// [`ArchiveError::Busy`].
    pub fn apply(&mut self, change: &Change) -> Result<(), ArchiveError> {
        if self.open.is_none() {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
            set_growth(self.connection, Growth::Fast)?;
            let made_here = std::mem::take(&mut self.made_here);
            self.open = Some(Applying::new(self.connection, made_here)?);
        }
        match &mut self.open {
            Some(applying) => applying.apply(self.connection, change),
            None => Ok(()),
        }
    }

    /// Messages since the last commit.
    pub fn pending(&self) -> u64 {
        self.open.as_ref().map_or(0, Applying::messages)
    }

    /// Makes what was put in readable; `None` if there is nothing.
    ///
    /// # Errors
    /// [`ArchiveError::DiskFull`], [`ArchiveError::Database`]: nothing since the last commit is
    /// there then.
    pub fn commit(&mut self) -> Result<Option<ApplyReport>, ArchiveError> {
        let Some(applying) = self.open.take() else { return Ok(None) };
        let done = applying.finish(self.connection).and_then(|done| {
            self.connection.execute_batch("COMMIT")?;
            Ok(done)
        });
        match done {
            Ok((report, made_here)) => {
                self.made_here = made_here;
                Ok(Some(report))
            }
            Err(error) => {
                let _ = self.connection.execute_batch("ROLLBACK");
                Err(error)
            }
        }
    }

    /// Commits, and waits until everything is on the disk.
    ///
    /// # Errors
    /// As [`Loading::commit`].
    pub fn finish(mut self) -> Result<Option<ApplyReport>, ArchiveError> {
        let report = self.commit()?;
        self.connection.pragma_update(None, "synchronous", "full")?;
        set_growth(self.connection, Growth::Usual)?;
        // A commit that waits for the disk, and with it for all before it.
        self.connection.execute("UPDATE meta SET value = value WHERE name = 'change_seq'", [])?;
        // A reader may keep it from emptying the log; then the next writer does.
        self.connection.pragma_query(None, "wal_checkpoint", |_| Ok(()))?;
        Ok(report)
    }
}

impl Drop for Loading<'_> {
    fn drop(&mut self) {
        if self.open.is_some() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        let _ = self.connection.pragma_update(None, "synchronous", "full");
        let _ = self.connection.pragma_update_and_check(
            None,
            "wal_autocheckpoint",
            USUAL_CHECKPOINT_PAGES,
            |_| Ok(()),
        );
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{ArchiveKey, MemoryVault};

    fn open(dir: &std::path::Path) -> Archive {
        Archive::open(dir, &ArchiveKey::new([7; 32]), Arc::new(MemoryVault::default())).unwrap()
    }

    fn segments(archive: &Archive) -> i64 {
        let sql = "SELECT count(DISTINCT segid) FROM messages_fts_idx";
        archive.connection.query_row(sql, [], |r| r.get(0)).unwrap()
    }

    fn load(archive: &mut Archive, minutes: std::ops::Range<i64>) {
        let mut loading = archive.begin_loading().unwrap();
        let opening = r#"{"conversation":{"source":"whatsapp","key":"bo","title":"Bo","title_as_of":0,"kind":"direct",
            "participants":[]}}"#;
        for minute in minutes {
            loading.apply(&Change::read(opening.as_bytes()).unwrap()).unwrap();
            let message = format!(r#"{{"message":{{"time":{minute},"text":"words {minute}"}}}}"#);
            loading.apply(&Change::read(message.as_bytes()).unwrap()).unwrap();
            loading.commit().unwrap();
        }
        loading.finish().unwrap();
    }

    #[test]
    fn a_restore_merges_no_part_of_the_index_and_later_work_does() {
        let dir = tempfile::tempdir().unwrap();
        let mut archive = open(dir.path());
        load(&mut archive, 0..30);
        assert_eq!(segments(&archive), 30);
        let query = crate::SearchQuery {
            text: "words".into(),
            limit: 100,
            ..crate::SearchQuery::default()
        };
        assert_eq!(archive.search(&query).unwrap().hits.len(), 30);
        archive.begin_import().unwrap().commit().unwrap();
        archive.apply_changes([Change::read(br#""everywhere""#)]).unwrap();
        let mut again = open(dir.path());
        for minute in 30..34 {
            let opening =
                br#"{"conversation":{"source":"whatsapp","key":"bo","title":"Bo","title_as_of":0,"kind":"direct",
                "participants":[]}}"#;
            let message = format!(r#"{{"message":{{"time":{minute},"text":"words {minute}"}}}}"#);
            again.apply_changes([Change::read(opening), Change::read(message.as_bytes())]).unwrap();
        }
        assert!(segments(&again) < 34, "{}", segments(&again));
        assert_eq!(again.search(&query).unwrap().hits.len(), 34);
    }
}
