//! Downloads of end-to-end encrypted chats: `<name>_<number>.json` for each, `media/` beside.

use super::message::Form;
use super::thread::Thread;
use crate::ImportError;
use crate::export_files::{ExportFiles, base_name};
use crate::json::{JsonStream, StreamError};

/// Threads of such a download.
pub(super) fn find(files: &ExportFiles) -> Result<Vec<Thread>, ImportError> {
    let mut threads = Vec::new();
    for entry in files.with_ending("json") {
        let mut file = files.chat_file(&entry)?;
        if !is_thread(file.reader()?) {
            continue;
        }
        let stem = base_name(&entry.path).trim_end_matches(".json").to_lowercase();
        threads.push(Thread {
            key: format!("e2ee:{stem}"),
            files: vec![entry],
            form: Form::Encrypted,
        });
    }
    Ok(threads)
}

fn is_thread(reader: impl std::io::Read) -> bool {
    let Ok(mut stream) = JsonStream::new(reader) else { return false };
    if !matches!(stream.peek(), Ok(Some(b'{'))) {
        return false;
    }
    let mut names = [false; 2];
    let _: Result<(), StreamError> = stream.object(|stream, key| {
        names[0] |= key == "threadName";
        names[1] |= key == "messages";
        stream.skip()
    });
    names == [true, true]
}
