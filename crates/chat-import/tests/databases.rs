//! Databases of messengers and backups of phones, made here table by table.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use chat_archive::{Archive, ArchiveKey, ImportReport, MemoryVault, MessageKind, MessageView};
use chat_import::{ImportError, ImportOptions, Wanted};
use rusqlite::Connection;

fn archive(dir: &Path) -> Archive {
    Archive::open(&dir.join("archive"), &ArchiveKey::new([1; 32]), Arc::new(MemoryVault::default()))
        .unwrap()
}

fn import(path: &Path, archive: &mut Archive) -> Result<ImportReport, ImportError> {
    let mut session = archive.begin_import()?;
    let options = ImportOptions::default();
    chat_import::import(path, &Wanted::Any, &options, &mut session, &mut |_| {
        ControlFlow::Continue(())
    })?;
    Ok(session.commit()?)
}

/// Messages of all chats, each chat's in its order.
fn messages(archive: &Archive) -> Vec<MessageView> {
    let mut all = Vec::new();
    for chat in archive.conversations().unwrap() {
        all.extend(archive.messages_at(chat.id, 0, 1_000).unwrap());
    }
    all
}

fn words(messages: &[MessageView]) -> Vec<&str> {
    messages.iter().map(|m| m.record.text.as_str()).collect()
}

