//! Gives the first answer that it ever gave to a kind of request, for ever.

use crate::corrupt::{Talk, Trick};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use vault_protocol::{Request, Response};

#[derive(Default)]
pub struct Replay(Mutex<BTreeMap<usize, Response>>);

#[async_trait]
impl Trick for Replay {
    fn name(&self) -> &'static str {
        "replay"
    }

    async fn answer(&self, talk: &mut Talk, request: Request) -> Option<Response> {
        let kind = kind(&request);
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&kind).cloned();
        if let Some(before) = before {
            return Some(before);
        }
        let answer = talk.honest(request).await;
        if answer.is_ok() {
            let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            first.insert(kind, answer.clone());
        }
        Some(answer)
    }
}

/// Requests of one kind begin with the same number on the wire.
fn kind(request: &Request) -> usize {
    request.to_bytes().first().copied().unwrap_or_default().into()
}
