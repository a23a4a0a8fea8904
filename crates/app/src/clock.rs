//! The time, read at the edge.

use std::time::{SystemTime, UNIX_EPOCH};

/// Unix seconds. A clock before 1970 reads as 0, and then every bundle is refused as not valid yet.
pub(crate) fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}
