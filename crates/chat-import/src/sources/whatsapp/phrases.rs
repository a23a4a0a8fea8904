//! What WhatsApp writes in the language of the phone.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::marks::is_mark;

/// Part of the day of a 12-hour clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PartOfDay {
    /// Before noon.
    Am,
    /// After noon.
    Pm,
    /// Around noon: eleven is before it, one after.
    Noon,
    /// Nine is before midnight, two after.
    Night,
}

/// All phrases, by sort.
struct Phrases {
    titles: Vec<(String, String)>,
    attached: HashSet<String>,
    omitted: HashSet<String>,
    deleted: HashSet<String>,
    deleted_by_owner: HashSet<String>,
    admin: Vec<String>,
    edited: HashSet<String>,
    live_location: HashSet<String>,
    call: HashSet<String>,
    parts_of_day: Vec<(HashSet<String>, PartOfDay)>,
    time_words: HashSet<String>,
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let of = |sort: &str| list(sort).map(plain).collect::<HashSet<_>>();
    let short = |sort: &str| list(sort).map(without_points).collect::<HashSet<_>>();
    Phrases {
        titles: titles(),
        attached: of("attached"),
        omitted: of("omitted"),
        deleted: of("deleted"),
        deleted_by_owner: of("deleted_by_owner"),
        admin: list("admin").map(plain).collect(),
        edited: of("edited"),
        live_location: of("live_location"),
        call: of("call"),
        parts_of_day: vec![
            (short("am"), PartOfDay::Am),
            (short("pm"), PartOfDay::Pm),
            (short("noon"), PartOfDay::Noon),
            (short("night"), PartOfDay::Night),
        ],
        time_words: of("time_word"),
    }
});

fn list(sort: &str) -> impl Iterator<Item = &'static str> {
    let lines = include_str!("phrases.tsv").lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(move |line| line.split_once('\t').filter(|(s, _)| *s == sort))
        .flat_map(|(_, p)| p.split('|'))
}

/// What stands before and after a chat's name in the name of its file, longest first.
fn titles() -> Vec<(String, String)> {
    let mut titles: Vec<_> = list("title")
        .filter_map(|t| t.split_once('*'))
        .map(|(a, b)| (a.to_lowercase(), b.to_lowercase()))
        .collect();
    titles.sort_by_key(|(before, after)| {
        std::cmp::Reverse(before.chars().count() + after.chars().count())
    });
    titles
}

/// What stands before and after a chat's name in the name of its file, in lower case.
pub(super) fn title_frames() -> &'static [(String, String)] {
    &PHRASES.titles
}

/// Which part of the day a marker such as `p. m.` names.
pub(super) fn part_of_day(marker: &str) -> Option<PartOfDay> {
    let short = without_points(marker);
    PHRASES.parts_of_day.iter().find(|(words, _)| words.contains(&short)).map(|(_, part)| *part)
}

fn without_points(text: &str) -> String {
    let is_point = |c: char| matches!(c, '.' | '״' | '"' | '\'' | '’' | '׳' | '،');
    text.chars()
        .filter(|c| !c.is_whitespace() && !is_mark(*c) && !is_point(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether a word between date and time says nothing.
pub(super) fn is_time_word(word: &str) -> bool {
    PHRASES.time_words.contains(&plain(word))
}

/// Whether a phrase means "attached".
pub(super) fn means_attached(phrase: &str) -> bool {
    PHRASES.attached.contains(&plain(phrase))
}

/// Whether a phrase means "media omitted", or "image omitted" and the like.
pub(super) fn means_omitted(phrase: &str) -> bool {
    PHRASES.omitted.contains(&plain(phrase))
}

/// Who took a message back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TakenBack {
    /// The owner of the phone that exported, who is also its sender.
    ByOwner,
    /// The sender, or an admin of the group.
    Somebody,
}

/// Whether a whole text stands for a message that was taken back.
pub(super) fn means_taken_back(text: &str) -> Option<TakenBack> {
    let plain = plain(text);
    let text = plain.trim_matches(['<', '>']);
    if PHRASES.deleted_by_owner.contains(text) {
        return Some(TakenBack::ByOwner);
    }
    (PHRASES.deleted.contains(text) || names_an_admin(text)).then_some(TakenBack::Somebody)
}

/// `This message was deleted by admin Bo`: the phrase, then something about an admin.
fn names_an_admin(text: &str) -> bool {
    let rest = PHRASES.deleted.iter().find_map(|phrase| text.strip_prefix(phrase.as_str()));
    rest.is_some_and(|rest| {
        rest.starts_with(' ') && PHRASES.admin.iter().any(|admin| rest.contains(admin.as_str()))
    })
}

/// Whether the words in angle brackets mean "this message was edited".
pub(super) fn means_edited(inner: &str) -> bool {
    PHRASES.edited.contains(&plain(inner))
}

/// Whether a text means "live location shared".
pub(super) fn means_live_location(text: &str) -> bool {
    PHRASES.live_location.contains(&plain(text))
}

/// Whether a text is about a call: the phrase alone, or with what became of it after a comma or
/// full stop.
pub(super) fn means_call(text: &str) -> bool {
    let plain = plain(text);
    let head = plain.split([',', '.', '،']).next().unwrap_or_default();
    PHRASES.call.contains(&plain) || PHRASES.call.contains(head.trim_end())
}

/// Lower case, without marks, single blanks, without a full stop at the end.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace()) {
        let start = plain.len();
        if start > 0 {
            plain.push(' ');
        }
        let before = plain.len();
        plain.extend(word.chars().filter(|c| !is_mark(*c)).flat_map(char::to_lowercase));
        if plain.len() == before {
            plain.truncate(start);
        }
    }
    let end = plain.trim_end_matches(['.', '。', '।']).len();
    plain.truncate(end);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sort, and a phrase of each script.
    #[test]
    fn phrases_are_known_in_many_languages() {
        for phrase in [
            "Media omitted",
            "Média vynechány",
            "メディアは含まれていません",
            "Videonachricht weggelassen",
            "тɪ",
        ] {
            assert_eq!(means_omitted(phrase), phrase != "тɪ", "{phrase}");
        }
        assert!(means_attached("soubor byl přiložen"));
        assert_eq!(
            means_taken_back("You deleted this message as admin."),
            Some(TakenBack::ByOwner)
        );
        assert_eq!(
            means_taken_back("This message was deleted by admin Bo"),
            Some(TakenBack::Somebody)
        );
        assert_eq!(means_taken_back("This message was deleted because I was wrong"), None);
        assert!(means_call("Voice call, \u{200e}5 min"));
        assert_eq!(part_of_day("nachm."), Some(PartOfDay::Pm));
        assert_eq!(part_of_day("p.\u{a0}m."), Some(PartOfDay::Pm));
    }

    #[test]
    fn no_phrase_of_the_list_is_empty_or_in_two_sorts_of_omission() {
        for sort in
            ["title", "attached", "omitted", "deleted", "deleted_by_owner", "edited", "call"]
        {
            assert!(list(sort).count() > 20, "{sort}");
            assert!(list(sort).all(|phrase| !phrase.trim().is_empty()), "{sort}");
        }
        assert!(PHRASES.deleted.is_disjoint(&PHRASES.omitted));
    }
}
