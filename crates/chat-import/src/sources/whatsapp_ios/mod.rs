//! WhatsApp's database on iPhones, `ChatStorage.sqlite`: bare with its `Message` folder, or in an
//! unencrypted backup that iTunes or Finder made.

use std::collections::HashMap;
use std::io::Read;

use chat_archive::{
    ConversationKind, Details, ImportSession, MediaReader, MessageKind, MissingReason, NewAttachment, NewConversation,
    NewMessage, Participant, Precision, Sort, Source, Timestamp, Zone,
};
use rusqlite::Row;

use super::Format;
use super::phone_backup::{PhoneBackup, PhoneDatabase};
use crate::database::{APPLE_EPOCH, Database, number, raw, real, text};
use crate::export_files::{ExportFiles, base_name};
use crate::people::{card_in_words, number_of};
use crate::progress::Reporter;
use crate::{Detected, ImportError, ImportOptions, mime};

/// `ChatStorage.sqlite`.
pub struct WhatsAppIos;

const TABLES: &[&str] = &["ZWAMESSAGE", "ZWACHATSESSION"];
const DOMAIN: &str = "AppDomainGroup-group.net.whatsapp.WhatsApp.shared";
/// The owner, whose own address the database does not hold.
const OWNER: &str = "me";

fn find(files: &ExportFiles) -> Result<Option<PhoneDatabase>, ImportError> {
    PhoneDatabase::find(files, TABLES, DOMAIN, "ChatStorage.sqlite")
}

impl super::ChatSource for WhatsAppIos {
    fn format(&self) -> Format {
        Format {
            name: "whatsapp_ios",
            source: Source::WhatsApp,
            words: "WhatsApp's database on iPhone (ChatStorage.sqlite, or an iTunes/Finder backup)",
        }
    }

    fn takes_whole_folder(&self) -> bool {
        true
    }

    fn detect(&self, files: &ExportFiles, _options: &ImportOptions) -> Result<Option<Detected>, ImportError> {
        let Some(storage) = find(files)? else { return Ok(None) };
        let mut found = Detected::of(self.format());
        found.reasons.push(format!("{} has the tables of WhatsApp on iPhone", storage.path));
        for chat in chats(&storage.database)? {
            let sql = format!("SELECT count(*) FROM ZWAMESSAGE WHERE ZCHATSESSION = {}", chat.row);
            let messages = storage.database.count(&sql);
            found.add_chat(chat.new.title, messages);
        }
        Ok(Some(found))
    }

    fn import(
        &self,
        files: &mut ExportFiles,
        _options: &ImportOptions,
        session: &mut ImportSession<'_>,
        reporter: &mut Reporter<'_>,
    ) -> Result<(), ImportError> {
        let Some(storage) = find(files)? else { return Ok(()) };
        reporter.expect(storage.size);
        files.mark_chat_file(&storage.path);
        let people = People::of(&storage.database)?;
        for chat in chats(&storage.database)? {
            reporter.conversation(&chat.new.title);
            let id = session.add_conversation(&chat.new)?;
            let mut media = Media { files, backup: storage.backup.as_ref() };
            each(&storage.database, &people, &chat, &mut |message| {
                match message {
                    Ok(message) => {
                        if message.details.raw.is_some() && message.kind != MessageKind::Unknown {
                            session.count_not_understood("kind of message");
                        }
                        session.add_message(id, message, &mut media)?;
                    }
                    Err(row) => session.add_leftover(id, "message without a time", row.as_bytes())?,
                }
                reporter.message(0)
            })?;
            session.finish_conversation(id, &mut media)?;
        }
        reporter.file_done(storage.size);
        session.count_export(&files.contents(0));
        reporter.report()
    }
}

struct Chat {
    row: i64,
    jid: String,
    new: NewConversation,
}

fn chats(database: &Database) -> Result<Vec<Chat>, ImportError> {
    let columns = database.list("ZWACHATSESSION", "c", &["Z_PK", "ZCONTACTJID", "ZPARTNERNAME", "ZSESSIONTYPE"]);
    let mut all = Vec::new();
    database.each(&format!("SELECT {columns} FROM ZWACHATSESSION c ORDER BY c.Z_PK"), &[], |row| {
        let number_of_row = number(row, "c_Z_PK").unwrap_or(0);
        let jid = text(row, "c_ZCONTACTJID").unwrap_or_else(|| format!("chat{number_of_row}"));
        // 3: what everybody's status said.
        if number(row, "c_ZSESSIONTYPE") == Some(3) || jid == "status@broadcast" {
            return Ok(());
        }
        let is_group = jid.ends_with("@g.us");
        let title = text(row, "c_ZPARTNERNAME").unwrap_or_else(|| number_of(&jid));
        let participants = match is_group {
            true => Vec::new(),
            false => vec![Participant::new(jid.clone(), title.clone()).with_own(Some(false))],
        };
        all.push(Chat {
            row: number_of_row,
            new: NewConversation {
                source: Source::WhatsApp,
                key: format!("jid:{jid}"),
                title,
                kind: if is_group { ConversationKind::Group } else { ConversationKind::Direct },
                participants,
                sample: Vec::new(),
            },
            jid,
        });
        Ok(())
    })?;
    Ok(all)
}

