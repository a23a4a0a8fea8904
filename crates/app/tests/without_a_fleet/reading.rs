//! What reading takes beside pages of messages: finding with conditions, files, links, the list.

use crate::support::{Computer, PHOTO, files, refused};
use app::model::{FileKind, Wanted};
use app::{NextStep, ShelfPlace};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n, and no more of it";

/// A chat with a link, a trick of direction, a picture and a program.
async fn lake(computer: &Computer) -> i64 {
    let lines = "23/11/2026, 09:15 - Mira: The map: https://lake.example/map.\n\
                 23/11/2026, 09:16 - Jonas: IMG-0002.png (file attached)\n\
                 23/11/2026, 09:17 - Jonas: setup.exe (file attached)\n\
                 24/11/2026, 18:30 - Mira: invoice\u{202e}gpj.exe\n\
                 24/11/2026, 18:31 - Mira: See you at the lake\n";
    let folder = computer.export("Lake", lines);
    std::fs::write(folder.join("IMG-0002.png"), PNG).unwrap();
    std::fs::write(folder.join("setup.exe"), b"MZ program").unwrap();
    computer.imports(&folder).await.unwrap();
    computer.chat("Lake").await.id
}

fn words(words: &str) -> Wanted {
    Wanted { words: words.into(), ..Wanted::default() }
}

#[tokio::test]
async fn hits_come_in_pages_with_their_number() {
    let computer = Computer::new();
    lake(&computer).await;
    let first = app::find(&computer.keepsake, &words("lake"), 0, 1).await.unwrap();
    assert_eq!((first.hits.len(), first.more, first.total), (1, true, 2));
    let second = app::find(&computer.keepsake, &words("lake"), 1, 1).await.unwrap();
    assert_eq!((second.hits.len(), second.more, second.total), (1, false, 2));
    assert!(second.hits[0].message.position < first.hits[0].message.position, "newest first");
    assert!(first.hits[0].message.pieces.iter().any(|piece| piece.hit && piece.text == "lake"));
}

#[tokio::test]
async fn conditions_narrow_down_with_words_and_without() {
    let computer = Computer::new();
    lake(&computer).await;
    computer.imports(&computer.mira()).await.unwrap();
    let noon = 1_795_521_600_000; // 2026-11-24 12:00
    for (wanted, found) in [
        (Wanted { person: Some("jonas".into()), ..words("") }, 3),
        (Wanted { file: Some(FileKind::Picture), ..words("") }, 2),
        (Wanted { with_file: true, ..words("") }, 3),
        (Wanted { from: Some(noon), ..words("you") }, 2),
        (Wanted { until: Some(noon), ..words("you") }, 0),
        (Wanted { conversation: Some(computer.chat("Lake").await.id), ..words("you") }, 1),
    ] {
        let page = app::find(&computer.keepsake, &wanted, 0, 10).await.unwrap();
        assert_eq!((page.hits.len(), page.total), (found, found as u64), "{wanted:?}");
    }
}

#[tokio::test]
async fn what_is_looked_for_is_marked_and_links_and_tricks_are_seen() {
    let computer = Computer::new();
    let chat = lake(&computer).await;
    let page = app::messages_with(&computer.keepsake, chat, 0, 10, "map").await.unwrap();
    let [map, _, _, trick, plain] = page.as_slice() else { panic!("{page:#?}") };
    let link = map.pieces.iter().find_map(|piece| piece.link.as_ref()).unwrap();
    assert_eq!(
        (link.url.as_str(), link.host.as_str()),
        ("https://lake.example/map", "lake.example")
    );
    assert_eq!(map.pieces.iter().filter(|piece| piece.hit).count(), 2);
    assert!(trick.pieces.iter().any(|piece| piece.turned));
    assert!(plain.pieces.is_empty());
}

#[test]
fn only_addresses_of_the_web_are_opened() {
    assert_eq!(app::checked_link("www.lake.example").unwrap(), "https://www.lake.example/");
    for bad in ["file:///etc/passwd", "javascript:alert(1)", "mailto:mira@lake.example", ""] {
        assert_eq!(refused(app::checked_link(bad)), ("not_a_link", NextStep::CopyLink), "{bad}");
    }
}

