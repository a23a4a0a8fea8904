//! A message's text in pieces: what was searched, links, and where an override of direction stood.
//! Pure.

use super::links::links_in;
use super::shown::is_override;
use crate::model::{LinkView, TextPiece};
use std::ops::Range;

/// The pieces of a text; none if it is plain from end to end. `hits` are byte ranges in order.
pub(super) fn pieces(text: &str, hits: &[Range<usize>]) -> Vec<TextPiece> {
    let links = links_in(text);
    let turned: Vec<usize> =
        text.char_indices().filter(|(_, c)| is_override(*c)).map(|(at, _)| at).collect();
    if hits.is_empty() && links.is_empty() && turned.is_empty() {
        return Vec::new();
    }
    let mut made = Vec::new();
    let mut at = 0;
    for end in cuts(text, hits, &links, &turned) {
        if at < end {
            made.push(piece(text, at..end, hits, &links));
        }
        at = end;
    }
    made
}

/// Where one piece ends and the next begins, in order; the end of the text is the last.
fn cuts(
    text: &str,
    hits: &[Range<usize>],
    links: &[(Range<usize>, LinkView)],
    turned: &[usize],
) -> Vec<usize> {
    let ranges = hits.iter().chain(links.iter().map(|(range, _)| range));
    let mut cuts: Vec<usize> = ranges.flat_map(|range| [range.start, range.end]).collect();
    for at in turned {
        let length = text[*at..].chars().next().map_or(0, char::len_utf8);
        cuts.extend([*at, at + length]);
    }
    cuts.push(text.len());
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

fn piece(
    text: &str,
    range: Range<usize>,
    hits: &[Range<usize>],
    links: &[(Range<usize>, LinkView)],
) -> TextPiece {
    let within = |one: &Range<usize>| one.start <= range.start && range.end <= one.end;
    let words = &text[range.clone()];
    let turned = words.chars().next().is_some_and(is_override);
    TextPiece {
        text: if turned { String::new() } else { words.to_owned() },
        hit: from(hits, range.start, |hit| hit).is_some_and(within),
        link: from(links, range.start, |(link, _)| link)
            .filter(|(link, _)| within(link))
            .map(|(_, link)| link.clone()),
        turned,
    }
}

/// The last of ordered ranges that begins at or before `at`.
fn from<T>(all: &[T], at: usize, range: impl Fn(&T) -> &Range<usize>) -> Option<&T> {
    all.partition_point(|one| range(one).start <= at).checked_sub(1).map(|before| &all[before])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, hits: &[Range<usize>]) -> Vec<String> {
        let mark = |piece: TextPiece| match (piece.hit, piece.link, piece.turned) {
            (_, _, true) => "⇄".into(),
            (true, Some(link), _) => format!("*[{}→{}]", piece.text, link.host),
            (false, Some(link), _) => format!("[{}→{}]", piece.text, link.host),
            (true, None, _) => format!("*{}", piece.text),
            (false, None, _) => piece.text,
        };
        pieces(text, hits).into_iter().map(mark).collect()
    }

    #[test]
    fn plain_text_has_no_pieces() {
        assert!(pieces("See you at nine. 5:00 e.g. here", &[]).is_empty());
        assert!(pieces("", &[]).is_empty());
    }

    #[test]
    fn links_and_what_was_searched_are_told_apart() {
        assert_eq!(
            shown("see https://lake.example/map now", &[0..3, 12..16]),
            [
                "*see",
                " ",
                "[https://→lake.example]",
                "*[lake→lake.example]",
                "[.example/map→lake.example]",
                " now"
            ]
        );
    }

    #[test]
    fn an_override_of_direction_is_taken_out_and_marked() {
        assert_eq!(shown("invoice\u{202e}gpj.exe", &[]), ["invoice", "⇄", "gpj.exe"]);
        assert_eq!(shown("\u{202d}\u{202e}", &[]), ["⇄", "⇄"]);
    }

    #[test]
    fn what_people_write_from_right_to_left_stays() {
        assert!(pieces("שלום \u{2067}עולם\u{2069} \u{202a}+49 30\u{202c}", &[]).is_empty());
    }

    /// Texts of the parts that matter here, in many orders.
    #[test]
    fn whatever_the_text_nothing_of_it_is_lost() {
        let parts = [
            "http://",
            "www.",
            "lake.example",
            ")",
            "(",
            ".",
            " ",
            "ä",
            "\u{202e}",
            "🚣",
            "/a",
            "@",
        ];
        let mut state = 1_u32;
        for _ in 0..3_000 {
            let mut text = String::new();
            for _ in 0..12 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                text.push_str(parts[(state >> 16) as usize % parts.len()]);
            }
            let hits: Vec<_> =
                text.match_indices("lake").map(|(at, hit)| at..at + hit.len()).collect();
            let made = pieces(&text, &hits);
            let whole: String = made.iter().map(|piece| piece.text.as_str()).collect();
            assert!(made.is_empty() || whole == text.replace('\u{202e}', ""), "{text:?}");
        }
    }

    #[test]
    fn all_pieces_together_are_the_text() {
        let text = "a http://b.example c\u{202e}d http://e.example";
        let whole: String = pieces(text, &[0..1, 5..9]).into_iter().map(|p| p.text).collect();
        assert_eq!(whole, text.replace('\u{202e}', ""));
    }
}