fn database(path: &Path, sql: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

const ANDROID: &str = "
    CREATE TABLE jid (_id INTEGER PRIMARY KEY, user TEXT, server TEXT, raw_string TEXT);
    INSERT INTO jid VALUES (1, '15550100', 's.whatsapp.net', '15550100@s.whatsapp.net'),
        (2, '77', 'g.us', '77@g.us'), (3, '15550101', 's.whatsapp.net', '15550101@s.whatsapp.net');
    CREATE TABLE chat (_id INTEGER PRIMARY KEY, jid_row_id INTEGER, subject TEXT);
    INSERT INTO chat VALUES (1, 1, NULL), (2, 2, 'Rowing');
    CREATE TABLE message (_id INTEGER PRIMARY KEY, chat_row_id INTEGER, from_me INTEGER, key_id TEXT,
        sender_jid_row_id INTEGER, timestamp INTEGER, message_type INTEGER, text_data TEXT, sort_id INTEGER);
    INSERT INTO message VALUES
        (1, 1, 0, 'A1', NULL, 1703001600000, 0, 'Hello', 1),
        (2, 1, 1, 'A2', NULL, 1703001601000, 0, 'Hi', 2),
        (3, 1, 0, 'A3', NULL, 1703001602000, 1, 'the boat', 3),
        (4, 1, 0, 'A4', NULL, 1703001603000, 15, NULL, 4),
        (5, 1, 0, 'A5', NULL, 1703001604000, 5, NULL, 5),
        (6, 2, 0, 'B1', 3, 1703001605000, 0, 'who rows?', 7),
        (7, 2, 0, NULL, NULL, 1703001604500, 7, 'Kit created the group', 6),
        (8, 2, 0, 'B3', 3, 1703001606000, 4242, NULL, 8),
        (9, 2, 0, 'B4', 3, 0, 0, 'from before time', 9);
    CREATE TABLE message_media (message_row_id INTEGER, file_path TEXT, mime_type TEXT);
    INSERT INTO message_media VALUES (3, 'Media/WhatsApp Images/IMG-1.jpg', 'image/jpeg');
    CREATE TABLE message_location (message_row_id INTEGER, latitude REAL, longitude REAL, place_name TEXT);
    INSERT INTO message_location VALUES (5, 52.5, 5.25, 'Boathouse');
    CREATE TABLE message_quoted (message_row_id INTEGER, key_id TEXT);
    INSERT INTO message_quoted VALUES (2, 'A1');
    CREATE TABLE message_add_on (_id INTEGER PRIMARY KEY, chat_row_id INTEGER, parent_message_row_id INTEGER,
        from_me INTEGER, sender_jid_row_id INTEGER);
    INSERT INTO message_add_on VALUES (1, 1, 1, 1, NULL);
    CREATE TABLE message_add_on_reaction (message_add_on_row_id INTEGER, reaction TEXT);
    INSERT INTO message_add_on_reaction VALUES (1, '👍');";

#[test]
fn whatsapp_of_android_with_its_contacts_and_files() {
    let dir = tempfile::tempdir().unwrap();
    let export = dir.path().join("export");
    database(&export.join("msgstore.db"), ANDROID);
    let contacts = "CREATE TABLE wa_contacts (jid TEXT, display_name TEXT);
        INSERT INTO wa_contacts VALUES ('15550100@s.whatsapp.net', 'Ada');";
    database(&export.join("wa.db"), contacts);
    fs::create_dir_all(export.join("Media/WhatsApp Images")).unwrap();
    fs::write(export.join("Media/WhatsApp Images/IMG-1.jpg"), b"a picture").unwrap();
    let mut archive = archive(dir.path());
    let report = import(&export, &mut archive).unwrap();
    assert_eq!((report.messages_new, report.attachments_new, report.system_lines), (8, 1, 1));
    let chats = archive.conversations().unwrap();
    let mut titles: Vec<&str> = chats.iter().map(|c| c.title.as_str()).collect();
    titles.sort_unstable();
    assert_eq!(titles, ["Ada", "Rowing"]);
    let ada =
        archive.messages_at(chats.iter().find(|c| c.title == "Ada").unwrap().id, 0, 100).unwrap();
    assert_eq!(words(&ada), ["Hello", "Hi", "the boat", "", "geo:52.5,5.25\nBoathouse"]);
    assert_eq!(ada[1].record.reply_to.as_deref(), Some("A1"));
    assert_eq!(ada[0].record.reactions[0].emoji, "👍");
    assert!(ada[3].record.unsent);
    let rowing = archive
        .messages_at(chats.iter().find(|c| c.title == "Rowing").unwrap().id, 0, 100)
        .unwrap();
    assert_eq!(words(&rowing)[..2], ["Kit created the group", "who rows?"]);
    assert_eq!(
        rowing[2].record.kind,
        MessageKind::Unknown,
        "what is not understood is there as it was"
    );
    assert!(rowing[2].record.details.raw.as_deref().unwrap().contains("4242"));
    assert_eq!(report.not_understood.get("message without a time"), Some(&1));
    let again = import(&export, &mut archive).unwrap();
    assert_eq!((again.messages_new, again.messages_updated, again.duplicates_skipped), (0, 0, 8));
}

#[test]
fn a_version_of_the_database_without_most_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let old = "CREATE TABLE jid (_id INTEGER PRIMARY KEY, user TEXT, server TEXT);
        INSERT INTO jid VALUES (1, '15550100', 's.whatsapp.net');
        CREATE TABLE chat (_id INTEGER PRIMARY KEY, jid_row_id INTEGER);
        INSERT INTO chat VALUES (1, 1);
        CREATE TABLE message (_id INTEGER PRIMARY KEY, chat_row_id INTEGER, from_me INTEGER, timestamp INTEGER,
            text_data TEXT);
        INSERT INTO message VALUES (1, 1, 0, 1703001600000, 'Hello');";
    database(&dir.path().join("export/msgstore.db"), old);
    let mut archive = archive(dir.path());
    import(&dir.path().join("export"), &mut archive).unwrap();
    assert_eq!(words(&messages(&archive)), ["Hello"]);
    assert_eq!(archive.conversations().unwrap()[0].title, "+15550100");
}

