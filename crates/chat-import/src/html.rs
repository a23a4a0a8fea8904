//! Pages that messengers write, read as a stream: one element of interest at a time.

use std::io::{self, Read};

use html5gum::{IoReader, Token, Tokenizer};

use crate::export_files::limits::MAX_JSON_MESSAGE;

/// Elements within elements. Messengers' pages have some twenty; three times that.
const MAX_DEPTH: usize = 60;

/// Parts of one element: a message with a thousand reactions has some ten thousand.
const MAX_PARTS: usize = 20_000;

/// Elements that have no end tag (HTML, 13.1.2).
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"];

/// Elements after which a new line begins.
const BLOCKS: &[&str] = &["div", "p", "li", "h1", "h2", "h3", "td", "tr"];

/// An element with what is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Node {
    /// `div`
    pub name: String,
    attributes: Vec<(String, String)>,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Node(Node),
}

/// An element of interest.
pub(crate) enum Found {
    /// With all that is in it.
    Whole(Node),
    /// Larger than any real one: how it begins, as words.
    TooLarge(String),
}

/// Hands over the elements that are `wanted`, in the order of the page; those within them come with
/// them.
///
/// # Errors
/// What reading gives, or `on_element`.
pub(crate) fn each<E: From<io::Error>>(
    reader: impl Read,
    wanted: impl Fn(&Node) -> bool,
    mut on_element: impl FnMut(Found) -> Result<(), E>,
) -> Result<(), E> {
    let mut building = Building::default();
    for token in Tokenizer::new(IoReader::new(reader)) {
        match token? {
            Token::StartTag(tag) => {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                let attributes =
                    tag.attributes.iter().map(|(name, value)| (text(name), text(value))).collect();
                let node = Node { name: text(&tag.name), attributes, parts: Vec::new() };
                let is_void = tag.self_closing || VOID.contains(&node.name.as_str());
                if building.is_within() || wanted(&node) {
                    building.open(node);
                    if is_void {
                        building.close_last();
                    }
                }
            }
            Token::EndTag(tag) => building.close(&String::from_utf8_lossy(&tag.name)),
            Token::String(text) if building.is_within() => {
                building.text(&String::from_utf8_lossy(&text))
            }
            _ => {}
        }
        if let Some(found) = building.take() {
            on_element(found)?;
        }
    }
    // The page ends in the middle of an element: what there is of it.
    building.close_all();
    building.take().map_or(Ok(()), on_element)
}

/// Elements that are open, the outermost first.
#[derive(Default)]
struct Building {
    open: Vec<Node>,
    done: Option<Node>,
    bytes: usize,
    parts: usize,
}

impl Building {
    fn is_within(&self) -> bool {
        !self.open.is_empty()
    }

    fn is_full(&self) -> bool {
        self.bytes > MAX_JSON_MESSAGE || self.parts > MAX_PARTS
    }

    fn open(&mut self, node: Node) {
        self.parts += 1;
        self.bytes +=
            node.attributes.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
        if !self.is_full() || self.open.is_empty() {
            self.open.push(node);
        }
        // What is nested deeper than any page stands beside.
        if self.open.len() > MAX_DEPTH {
            self.close_last();
        }
    }

    fn text(&mut self, text: &str) {
        self.bytes += text.len();
        self.parts += 1;
        if let Some(node) = self.open.last_mut()
            && self.parts <= MAX_PARTS
        {
            let room = MAX_JSON_MESSAGE.saturating_sub(self.bytes - text.len());
            let end =
                (0..=room.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            node.parts.push(Part::Text(text[..end].to_owned()));
        }
    }

    /// Ends the innermost element of this name, and those in it that were left open.
    fn close(&mut self, name: &str) {
        if let Some(at) = self.open.iter().rposition(|node| node.name == name) {
            while self.open.len() > at {
                self.close_last();
            }
        }
    }

    fn close_last(&mut self) {
        let Some(node) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.parts.push(Part::Node(node)),
            None => self.done = Some(node),
        }
    }

    fn close_all(&mut self) {
        while self.is_within() {
            self.close_last();
        }
    }

    fn take(&mut self) -> Option<Found> {
        let node = self.done.take()?;
        let found = if self.is_full() { Found::TooLarge(node.text()) } else { Found::Whole(node) };
        (self.bytes, self.parts) = (0, 0);
        Some(found)
    }
}

impl Node {
    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Whether it is of this class.
    pub(crate) fn is(&self, class: &str) -> bool {
        self.attribute("class").is_some_and(|all| all.split_ascii_whitespace().any(|c| c == class))
    }

    /// The elements directly in it.
    pub(crate) fn children(&self) -> impl Iterator<Item = &Node> {
        self.parts.iter().filter_map(|part| match part {
            Part::Node(node) => Some(node),
            Part::Text(_) => None,
        })
    }

