//! Whoever sits before the key, as a port.

use crate::status::Status;
use async_trait::async_trait;

/// Whoever sits before the key.
#[async_trait]
pub trait Person: Send {
    /// Waits until they touch it. Errors: `UserActionTimeout`, `KeepaliveCancel`.
    async fn touch(&mut self) -> Result<(), Status>;
}
