//! Every folder in `fixtures/good` holds an export and what it must become; every folder in
//! `fixtures/bad` one and how it must be refused. `UPDATE_FIXTURES=1` writes what is there now:
//! read it before keeping it.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chat_archive::*;
use chat_import::{DateOrder, ImportError, ImportOptions, Wanted};
use serde_json::{Value, json};

const BESIDE: [&str; 4] = ["expected.json", "refused.json", "options.json", "secret.txt"];

/// 2026-01-01: the tests must not depend on when they run.
const TODAY: i64 = 20_454;

#[test]
fn good_exports_become_what_is_expected() {
    for case in cases("good") {
        let dir = tempfile::tempdir().unwrap();
        let mut archive = open(dir.path());
        let report =
            import(&case, &mut archive).unwrap_or_else(|e| panic!("{}: {e}", case.display()));
        compare(&case.join("expected.json"), &described(&archive), &case);

        assert!(report.files_add_up(), "{}: {:?}", case.display(), report.export);
        let again = import(&case, &mut archive).unwrap();
        let news = (again.messages_new, again.messages_updated, again.attachments_new);
        assert_eq!(news, (0, 0, 0), "{}: importing again adds nothing", case.display());
        assert_eq!(again.duplicates_skipped, report.messages_new, "{}", case.display());
    }
}

#[test]
fn bad_exports_are_refused_and_leave_nothing() {
    for case in cases("bad") {
        let dir = tempfile::tempdir().unwrap();
        let mut archive = open(dir.path());
        let Err(refusal) = import(&case, &mut archive) else {
            panic!("{} was accepted", case.display())
        };
        let told = json!({ "code": refusal.code(), "says": refusal.to_string() });
        compare(&case.join("refused.json"), &told, &case);
        assert!(archive.conversations().unwrap().is_empty(), "{} left something", case.display());
    }
}

fn cases(kind: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(kind);
    let mut cases: Vec<_> = fs::read_dir(root).unwrap().map(|e| e.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() > 5, "the fixtures are there");
    cases
}

fn open(dir: &Path) -> Archive {
    Archive::open(dir, &ArchiveKey::new([1; 32]), Arc::new(MemoryVault::default())).unwrap()
}

/// The export is the folder `export`, or the one file that is none of ours.
fn export_of(case: &Path) -> PathBuf {
    let mut entries = fs::read_dir(case).unwrap().map(|e| e.unwrap().path());
    entries.find(|p| BESIDE.iter().all(|b| p.file_name().unwrap() != *b)).unwrap()
}

fn import(case: &Path, archive: &mut Archive) -> Result<ImportReport, ImportError> {
    let options =
        fs::read(case.join("options.json")).map(|b| serde_json::from_slice::<Value>(&b).unwrap());
    let order = options.ok().and_then(|o| DateOrder::parse(o["date_order"].as_str()?));
    let mut session = archive.begin_import()?;
    let options =
        ImportOptions { date_order: order, today: Some(TODAY), ..ImportOptions::default() };
    chat_import::import(&export_of(case), &Wanted::Any, &options, &mut session, &mut |_| {
        ControlFlow::Continue(())
    })?;
    Ok(session.commit()?)
}

fn compare(expected: &Path, found: &Value, case: &Path) {
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(expected, serde_json::to_string_pretty(found).unwrap() + "\n").unwrap();
    }
    let text = fs::read(expected).unwrap_or_else(|e| panic!("{}: {e}", expected.display()));
    // As values: the order of fields is not part of what an import is.
    assert_eq!(*found, serde_json::from_slice::<Value>(&text).unwrap(), "{}", case.display());
}

fn described(archive: &Archive) -> Value {
    let conversations = archive.conversations().unwrap().into_iter().map(|c| {
        let messages = archive.messages_after(c.id, None, 1000).unwrap();
        json!({
            "title": c.title, "key": c.key, "source": c.source, "kind": c.kind,
            "own": c.participants.iter().filter(|p| p.own == Some(true)).map(|p| &p.name).collect::<Vec<_>>(),
            "messages": messages.iter().map(message).collect::<Vec<_>>(),
            "leftovers": archive.leftovers(c.id).unwrap().iter().map(|l| json!([l.kind, l.raw])).collect::<Vec<_>>(),
            "unclaimed": archive.unclaimed_files(c.id).unwrap().iter().map(|f| &f.name).collect::<Vec<_>>(),
        })
    });
    let mut conversations: Vec<Value> = conversations.collect();
    conversations.iter_mut().for_each(without_empty);
    conversations.into()
}

/// Only what is not empty, so that a fixture is short to read.
fn message(view: &MessageView) -> Value {
    let record = &view.record;
    let mut told = json!({
        "ms": record.time.ms, "precision": record.time.precision, "zone": record.time.zone,
        "from": view.sender.as_ref().map(|p| format!("{} <{}>", p.name, p.key)),
        "kind": record.kind, "text": record.text, "id": record.source_id, "reply_to": record.reply_to,
        "reply_preview": view.reply.as_ref().map(|r| &r.text), "forwarded_from": record.forwarded_from,
        "earlier": record.earlier, "edited": record.edited, "edited_at": record.edited_at, "unsent": record.unsent,
        "reactions": record.reactions, "attachments": record.attachments, "details": record.details,
    });
    without_empty(&mut told);
    told
}

fn without_empty(value: &mut Value) {
    let empty =
        |v: &Value| v.is_null() || [json!(""), json!(false), json!([]), json!({})].contains(v);
    value.as_object_mut().unwrap().retain(|_, v| !empty(v));
}
