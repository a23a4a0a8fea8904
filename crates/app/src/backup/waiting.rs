//! What a backup does not have yet.

use crate::model::Waiting;
use crate::{Keepsake, Result};
use chat_archive::{Change, Cursor};

/// Changes that are looked at: of so many, a person wants to know that they are many.
const MAX_COUNTED: usize = 10_000;

/// What came into the chats after the change `cursor`. One that is beyond them is of chats that
/// were here before these: then everything waits.
pub(super) fn waiting(keepsake: &Keepsake, cursor: u64) -> Result<Waiting> {
    let archive = keepsake.archive()?;
    let head = archive.latest_cursor()?.0;
    if head == cursor {
        return Ok(Waiting::default());
    }
    let cursor = if head < cursor { 0 } else { cursor };
    let mut waiting = Waiting { any: true, ..Waiting::default() };
    for (seen, change) in archive.changes_since(Cursor(cursor))?.enumerate() {
        if seen == MAX_COUNTED {
            waiting.more = true;
            break;
        }
        waiting.messages += u64::from(matches!(change?, Change::Message(_)));
    }
    Ok(waiting)
}