/// Names of people: of groups by row, else by address.
#[derive(Default)]
struct People {
    members: HashMap<i64, (String, Option<String>)>,
    push_names: HashMap<String, String>,
}

impl People {
    fn of(database: &Database) -> Result<Self, ImportError> {
        let mut people = Self::default();
        if database.has_tables(&["ZWAPROFILEPUSHNAME"]) {
            let columns = database.list("ZWAPROFILEPUSHNAME", "p", &["ZJID", "ZPUSHNAME"]);
            database.each(&format!("SELECT {columns} FROM ZWAPROFILEPUSHNAME p"), &[], |row| {
                if let (Some(jid), Some(name)) = (text(row, "p_ZJID"), text(row, "p_ZPUSHNAME")) {
                    people.push_names.insert(jid, name);
                }
                Ok(())
            })?;
        }
        if database.has_tables(&["ZWAGROUPMEMBER"]) {
            let columns = database.list("ZWAGROUPMEMBER", "g", &["Z_PK", "ZMEMBERJID", "ZCONTACTNAME"]);
            database.each(&format!("SELECT {columns} FROM ZWAGROUPMEMBER g"), &[], |row| {
                if let (Some(id), Some(jid)) = (number(row, "g_Z_PK"), text(row, "g_ZMEMBERJID")) {
                    people.members.insert(id, (jid, text(row, "g_ZCONTACTNAME")));
                }
                Ok(())
            })?;
        }
        Ok(people)
    }

    fn name(&self, jid: &str, known: Option<String>) -> String {
        known.or_else(|| self.push_names.get(jid).cloned()).unwrap_or_else(|| number_of(jid))
    }
}

fn each(
    database: &Database,
    people: &People,
    chat: &Chat,
    on_message: &mut dyn FnMut(Result<NewMessage, String>) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let message = database.list(
        "ZWAMESSAGE",
        "m",
        &[
            "Z_PK",
            "ZGROUPMEMBER",
            "ZISFROMME",
            "ZMESSAGETYPE",
            "ZMESSAGEDATE",
            "ZTEXT",
            "ZSTANZAID",
            "ZFROMJID",
            "ZPARENTMESSAGE",
            "ZSORT",
        ],
    );
    let media = database.list(
        "ZWAMEDIAITEM",
        "d",
        &["ZMEDIALOCALPATH", "ZTITLE", "ZVCARDNAME", "ZVCARDSTRING", "ZLATITUDE", "ZLONGITUDE"],
    );
    let order = if database.has_column("ZWAMESSAGE", "ZSORT") { "m.ZSORT, m.Z_PK" } else { "m.ZMESSAGEDATE, m.Z_PK" };
    let (parent, join) = match database.has_column("ZWAMESSAGE", "ZPARENTMESSAGE") {
        true => ("p.ZSTANZAID AS parent_id", " LEFT JOIN ZWAMESSAGE p ON p.Z_PK = m.ZPARENTMESSAGE"),
        false => ("NULL AS parent_id", ""),
    };
    let sql = format!(
        "SELECT {message}, {media}, {parent} FROM ZWAMESSAGE m
         LEFT JOIN ZWAMEDIAITEM d ON d.Z_PK = m.ZMEDIAITEM{join} WHERE m.ZCHATSESSION = ?1 ORDER BY {order}"
    );
    database.each(&sql, &[&chat.row], |row| on_message(read(people, chat, row).ok_or_else(|| raw(row))))
}

fn read(people: &People, chat: &Chat, row: &Row<'_>) -> Option<NewMessage> {
    let kind = number(row, "m_ZMESSAGETYPE").unwrap_or(0);
    let ms = apple_ms(real(row, "m_ZMESSAGEDATE")?);
    let is_system = matches!(kind, 6 | 10);
    let mut message = NewMessage {
        source_id: text(row, "m_ZSTANZAID"),
        sender: if is_system { None } else { Some(sender(people, chat, row)) },
        time: Timestamp { ms, precision: Precision::Second, zone: Zone::Utc },
        kind: if is_system { MessageKind::System } else { MessageKind::Text },
        text: text(row, "m_ZTEXT").unwrap_or_default(),
        reply_to: text(row, "parent_id"),
        unsent: kind == 14,
        attachments: attachment(kind, row).into_iter().collect(),
        ..NewMessage::default()
    };
    add_words(kind, row, &mut message);
    Some(message)
}

