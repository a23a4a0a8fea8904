//! A message to the MOCK security key.
#![no_main]

use async_trait::async_trait;
use key_mock::{Key, Model, Person, Status};
use std::sync::LazyLock;
use tokio::runtime::Runtime;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

struct Hand;

#[async_trait]
impl Person for Hand {
    async fn touch(&mut self) -> Result<(), Status> {
        Ok(())
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut key = Key::in_memory(Model::CURRENT, None).expect("no PIN");
    // Messages one after the other, each after its length.
    let mut rest = bytes;
    while let Some((length, more)) = rest.split_first() {
        let (message, after) = more.split_at(more.len().min(usize::from(*length)));
        let answer = RUNTIME.block_on(key.answer(message, &mut Hand));
        assert!(!answer.is_empty(), "whatever was asked, there is a status");
        rest = after;
    }
});
