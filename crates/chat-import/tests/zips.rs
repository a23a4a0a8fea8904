//! Zip exports: the good one streams its media, the hostile ones are refused.
#![allow(clippy::unwrap_used)]

use std::io::{Cursor, Read as _, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use chat_archive::*;
use chat_import::{ImportError, ImportOptions, Progress, Wanted};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const CHAT: &str = "[31/01/24, 10:00:00] Kit: hi\n\
    \u{200e}[31/01/24, 10:01:00] Kit: \u{200e}<attached: 00000002-PHOTO-2024-01-31-10-01-00.jpg>\n\
    \u{200e}[31/01/24, 10:02:00] Kit: \u{200e}<attached: 00000003-PHOTO-2024-01-31-10-02-00.jpg>\n";

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn import(bytes: &[u8]) -> Result<(ImportReport, Archive, tempfile::TempDir), ImportError> {
    import_with(bytes, &mut |_| ControlFlow::Continue(()))
}

fn import_with(
    bytes: &[u8],
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<(ImportReport, Archive, tempfile::TempDir), ImportError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("WhatsApp Chat - Kit.zip");
    std::fs::write(&path, bytes).unwrap();
    let mut archive = open(&dir.path().join("archive"));
    let mut session = archive.begin_import()?;
    chat_import::import(&path, &Wanted::Any, &ImportOptions::default(), &mut session, progress)?;
    let report = session.commit()?;
    Ok((report, archive, dir))
}

fn open(dir: &Path) -> Archive {
    Archive::open(dir, &ArchiveKey::new([1; 32]), Arc::new(MemoryVault::default())).unwrap()
}

fn refusal(bytes: &[u8]) -> String {
    match import(bytes) {
        Ok(_) => panic!("this zip must be refused"),
        Err(error) => error.code().to_owned(),
    }
}

#[test]
fn media_comes_out_of_the_zip_and_missing_files_are_listed() {
    let bytes =
        zip(&[("_chat.txt", CHAT.as_bytes()), ("00000002-PHOTO-2024-01-31-10-01-00.jpg", b"jpeg")]);
    let (report, archive, _dir) = import(&bytes).unwrap();
    assert_eq!(
        (report.messages_new, report.attachments_new, report.attachments_missing),
        (3, 1, 1)
    );
    assert_eq!(report.missing[0].name.as_deref(), Some("00000003-PHOTO-2024-01-31-10-02-00.jpg"));
    let chat = &archive.conversations().unwrap()[0];
    assert_eq!(chat.title, "Kit");
    let messages = archive.messages_after(chat.id, None, 10).unwrap();
    let hash = messages[1].record.attachments[0].content.hash().unwrap();
    let mut content = Vec::new();
    archive.open_media(&hash).unwrap().read_to_end(&mut content).unwrap();
    assert_eq!(content, b"jpeg");
}

#[test]
fn an_attached_text_is_not_taken_for_the_chat() {
    let other = b"[30/01/24, 10:00:00] Mo: another chat\n";
    let bytes = zip(&[("Mo.txt", other), ("WhatsApp Chat with Kit.txt", CHAT.as_bytes())]);
    let (report, archive, _dir) = import(&bytes).unwrap();
    assert_eq!((report.conversations, report.messages_new), (1, 3));
    assert_eq!(archive.conversations().unwrap()[0].title, "Kit");
}

#[test]
fn names_that_lead_out_are_refused() {
    for name in
        ["../_chat.txt", "/etc/_chat.txt", "a/../../_chat.txt", "C:_chat.txt", "a\\..\\_chat.txt"]
    {
        assert_eq!(refusal(&zip(&[(name, CHAT.as_bytes())])), "import.unsafe_path", "{name}");
    }
}

#[test]
fn a_bomb_is_refused() {
    let zeros = vec![b'0'; 32 << 20];
    assert_eq!(
        refusal(&zip(&[("_chat.txt", CHAT.as_bytes()), ("bomb.jpg", &zeros)])),
        "import.too_large"
    );
}

#[test]
fn a_lie_about_the_size_is_not_believed() {
    let text = CHAT.repeat(200);
    let mut bytes = zip(&[("_chat.txt", text.as_bytes())]);
    // The size after unpacking, in the local and in the central header.
    let size = (text.len() as u32).to_le_bytes();
    let places: Vec<usize> =
        bytes.windows(4).enumerate().filter(|(_, w)| *w == size).map(|(at, _)| at).collect();
    assert_eq!(places.len(), 2);
    for at in places {
        bytes[at..at + 4].copy_from_slice(&100u32.to_le_bytes());
    }
    assert_eq!(refusal(&bytes), "import.damaged");
}

#[test]
fn a_password_is_said_so() {
    let mut bytes = zip(&[("_chat.txt", CHAT.as_bytes())]);
    // Bit 0 of the flags in the local header (offset 6) and in the central one (offset 8).
    bytes[6] |= 1;
    let central = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    bytes[central + 8] |= 1;
    assert_eq!(refusal(&bytes), "import.encrypted");
}

#[test]
fn a_zip_cut_off_or_damaged_is_said_so() {
    let bytes = zip(&[("_chat.txt", CHAT.as_bytes())]);
    assert_eq!(refusal(&bytes[..bytes.len() / 2]), "import.damaged");
    let mut flipped = zip(&[("_chat.txt", CHAT.repeat(100).as_bytes())]);
    let middle = flipped.len() / 3;
    flipped[middle] ^= 0xff;
    assert!(refusal(&flipped).starts_with("import."));
}

#[test]
fn cancelling_leaves_nothing() {
    let bytes = zip(&[("_chat.txt", CHAT.repeat(400).as_bytes())]);
    let mut calls = 0;
    let result = import_with(&bytes, &mut |progress| {
        calls += 1;
        assert!(progress.bytes_done <= progress.bytes_total);
        ControlFlow::Break(())
    });
    assert_eq!(result.map(|_| ()).unwrap_err().code(), "import.cancelled");
    assert_eq!(calls, 1);
}

fn import_as(name: &str, bytes: &[u8]) -> (ImportReport, Archive, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let mut archive = open(&dir.path().join("archive"));
    let mut session = archive.begin_import().unwrap();
    let go_on = &mut |_: &Progress| ControlFlow::Continue(());
    chat_import::import(&path, &Wanted::Any, &ImportOptions::default(), &mut session, go_on)
        .unwrap();
    let report = session.commit().unwrap();
    assert!(report.files_add_up(), "{:?}", report.export);
    (report, archive, dir)
}

#[test]
fn files_are_found_however_their_names_are_written() {
    let chat = "[31/01/24, 10:00:00] Kit: \u{200e}<attached: Übersicht.pdf>\n".as_bytes();
    // A Mac writes Ü as U and a sign above; the folder and the neighbour come from its Finder.
    let decomposed = zip(&[
        ("WhatsApp Chat - Kit/_chat.txt", chat),
        ("WhatsApp Chat - Kit/U\u{308}bersicht.pdf", b"pdf"),
        ("__MACOSX/WhatsApp Chat - Kit/._chat.txt", b"x"),
    ]);
    let (report, archive, _dir) = import_as("export.zip", &decomposed);
    assert_eq!(
        (report.attachments_missing, report.attachments_new, report.unclaimed_files),
        (0, 1, 0)
    );
    assert_eq!(archive.conversations().unwrap()[0].title, "Kit");

    let mut unflagged = zip(&[("_chat.txt", chat), ("Übersicht.pdf", b"pdf")]);
    // Bit 11 of the flags says UTF-8; many programs leave it out.
    for at in 0..unflagged.len() - 10 {
        let flags = match &unflagged[at..at + 4] {
            b"PK\x03\x04" => at + 7,
            b"PK\x01\x02" => at + 9,
            _ => continue,
        };
        unflagged[flags] &= !0x08;
    }
    let (report, _archive, _dir) = import_as("WhatsApp Chat - Kit.zip", &unflagged);
    assert_eq!((report.attachments_missing, report.attachments_new), (0, 1));
}

#[test]
fn a_file_that_no_line_names_is_stored_and_counted() {
    let bytes = zip(&[
        ("_chat.txt", b"[31/01/24, 10:00:00] Kit: hi\n"),
        ("00000009-PHOTO-2024-01-31-10-00-30.jpg", b"jpeg"),
    ]);
    let (report, archive, _dir) = import_as("WhatsApp Chat - Kit.zip", &bytes);
    assert_eq!((report.unclaimed_files, report.messages_new, report.export.files), (1, 1, 2));
    let chat = archive.conversations().unwrap()[0].id;
    assert_eq!(
        archive.unclaimed_files(chat).unwrap()[0].name,
        "00000009-PHOTO-2024-01-31-10-00-30.jpg"
    );
}

#[test]
fn titles_stand_on_zips_in_many_languages() {
    for name in [
        "WhatsApp-Chat - Kit.zip",
        "Discussion WhatsApp - Kit.zip",
        "Conversa do WhatsApp - Kit.zip",
        "Чат WhatsApp - Kit.zip",
    ] {
        let (_, archive, _dir) =
            import_as(name, &zip(&[("_chat.txt", b"[31.01.24, 10:00:00] Mo: hi\n")]));
        assert_eq!(archive.conversations().unwrap()[0].title, "Kit", "{name}");
    }
}

#[test]
fn a_folder_of_zips_and_a_zipped_telegram_export_are_all_read_and_a_bad_one_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let telegram = br#"{"name":"Uma","type":"personal_chat","id":7,"messages":[{"id":1,"type":"message","date":"2023-11-17T09:12:00","from":"Uma","from_id":"user7","text":"a"}]}"#;
    for (name, bytes) in [
        ("WhatsApp Chat - Kit.zip", zip(&[("_chat.txt", CHAT.as_bytes())])),
        ("ChatExport.zip", zip(&[("ChatExport_2023-11-17/result.json", telegram)])),
        ("broken.zip", b"PK\x03\x04 nothing".to_vec()),
    ] {
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    let search = chat_import::search(dir.path(), &Wanted::Any, &ImportOptions::default()).unwrap();
    let found: Vec<_> = search.found.iter().map(|f| f.detected.format.name).collect();
    assert_eq!(found, ["telegram_json", "whatsapp_text"]);
    assert_eq!(search.refused.len(), 1);
    assert_eq!(search.refused[0].0, "broken.zip");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_and_does_not_hang() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("WhatsApp Chat with Kit.txt");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let refusal = chat_import::detect(&pipe).unwrap_err();
    assert_eq!(refusal.code(), "import.unsupported");
    assert_eq!(chat_import::detect(dir.path()).unwrap_err().code(), "import.not_recognised");
}

#[test]
fn a_huge_message_costs_no_more_than_its_size_and_spoils_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let numbers = "1,".repeat(2_000_000);
    let json = format!(
        r#"{{"name":"Uma","type":"personal_chat","id":7,"messages":[
        {{"id":1,"type":"message","date":"2023-11-17T09:12:00","from":"Uma","from_id":"user7","text":"a"}},
        {{"id":2,"type":"message","date":"2023-11-17T09:12:00","text":"b","list":[{numbers}1]}},
        {{"id":3,"type":"message","date":"2023-11-17T09:12:00","from":"Uma","from_id":"user7","text":"c"}}]}}"#
    );
    let path = dir.path().join("result.json");
    std::fs::write(&path, json).unwrap();
    let (mut archive, mut calls) = (open(&dir.path().join("archive")), 0);
    let mut session = archive.begin_import().unwrap();
    let mut count = |_: &Progress| {
        calls += 1;
        ControlFlow::Continue(())
    };
    chat_import::import(&path, &Wanted::Any, &ImportOptions::default(), &mut session, &mut count)
        .unwrap();
    let report = session.commit().unwrap();
    assert_eq!(report.messages_new, 2);
    assert_eq!(report.not_understood["message of more than 1 MiB"], 1);
    let chat = archive.conversations().unwrap()[0].id;
    assert!(matches!(archive.leftovers(chat).unwrap()[0].raw, Raw::File { size: 4_000_000.., .. }));
}
