//! `SET LOG INDEX` (0x67): an entry number (2); frees that entry and all before it.

use zeroize::Zeroizing;

use super::{Answer, Call};
use crate::input::Input;

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let number = input.u16()?;
    input.finish()?;
    call.state.log.free_through(number)?;
    Ok(Zeroizing::default())
}