const IOS: &str = "
    CREATE TABLE ZWACHATSESSION (Z_PK INTEGER PRIMARY KEY, ZCONTACTJID TEXT, ZPARTNERNAME TEXT, ZSESSIONTYPE INTEGER);
    INSERT INTO ZWACHATSESSION VALUES (1, '15550100@s.whatsapp.net', 'Ada', 0);
    CREATE TABLE ZWAMESSAGE (Z_PK INTEGER PRIMARY KEY, ZCHATSESSION INTEGER, ZISFROMME INTEGER, ZMESSAGETYPE INTEGER,
        ZMESSAGEDATE REAL, ZTEXT TEXT, ZSTANZAID TEXT, ZMEDIAITEM INTEGER, ZSORT INTEGER, ZPARENTMESSAGE INTEGER);
    INSERT INTO ZWAMESSAGE VALUES (1, 1, 0, 0, 724694400.0, 'Hello', 'A1', NULL, 1, NULL),
        (2, 1, 1, 0, 724694401.0, 'Hi', 'A2', NULL, 2, 1), (3, 1, 0, 1, 724694402.0, NULL, 'A3', 1, 3, NULL),
        (4, 1, 0, 14, 724694403.0, NULL, 'A4', NULL, 4, NULL);
    CREATE TABLE ZWAMEDIAITEM (Z_PK INTEGER PRIMARY KEY, ZMEDIALOCALPATH TEXT, ZTITLE TEXT);
    INSERT INTO ZWAMEDIAITEM VALUES (1, 'Media/15550100@s.whatsapp.net/a/b/boat.jpg', 'the boat');";

const SMS: &str = "
    CREATE TABLE handle (ROWID INTEGER PRIMARY KEY, id TEXT);
    INSERT INTO handle VALUES (1, '+15550100');
    CREATE TABLE chat (ROWID INTEGER PRIMARY KEY, guid TEXT, chat_identifier TEXT, display_name TEXT, style INTEGER);
    INSERT INTO chat VALUES (1, 'iMessage;-;+15550100', '+15550100', '', 45);
    CREATE TABLE message (ROWID INTEGER PRIMARY KEY, guid TEXT, text TEXT, attributedBody BLOB, handle_id INTEGER,
        date INTEGER, is_from_me INTEGER, item_type INTEGER, associated_message_guid TEXT,
        associated_message_type INTEGER, thread_originator_guid TEXT, date_edited INTEGER, date_retracted INTEGER);
    CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER);
    INSERT INTO chat_message_join VALUES (1, 1), (1, 2), (1, 3);";

fn messages_of_apple(path: &Path) {
    database(path, SMS);
    let body = b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x12NSAttributedString\x00\x84\x84\x08NSObject\x00\x85\x92\x84\x84\x84\x08NSString\x01\x94\x84\x01+\x05three\x86\x84";
    let connection = Connection::open(path).unwrap();
    let insert = "INSERT INTO message (ROWID, guid, text, attributedBody, handle_id, date, is_from_me, item_type,
        associated_message_guid, associated_message_type) VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, 0, ?7, ?8)";
    let at = 724_694_400_000_000_000_i64;
    let none = None::<&str>;
    connection.execute(insert, (1, "G1", Some("one"), None::<&[u8]>, at, 0, none, 0)).unwrap();
    connection
        .execute(insert, (2, "G2", none, Some(&body[..]), at + 1_000_000_000, 1, none, 0))
        .unwrap();
    let love = "Loved “one”";
    connection
        .execute(
            insert,
            (3, "G3", Some(love), None::<&[u8]>, at + 2_000_000_000, 1, Some("p:0/G1"), 2000),
        )
        .unwrap();
}

