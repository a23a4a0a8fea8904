//! One conversation as a file that a person, or another program, can read.

mod chatlab;
mod page;

use std::io::{self, Write};

use serde_json::json;

use crate::{
    Archive, ArchiveError, Attachment, AttachmentContent, ConversationId, MessageView, Precision,
    Timestamp, Zone,
};

/// Messages read at a time.
const PAGE: usize = 500;

/// Which form a conversation is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportForm {
    /// All that the archive has, as JSON: `{"conversation": {…}, "messages": […]}`.
    Json,
    /// A line per message.
    Text,
    /// ChatLab's interchange format, a line of JSON per message.
    ChatLab,
    /// A page for a browser, without scripts and without anything from elsewhere.
    Page,
}

/// What of a conversation is written: messages whose time is in here, as unix milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExportRange {
    /// The first moment.
    pub from: Option<i64>,
    /// The first moment after.
    pub until: Option<i64>,
}

impl ExportRange {
    fn includes(&self, ms: i64) -> bool {
        self.from.is_none_or(|from| from <= ms) && self.until.is_none_or(|until| ms < until)
    }
}

/// Where an attachment lies beside what is written, if it does: `media/boat.jpg`.
pub type FileNames<'a> = &'a mut dyn FnMut(&Attachment) -> Option<String>;

impl Archive {
    /// Writes a conversation, streaming; returns how many messages were written.
    ///
    /// # Errors
    /// [`ArchiveError::NotFound`]; [`ArchiveError::Io`] if it cannot be written.
    pub fn export(
        &self,
        id: ConversationId,
        form: ExportForm,
        range: &ExportRange,
        names: FileNames<'_>,
        out: &mut dyn Write,
    ) -> Result<u64, ArchiveError> {
        match form {
            ExportForm::Json => self.json(id, range, out),
            ExportForm::Text => {
                writeln!(out, "{}\n", self.conversation(id)?.title).map_err(write_failed)?;
                self.write_each(id, range, |message| write_text(message, out))
            }
            ExportForm::ChatLab => {
                let people = self.conversation(id)?;
                chatlab::head(&people, out).map_err(write_failed)?;
                self.write_each(id, range, |message| chatlab::message(message, names, out))
            }
            ExportForm::Page => {
                let summary = self.conversation(id)?;
                page::head(&summary, out).map_err(write_failed)?;
                let mut last_day = String::new();
                let written = self.write_each(id, range, |message| {
                    page::message(message, &summary, names, &mut last_day, out)
                })?;
                page::foot(out).map_err(write_failed)?;
                Ok(written)
            }
        }
    }

    /// Writes a conversation as JSON, whole.
    ///
    /// # Errors
    /// As [`Self::export`].
    pub fn export_json(&self, id: ConversationId, out: &mut dyn Write) -> Result<(), ArchiveError> {
        self.export(id, ExportForm::Json, &ExportRange::default(), &mut |_| None, out).map(|_| ())
    }

    /// Writes a conversation as plain text, whole.
    ///
    /// # Errors
    /// As [`Self::export`].
    pub fn export_text(&self, id: ConversationId, out: &mut dyn Write) -> Result<(), ArchiveError> {
        self.export(id, ExportForm::Text, &ExportRange::default(), &mut |_| None, out).map(|_| ())
    }

    fn json(
        &self,
        id: ConversationId,
        range: &ExportRange,
        out: &mut dyn Write,
    ) -> Result<u64, ArchiveError> {
        let summary = self.conversation(id)?;
        let leftovers: Vec<_> =
            self.leftovers(id)?.iter().map(|l| json!({ "kind": l.kind, "raw": l.raw })).collect();
        let unclaimed: Vec<_> =
            self.unclaimed_files(id)?.into_iter().map(|file| file.name).collect();
        let head = json!({
            "source": summary.source, "key": summary.key, "title": summary.title, "kind": summary.kind,
            "participants": summary.participants, "messages": summary.messages,
            "exports": self.exports_read(id)?, "not_understood": leftovers, "files_of_no_message": unclaimed,
        });
        let mut first = true;
        write!(out, "{{\"conversation\":{head},\n\"messages\":[").map_err(write_failed)?;
        let written = self.write_each(id, range, |message| {
            let comma = if std::mem::take(&mut first) { "" } else { "," };
            write!(out, "{comma}\n{}", message_json(message))
        })?;
        writeln!(out, "\n]}}").map_err(write_failed)?;
        Ok(written)
    }

