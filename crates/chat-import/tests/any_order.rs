//! Property: whichever exports of one chat come in, and in whichever order, the archive shows the
//! same. `KEEPSAKE_CASES=10000` for the long run (`script/merge-cases`).
#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use chat_archive::*;
use chat_import::{ImportOptions, Wanted};
use proptest::prelude::*;

/// What truly happened: minute, who, words; words that are edited or taken back later.
#[derive(Debug, Clone)]
struct Said {
    minute: i64,
    who: usize,
    words: String,
    later: Later,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Later {
    Stays,
    Edited,
    TakenBack,
}

/// A phone that exports a part of the chat.
#[derive(Debug, Clone)]
struct Export {
    from: usize,
    to: usize,
    /// Zone of the phone, in quarters of an hour.
    quarters: i64,
    renamed: bool,
    /// After the edits and deletions.
    late: bool,
    iphone: bool,
}

const NAMES: [[&str; 2]; 3] = [["Ines", "Ines Work"], ["Rolf", "+49 170 7654321"], ["Uma", "Mum"]];

fn chat() -> impl Strategy<Value = Vec<Said>> {
    let later = prop_oneof![12 => Just(Later::Stays), 1 => Just(Later::Edited), 1 => Just(Later::TakenBack)];
    proptest::collection::vec((0i64..4, 0usize..3, 0usize..6, later), 24..60).prop_map(|steps| {
        let mut minute = 28_337_400;
        let mut all: Vec<Said> = Vec::new();
        for (n, (step, who, word, later)) in steps.into_iter().enumerate() {
            minute += if n % 3 == 0 { step } else { step / 2 };
            // The first of each speak plainly, so that it is known who they are.
            let (who, later) = if n < 6 { (n % 3, Later::Stays) } else { (who, later) };
            let words = if word == 0 && later == Later::Stays {
                "ok".into()
            } else {
                format!("word {n} of {who}")
            };
            all.push(Said { minute, who, words, later });
        }
        all
    })
}

fn export() -> impl Strategy<Value = Export> {
    let quarters = proptest::sample::select(vec![0i64, 0, -24, 12, 22]);
    (0usize..6, 18usize..60, quarters, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(from, to, quarters, renamed, late, iphone)| Export {
            from,
            to,
            quarters,
            renamed,
            late,
            iphone,
        },
    )
}

/// Whole minutes: of equal words in one minute that an export cuts apart, nobody can say how many
/// there were.
fn part(chat: &[Said], export: &Export) -> (usize, usize) {
    let starts = |n: &usize| *n == chat.len() || *n == 0 || chat[*n - 1].minute != chat[*n].minute;
    let from = (0..=export.from.min(chat.len())).rev().find(starts).unwrap();
    let to = (export.to.min(chat.len())..=chat.len()).find(starts).unwrap();
    (from, to)
}

fn written(chat: &[Said], export: &Export) -> String {
    let (from, to) = part(chat, export);
    let mut text = String::new();
    for said in &chat[from..to] {
        let name = NAMES[said.who][usize::from(export.renamed)];
        let words = match said.later {
            Later::Edited if export.late => {
                format!("{} indeed <This message was edited>", said.words)
            }
            Later::TakenBack if export.late => "This message was deleted".into(),
            _ => said.words.clone(),
        };
        let time = time(said.minute + export.quarters * 15);
        text += &if export.iphone {
            format!("[{time}:00] {name}: {words}\n")
        } else {
            format!("{time} - {name}: {words}\n")
        };
    }
    text
}

fn time(minute: i64) -> String {
    let at = time::OffsetDateTime::from_unix_timestamp(minute * 60).unwrap();
    format!("{}, {:02}:{:02}", at.date(), at.hour(), at.minute())
}

/// Messages as they are shown: time, words, taken back, earlier words.
type Shown = Vec<(i64, String, bool, Vec<String>)>;

fn imported(texts: &[(String, bool)], order: &[usize]) -> Vec<Shown> {
    let dir = tempfile::tempdir().unwrap();
    let vault = Arc::new(MemoryVault::default());
    let mut archive =
        Archive::open(&dir.path().join("archive"), &ArchiveKey::new([1; 32]), vault).unwrap();
    for n in order {
        let (text, renamed) = &texts[*n];
        let path = dir.path().join(if *renamed {
            "WhatsApp Chat with Sailing 2.txt"
        } else {
            "WhatsApp Chat with Sailing.txt"
        });
        import(&mut archive, &path, text);
    }
    let conversations = archive.conversations().unwrap();
    let shown = |c: &ConversationSummary| {
        let messages = archive.messages_at(c.id, 0, 1000).unwrap();
        let one = |m: MessageView| {
            let earlier = m.record.earlier.into_iter().map(|w| w.text).collect();
            (m.record.time.ms / 60_000, m.record.text, m.record.unsent, earlier)
        };
        messages.into_iter().map(one).collect()
    };
    conversations.iter().map(shown).collect()
}

fn import(archive: &mut Archive, path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    let mut session = archive.begin_import().unwrap();
    let go_on = &mut |_: &chat_import::Progress| ControlFlow::Continue(());
    let options = ImportOptions { today: Some(20_454), ..ImportOptions::default() };
    chat_import::import(path, &Wanted::Any, &options, &mut session, go_on).unwrap();
    session.commit().unwrap();
    std::fs::remove_file(path).unwrap();
}

fn cases() -> u32 {
    std::env::var("KEEPSAKE_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(200)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn exports_in_any_order_give_the_same_archive(
        chat in chat(),
        exports in proptest::collection::vec(export(), 2..5),
        shuffle in any::<u64>(),
    ) {
        let texts: Vec<(String, bool)> = exports.iter().map(|e| (written(&chat, e), e.renamed)).collect();
        let forward: Vec<usize> = (0..texts.len()).collect();
        let mut other = forward.clone();
        other.sort_by_key(|n| shuffle.rotate_left(*n as u32 * 13) ^ (*n as u64));
        // Some come in again.
        other.push((shuffle % texts.len() as u64) as usize);

        let first = imported(&texts, &forward);
        prop_assert_eq!(first.len(), 1, "one chat");
        let from = exports.iter().map(|e| part(&chat, e).0).min().unwrap();
        let to = exports.iter().map(|e| part(&chat, e).1).max().unwrap();
        prop_assert_eq!(first[0].len(), to - from, "each message once");
        prop_assert_eq!(&imported(&texts, &other), &first);
    }
}
