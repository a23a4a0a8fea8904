//! Measures the archive alone: a restore of many messages into it, searches in them, and what the
//! window asks while a person reads. See `bench/archive-speed.sh` and `bench/window.sh`.
//!
//! `archive_speed FOLDER [MESSAGES [CHATS]]`; the folder must be new. Prints a line for each step,
//! with processor seconds of this thread beside the wall's.
#![allow(clippy::unwrap_used)]

use chat_archive::{
    Archive, ArchiveKey, Change, ConversationKind, ConversationRecord, MemoryVault, MessageKey,
    MessageKind, MessageRecord, Participant, Precision, SearchQuery, Source, Timestamp, Zone,
};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

const CHATS: u64 = 20;
/// What the window asks for at once.
const PAGE: usize = 100;
const WORDS: u64 = 30_000;

/// xorshift64*: the same texts each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Word `n` about 1/n as often as word 1.
    fn word(&mut self) -> u64 {
        let share = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        (WORDS as f64).powf(share) as u64
    }

    fn text(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..1 + self.next() % 28 {
            let word = self.word();
            // "the" is the most frequent one, as in English.
            let _ = if word == 1 { write!(text, "the ") } else { write!(text, "w{word:x} ") };
        }
        text
    }
}

fn conversation(chat: u64) -> Change {
    Change::Conversation(ConversationRecord {
        source: Source::WhatsApp,
        key: format!("chat {chat}"),
        title: format!("Chat {chat}"),
        title_as_of: 0,
        kind: ConversationKind::Group,
        participants: (0..4)
            .map(|n| Participant::new(format!("p{n}"), format!("Person {n}")))
            .collect(),
    })
}

fn message(random: &mut Random, minute: i64, number: u64) -> Change {
    let mut key = [0; 20];
    key[..8].copy_from_slice(&minute.to_be_bytes());
    key[8..16].copy_from_slice(&number.to_be_bytes());
    Change::Message(MessageRecord {
        key: MessageKey(key),
        source_id: None,
        sender: Some(format!("p{}", random.next() % 4)),
        time: Timestamp { ms: minute * 60_000, precision: Precision::Minute, zone: Zone::Local },
        order: None,
        tie: 0,
        kind: MessageKind::Text,
        text: random.text(),
        reply_to: None,
        forwarded_from: None,
        edited: false,
        edited_at: None,
        unsent: false,
        reactions: vec![],
        attachments: vec![],
        earlier: vec![],
        details: Default::default(),
    })
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let dir = arguments.next().expect("a new folder");
    let messages: u64 = arguments.next().map_or(1_000_000, |n| n.parse().unwrap());
    let key = ArchiveKey::new([7; 32]);
    let mut archive =
        Archive::open(Path::new(&dir), &key, Arc::new(MemoryVault::default())).unwrap();
    let chats: u64 = arguments.next().map_or(CHATS, |n| n.parse().unwrap());
    restore(&mut archive, messages, chats);
    drop(archive);
    // As each command opens it anew.
    for text in ["zzzz", "wabc ", "w5 ", "the ", "t", "w", "w1", "the w2 "] {
        let archive =
            Archive::open(Path::new(&dir), &key, Arc::new(MemoryVault::default())).unwrap();
        let began = (Instant::now(), cpu());
        let page = archive
            .search(&SearchQuery { text: text.into(), limit: 50, ..SearchQuery::default() })
            .unwrap();
        let (wall, used) = (began.0.elapsed().as_secs_f64(), cpu() - began.1);
        println!(
            "search {text:8?} {:3} hits, more: {:5} {wall:8.4} s wall {used:8.4} s CPU",
            page.hits.len(),
            page.more
        );
    }
    reading(Path::new(&dir), &key);
}

/// The archive's part of opening a chat, going to a date, paging through hits, and the numbers.
fn reading(dir: &Path, key: &ArchiveKey) {
    let timed = |what: &str, work: &dyn Fn(&Archive) -> u64| {
        // As each command opens it anew.
        let began = (Instant::now(), cpu());
        let archive = Archive::open(dir, key, Arc::new(MemoryVault::default())).unwrap();
        let answer = work(&archive);
        let (wall, used) = (began.0.elapsed().as_secs_f64(), cpu() - began.1);
        println!("{what:32} {answer:9} {wall:8.4} s wall {used:8.4} s CPU");
    };
    let archive = Archive::open(dir, key, Arc::new(MemoryVault::default())).unwrap();
    let chat = archive.conversations().unwrap().into_iter().max_by_key(|c| c.messages).unwrap();
    let (id, newest) = (chat.id, chat.messages.saturating_sub(PAGE as u64));
    let last = chat.last.unwrap().time.ms;
    let first = archive.messages_at(id, 0, 1).unwrap()[0].record.time.ms;
    drop(archive);
    println!("reading a chat of {} messages", chat.messages);
    timed("list of chats", &|a| a.conversations().unwrap().len() as u64);
    timed("newest page", &|a| a.messages_at(id, newest, PAGE).unwrap().len() as u64);
    timed("page in the middle", &|a| a.messages_at(id, newest / 2, PAGE).unwrap().len() as u64);
    timed("place of a date", &|a| a.index_of_time(id, first / 2 + last / 2).unwrap());
    for (text, offset) in [("the ", 0), ("the ", 5_000), ("w5 ", 0), ("wabc ", 0)] {
        let query = SearchQuery {
            text: text.into(),
            conversation: Some(id),
            limit: PAGE,
            offset,
            ..SearchQuery::default()
        };
        timed(&format!("hits of {text:?} from {offset}"), &|a| {
            a.search(&query).unwrap().hits.len() as u64
        });
        let count = |a: &Archive| a.count_hits(&query, 10_000).unwrap();
        timed(&format!("how many hits of {text:?}"), &count);
    }
    timed("in numbers", &|a| a.statistics(id).unwrap().years.len() as u64);
}

fn restore(archive: &mut Archive, messages: u64, chats: u64) {
    let mut random = Random(1);
    let (mut minute, mut making) = (20_000_000, 0.0);
    let began = (Instant::now(), cpu());
    let mut loading = archive.begin_loading().unwrap();
    for chat in 0..chats {
        loading.apply(&conversation(chat)).unwrap();
        for number in 0..messages / chats {
            let making_began = Instant::now();
            minute += i64::try_from(random.next() % 60).unwrap();
            let change = message(&mut random, minute, number);
            making += making_began.elapsed().as_secs_f64();
            loading.apply(&change).unwrap();
        }
        if chat == 0 || loading.pending() >= 100_000 {
            loading.commit().unwrap();
            println!(
                "{} chats readable after {:6.2} s",
                chat + 1,
                began.0.elapsed().as_secs_f64() - making
            );
        }
    }
    loading.finish().unwrap();
    let (wall, used) = (began.0.elapsed().as_secs_f64() - making, cpu() - began.1 - making);
    println!("{messages} messages restored: {wall:.2} s wall, {used:.2} s CPU");
}

/// Processor seconds of this process, from `/proc` (hundredths, as Linux counts them).
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 =
        after.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<f64>().ok()).sum();
    ticks / 100.0
}
