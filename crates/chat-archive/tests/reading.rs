//! Reading: pages by number and by position, dates, search, media, export.
#![allow(clippy::unwrap_used)]

mod support;
use support::*;

use chat_archive::*;

/// 3,000 messages over four years, several in some minutes.
fn long_chat() -> Vec<NewMessage> {
    (0..3_000)
        .map(|n| says(["Ada", "Bo"][n % 2], (n as i64 / 3) * 2_111, &format!("message {n}")))
        .collect()
}

#[test]
fn every_place_is_found_by_number_and_by_position() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    import(&mut archive, &chat("Bo"), long_chat(), &mut Files::default());
    let id = archive.conversations().unwrap()[0].id;
    assert_eq!(archive.message_count(id).unwrap(), 3_000);
    for start in [0u64, 1, 2, 999, 1_500, 2_995, 2_999] {
        let page = archive.messages_at(id, start, 4).unwrap();
        let texts: Vec<_> = page.iter().map(|m| m.record.text.clone()).collect();
        let expected: Vec<_> = (start..3_000).take(4).map(|n| format!("message {n}")).collect();
        assert_eq!(texts, expected);
        assert_eq!(archive.index_of(page[0].id).unwrap(), start);
        let next = archive.messages_after(id, Some(page[0].position), 3).unwrap();
        assert_eq!(next, page[1..]);
        if let Some(last) = page.last() {
            assert_eq!(
                archive.messages_before(id, Some(last.position), page.len() - 1).unwrap(),
                page[..page.len() - 1]
            );
        }
    }
    assert!(archive.messages_at(id, 3_000, 4).unwrap().is_empty());
    assert!(archive.messages_at(id, u64::MAX, 4).unwrap().is_empty());
}

#[test]
fn a_date_leads_to_its_first_message() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    import(&mut archive, &chat("Bo"), long_chat(), &mut Files::default());
    let id = archive.conversations().unwrap()[0].id;
    for group in [0i64, 1, 500, 999] {
        let time = minutes(group * 2_111).ms;
        assert_eq!(archive.index_of_time(id, time).unwrap(), group as u64 * 3);
        assert_eq!(archive.index_of_time(id, time + 1).unwrap(), group as u64 * 3 + 3);
    }
    assert_eq!(archive.index_of_time(id, i64::MIN).unwrap(), 0);
    assert_eq!(archive.index_of_time(id, i64::MAX).unwrap(), 3_000);
}

fn hits(archive: &Archive, query: SearchQuery) -> Vec<String> {
    let page = archive.search(&SearchQuery { limit: 10, ..query }).unwrap();
    page.hits.iter().map(|h| h.snippet.iter().map(|p| p.text.as_str()).collect()).collect()
}

fn text(words: &str) -> SearchQuery {
    SearchQuery { text: words.into(), ..SearchQuery::default() }
}

#[test]
fn search_finds_words_in_any_script_and_its_filters_hold() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    let mut files = Files::of(&[("Invoice 7.pdf", "x")]);
    let messages = vec![
        says("Ada", 0, "Café crème"),
        says("Bo", 1, "東京に行きます"),
        says("Ada", 2, "it's 100% done"),
        sends("Bo", 3, Some("Invoice 7.pdf")),
        says("Ada", 4, "good morning"),
        says("Bo", 5, "ПРИВЕТ, мир"),
    ];
    import(&mut archive, &chat("Bo"), messages, &mut files);
    import(&mut archive, &chat("Cy"), vec![says("Cy", 9, "cafe again")], &mut files);
    assert_eq!(
        hits(&archive, text("cafe")),
        ["cafe again", "Café crème"],
        "newest first, accents do not matter"
    );
    assert_eq!(hits(&archive, text("京に")), ["東京に行きます"]);
    assert_eq!(hits(&archive, text("привет")), ["ПРИВЕТ, мир"]);
    assert_eq!(
        hits(&archive, text("mor")),
        ["good morning"],
        "the beginning of a word while it is typed"
    );
    assert_eq!(hits(&archive, text("\"morning good\"")), Vec::<String>::new());
    assert_eq!(hits(&archive, text("invoice")).len(), 1, "names of files are searched too");
    let ada = SearchQuery { sender: Some("ada".into()), ..text("cafe") };
    assert_eq!(hits(&archive, ada), ["Café crème"]);
    let cy = archive.find_conversation(Source::WhatsApp, "cy").unwrap();
    assert_eq!(hits(&archive, SearchQuery { conversation: cy, ..text("cafe") }), ["cafe again"]);
    assert_eq!(hits(&archive, SearchQuery { has_media: true, ..SearchQuery::default() }).len(), 1);
    let early = SearchQuery { to_ms: Some(minutes(2).ms), ..SearchQuery::default() };
    assert_eq!(hits(&archive, early).len(), 2);
}

#[test]
fn no_query_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    import(
        &mut archive,
        &chat("Bo"),
        vec![says("Ada", 0, "it's 100% done")],
        &mut Files::default(),
    );
    for words in [
        "\"", "*", "a AND", "NEAR(", "words:x", "{", "^x", "-", "'", "\0", "it's", "100%", "((",
        "🎈",
    ] {
        archive
            .search(&SearchQuery { limit: 5, ..text(words) })
            .unwrap_or_else(|e| panic!("{words}: {e}"));
    }
    assert_eq!(hits(&archive, text("it's 100%")).len(), 1);
    assert!(hits(&archive, text("🎈")).is_empty(), "signs alone find nothing, not everything");
}

#[test]
fn media_is_listed_by_month_and_missing_files_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    let mut files = Files::of(&[("a.jpg", "A"), ("b.jpg", "B")]);
    let month = 31 * 1440;
    let messages = vec![
        sends("Ada", 0, Some("a.jpg")),
        sends("Ada", 5, Some("gone.jpg")),
        sends("Bo", month, Some("b.jpg")),
    ];
    import(&mut archive, &chat("Bo"), messages, &mut files);
    let months = archive.media_months(None).unwrap();
    assert_eq!(
        months.iter().map(|m| (m.month.as_str(), m.files)).collect::<Vec<_>>(),
        [("2024-02", 1), ("2024-01", 2)]
    );
    let february = archive.media_between(None, minutes(month).ms, i64::MAX, 10, 0).unwrap();
    assert_eq!(february[0].attachment.name.as_deref(), Some("b.jpg"));
    let missing = archive.missing_attachments(None, 10, 0).unwrap();
    assert_eq!(missing[0].attachment.name.as_deref(), Some("gone.jpg"));
    let summary = &archive.conversations().unwrap()[0];
    assert_eq!((summary.messages, summary.attachments, summary.attachments_missing), (3, 3, 1));
}

#[test]
fn a_conversation_is_exported_for_people_and_for_programs() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    let messages = vec![says("Ada", 0, "hello\nthere"), sends("Bo", 1, None)];
    import(&mut archive, &chat("Bo"), messages, &mut Files::default());
    let id = archive.conversations().unwrap()[0].id;
    let (mut text, mut json) = (Vec::new(), Vec::new());
    archive.export_text(id, &mut text).unwrap();
    archive.export_json(id, &mut json).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(
        text,
        "Bo\n\n[2024-01-01 00:00] Ada: hello\nthere\n[2024-01-01 00:01] Bo:  [file, missing: not_exported]\n"
    );
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["conversation"]["title"], "Bo");
    assert_eq!(json["messages"][0]["text"], "hello\nthere");
    assert_eq!(json["messages"].as_array().unwrap().len(), 2);
}
