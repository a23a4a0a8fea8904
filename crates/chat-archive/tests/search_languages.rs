//! What is found in which language: each row of search/languages.tsv is a message, words that find
//! it, and words that must not.
#![allow(clippy::unwrap_used)]

mod support;

use chat_archive::*;
use support::*;

fn found(archive: &Archive, words: &str) -> Vec<String> {
    // Without a space at the end, the last word could go on.
    let text = words.strip_suffix('*').map_or_else(|| format!("{words} "), str::to_owned);
    let query = SearchQuery { text, limit: 100, ..SearchQuery::default() };
    let hits = archive.search(&query).unwrap().hits;
    hits.into_iter().map(|hit| hit.snippet.into_iter().map(|part| part.text).collect()).collect()
}

#[test]
fn each_language_is_found_as_its_people_type_it() {
    let rows: Vec<Vec<&str>> = include_str!("search/languages.tsv")
        .lines()
        .filter(|line| !line.starts_with("# "))
        .map(|line| line.split('\t').collect())
        .collect();
    assert!(rows.len() > 40 && rows.iter().all(|row| row.len() == 4));
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    let mut session = archive.begin_import().unwrap();
    let id = session.add_conversation(&chat("Mira")).unwrap();
    for (minute, row) in rows.iter().enumerate() {
        session.add_message(id, says("Mira", minute as i64, row[1]), &mut NoMedia).unwrap();
    }
    session.commit().unwrap();
    let mut wrong = Vec::new();
    for row in &rows {
        let is_found = |words: &str| found(&archive, words).iter().any(|text| text == row[1]);
        for words in row[2].split('|') {
            if !is_found(words) {
                wrong.push(format!("{}: {words} does not find it", row[0]));
            }
        }
        for words in row[3].split('|') {
            if is_found(words) {
                wrong.push(format!("{}: {words} finds it", row[0]));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_word_that_all_messages_have_gives_the_newest_first_page_by_page() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    let mut session = archive.begin_import().unwrap();
    for (title, first) in [("Mira", 0), ("Noor", 1)] {
        let id = session.add_conversation(&chat(title)).unwrap();
        // Taking turns, so that the order of writing is not the order of time.
        for n in 0..1_200 {
            session
                .add_message(id, says(title, 2 * n + first, &format!("the {n}")), &mut NoMedia)
                .unwrap();
        }
    }
    session.commit().unwrap();
    let page = |offset, conversation, text: &str| {
        let query = SearchQuery {
            text: text.into(),
            conversation,
            limit: 50,
            offset,
            ..SearchQuery::default()
        };
        let page = archive.search(&query).unwrap();
        (page.hits.iter().map(|hit| hit.time.ms).collect::<Vec<_>>(), page.more)
    };
    let all: Vec<i64> = (0..2_400).rev().map(|n| minutes(n).ms).collect();
    assert_eq!(page(0, None, "the "), (all[..50].to_vec(), true));
    assert_eq!(page(1_000, None, "the "), (all[1_000..1_050].to_vec(), true));
    assert_eq!(page(2_360, None, "the "), (all[2_360..].to_vec(), false));
    let mira = archive.conversations().unwrap().iter().find(|c| c.title == "Mira").unwrap().id;
    let hers: Vec<i64> = all.iter().skip(1).step_by(2).copied().collect();
    assert_eq!(page(100, Some(mira), "the "), (hers[100..150].to_vec(), true));
    assert_eq!(page(0, None, "t").0.len(), 0, "one letter is a word");
    assert_eq!(page(0, None, "th"), (all[..50].to_vec(), true), "two are the beginning of one");
}

#[test]
fn the_newest_messages_are_found_by_what_the_index_would_find() {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    let mut session = archive.begin_import().unwrap();
    let id = session.add_conversation(&chat("Mira")).unwrap();
    for n in 0..300 {
        let message = match n % 3 {
            0 => sends("Mira", n, Some("Straße am Meer.jpg")),
            1 => says("Mira", n, "zur STRASSE, bitte 👍🏽"),
            _ => says("Noor", n, "bitte"),
        };
        session.add_message(id, message, &mut NoMedia).unwrap();
    }
    session.finish_conversation(id, &mut NoMedia).unwrap();
    session.commit().unwrap();
    // A page of two is found among the newest, one of 1,000 is not: both ways must agree.
    for text in [
        "strasse",
        "stra",
        "strasse a",
        "\"am meer\"",
        "bitte 👍",
        "meer jpg",
        "noor",
        "bi",
        "strasse bitte",
    ] {
        for sender in [None, Some("noor".to_owned())] {
            let query =
                SearchQuery { text: text.into(), sender, limit: 1_000, ..SearchQuery::default() };
            let all = archive.search(&query).unwrap().hits;
            let page = archive.search(&SearchQuery { limit: 2, offset: 3, ..query }).unwrap();
            assert_eq!(
                page.hits,
                all.iter().skip(3).take(2).cloned().collect::<Vec<_>>(),
                "{text}"
            );
            assert_eq!(page.more, all.len() > 5, "{text}");
        }
    }
}
