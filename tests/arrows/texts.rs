//! A source taken apart: its code with every text emptied, and the texts.

/// A source, its texts apart from the rest.
#[derive(Default)]
pub(crate) struct Source {
    /// As written, but with nothing between quotation marks. Line ends within a text stay.
    pub code: String,
    /// Texts in their order, as they are written: escapes are not resolved.
    pub texts: Vec<String>,
}

/// Takes a source apart. Comments are code here; quotation marks in them begin no text.
pub(crate) fn take_apart(source: &str) -> Source {
    let mut found = Source::default();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let (length, text) = match c {
            '/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), None),
            '\'' => (char_literal(rest), None),
            'r' | '"' => match text(rest).filter(|_| begins(&found.code)) {
                Some((length, text)) => (length, Some(text)),
                None => (1, None),
            },
            c => (c.len_utf8(), None),
        };
        let (piece, after) = rest.split_at(length);
        match text {
            None => found.code.push_str(piece),
            Some(text) => {
                let ends = text.matches('\n').count();
                found.code.push_str(&format!("\"{}\"", "\n".repeat(ends)));
                found.texts.push(text.to_string());
            }
        }
        rest = after;
    }
    found
}

/// Not in the middle of a word, as the `r` of `for"` would be.
fn begins(code: &str) -> bool {
    !code.ends_with(|c: char| c.is_alphanumeric() && c != 'b')
}

/// Length of the text at the beginning, its marks included, and what is in it.
fn text(rest: &str) -> Option<(usize, &str)> {
    let raw = rest.strip_prefix('r');
    let hashes = raw.map_or(0, |raw| raw.len() - raw.trim_start_matches('#').len());
    let start = usize::from(raw.is_some()) + hashes;
    let inside = rest[start..].strip_prefix('"')?;
    let end = match raw {
        Some(_) => inside.find(&format!("\"{}", "#".repeat(hashes)))?,
        None => unescaped_end(inside)?,
    };
    Some((start + 1 + end + 1 + hashes, &inside[..end]))
}

fn unescaped_end(inside: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        match c {
            '"' if !escaped => return Some(at),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

/// Length of `'a'`, `'\''` or `'\u{e9}'`; 1 for the mark of a lifetime.
fn char_literal(rest: &str) -> usize {
    let inside = &rest[1..];
    let end = match inside.strip_prefix('\\') {
        Some(escaped) => escaped.char_indices().skip(1).find(|(_, c)| *c == '\'').map(|e| e.0 + 1),
        None => {
            inside.chars().next().map(char::len_utf8).filter(|end| inside[*end..].starts_with('\''))
        }
    };
    end.map_or(1, |end| end + 2)
}

#[test]
fn code_and_texts_are_told_apart() {
    let source = "let a = \"one \\\" two\"; // it's \"no text\"\nlet b = ('\"', r#\"raw \" \n\"#, '\\'', 'x');\n\
                  fn f<'a>(t: &'a str) -> &'a str { for_r(\"last\") }\n";
    let found = take_apart(source);
    assert_eq!(found.texts, ["one \\\" two", "raw \" \n", "last"]);
    let code = "let a = \"\"; // it's \"no text\"\nlet b = ('\"', \"\n\", '\\'', 'x');\n\
                fn f<'a>(t: &'a str) -> &'a str { for_r(\"\") }\n";
    assert_eq!(found.code, code);
}
