//! The order of the export holds, whatever the clock says.
#![allow(clippy::unwrap_used)]

mod support;
use support::*;

use chat_archive::*;

/// Minutes after midnight, as the export has them, and words.
type Line = (i64, &'static str);

/// The hour from two to three comes twice.
const AUTUMN: [Line; 6] =
    [(170, "one"), (175, "two"), (125, "three"), (130, "four"), (130, "five"), (190, "six")];

fn export(lines: &[Line]) -> Vec<NewMessage> {
    lines.iter().map(|(minute, text)| says("Ada", *minute, text)).collect()
}

fn after(exports: &[&[Line]]) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = open(dir.path());
    for lines in exports {
        import(&mut archive, &chat("Bo"), export(lines), &mut Files::default());
    }
    let id = archive.conversations().unwrap()[0].id;
    let all = archive.messages_at(id, 0, 100).unwrap();
    for (n, message) in all.iter().enumerate() {
        assert_eq!(archive.index_of(message.id).unwrap(), n as u64);
    }
    all.into_iter().map(|m| m.record.text).collect()
}

#[test]
fn the_repeated_hour_stays_in_order() {
    assert_eq!(after(&[&AUTUMN]), ["one", "two", "three", "four", "five", "six"]);
}

#[test]
fn parts_of_a_chat_come_together_in_order_whichever_came_first() {
    let whole = ["one", "two", "three", "four", "five", "six"];
    for cut in 1..AUTUMN.len() {
        let (first, second) = (&AUTUMN[..=cut], &AUTUMN[cut..]);
        assert_eq!(after(&[first, second]), whole, "cut at {cut}");
        assert_eq!(after(&[second, first]), whole, "cut at {cut}, the later first");
        assert_eq!(after(&[second, &AUTUMN]), whole, "cut at {cut}, then all");
    }
}

#[test]
fn a_message_that_one_export_lacks_finds_its_place_between_its_neighbours() {
    let minute: [Line; 5] = [(5, "a"), (5, "b"), (5, "c"), (5, "d"), (5, "e")];
    for gap in 0..5 {
        let mut some = minute.to_vec();
        some.remove(gap);
        assert_eq!(after(&[&some, &minute]), ["a", "b", "c", "d", "e"], "without {gap}");
    }
    let many: Vec<Line> =
        ["k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v"].map(|text| (5, text)).to_vec();
    let mut exports = vec![vec![many[0], many[11]]];
    for n in 1..11 {
        exports.push([&many[..=n], &many[11..]].concat());
    }
    let exports: Vec<&[Line]> = exports.iter().map(Vec::as_slice).collect();
    assert_eq!(after(&exports), many.iter().map(|(_, text)| *text).collect::<Vec<_>>());
}

#[test]
fn the_order_survives_a_restore() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut archive = open(a.path());
    import(&mut archive, &chat("Bo"), export(&AUTUMN[2..]), &mut Files::default());
    import(&mut archive, &chat("Bo"), export(&AUTUMN), &mut Files::default());
    let mut restored = open(b.path());
    restored.apply_changes(everything(&archive).into_iter().map(Ok::<_, ArchiveError>)).unwrap();
    assert_eq!(texts(&restored), ["one", "two", "three", "four", "five", "six"]);
}