fn sender(people: &People, chat: &Chat, row: &Row<'_>) -> Participant {
    if number(row, "m_ZISFROMME") == Some(1) {
        return Participant::new(OWNER, "Me").with_own(Some(true));
    }
    let member = number(row, "m_ZGROUPMEMBER").and_then(|id| people.members.get(&id));
    let (jid, name) = match member {
        Some((jid, name)) => (jid.clone(), people.name(jid, name.clone())),
        None if chat.jid.ends_with("@g.us") => {
            let jid = text(row, "m_ZFROMJID").unwrap_or_else(|| chat.jid.clone());
            let name = people.name(&jid, None);
            (jid, name)
        }
        None => (chat.jid.clone(), chat.new.title.clone()),
    };
    Participant::new(jid, name).with_own(Some(false))
}

fn add_words(kind: i64, row: &Row<'_>, message: &mut NewMessage) {
    let mut parts = vec![std::mem::take(&mut message.text)];
    let mut sort = None;
    match kind {
        4 => {
            sort = Some(Sort::Contact);
            let card = text(row, "d_ZVCARDSTRING").map(|card| card_in_words(&card));
            parts.extend(text(row, "d_ZVCARDNAME").or(card));
        }
        5 => {
            sort = Some(Sort::Location);
            if let (Some(latitude), Some(longitude)) = (real(row, "d_ZLATITUDE"), real(row, "d_ZLONGITUDE")) {
                parts.push(format!("geo:{latitude},{longitude}"));
            }
        }
        10 | 59 => sort = Some(Sort::Call),
        46 => sort = Some(Sort::Poll),
        // A caption stands beside the file.
        1 | 2 | 8 | 11 => parts.extend(
            text(row, "d_ZTITLE")
                .filter(|title| Some(title) != message.attachments.first().and_then(|a| a.name.as_ref())),
        ),
        0 | 3 | 6 | 7 | 14 | 15 | 38 | 39 => {}
        _ => {
            message.details.raw = Some(raw(row));
            if parts[0].is_empty() && message.attachments.is_empty() {
                message.kind = MessageKind::Unknown;
                parts.push(format!("Something that Keepsake does not understand yet (kind {kind})"));
            }
        }
    }
    if message.kind == MessageKind::System && parts[0].is_empty() {
        parts.push("Something changed in the chat".into());
    }
    parts.retain(|part| !part.is_empty());
    parts.dedup();
    message.text = parts.join("\n");
    message.details = Details { sort, ..std::mem::take(&mut message.details) };
}

fn attachment(kind: i64, row: &Row<'_>) -> Option<NewAttachment> {
    let path = text(row, "d_ZMEDIALOCALPATH");
    if path.is_none() && !matches!(kind, 1 | 2 | 3 | 8 | 11 | 15 | 38 | 39) {
        return None;
    }
    let title = text(row, "d_ZTITLE").filter(|_| kind == 8);
    let name = title.or_else(|| path.as_deref().map(|p| base_name(p).to_owned()));
    let mime = path.as_deref().or(name.as_deref()).and_then(mime::of_name);
    Some(NewAttachment { name, mime, file: path.ok_or(MissingReason::NotExported) })
}

/// Unix milliseconds from Apple's seconds since 2001.
pub fn apple_ms(seconds: f64) -> i64 {
    ((seconds + APPLE_EPOCH as f64) * 1_000.0) as i64
}

/// Files under `Message/`, by path; in a backup, by the name that it gives them.
struct Media<'a> {
    files: &'a mut ExportFiles,
    backup: Option<&'a PhoneBackup>,
}

impl MediaReader for Media<'_> {
    fn open_media(&mut self, file: &str) -> Result<Box<dyn Read + '_>, MissingReason> {
        let below = format!("Message/{}", file.trim_start_matches('/'));
        match self.backup {
            Some(backup) => {
                let path = backup.path_of(DOMAIN, &below).or_else(|| backup.path_of(DOMAIN, file));
                self.files.open_by_path(&path.ok_or(MissingReason::FileNotFound)?)
            }
            None => self.files.open_by_name(base_name(file), ""),
        }
    }
}
