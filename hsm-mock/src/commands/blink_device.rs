//! `BLINK DEVICE` (0x6b): a number of seconds (1). There is no light to blink.

use zeroize::Zeroizing;

use super::Answer;
use crate::input::Input;

pub(crate) fn run(data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    input.u8()?;
    input.finish()?;
    Ok(Zeroizing::default())
}
