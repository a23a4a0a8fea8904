use time::OffsetDateTime;
use time::macros::format_description;

/// What surrounds every page. The policy forbids script and everything from elsewhere, wherever a mirror puts the file.
pub(super) fn document(title: &str, mock: bool, body: &str) -> String {
    let banner = if mock {
        "<p class=\"mock\"><strong>MOCK</strong> This fleet consists of emulated devices, for tests only. It protects nothing.</p>\n"
    } else {
        ""
    };
    format!(
        "<!doctype html>\n<html lang=\"en\"{}>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}{}</title>\n<style>\n{}</style>\n</head>\n<body>\n\
         {banner}<main>\n{body}</main>\n</body>\n</html>\n",
        if mock { " class=\"is-mock\"" } else { "" },
        if mock { "MOCK: " } else { "" },
        escape(title),
        include_str!("style.css"),
    )
}

/// Text for an element or a quoted attribute. Control characters and those that reorder text become a visible mark.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {
                out.push('\u{fffd}');
            }
            c if c.is_control() && c != '\n' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Unix seconds as a date in UTC.
pub(super) fn date(at: u64) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
    let time = i64::try_from(at).ok().and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
    time.and_then(|t| t.format(&format).ok()).unwrap_or_else(|| format!("{at} (unix seconds)"))
}

pub(super) fn section(heading: &str, content: &str) -> String {
    format!("<section>\n<h2>{}</h2>\n{content}</section>\n", escape(heading))
}

/// Commands to copy, one per line.
pub(super) fn commands(lines: &[String]) -> String {
    format!("<pre><code>{}</code></pre>\n", escape(&lines.join("\n")))
}

pub(super) fn list(items: &[String]) -> String {
    let items: String = items.iter().map(|i| format!("<li>{}</li>\n", escape(i))).collect();
    format!("<ul>\n{items}</ul>\n")
}

/// Terms with their values; values are HTML.
pub(super) fn facts(rows: &[(&str, String)]) -> String {
    let row = |(term, value): &(&str, String)| format!("<div><dt>{}</dt><dd>{value}</dd></div>\n", escape(term));
    format!("<dl>\n{}</dl>\n", rows.iter().map(row).collect::<String>())
}

/// A table that scrolls by itself on a narrow screen; cells are HTML.
pub(super) fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let heads: String = heads.iter().map(|h| format!("<th scope=\"col\">{}</th>", escape(h))).collect();
    let row = |cells: &Vec<String>| {
        let cells: String = cells.iter().map(|c| format!("<td>{c}</td>")).collect();
        format!("<tr>{cells}</tr>\n")
    };
    let rows: String = rows.iter().map(row).collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n"
    )
}

pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_names_is_shown_not_obeyed() {
        assert_eq!(escape("<script>'\"&"), "&lt;script&gt;&#39;&quot;&amp;");
        assert_eq!(escape("a\u{202e}b\u{7}"), "a\u{fffd}b\u{fffd}");
    }

    #[test]
    fn any_time_has_a_text() {
        assert_eq!(date(1_800_000_000), "2027-01-15 08:00 UTC");
        assert_eq!(date(u64::MAX), format!("{} (unix seconds)", u64::MAX));
    }
}
