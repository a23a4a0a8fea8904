//! A message to the emulated device.
#![no_main]

use hsm_mock::{Config, Emulator};
use std::sync::LazyLock;
use tokio::runtime::Runtime;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));
static EMULATOR: LazyLock<Emulator> =
    LazyLock::new(|| Emulator::new(Config::new(1001)).expect("a new device"));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let answer = RUNTIME.block_on(EMULATOR.transceive(bytes.to_vec()));
    // Code, length, data: whatever was asked, the answer is a whole frame.
    assert_eq!(answer.len(), 3 + usize::from(u16::from_be_bytes([answer[1], answer[2]])));
});
