//! Pages as a reader gets them.
#![allow(clippy::unwrap_used)]

use text_pdf::{Finished, Look, TextPdf};

fn document(paragraphs: &[(Look, &str)]) -> Finished {
    let mut pdf = TextPdf::new("Minutes").unwrap();
    for (look, text) in paragraphs {
        pdf.write(*look, text).unwrap();
    }
    pdf.finish().unwrap()
}

/// Page objects: `/Type /Page` (ISO 32000-2, 7.7.3.3), and not `/Pages`.
fn pages_in(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(pdf);
    let is_page = |after: &&str| {
        let name = after.trim_start().strip_prefix("/Page");
        name.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
    };
    text.split("/Type").skip(1).filter(is_page).count()
}

#[test]
fn text_goes_on_over_pages_and_they_are_counted() {
    let short = document(&[(Look::Title, "Minutes"), (Look::Body, "Ada: hello")]);
    assert_eq!((short.pages, pages_in(&short.pdf)), (1, 1));
    let words = "One message after the other, and one more. ".repeat(2_000);
    let long = document(&[(Look::Body, &words)]);
    assert!(long.pages > 10, "{}", long.pages);
    assert_eq!(pages_in(&long.pdf), long.pages as usize);
}

#[test]
fn a_head_does_not_stand_alone_at_the_foot_of_a_page() {
    // As many one-line paragraphs as fill the page: with each further line the head comes nearer to
    // the foot.
    for lines in 50..58 {
        let mut pdf = TextPdf::new("Minutes").unwrap();
        for _ in 0..lines {
            pdf.write(Look::Body, "a line").unwrap();
        }
        let before = pdf.pages();
        pdf.write(Look::Head, "17 · Ada").unwrap();
        let head_on = pdf.pages();
        pdf.write(Look::Body, "a line").unwrap();
        assert_eq!(pdf.pages(), head_on, "{lines} lines, {before} pages before the head");
    }
}

#[test]
fn the_same_text_gives_the_same_bytes() {
    let text = [(Look::Head, "Ada · ابجد"), (Look::Body, "שלום, здравствуй, καλημέρα, Ա, ა")];
    let one = document(&text);
    assert_eq!(one.pdf, document(&text).pdf);
    assert!(one.without_font.is_empty(), "{:?}", one.without_font);
}

#[test]
fn whatever_a_message_has_there_is_a_pdf() {
    let no_break = "x".repeat(64 << 10);
    let marks = "e\u{301}\u{302}".repeat(2_000);
    let joined = "\u{200d}".repeat(5_000);
    let isolates = "\u{2067}\u{2066}".repeat(500);
    for text in ["", "\n\n\n", "\0\u{7f}\u{85}\u{2028}", &no_break, &marks, &joined, &isolates] {
        let finished = document(&[(Look::Head, text), (Look::Body, text), (Look::Small, text)]);
        assert!(finished.pdf.ends_with(b"%%EOF"), "{:?}", &text[..text.len().min(20)]);
    }
}
