//! Messages that their source numbers: the number tells which is which.

use super::{Files, ImportSession, MediaReader};
use crate::write::{self, Outcome};
use crate::{ArchiveError, ConversationId, MessageRecord};

impl ImportSession<'_> {
    /// Adds a message, or what is new of it.
    pub(super) fn add_numbered(
        &mut self,
        id: ConversationId,
        sender: Option<i64>,
        mut record: MessageRecord,
        files: &Files,
        media: &mut dyn MediaReader,
    ) -> Result<Outcome, ArchiveError> {
        let (place, is_new) = (self.thread(id)?.place, self.thread(id)?.is_new);
        if is_new && files.is_empty() {
            // Most messages: nothing to look up before they are put in.
            self.next_spot(id, &mut record)?;
            if let Some(row) = self.writer.insert(&self.tx, place, sender, &record)? {
                return Ok(Outcome::New(row));
            }
        }
        let known = write::find(&self.tx, place.thread, &record.key.0)?;
        let Some(row) = known else {
            self.store_files(&mut record, files, None, media)?;
            self.claim_unclaimed(place.thread, &mut record)?;
            self.list_missing(id, &record);
            self.next_spot(id, &mut record)?;
            let row = self.writer.insert(&self.tx, place, sender, &record)?;
            let row = row.ok_or(ArchiveError::InvalidRecord("the key is taken"))?;
            self.put_at_spot(id, row)?;
            return Ok(Outcome::New(row));
        };
        let before = write::message_row::load(&self.tx, row)?;
        self.known_at(id, &before)?;
        let brought = self.store_files(&mut record, files, Some(&before), media)?;
        let outcome = self.merge_known(place, row, &record, brought)?;
        self.list_still_missing(id, row)?;
        Ok(outcome)
    }
}
