//! Noticing that the program that started this one has ended.

use std::time::Duration;

const LOOK: Duration = Duration::from_millis(200);

/// Ends when the parent has: its orphans get another.
#[cfg(unix)]
pub(super) async fn ended() {
    let first = std::os::unix::process::parent_id();
    while std::os::unix::process::parent_id() == first {
        tokio::time::sleep(LOOK).await;
    }
}

/// Never ends: this system keeps no track of parents.
#[cfg(not(unix))]
pub async fn ended() {
    loop {
        tokio::time::sleep(LOOK).await;
    }
}
