//! Web addresses in a text. Pure.

use crate::model::LinkView;
use std::ops::Range;
use url::Url;

/// Longest address that becomes a link: browsers take little more (2^13 bytes).
const MAX_LINK: usize = 8_192;

const BEGINNINGS: &[&[u8]] = &[b"http://", b"https://", b"www."];

/// What ends a sentence rather than an address.
const AFTER: &[char] =
    &['.', ',', ';', ':', '!', '?', '\'', '"', '*', '_', '~', '…', '»', '”', '’', '。', '，'];

/// Addresses that begin with `http://`, `https://` or `www.`, with their places, in order.
pub(super) fn links_in(text: &str) -> Vec<(Range<usize>, LinkView)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = next_start(text, at) {
        let end = end_of(text, start);
        found.extend(link(&text[start..end]).map(|link| (start..end, link)));
        at = end.max(start + 1);
    }
    found
}

/// In any case of letters, and not within a word.
fn next_start(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let begins = |at: usize| {
        let rest = &bytes[at..];
        BEGINNINGS.iter().any(|b| rest.get(..b.len()).is_some_and(|r| r.eq_ignore_ascii_case(b)))
    };
    let alone = |at: usize| at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
    (from..bytes.len()).find(|at| alone(*at) && begins(*at))
}

fn end_of(text: &str, start: usize) -> usize {
    let stops = |c: char| {
        c.is_whitespace() || c.is_control() || "<>\"`{}|\\^".contains(c) || is_direction(c)
    };
    let mut link = &text[start..text[start..].find(stops).map_or(text.len(), |at| start + at)];
    let count = |sign: char| link.matches(sign).count();
    let mut unopened = [('(', ')'), ('[', ']')]
        .map(|(open, close)| (close, count(close).saturating_sub(count(open))));
    while let Some(last) = link.chars().next_back() {
        let bracket = unopened.iter_mut().find(|(close, left)| *close == last && *left > 0);
        match bracket {
            // A bracket belongs to the address only if it was opened there.
            Some((_, left)) => *left -= 1,
            None if AFTER.contains(&last) => {}
            None => break,
        }
        link = &link[..link.len() - last.len_utf8()];
    }
    start + link.len()
}

fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// An address of the web with its host; `None` for anything else.
pub(super) fn link(address: &str) -> Option<LinkView> {
    if address.len() > MAX_LINK {
        return None;
    }
    let begins = address.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case("www."));
    let url = if begins { format!("https://{address}") } else { address.to_owned() };
    let url = Url::parse(&url).ok()?;
    // `https://bank.example@evil.example` leads to evil.example.
    let plain = url.username().is_empty() && url.password().is_none();
    let host = url.host_str().filter(|host| host.contains(['.', ':']) || *host == "localhost")?;
    let of_web = matches!(url.scheme(), "http" | "https") && plain;
    of_web.then(|| LinkView { host: host.to_owned(), url: url.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(text: &str) -> Vec<(String, String)> {
        links_in(text)
            .into_iter()
            .map(|(range, link)| (text[range].to_owned(), link.host))
            .collect()
    }

    #[test]
    fn an_address_ends_where_people_end_it() {
        for (text, address, host) in [
            ("see https://lake.example.", "https://lake.example", "lake.example"),
            ("(https://lake.example/a(b))", "https://lake.example/a(b)", "lake.example"),
            ("HTTP://Lake.Example/x?y=1, ok", "HTTP://Lake.Example/x?y=1", "lake.example"),
            ("www.lake.example!", "www.lake.example", "www.lake.example"),
            ("«https://lake.example/ä»", "https://lake.example/ä", "lake.example"),
            ("https://lake.example\u{202e}moc", "https://lake.example", "lake.example"),
        ] {
            assert_eq!(hosts(text), [(address.to_owned(), host.to_owned())], "{text}");
        }
    }

    #[test]
    fn what_is_no_address_of_the_web_is_no_link() {
        for text in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://",
            "http://nohost",
            "https://bank.example@evil.example/",
            "xhttps://lake.example",
            "data:text/html,x",
            "awww.cute",
        ] {
            assert_eq!(hosts(text), [], "{text}");
            assert_eq!(link(text), None, "{text}");
        }
    }

    #[test]
    fn letters_that_look_alike_are_seen_in_the_host() {
        let (_, host) = hosts("https://аррle.example").remove(0);
        assert!(host.starts_with("xn--"), "{host}");
    }

    #[test]
    fn any_text_is_gone_through_to_its_end() {
        for text in
            ["www.", "http://http://http://", "wwwhttps://", "ä www.ä.example ä", "http://[::"]
        {
            for (range, _) in links_in(text) {
                assert!(!text[range].is_empty());
            }
        }
        let closed = format!("http://a.example{}", ")".repeat(60_000));
        assert_eq!(hosts(&closed).len(), 1);
        let many = "https://a.example ".repeat(3_000);
        assert_eq!(links_in(&many).len(), 3_000);
    }
}
