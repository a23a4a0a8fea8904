//! Two exports of one chat, made at different times, become the whole chat.
#![allow(clippy::unwrap_used)]

mod support;
use support::*;

use chat_archive::*;
use proptest::prelude::*;

/// Few words and few people, so that equal messages in a minute are common.
fn real_chat() -> impl Strategy<Value = Vec<(i64, usize, usize)>> {
    proptest::collection::vec((0i64..3, 0usize..2, 0usize..3), 1..40).prop_map(|steps| {
        let mut minute = 0;
        steps
            .into_iter()
            .map(|(step, who, word)| {
                minute += step.min(1);
                (minute, who, word)
            })
            .collect()
    })
}

fn export(part: &[(i64, usize, usize)]) -> Vec<NewMessage> {
    let message = |&(minute, who, word): &(i64, usize, usize)| match word {
        2 => sends(["Ada", "Bo"][who], minute, None),
        _ => says(["Ada", "Bo"][who], minute, ["ok", "yes"][word]),
    };
    part.iter().map(message).collect()
}

fn content(archive: &Archive) -> Vec<String> {
    let line = |m: MessageView| {
        format!(
            "{} {:?} {} {}",
            m.record.time.ms,
            m.record.sender,
            m.record.text,
            m.record.attachments.len()
        )
    };
    let mut lines: Vec<_> = all_messages(archive).into_iter().map(line).collect();
    lines.sort();
    lines
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn overlapping_exports_become_the_whole_chat(chat_lines in real_chat(), a in 0usize..40, b in 0usize..40, newer_first in any::<bool>()) {
        let whole_dir = tempfile::tempdir().unwrap();
        let mut whole = open(whole_dir.path());
        import(&mut whole, &chat("Bo"), export(&chat_lines), &mut Files::default());

        // The older export ends somewhere, the newer one begins at a minute before that.
        let end = chat_lines.len().min(a + 1);
        let minute = chat_lines[b.min(end - 1)].0;
        let begin = chat_lines.iter().position(|line| line.0 == minute).unwrap();
        let (mut older, mut newer) = (&chat_lines[..end], &chat_lines[begin..]);
        if newer_first {
            (older, newer) = (newer, older);
        }
        let dir = tempfile::tempdir().unwrap();
        let mut archive = open(dir.path());
        import(&mut archive, &chat("Bo"), export(older), &mut Files::default());
        import(&mut archive, &chat("Bo"), export(newer), &mut Files::default());
        prop_assert_eq!(content(&archive), content(&whole));

        let again = import(&mut archive, &chat("Bo"), export(&chat_lines), &mut Files::default());
        prop_assert_eq!((again.messages_new, again.messages_updated), (0, 0));

        // Merging through change records comes to the same.
        let merged_dir = tempfile::tempdir().unwrap();
        let mut merged = open(merged_dir.path());
        import(&mut merged, &chat("Bo"), export(newer), &mut Files::default());
        let report = merged.apply_changes(everything(&archive).into_iter().map(Ok::<_, ArchiveError>)).unwrap();
        prop_assert_eq!(report.messages_updated, 0);
        prop_assert_eq!(content(&merged), content(&whole));
    }
}