    /// The first element within it that is wanted, itself not counted.
    pub(crate) fn find(&self, wanted: &dyn Fn(&Node) -> bool) -> Option<&Node> {
        self.children()
            .find_map(|child| if wanted(child) { Some(child) } else { child.find(wanted) })
    }

    /// The first element of a class within it.
    pub(crate) fn of_class(&self, class: &str) -> Option<&Node> {
        self.find(&|node| node.is(class))
    }

    /// All wanted elements within it, not looking into those.
    pub(crate) fn find_all<'a>(
        &'a self,
        wanted: &dyn Fn(&Node) -> bool,
        found: &mut Vec<&'a Node>,
    ) {
        for child in self.children() {
            if wanted(child) {
                found.push(child);
            } else {
                child.find_all(wanted, found);
            }
        }
    }

    /// Words as a reader sees them: line breaks where the page has them, and the address of a link
    /// that its words do not show.
    pub(crate) fn text(&self) -> String {
        let mut words = String::new();
        self.write_text(&mut words);
        let lines = words.split('\n').map(str::trim);
        lines.collect::<Vec<_>>().join("\n").trim().to_owned()
    }

    fn write_text(&self, to: &mut String) {
        let begin = to.len();
        for part in &self.parts {
            match part {
                Part::Text(text) => push_words(text, to),
                Part::Node(node) if node.name == "br" => to.push('\n'),
                Part::Node(node) => {
                    node.write_text(to);
                    if BLOCKS.contains(&node.name.as_str()) && !to.is_empty() && !to.ends_with('\n')
                    {
                        to.push('\n');
                    }
                }
            }
        }
        let address =
            self.attribute("href").filter(|href| self.name == "a" && href.contains("://"));
        if let Some(href) = address.filter(|href| !to[begin..].contains(href.trim_end_matches('/')))
        {
            to.push_str(&format!(" ({href})"));
        }
    }
}

/// A line break of the page's own source is a blank to the reader; blanks within a line stay.
fn push_words(text: &str, to: &mut String) {
    for (n, line) in text.split(['\n', '\r']).enumerate() {
        if n > 0 && !to.is_empty() && !to.ends_with(['\n', ' ']) {
            to.push(' ');
        }
        to.push_str(if n > 0 { line.trim_start() } else { line });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(page: &str) -> Vec<Node> {
        let mut all = Vec::new();
        each(
            page.as_bytes(),
            |node| node.is("m"),
            |one| {
                match one {
                    Found::Whole(node) => all.push(node),
                    Found::TooLarge(words) => all.push(Node { name: words, ..Node::default() }),
                }
                Ok::<_, io::Error>(())
            },
        )
        .unwrap();
        all
    }

    #[test]
    fn elements_come_with_what_is_in_them() {
        let all = found(
            "<p>no</p><div class='a m'><img src=x><b class=n>one</b><br>two &amp; three</div><div class=m>four",
        );
        assert_eq!(all.iter().map(Node::text).collect::<Vec<_>>(), ["one\ntwo & three", "four"]);
        assert_eq!(all[0].of_class("n").unwrap().text(), "one");
        assert_eq!(all[0].children().next().unwrap().attribute("src"), Some("x"));
    }

    #[test]
    fn words_are_as_a_reader_sees_them() {
        let text = |page: &str| found(&format!("<div class=m>{page}</div>"))[0].text();
        assert_eq!(text("\n   a  b\n\n   c<br>  d  \n"), "a  b c\nd");
        assert_eq!(text("<div>a</div><div><p>b</p></div>c"), "a\nb\nc");
        assert_eq!(
            text("see <a href='https://a.example/x'>this</a>"),
            "see this (https://a.example/x)"
        );
        assert_eq!(
            text("<a href='https://a.example/'>https://a.example</a> <a href='p.jpg'>p</a>"),
            "https://a.example p"
        );
    }

    #[test]
    fn what_is_badly_nested_or_too_large_ends_nothing_else() {
        let all = found("<div class=m><b>one<i></div><div class=m>two</b></div>");
        assert_eq!(all.iter().map(Node::text).collect::<Vec<_>>(), ["one", "two"]);
        let deep = format!(
            "<div class=m>{}x{}</div><div class=m>after</div>",
            "<b>".repeat(5_000),
            "</b>".repeat(5_000)
        );
        assert_eq!(found(&deep).last().unwrap().text(), "after");
        let long = format!(
            "<div class=m>{}</div><div class=m>after</div>",
            "y".repeat(MAX_JSON_MESSAGE + 9)
        );
        let all = found(&long);
        assert!(
            (MAX_JSON_MESSAGE - 64..=MAX_JSON_MESSAGE).contains(&all[0].name.len()),
            "{}",
            all[0].name.len()
        );
        assert_eq!(all[1].text(), "after");
    }
}
