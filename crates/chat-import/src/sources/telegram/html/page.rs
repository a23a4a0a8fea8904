//! A page as a stream of messages. What Telegram itself says has no time of its own, only a place.

use std::io::{self, Read};

use chat_archive::{NewMessage, Participant, Timestamp};

use super::message::{self, number_of};
use crate::ImportError;
use crate::html::{self, Found, Node};

/// A piece of a page.
pub(super) enum Element {
    /// The name of the chat.
    Title(String),
    /// What somebody wrote.
    Message(Node),
    /// What Telegram says, or the day of what follows.
    Service(Node),
    /// Larger than any message: how it begins.
    TooLarge(String),
}

/// Reads a page.
pub(super) fn read(
    file: &str,
    reader: impl Read,
    on_element: &mut dyn FnMut(Element) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let wanted = |node: &Node| node.is("page_header") || (node.is("message") && node.name == "div");
    html::each(reader, wanted, |found| {
        Ok::<_, Stop>(on_element(match found {
            Found::TooLarge(words) => Element::TooLarge(words),
            Found::Whole(node) if node.is("page_header") => Element::Title(node.text()),
            Found::Whole(node) if node.is("service") => Element::Service(node),
            Found::Whole(node) => Element::Message(node),
        })?)
    })
    .map_err(|stop| match stop {
        Stop::Import(error) => error,
        Stop::Io(source) => ImportError::Io { name: file.to_owned(), source },
    })
}

enum Stop {
    Io(io::Error),
    Import(ImportError),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<ImportError> for Stop {
    fn from(error: ImportError) -> Self {
        Self::Import(error)
    }
}

/// What the pages of a chat say about it.
#[derive(Debug, Default)]
pub(super) struct Chat {
    /// Its name.
    pub title: String,
    /// How many messages.
    pub messages: u64,
    /// Who wrote.
    pub people: Vec<String>,
    /// Messages with a number, as Telegram gives them.
    numbered: u64,
}

/// People who are counted: only in chats between two do they tell who the owner is.
const MAX_PEOPLE: usize = 50;

impl Chat {
    /// Takes in a piece of a page.
    pub(super) fn look_at(&mut self, element: &Element) {
        match element {
            Element::Title(title) if self.title.is_empty() => self.title.clone_from(title),
            Element::Message(node) => {
                self.messages += 1;
                self.numbered += u64::from(number_of(node).is_some());
                let name = message::name_of(node).filter(|name| !self.people.contains(name));
                self.people.extend(name.filter(|_| self.people.len() < MAX_PEOPLE));
            }
            Element::Service(node) if !is_day(node) => {
                self.messages += 1;
                self.numbered += u64::from(number_of(node).is_some());
            }
            _ => {}
        }
    }

    /// Whether the pages are Telegram's.
    pub(super) fn is_telegram(&self) -> bool {
        !self.title.is_empty() && self.numbered > 0
    }

    /// The owner, in a chat that is called after the other one.
    pub(super) fn own(&self) -> Option<String> {
        let [a, b] = self.people.as_slice() else { return None };
        match (*a == self.title, *b == self.title) {
            (true, false) => Some(b.clone()),
            (false, true) => Some(a.clone()),
            _ => None,
        }
    }
}

/// A service line that is only the day of the messages below it.
fn is_day(node: &Node) -> bool {
    node.attribute("id").is_some_and(|id| id.starts_with("message-"))
}

/// Where the reading is.
pub(super) struct Page<'a> {
    chat: &'a Chat,
    own: Option<String>,
    /// Who wrote the message above: the next one may be joined to it.
    above: message::Above,
    /// Time of the message above, on the same day.
    time: Option<Timestamp>,
    /// What waits for the time of a message below.
    waiting: Vec<Node>,
}

impl<'a> Page<'a> {
    /// At the beginning of a chat.
    pub(super) fn new(chat: &'a Chat) -> Self {
        Self {
            chat,
            own: chat.own(),
            above: message::Above::default(),
            time: None,
            waiting: Vec::new(),
        }
    }

    /// Takes in a piece of a page; gives the messages that can be told now. An error holds the
    /// words of one without a time.
    pub(super) fn take(&mut self, element: Element) -> Vec<Result<NewMessage, String>> {
        match element {
            Element::Service(node) if is_day(&node) => {
                self.time = None;
                Vec::new()
            }
            Element::Service(node) => match self.time {
                Some(time) => vec![Ok(message::service(&node, time))],
                None => {
                    self.waiting.push(node);
                    Vec::new()
                }
            },
            Element::Message(node) => {
                let Some(message) = message::read(&node, &mut self.above) else {
                    return vec![Err(node.text())];
                };
                self.time = Some(message.time);
                let mut all: Vec<_> = self
                    .waiting
                    .drain(..)
                    .map(|node| Ok(message::service(&node, message.time)))
                    .collect();
                all.push(Ok(self.with_own(message)));
                all
            }
            Element::Title(_) | Element::TooLarge(_) => Vec::new(),
        }
    }

    /// What still waits at the end gets the time of the last message, if there is one.
    pub(super) fn end(&mut self) -> Vec<Result<NewMessage, String>> {
        let time = self.time.or(self.above.time);
        let last =
            |node: Node| time.map(|time| message::service(&node, time)).ok_or_else(|| node.text());
        self.waiting.drain(..).map(last).collect()
    }

    fn with_own(&self, mut message: NewMessage) -> NewMessage {
        if self.chat.people.len() == 2 {
            let is_own = |person: &Participant| self.own.as_ref().map(|own| *own == person.name);
            message.sender = message.sender.map(|person| person.clone().with_own(is_own(&person)));
        }
        message
    }
}
