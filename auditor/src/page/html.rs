//! Parts of a page. What is put into one as text is escaped by `maud`: markup is only what is
//! written here.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use time::OffsetDateTime;
use time::macros::format_description;

/// Forbids script and everything from elsewhere, wherever a mirror puts the file.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// A whole page.
pub(super) fn document(title: &str, mock: bool, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" class=[mock.then_some("is-mock")] {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { @if mock { "MOCK: " } (title) }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body {
                @if mock {
                    p.mock {
                        strong { "MOCK" }
                        " This fleet consists of emulated devices, for tests only. It protects nothing."
                    }
                }
                main { (body) }
            }
        }
    };
    without_hidden_characters(&page.into_string())
}

/// Control characters and those that reorder or hide text become a visible mark. No part of a page
/// needs one, so this is done to the whole of it.
fn without_hidden_characters(page: &str) -> String {
    let visible = |c: char| match c {
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => '\u{fffd}',
        '\n' => '\n',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    page.chars().map(visible).collect()
}

/// Unix seconds as a date in UTC.
pub(super) fn date(at: u64) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
    let time = i64::try_from(at).ok().and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
    time.and_then(|t| t.format(&format).ok()).unwrap_or_else(|| format!("{at} (unix seconds)"))
}

pub(super) fn section(heading: &str, content: &Markup) -> Markup {
    html! { section { h2 { (heading) } (content) } }
}

/// Commands to copy, one per line.
pub(super) fn commands(lines: &[String]) -> Markup {
    html! { pre { code { (lines.join("\n")) } } }
}

pub(super) fn list<T: AsRef<str>>(items: &[T]) -> Markup {
    html! { ul { @for item in items { li { (item.as_ref()) } } } }
}

/// Terms with their values.
pub(super) fn facts(rows: &[(&str, Markup)]) -> Markup {
    html! { dl { @for (term, value) in rows { div { dt { (term) } dd { (value) } } } } }
}

/// A table that scrolls by itself on a narrow screen.
pub(super) fn table(heads: &[&str], rows: &[Vec<Markup>]) -> Markup {
    html! {
        div.scroll tabindex="0" {
            table {
                thead { tr { @for head in heads { th scope="col" { (head) } } } }
                tbody { @for cells in rows { tr { @for cell in cells { td { (cell) } } } } }
            }
        }
    }
}

/// Text as it stands.
pub(super) fn text(text: &str) -> Markup {
    html! { (text) }
}

pub(super) fn code(text: &str) -> Markup {
    html! { code { (text) } }
}

/// A word in the colour of how something came out.
pub(super) fn outcome(class: &str, word: &str) -> Markup {
    html! { span class={ "outcome " (class) } { (word) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_names_is_shown_not_obeyed() {
        let hostile = "<script>'\"&";
        assert_eq!(code(hostile).into_string(), "<code>&lt;script&gt;'&quot;&amp;</code>");
        assert_eq!(list(&[hostile]).into_string(), "<ul><li>&lt;script&gt;'&quot;&amp;</li></ul>");
        let link = html! { a href=(hostile) { "x" } };
        assert_eq!(link.into_string(), "<a href=\"&lt;script&gt;'&quot;&amp;\">x</a>");
        assert!(
            document(hostile, true, &text(""))
                .contains("<title>MOCK: &lt;script&gt;'&quot;&amp;</title>")
        );
    }

    #[test]
    fn characters_that_hide_or_reorder_text_are_shown() {
        let page = document("a\u{202e}b", false, &code("c\u{7}\u{200b}d\ne"));
        assert!(
            page.contains("<title>a\u{fffd}b</title>")
                && page.contains("<code>c\u{fffd}\u{fffd}d\ne</code>")
        );
    }

    #[test]
    fn any_time_has_a_text() {
        assert_eq!(date(1_800_000_000), "2027-01-15 08:00 UTC");
        assert_eq!(date(u64::MAX), format!("{} (unix seconds)", u64::MAX));
    }
}
