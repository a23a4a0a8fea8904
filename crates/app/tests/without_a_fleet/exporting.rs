//! A chat written out for others, and never over what is there.

use crate::support::{Computer, PHOTO, files, refused};
use app::{Between, ExportFormat, NextStep, Unwatched};
use std::path::Path;

async fn write(
    computer: &Computer,
    format: ExportFormat,
    between: Between,
    out: &Path,
) -> app::Result<u64> {
    let chat = computer.chat("Mira").await.id;
    app::export_conversation(&computer.keepsake, chat, format, between, out, &Unwatched).await
}

#[tokio::test]
async fn a_text_has_a_line_for_each_message_and_overwrites_nothing() {
    let computer = Computer::new();
    computer.imports(&computer.mira()).await.unwrap();
    let out = computer.path("mira.txt");
    assert_eq!(write(&computer, ExportFormat::Text, Between::default(), &out).await.unwrap(), 3);
    let text = std::fs::read_to_string(&out).unwrap();
    assert!(text.contains("Mira: The ferry leaves at nine") && text.contains("plums"), "{text}");
    let again = write(&computer, ExportFormat::Text, Between::default(), &out).await;
    assert_eq!(refused(again), ("disk", NextStep::ChooseNewName));
    assert_eq!(std::fs::read_to_string(&out).unwrap(), text);
}

#[tokio::test]
async fn only_the_time_that_was_asked_for_is_written() {
    let computer = Computer::new();
    computer.imports(&computer.mira()).await.unwrap();
    let out = computer.path("first-day.json");
    let first_day = Between { from: None, until: Some(1_795_478_400_000) };
    assert_eq!(write(&computer, ExportFormat::Json, first_day, &out).await.unwrap(), 2);
    assert!(!std::fs::read_to_string(&out).unwrap().contains("plums"));
}

#[tokio::test]
async fn a_transcript_has_the_media_and_the_sum_of_every_file() {
    let computer = Computer::new();
    computer.imports(&computer.mira()).await.unwrap();
    let out = computer.path("transcript");
    write(&computer, ExportFormat::Transcript, Between::default(), &out).await.unwrap();
    assert_eq!(std::fs::read(out.join("media/IMG-0001.jpg")).unwrap(), PHOTO);
    let manifest = std::fs::read_to_string(out.join("manifest.sha256")).unwrap();
    for file in files(&out, "").iter().filter(|file| !file.ends_with("manifest.sha256")) {
        let name = file.strip_prefix(&out).unwrap().to_str().unwrap();
        assert!(
            manifest.lines().any(|line| line.ends_with(&format!("  {name}"))),
            "{name} is in no line of {manifest}"
        );
    }
    assert_eq!(manifest.lines().count(), 5, "{manifest}");
}

#[tokio::test]
async fn a_chat_that_is_not_there_is_not_written() {
    let computer = Computer::new();
    let out = computer.path("nobody.txt");
    let everything = Between::default();
    let none = app::export_conversation(
        &computer.keepsake,
        7,
        ExportFormat::Text,
        everything,
        &out,
        &Unwatched,
    )
    .await;
    assert_eq!(refused(none), ("not_found", NextStep::SeeChats));
    assert!(!out.exists());
}
