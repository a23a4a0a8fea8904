//! The key takes a command, gives an answer, and has stored what changed before the answer leaves.

use crate::cbor;
use crate::commands;
use crate::key::Key;
use crate::person::Person;
use crate::status::Status;
use ciborium::Value;

const OK: u8 = 0x00;

impl Key {
    /// One CTAP message: the command's code and its parameters. The answer is a status code and
    /// what was asked for.
    pub async fn answer(&mut self, message: &[u8], person: &mut dyn Person) -> Vec<u8> {
        let answer = commands::run(self, message, person).await;
        let stored = self.store();
        match (answer, stored) {
            (_, Err(_)) => vec![Status::Other.code()],
            (Err(status), _) => vec![status.code()],
            (Ok(Value::Null), _) => vec![OK],
            (Ok(value), _) => [vec![OK], cbor::write(&value)].concat(),
        }
    }
}
