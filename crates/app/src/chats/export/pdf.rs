//! A chat as PDF: to read, or as a transcript that can be checked.

use super::media_sum::MediaSum;
use super::message_text::{about_files, beside, body, heading, isolated};
use crate::{AppError, NextStep, Progress, Result, Unit, Watch};
use chat_archive::{
    Archive, ConversationId, ConversationSummary, ExportRange, MediaHash, MessageView, Precision,
    Source, Timestamp, Zone, readable,
};
use std::collections::{BTreeMap, HashMap};
use text_pdf::{Finished, Look, PdfError, TextPdf};

/// Messages between two words on progress.
const TELL_EVERY: u64 = 200;
/// Characters without a font that are named one by one.
const NAMED_CHARACTERS: usize = 40;

/// A PDF and how many messages are in it.
pub(crate) struct ChatPdf {
    pub(crate) pdf: Vec<u8>,
    pub(crate) messages: u64,
}

/// A chat as a person reads it.
pub(crate) fn plain(
    archive: &Archive,
    id: ConversationId,
    range: &ExportRange,
    watch: &dyn Watch,
) -> Result<ChatPdf> {
    let summary = archive.conversation(id)?;
    let mut pages = Pages::new(&summary.title, watch)?;
    pages.about(&summary, range)?;
    pages.people(archive, &summary)?;
    let messages = pages.messages(archive, id, range, None)?;
    pages.finish(messages)
}

/// A chat with the id of each message, and the SHA-256 of the exports it came from and of each
/// file.
pub(crate) fn transcript(
    archive: &Archive,
    id: ConversationId,
    range: &ExportRange,
    media: &HashMap<MediaHash, MediaSum>,
    watch: &dyn Watch,
) -> Result<ChatPdf> {
    let summary = archive.conversation(id)?;
    let mut pages = Pages::new(&summary.title, watch)?;
    pages.about(&summary, range)?;
    pages.people(archive, &summary)?;
    pages.origin(archive, id)?;
    pages.how_to_read()?;
    let messages = pages.messages(archive, id, range, Some(media))?;
    pages.left_over(archive, id)?;
    pages.finish(messages)
}

struct Pages<'a> {
    pdf: TextPdf,
    watch: &'a dyn Watch,
}

impl<'a> Pages<'a> {
    fn new(title: &str, watch: &'a dyn Watch) -> Result<Self> {
        let mut pdf = TextPdf::new(title)?;
        pdf.write(Look::Title, title)?;
        Ok(Self { pdf, watch })
    }

    fn about(&mut self, summary: &ConversationSummary, range: &ExportRange) -> Result<()> {
        let all = format!(
            "Chat in {}. Messages in the archive: {}.",
            messenger(summary.source),
            summary.messages
        );
        self.pdf.write(Look::Body, &all)?;
        if let Some(last) = &summary.last {
            self.pdf.write(Look::Body, &format!("The newest is of {}.", readable(&last.time)))?;
        }
        let moments = [
            (range.from, "Only messages of this time or later"),
            (range.until, "Only messages before"),
        ];
        for (ms, words) in moments.into_iter().filter_map(|(ms, words)| ms.map(|ms| (ms, words))) {
            let moment = Timestamp { ms, precision: Precision::Minute, zone: Zone::Local };
            self.pdf.write(Look::Body, &format!("{words}: {}.", readable(&moment)))?;
        }
        Ok(())
    }

    /// Everybody, with what the exports call them where the owner gave another name.
    fn people(&mut self, archive: &Archive, summary: &ConversationSummary) -> Result<()> {
        self.pdf.write(Look::Heading, "People")?;
        let known: HashMap<String, Vec<String>> = archive
            .people()?
            .into_iter()
            .flat_map(|person| person.known_as)
            .filter(|known| known.handle.source == summary.source)
            .map(|known| (known.handle.key, known.names))
            .collect();
        for person in &summary.participants {
            let names =
                known.get(&person.key).into_iter().flatten().filter(|name| **name != person.name);
            let names: Vec<String> = names.map(|name| isolated(name)).collect();
            let names = if names.is_empty() {
                String::new()
            } else {
                format!(", in exports {}", names.join(", "))
            };
            let key = if person.key == person.name {
                String::new()
            } else {
                format!(", {}", isolated(&person.key))
            };
            let owner = if person.own == Some(true) { " (the owner of the archive)" } else { "" };
            // A mark from left to right (UAX #9), so that the line is not turned around by a name.
            let line = format!("\u{200e}{}{names}{key}{owner}", isolated(&person.name));
            self.pdf.write(Look::Body, &line)?;
        }
        Ok(())
    }

    fn origin(&mut self, archive: &Archive, id: ConversationId) -> Result<()> {
        self.pdf.write(Look::Heading, "Exports that this chat was read from")?;
        let exports = archive.exports_read(id)?;
        if exports.is_empty() {
            self.pdf.write(Look::Body, "Not recorded.")?;
        }
        for export in exports {
            let about = format!("{}, {} bytes", export.name, export.bytes);
            self.pdf.write(Look::Body, &about)?;
            self.pdf.write(Look::Small, &format!("SHA-256 {}", export.sha256))?;
        }
        Ok(())
    }