    fn write_each(
        &self,
        id: ConversationId,
        range: &ExportRange,
        mut act: impl FnMut(&MessageView) -> io::Result<()>,
    ) -> Result<u64, ArchiveError> {
        self.each_message(id, range, |_, message| act(message).map_err(write_failed))
    }

    /// Hands over a conversation's messages in order, 500 in memory at a time, each with its place
    /// in the whole conversation from 1; returns how many were in the range.
    ///
    /// # Errors
    /// What `act` returns, at the first message where it does; [`ArchiveError::Database`].
    pub fn each_message<E: From<ArchiveError>>(
        &self,
        id: ConversationId,
        range: &ExportRange,
        mut act: impl FnMut(u64, &MessageView) -> Result<(), E>,
    ) -> Result<u64, E> {
        let mut after = None;
        let mut place = 0;
        let mut in_range = 0;
        loop {
            let page = self.messages_after(id, after, PAGE)?;
            let Some(last) = page.last() else { return Ok(in_range) };
            after = Some(last.position);
            for message in &page {
                place += 1;
                if range.includes(message.record.time.ms) {
                    act(place, message)?;
                    in_range += 1;
                }
            }
        }
    }
}

fn write_failed(error: io::Error) -> ArchiveError {
    ArchiveError::io("write the exported conversation")(error)
}

fn message_json(message: &MessageView) -> serde_json::Value {
    let record = &message.record;
    json!({
        "time": readable(&record.time), "timestamp": record.time, "sender": message.sender, "kind": record.kind,
        "id": record.source_id, "text": record.text, "reply_to": record.reply_to,
        "forwarded_from": record.forwarded_from, "edited": record.edited, "edited_at": record.edited_at,
        "earlier": record.earlier, "unsent": record.unsent, "reactions": record.reactions,
        "attachments": record.attachments, "details": record.details,
    })
}

fn write_text(message: &MessageView, out: &mut dyn Write) -> io::Result<()> {
    let record = &message.record;
    let sender =
        message.sender.as_ref().map_or("*", |p| if p.name.is_empty() { &p.key } else { &p.name });
    write!(out, "[{}] {sender}: ", readable(&record.time))?;
    if let Some(from) = &record.forwarded_from {
        write!(out, "(forwarded{}{from}) ", if from.is_empty() { "" } else { " from " })?;
    }
    write!(out, "{}", record.text)?;
    if record.edited {
        write!(out, " (edited)")?;
    }
    if record.unsent {
        write!(out, " (deleted by its sender)")?;
    }
    for attachment in &record.attachments {
        write!(out, " [{}]", attachment_text(attachment))?;
    }
    for reaction in &record.reactions {
        write!(out, " {} {}", reaction.emoji, reaction.actor.as_deref().unwrap_or_default())?;
    }
    writeln!(out)?;
    for wording in &record.earlier {
        writeln!(out, "    earlier: {}", wording.text)?;
    }
    Ok(())
}

fn attachment_text(attachment: &Attachment) -> String {
    let name = attachment.name.as_deref().unwrap_or("file");
    match attachment.content {
        AttachmentContent::Present { hash, size } => {
            format!("{name}, {size} bytes, {}", hash.to_hex())
        }
        AttachmentContent::Missing { reason } => format!("{name}, missing: {}", reason.as_str()),
    }
}

/// `2024-03-09 17:05`, with seconds where they are known, with `Z` where the zone is UTC.
pub fn readable(time: &Timestamp) -> String {
    let (days, ms) = (time.ms.div_euclid(86_400_000), time.ms.rem_euclid(86_400_000));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    let zone = if time.zone == Zone::Utc { "Z" } else { "" };
    match time.precision {
        Precision::Minute => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}{zone}"),
        _ => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{zone}"),
    }
}

/// Days since 1970-01-01 to year, month, day (Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(19_782), (2024, 2, 29));
        assert_eq!(civil(-1), (1969, 12, 31));
    }
}
