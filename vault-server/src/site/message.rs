//! One message of a session: a request in, a response out.

use super::{Site, requests};
use crate::accounts::AccountStore;
use vault_protocol::{Answer, Refusal, Request, SessionId};

/// Why a message was not answered. The session is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// It ended, or never was.
    #[error("there is no such session")]
    NoSuchSession,
    /// Altered, replayed, or from somebody else.
    #[error("not a message of this session")]
    NotOfSession,
}

impl<S: AccountStore> Site<S> {
    /// Answers one transport message. Goes on although the caller goes away: a try that was begun
    /// is finished, and its result is there when it is asked for again.
    ///
    /// # Errors
    /// [`MessageError`]
    pub async fn message(
        &self,
        session: &SessionId,
        message: Vec<u8>,
    ) -> Result<Vec<u8>, MessageError> {
        let site = self.clone();
        let id = *session;
        let answering = tokio::spawn(async move {
            let answer = site.exchange(&id, &message).await;
            if answer.is_err() {
                site.0.sessions.close(&id);
            }
            answer
        });
        answering.await.unwrap_or_else(|_| {
            self.0.sessions.close(session);
            Err(MessageError::NoSuchSession)
        })
    }

    async fn exchange(&self, id: &SessionId, message: &[u8]) -> Result<Vec<u8>, MessageError> {
        let sessions = &self.0.sessions;
        let shared = sessions.next_message(id).ok_or(MessageError::NoSuchSession)?;
        let mut conversation = shared.lock().await;
        // It may have been dropped while this message waited for its turn.
        if !sessions.contains(id) {
            return Err(MessageError::NoSuchSession);
        }
        let opened = conversation.session.open(message);
        let plain = opened.map_err(|_| MessageError::NotOfSession)?;
        let response = match Request::from_bytes(&plain) {
            Ok(request) => requests::answer(self, &mut conversation, request).await,
            Err(_) => Err(Refusal::Malformed),
        };
        let bytes = zeroize::Zeroizing::new(Answer::response_to_bytes(&response));
        let sealed = conversation.session.seal(&bytes).map_err(|_| MessageError::NotOfSession)?;
        sessions.answered(id, conversation.waits_with_a_nonce());
        Ok(sealed)
    }
}