    fn how_to_read(&mut self) -> Result<()> {
        self.pdf.write(Look::Heading, "How to read this")?;
        for line in HOW_TO_READ {
            self.pdf.write(Look::Body, line)?;
        }
        Ok(())
    }

    fn messages(
        &mut self,
        archive: &Archive,
        id: ConversationId,
        range: &ExportRange,
        media: Option<&HashMap<MediaHash, MediaSum>>,
    ) -> Result<u64> {
        self.pdf.write(Look::Heading, "Messages")?;
        archive.each_message(id, range, |place, message| {
            if place % TELL_EVERY == 0 {
                self.tell(place)?;
            }
            self.message(place, message, media)
        })
    }

    fn tell(&self, done: u64) -> Result<()> {
        if self.watch.cancelled() {
            return Err(AppError::cancelled("Nothing was written."));
        }
        let what = "Laying out pages".into();
        self.watch.progress(Progress { what, done, total: None, unit: Unit::Messages });
        Ok(())
    }

    fn message(
        &mut self,
        place: u64,
        message: &MessageView,
        media: Option<&HashMap<MediaHash, MediaSum>>,
    ) -> Result<()> {
        let is_transcript = media.is_some();
        self.pdf.write(Look::Head, &heading(place, message, is_transcript))?;
        if let Some(reply) = &message.reply {
            let who = reply.sender.as_deref().unwrap_or_default();
            self.pdf
                .write(Look::Small, &format!("In answer to {}: {}", isolated(who), reply.text))?;
        }
        if let Some(words) = body(message) {
            self.pdf.write(Look::Body, words)?;
        }
        for line in beside(message).into_iter().chain(about_files(message, media)) {
            self.pdf.write(Look::Small, &line)?;
        }
        Ok(())
    }

    fn left_over(&mut self, archive: &Archive, id: ConversationId) -> Result<()> {
        let parts = archive.leftovers(id)?.len();
        let files = archive.unclaimed_files(id)?;
        if parts == 0 && files.is_empty() {
            return Ok(());
        }
        self.pdf.write(Look::Heading, "Beside the messages")?;
        if parts > 0 {
            let text = format!(
                "{parts} parts of the exports were not understood. They stand in messages.json."
            );
            self.pdf.write(Look::Body, &text)?;
        }
        for file in files {
            let text = format!("A file that no message names: {}, {} bytes", file.name, file.size);
            self.pdf.write(Look::Body, &text)?;
        }
        Ok(())
    }

    fn finish(mut self, messages: u64) -> Result<ChatPdf> {
        self.pdf.write(Look::Heading, "End")?;
        let pages = self.pdf.pages();
        let text = format!("Messages: {messages}. Pages: {pages}; this is the last one.");
        self.pdf.write(Look::Body, &text)?;
        self.without_font()?;
        let Finished { pdf, .. } = self.pdf.finish()?;
        Ok(ChatPdf { pdf, messages })
    }

    fn without_font(&mut self) -> Result<()> {
        let missing = self.pdf.without_font();
        if missing.is_empty() {
            return Ok(());
        }
        self.pdf.write(Look::Body, &told(&missing))?;
        Ok(())
    }
}

fn told(missing: &BTreeMap<char, u64>) -> String {
    let times: u64 = missing.values().sum();
    let named = missing.keys().take(NAMED_CHARACTERS).map(|c| format!("U+{:04X}", u32::from(*c)));
    let more = if missing.len() > NAMED_CHARACTERS { ", …" } else { "" };
    format!(
        "Characters that are in no font of the computer that made these pages: {}, {times} times in all. \
         They stand as their code points: {}{more}. The other forms of the export have them as they are.",
        missing.len(),
        named.collect::<Vec<_>>().join(", "),
    )
}

impl From<PdfError> for AppError {
    fn from(error: PdfError) -> Self {
        let (code, next) = match &error {
            PdfError::TooLong(_) => ("too_long", NextStep::ExportRangeOrAnotherForm),
            PdfError::Layout(_) | PdfError::Write(_) => ("internal", NextStep::ExportAnotherForm),
        };
        Self::new(code, format!("The PDF: {error}."), "Nothing was written.", next)
    }
}

fn messenger(source: Source) -> &'static str {
    match source {
        Source::WhatsApp => "WhatsApp",
        Source::Telegram => "Telegram",
        Source::Messenger => "Messenger",
        Source::Instagram => "Instagram",
        Source::Signal => "Signal",
        Source::IMessage => "Apple Messages",
        Source::Element => "Element",
        Source::Other => "another messenger",
    }
}

const HOW_TO_READ: &[&str] = &[
    "Each message has its place in the chat, its time, its sender and its id. An id that begins with \
     “key” was made by Keepsake from the message's own content, because the messenger gave none.",
    "A time that ends with Z is UTC. Any other is what the clock of the exporting phone showed; its zone \
     is not in the export. Seconds stand only where the export has them.",
    "Words and times are as the messenger wrote them into its export, and so are names, unless the list of \
     people says that the exports have another. Whether an export was altered before it was read cannot be \
     told from it.",
    "Files lie beside this document, in the folder media. The file manifest.sha256 has the SHA-256 of \
     each of them and of this document; the command “sha256sum -c manifest.sha256” checks them all.",
    "A character that cannot be drawn stands as its code point: <U+202E>.",
];
