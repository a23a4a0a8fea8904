//! Chats come in, are read and found, and say whose they are.

use crate::support::{Computer, PHOTO, refused};
use app::model::{MessageKind, Messenger, TimePrecision, Zone};
use app::{DateOrder, ImportOptions, NextStep, Unwatched};

#[tokio::test]
async fn an_export_is_looked_at_before_anything_is_imported() {
    let computer = Computer::new();
    let found =
        app::detect(&computer.keepsake, &computer.mira(), ImportOptions::default()).await.unwrap();
    assert_eq!(found.kind, "whatsapp");
    assert_eq!((found.needs_date_order, found.refused.len()), (false, 0));
    assert!(
        app::conversations(&computer.keepsake).await.unwrap().is_empty(),
        "nothing was imported"
    );
}

#[tokio::test]
async fn importing_again_adds_nothing_and_says_so() {
    let computer = Computer::new();
    let export = computer.mira();
    let first = computer.imports(&export).await.unwrap();
    assert_eq!((first.messages, first.attachments, first.duplicates_skipped), (3, 1, 0));
    let second = computer.imports(&export).await.unwrap();
    assert_eq!((second.messages, second.attachments, second.duplicates_skipped), (0, 0, 3));
}

#[tokio::test]
async fn what_the_export_says_of_a_message_comes_through_whole() {
    let computer = Computer::new();
    computer.imports(&computer.mira()).await.unwrap();
    let chat = computer.chat("Mira").await;
    assert_eq!((chat.source, chat.group, chat.messages), (Messenger::WhatsApp, false, 3));
    assert_eq!(chat.last_zone, Zone::Local, "a text export names no zone");

    let messages = computer.messages("Mira").await;
    let [ferry, photo, plums] = messages.as_slice() else { panic!("{messages:#?}") };
    assert_eq!(
        (ferry.sender.as_deref(), ferry.text.as_str()),
        (Some("Mira"), "The ferry leaves at nine")
    );
    assert_eq!(
        (ferry.kind, ferry.precision, ferry.zone),
        (MessageKind::Text, TimePrecision::Minute, Zone::Local)
    );
    assert_eq!(ferry.at, 1_795_425_300_000, "2026-11-23 09:15 by the clock of the export");
    assert_eq!((photo.kind, photo.attachments.len()), (MessageKind::Media, 1));
    assert_eq!((ferry.position, photo.position, plums.position), (0, 1, 2));

    let hash = photo.attachments[0].hash.clone().unwrap();
    assert_eq!(app::media_bytes(&computer.keepsake, &hash).await.unwrap(), PHOTO);
    assert_eq!(
        refused(app::media_bytes(&computer.keepsake, "no hash").await),
        ("not_found", NextStep::ExportToReadAttachment)
    );
}

#[tokio::test]
async fn a_person_says_once_who_they_are() {
    let computer = Computer::new();
    let group = "23/11/2026, 09:15 - Mira: Who has the key?\n\
                 23/11/2026, 09:16 - Jonas: I do\n\
                 23/11/2026, 09:17 - Ottokar: Good\n";
    let report = computer.imports(&computer.export("Allotment", group)).await.unwrap();
    let [unknown] = report.owner_unknown.as_slice() else { panic!("{report:#?}") };
    assert_eq!((unknown.title.as_str(), unknown.people.len()), ("Allotment", 3));
    let nobody =
        app::set_owner(&computer.keepsake, unknown.conversation, Some("Nele"), false).await;
    assert_eq!(refused(nobody), ("not_found", NextStep::UseNameInChat));

    app::set_owner(&computer.keepsake, unknown.conversation, Some("Jonas"), false).await.unwrap();
    assert_eq!(computer.chat("Allotment").await.owner.as_deref(), Some("Jonas"));
    let own: Vec<bool> =
        computer.messages("Allotment").await.iter().map(|message| message.own).collect();
    assert_eq!(own, [false, true, false]);
}

#[tokio::test]
async fn words_are_found_in_one_chat_or_in_all() {
    let computer = Computer::new();
    computer.imports(&computer.mira()).await.unwrap();
    computer
        .imports(&computer.export("Ottokar", "25/11/2026, 20:00 - Ottokar: No plums this year\n"))
        .await
        .unwrap();
    let everywhere = app::search(&computer.keepsake, "plums", None, 10).await.unwrap();
    let titles: Vec<&str> = everywhere.iter().map(|hit| hit.conversation_title.as_str()).collect();
    assert_eq!(titles, ["Ottokar", "Mira"], "the newest first");
    assert!(everywhere[0].snippet.iter().any(|part| part.hit && part.text == "plums"));

    let mira = computer.chat("Mira").await.id;
    let there = app::search(&computer.keepsake, "plums", Some(mira), 10).await.unwrap();
    assert_eq!((there.len(), there[0].message.position), (1, 2));
}

#[tokio::test]
async fn a_day_leads_to_its_first_message() {
    let computer = Computer::new();
    computer.imports(&computer.mira()).await.unwrap();
    let chat = computer.chat("Mira").await.id;
    let midnight = 1_795_478_400_000; // 2026-11-24 00:00
    assert_eq!(app::position_at(&computer.keepsake, chat, midnight).await.unwrap(), 2);
}

#[tokio::test]
async fn dates_that_can_mean_two_days_are_asked_about() {
    let computer = Computer::new();
    let export =
        computer.export("Ada", "03/04/2026, 09:15 - Ada: Hello\n03/04/2026, 09:16 - Jonas: Hi\n");
    let found = app::detect(&computer.keepsake, &export, ImportOptions::default()).await.unwrap();
    assert!(found.needs_date_order);
    assert_eq!(
        refused(computer.imports(&export).await),
        ("ambiguous_dates", NextStep::SayDateOrder)
    );

    let options = ImportOptions { date_order: Some(DateOrder::Mdy), ..ImportOptions::default() };
    app::import_chats(&computer.keepsake, &export, options, &Unwatched).await.unwrap();
    assert_eq!(computer.messages("Ada").await[0].at, 1_772_615_700_000, "2026-03-04 09:15");
}

#[tokio::test]
async fn what_is_no_export_changes_nothing() {
    let computer = Computer::new();
    let notes = computer.path("notes.txt");
    std::fs::write(&notes, "milk\nbread\n").unwrap();
    assert_eq!(
        refused(computer.imports(&notes).await),
        ("not_recognised", NextStep::GiveMessengersExport)
    );
    assert_eq!(
        refused(computer.imports(&computer.path("none.zip")).await),
        ("not_found", NextStep::CheckPath)
    );
    let kind = ImportOptions { kind: Some("carrier-pigeon".into()), ..ImportOptions::default() };
    let unknown = app::import_chats(&computer.keepsake, &computer.mira(), kind, &Unwatched).await;
    assert_eq!(refused(unknown), ("usage", NextStep::LeaveOptionOut));
    assert!(app::conversations(&computer.keepsake).await.unwrap().is_empty());
}
