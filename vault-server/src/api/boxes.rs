//! Opened boxes, in memory from evaluate to confirm, wiped when dropped.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use vault_protocol::{AccountId, BoxContents, Version};

/// A confirm follows its evaluate within seconds; after this the box is opened again.
const KEEP: Duration = Duration::from_secs(120);
/// At under 300 bytes each. A recovery beyond them opens its box once more.
const MAX_OPEN: usize = 1024;

type Slot = (Arc<BoxContents>, Instant);

#[derive(Default)]
pub struct OpenBoxes(Mutex<HashMap<(AccountId, Version), Slot>>);

impl OpenBoxes {
    pub fn get(&self, account: AccountId, version: Version) -> Option<Arc<BoxContents>> {
        let boxes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        boxes.get(&(account, version)).filter(|(_, at)| at.elapsed() < KEEP).map(|(contents, _)| contents.clone())
    }

    pub fn keep(&self, account: AccountId, version: Version, contents: Arc<BoxContents>) {
        let mut boxes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if boxes.len() < MAX_OPEN {
            boxes.insert((account, version), (contents, Instant::now()));
        }
    }

    pub fn forget(&self, account: AccountId, version: Version) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&(account, version));
    }

    /// Wipes what was kept too long.
    pub fn sweep(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, (_, at)| at.elapsed() < KEEP);
    }
}