#[tokio::test]
async fn a_file_is_saved_whole_and_over_nothing() {
    let computer = Computer::new();
    computer.imports(&computer.mira()).await.unwrap();
    let hash = computer.messages("Mira").await[1].attachments[0].hash.clone().unwrap();
    let out = computer.path("saved.jpg");
    app::save_attachment(&computer.keepsake, &hash, &out).await.unwrap();
    assert_eq!(std::fs::read(&out).unwrap(), PHOTO);
    let again = app::save_attachment(&computer.keepsake, &hash, &out).await;
    assert_eq!(refused(again), ("disk", NextStep::ChooseNewName));
    let other =
        app::save_attachment(&computer.keepsake, &"0".repeat(64), &computer.path("x")).await;
    assert_eq!(refused(other).0, "not_found");
    assert!(!computer.path("x").exists());
}

#[tokio::test]
async fn another_program_gets_a_picture_under_its_true_ending_and_no_program() {
    let computer = Computer::new();
    lake(&computer).await;
    let messages = computer.messages("Lake").await;
    let hash = |n: usize| messages[n].attachments[0].hash.clone().unwrap();
    let name = "../../IMG\u{202e}.exe";
    let copy = app::lay_out_attachment(&computer.keepsake, &hash(1), name).await.unwrap();
    assert_eq!(std::fs::read(&copy).unwrap(), PNG);
    assert!(copy.starts_with(computer.keepsake.home()), "{copy:?}");
    assert_eq!(copy.extension().unwrap(), "png");
    let program = app::lay_out_attachment(&computer.keepsake, &hash(2), "photo.jpg").await;
    assert_eq!(refused(program), ("not_opened", NextStep::SaveAttachment));

    app::clear_opened(&computer.keepsake);
    assert!(!copy.exists());
    assert!(files(computer.keepsake.home(), "IMG").is_empty());
}

#[tokio::test]
async fn pictures_follow_each_other_through_the_chat() {
    let computer = Computer::new();
    lake(&computer).await;
    let messages = computer.messages("Lake").await;
    let next = app::neighbour_media(&computer.keepsake, messages[0].id, 0, true).await.unwrap();
    let next = next.unwrap();
    assert_eq!((next.position, next.attachment.name.as_str()), (1, "IMG-0002.png"));
    let end = app::neighbour_media(&computer.keepsake, next.message, next.ordinal, true).await;
    assert!(end.unwrap().is_none(), "the program is no picture");
}

#[tokio::test]
async fn a_message_says_where_it_comes_from() {
    let computer = Computer::new();
    computer.imports(&computer.mira()).await.unwrap();
    let ferry = &computer.messages("Mira").await[0];
    let info = app::message_info(&computer.keepsake, ferry.id).await.unwrap();
    assert_eq!(info.exports.len(), 1, "{info:#?}");
    assert!(info.exports[0].imported.is_some());
    assert!(info.record.contains("The ferry leaves at nine") && info.raw.is_none());
    assert_eq!(refused(app::message_info(&computer.keepsake, 999).await).0, "not_found");
}

#[tokio::test]
async fn a_chat_is_told_in_numbers() {
    let computer = Computer::new();
    let chat = lake(&computer).await;
    let told = app::chat_numbers(&computer.keepsake, chat).await.unwrap();
    assert_eq!(told.years.iter().map(|y| (y.year, y.messages)).collect::<Vec<_>>(), [(2026, 5)]);
    let people: Vec<(&str, u64)> =
        told.people.iter().map(|p| (p.name.as_str(), p.messages)).collect();
    assert_eq!(people, [("Mira", 3), ("Jonas", 2)]);
}

#[tokio::test]
async fn a_chat_stays_where_it_was_put_in_the_list() {
    let computer = Computer::new();
    let chat = lake(&computer).await;
    let places = async || {
        let lake = computer.chat("Lake").await;
        (lake.pinned, lake.archived)
    };
    assert_eq!(places().await, (false, false));
    for (place, expected) in [
        (ShelfPlace::Pinned, (true, false)),
        (ShelfPlace::Archived, (false, true)),
        (ShelfPlace::Usual, (false, false)),
    ] {
        app::shelve_chat(&computer.keepsake, chat, place).await.unwrap();
        assert_eq!(places().await, expected, "{place:?}");
    }
    let none = app::shelve_chat(&computer.keepsake, 999, ShelfPlace::Pinned).await;
    assert_eq!(refused(none), ("not_found", NextStep::SeeChats));
    // A list that cannot be understood only sorts nothing.
    std::fs::write(computer.keepsake.home().join("chat-list.json"), b"{").unwrap();
    assert_eq!(places().await, (false, false));
}