/// A backup that iTunes or Finder made, with these databases in it.
fn phone_backup(dir: &Path) {
    let mut list =
        "CREATE TABLE Files (fileID TEXT, domain TEXT, relativePath TEXT, flags INTEGER);"
            .to_owned();
    let whatsapp = "AppDomainGroup-group.net.whatsapp.WhatsApp.shared";
    for (id, domain, path) in [
        ("7c7fba66680ef796b916b067077cc246adacf01d", whatsapp, "ChatStorage.sqlite"),
        ("3d0d7e5fb2ce288813306e4d4636395e047a3d28", "HomeDomain", "Library/SMS/sms.db"),
        (
            "ab11111111111111111111111111111111111111",
            whatsapp,
            "Message/Media/15550100@s.whatsapp.net/a/b/boat.jpg",
        ),
    ] {
        list.push_str(&format!("INSERT INTO Files VALUES ('{id}', '{domain}', '{path}', 1);"));
    }
    database(&dir.join("Manifest.db"), &list);
    database(&dir.join("7c/7c7fba66680ef796b916b067077cc246adacf01d"), IOS);
    messages_of_apple(&dir.join("3d/3d0d7e5fb2ce288813306e4d4636395e047a3d28"));
    fs::create_dir_all(dir.join("ab")).unwrap();
    fs::write(dir.join("ab/ab11111111111111111111111111111111111111"), b"a picture").unwrap();
}

#[test]
fn whatsapp_of_an_iphone() {
    let dir = tempfile::tempdir().unwrap();
    database(&dir.path().join("export/ChatStorage.sqlite"), IOS);
    let mut archive = archive(dir.path());
    let report = import(&dir.path().join("export"), &mut archive).unwrap();
    let all = messages(&archive);
    assert_eq!(words(&all), ["Hello", "Hi", "the boat", ""]);
    assert_eq!(all[0].record.time.ms, 1_703_001_600_000);
    assert_eq!(all[1].record.reply_to.as_deref(), Some("A1"));
    assert!(all[3].record.unsent);
    assert_eq!(report.missing.len(), 1, "the picture is not beside it");
}

#[test]
fn messages_of_apple_with_words_in_a_typedstream() {
    let dir = tempfile::tempdir().unwrap();
    messages_of_apple(&dir.path().join("export/chat.db"));
    let mut archive = archive(dir.path());
    import(&dir.path().join("export"), &mut archive).unwrap();
    let all = messages(&archive);
    assert_eq!(words(&all), ["one", "three"]);
    assert_eq!(all[0].record.reactions.len(), 1, "a reaction is no message");
    assert_eq!(all[0].record.time.ms, 1_703_001_600_000);
}

#[test]
fn a_backup_of_a_phone_holds_both_and_the_files() {
    let dir = tempfile::tempdir().unwrap();
    phone_backup(&dir.path().join("export"));
    let mut archive = archive(dir.path());
    let report = import(&dir.path().join("export"), &mut archive).unwrap();
    assert_eq!(report.conversations_new, 2);
    assert_eq!(report.attachments_new, 1);
    assert!(report.missing.is_empty(), "{:?}", report.missing);
}

#[test]
fn an_encrypted_backup_is_refused_in_plain_words() {
    let dir = tempfile::tempdir().unwrap();
    let export = dir.path().join("export");
    fs::create_dir_all(&export).unwrap();
    fs::write(export.join("Manifest.db"), [0x5a_u8; 4096]).unwrap();
    let refusal = import(&export, &mut archive(dir.path())).unwrap_err();
    assert!(refusal.to_string().contains("encrypted"), "{refusal}");
}

#[test]
fn a_database_that_is_cut_off_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("export/msgstore.db");
    database(&path, ANDROID);
    let whole = fs::read(&path).unwrap();
    let mut archive = archive(dir.path());
    for part in [100, 1_000, 4_096, whole.len() / 2, whole.len() - 4_096] {
        fs::write(&path, &whole[..part]).unwrap();
        if import(&dir.path().join("export"), &mut archive).is_err() {
            assert!(archive.conversations().unwrap().is_empty());
        }
    }
}

