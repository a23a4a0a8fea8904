//! Shows another time than it has.

use crate::corrupt::{Talk, Trick};
use async_trait::async_trait;
use vault_protocol::{Answer, Refusal, Request, Response};

/// Seconds that it is ahead, or behind.
pub struct WrongClock(pub i64);

#[async_trait]
impl Trick for WrongClock {
    fn name(&self) -> &'static str {
        "wrong clock"
    }

    async fn answer(&self, talk: &mut Talk, request: Request) -> Option<Response> {
        Some(match talk.honest(request).await {
            Ok(Answer::Shown(mut shown)) => {
                shown.clock = shown.clock.saturating_add_signed(self.0);
                Ok(Answer::Shown(shown))
            }
            Err(Refusal::WrongTime { clock }) => {
                Err(Refusal::WrongTime { clock: clock.saturating_add_signed(self.0) })
            }
            answer => answer,
        })
    }
}
