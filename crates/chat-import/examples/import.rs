//! Imports an export into a throw-away archive and says what it found.
//! `cargo run -p chat-import --example import -- PATH [--date-order dmy|mdy|ymd] [--json]`

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use chat_archive::{Archive, ArchiveKey, MemoryVault};
use chat_import::{DateOrder, ImportOptions, Wanted};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let path = Path::new(args.first().ok_or("which file or folder?")?);
    let order = args
        .iter()
        .position(|a| a == "--date-order")
        .and_then(|at| DateOrder::parse(args.get(at + 1)?));
    let found = chat_import::detect(path)?;
    println!("{}", serde_json::to_string_pretty(&found)?);
    let dir = std::env::temp_dir().join(format!("keepsake-example-{}", std::process::id()));
    let mut archive =
        Archive::open(&dir, &ArchiveKey::new([1; 32]), Arc::new(MemoryVault::default()))?;
    let mut session = archive.begin_import()?;
    let options = ImportOptions { date_order: order, ..ImportOptions::default() };
    let imported =
        chat_import::import(path, &Wanted::Source(found.kind), &options, &mut session, &mut |_| {
            ControlFlow::Continue(())
        });
    let report =
        imported.map_err(Box::<dyn std::error::Error>::from).and_then(|()| Ok(session.commit()?));
    if let Ok(report) = &report {
        println!("{}", serde_json::to_string_pretty(report)?);
        for conversation in archive.conversations()? {
            let mut out = std::io::stdout().lock();
            if args.iter().any(|a| a == "--json") {
                archive.export_json(conversation.id, &mut out)?;
            } else {
                archive.export_text(conversation.id, &mut out)?;
            }
        }
    }
    drop(archive);
    std::fs::remove_dir_all(&dir)?;
    report.map(|_| ())
}