const SIGNAL: &str = r#"
    CREATE TABLE items (id TEXT PRIMARY KEY, json TEXT);
    INSERT INTO items VALUES ('uuid_id', '{"id":"uuid_id","value":"11111111-1111-4111-8111-111111111111.1"}');
    CREATE TABLE conversations (id TEXT PRIMARY KEY, json TEXT, type TEXT, members TEXT, name TEXT,
        profileFullName TEXT, e164 TEXT, serviceId TEXT);
    INSERT INTO conversations VALUES
        ('c-own', '{}', 'private', NULL, NULL, 'Kit Moss', '+15550100', '11111111-1111-4111-8111-111111111111'),
        ('c-ada', '{}', 'private', NULL, NULL, 'Ada B', '+15550101', '22222222-2222-4222-8222-222222222222'),
        ('c-row', '{"masterKey":"a2V5","membersV2":[{"aci":"11111111-1111-4111-8111-111111111111"},
            {"aci":"22222222-2222-4222-8222-222222222222"}]}', 'group', NULL, 'Rowing', NULL, NULL, NULL);
    CREATE TABLE messages (id TEXT PRIMARY KEY, json TEXT, type TEXT, body TEXT, sent_at INTEGER, received_at INTEGER,
        conversationId TEXT, source TEXT, sourceServiceId TEXT, isStory INTEGER, callId TEXT);
    INSERT INTO messages VALUES
        ('m1', '{"reactions":[{"emoji":"👍","fromId":"c-own","targetTimestamp":1703001600000}]}', 'incoming', 'Hello',
            1703001600000, 1, 'c-ada', '+15550101', '22222222-2222-4222-8222-222222222222', 0, NULL),
        ('m2', '{"quote":{"id":1703001600000,"authorAci":"22222222-2222-4222-8222-222222222222"},
            "editHistory":[{"body":"Hi, at six","timestamp":1703001609000},
            {"body":"Hi, at five","timestamp":1703001601000}]}', 'outgoing', 'Hi, at six',
            1703001601000, 2, 'c-ada', NULL, NULL, 0, NULL),
        ('m3', '{"attachments":[{"contentType":"image/jpeg","fileName":"boat.jpg","path":"ab/abcdef","size":5,
            "version":2,"localKey":"a key"}]}', 'incoming', NULL, 1703001602000, 3, 'c-ada', NULL,
            '22222222-2222-4222-8222-222222222222', 0, NULL),
        ('m4', '{"deletedForEveryone":true}', 'incoming', '', 1703001603000, 4, 'c-ada', NULL,
            '22222222-2222-4222-8222-222222222222', 0, NULL),
        ('m5', '{}', 'call-history', NULL, 1703001604000, 5, 'c-ada', NULL, NULL, 0, '77'),
        ('m6', '{}', 'keychange', NULL, 1703001605000, 6, 'c-ada', NULL, NULL, 0, NULL),
        ('m7', '{}', 'hologram', NULL, 1703001606000, 7, 'c-ada', NULL, NULL, 0, NULL),
        ('m8', '{}', 'story', 'a day out', 1703001607000, 8, 'c-ada', NULL, NULL, 1, NULL),
        ('g1', '{"bodyRanges":[{"start":0,"length":1,"mentionAci":"11111111-1111-4111-8111-111111111111"}]}', 'incoming',
            '￼ who rows?', 1703001700000, 9, 'c-row', NULL, '22222222-2222-4222-8222-222222222222', 0, NULL),
        ('g2', '{}', 'incoming', 'no time', NULL, 10, 'c-row', NULL, '22222222-2222-4222-8222-222222222222', 0, NULL);
    CREATE TABLE callsHistory (callId TEXT, type TEXT, direction TEXT, status TEXT);
    INSERT INTO callsHistory VALUES ('77', 'Video', 'Incoming', 'Missed');
    CREATE TABLE message_attachments (messageId TEXT, editHistoryIndex INTEGER, attachmentType TEXT,
        orderInMessage INTEGER, path TEXT, localKey TEXT, size INTEGER, contentType TEXT, fileName TEXT, version INTEGER);
    INSERT INTO message_attachments VALUES
        ('g1', -1, 'attachment', 0, 'cd/cdef01', NULL, 4, 'text/plain', 'list.txt', 1),
        ('g1', -1, 'quote', 0, 'cd/other', NULL, 4, 'text/plain', 'quoted.txt', 1);"#;

/// Sees to it that the database opens with its key, and the attachment with its own.
struct Opened(std::path::PathBuf);

const DATABASE_KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

impl chat_import::Unlocked for Opened {
    fn file(&self, path: &Path) -> Option<chat_import::OpenedFile> {
        let key = chat_import::DatabaseKey::new(DATABASE_KEY);
        (path == self.0).then(|| chat_import::OpenedFile {
            name: "db.sqlite".into(),
            path: self.0.clone(),
            key,
        })
    }

    fn attachment(
        &self,
        _: fs::File,
        key: &str,
        size: u64,
    ) -> std::io::Result<Box<dyn std::io::Read>> {
        assert_eq!((key, size), ("a key", 5));
        Ok(Box::new(&b"plain"[..]))
    }
}

#[test]
fn signal_desktop_with_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let export = dir.path().join("Signal");
    let path = export.join("sql/db.sqlite");
    database(&path, &format!("PRAGMA key = \"x'{DATABASE_KEY}'\"; {SIGNAL}"));
    for (file, content) in [("ab/abcdef", "sealed"), ("cd/cdef01", "oars")] {
        let file = export.join("attachments.noindex").join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
    }
    let mut archive = archive(dir.path());
    let without = import(&export, &mut archive);
    assert!(
        matches!(without, Err(ImportError::NotRecognised { .. })),
        "an encrypted database says nothing"
    );

    let mut session = archive.begin_import().unwrap();
    let options =
        ImportOptions { unlocked: Some(Arc::new(Opened(path))), ..ImportOptions::default() };
    chat_import::import(&export, &Wanted::Any, &options, &mut session, &mut |_| {
        ControlFlow::Continue(())
    })
    .unwrap();
    let report = session.commit().unwrap();
    assert!(report.files_add_up(), "{:?}", report.export);
    assert_eq!((report.conversations, report.attachments_new), (2, 2));

    let chats = archive.conversations().unwrap();
    let ada = chats.iter().find(|c| c.title == "Ada B").unwrap();
    assert_eq!(ada.key, "IiIiIiIiQiKCIiIiIiIiIg==", "as Signal's plaintext export names her");
    let messages = archive.messages_at(ada.id, 0, 100).unwrap();
    let told: Vec<(&str, MessageKind)> =
        messages.iter().map(|m| (m.record.text.as_str(), m.record.kind)).collect();
    assert_eq!(
        told,
        [
            ("Hello", MessageKind::Text),
            ("Hi, at six", MessageKind::Text),
            ("", MessageKind::Media),
            ("", MessageKind::Text),
            ("Incoming video call, missed", MessageKind::System),
            ("Safety number changed", MessageKind::System),
            ("Something that Keepsake does not understand yet (hologram)", MessageKind::Unknown),
        ]
    );
    assert_eq!(messages[0].record.reactions[0].actor.as_deref(), Some("Kit Moss"));
    assert_eq!(messages[1].reply.as_ref().unwrap().text, "Hello");
    assert_eq!(messages[1].record.earlier[0].text, "Hi, at five");
    assert_eq!(messages[1].sender.as_ref().unwrap().own, Some(true));
    assert!(
        messages[2].record.attachments[0].content.hash().is_some() && messages[3].record.unsent
    );
    assert_eq!(archive.leftovers(ada.id).unwrap()[0].kind, "story");

    let rowing = chats.iter().find(|c| c.title == "Rowing").unwrap();
    let messages = archive.messages_at(rowing.id, 0, 100).unwrap();
    assert_eq!(words(&messages), ["@Kit Moss who rows?"]);
    assert_eq!(
        messages[0].record.attachments.len(),
        1,
        "what is quoted is no file of this message"
    );
    assert_eq!(archive.leftovers(rowing.id).unwrap()[0].kind, "message without a time");
}
