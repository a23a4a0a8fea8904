//! `CHANGE AUTHENTICATION KEY` (0x6c): id (2), algorithm (1), `K-ENC` and `K-MAC` (16 each). Answer: the id (2).
//! Only the key that opened the session can be changed.

use super::call::id_answer;
use super::{Answer, Call};
use crate::device_error::DeviceError;
use crate::input::Input;
use crate::objects::{Object, ObjectType};
use crate::secret::Secret;

pub fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    let mut input = Input::new(data);
    let id = input.u16()?;
    call.trace.target = id;
    let algorithm = input.u8()?;
    if id != call.caller.key {
        return Err(DeviceError::InvalidId);
    }
    let key = call.target(ObjectType::AuthenticationKey, id)?;
    let changed = Object { algorithm, secret: Secret::new(input.rest()), ..key.clone() };
    changed.check(call.firmware)?;
    call.state.objects.replace(changed)?;
    id_answer(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{Command, run};
    use crate::device::{Trace, factory_authentication_key};
    use crate::firmware::Firmware;
    use crate::sessions::Caller;
    use crate::state::State;

    fn change(
        state: &mut State,
        key: u16,
        id: u16,
        algorithm: u8,
        length: usize,
    ) -> Result<Vec<u8>, DeviceError> {
        let factory = factory_authentication_key();
        let caller = Caller {
            key,
            domains: factory.domains,
            capabilities: factory.capabilities,
            delegated: factory.delegated,
        };
        let mut call =
            Call { state, firmware: Firmware::V2_4_0, caller, trace: &mut Trace::default() };
        let data = [&id.to_be_bytes(), [algorithm].as_slice(), &vec![9; length]].concat();
        run(Command::ChangeAuthenticationKey, &mut call, &data).map(|answer| answer.to_vec())
    }

    #[test]
    fn only_the_sessions_own_key_changes() {
        let mut state = State::new(1, Firmware::V2_4_0).unwrap();
        assert_eq!(change(&mut state, 2, 1, 38, 32), Err(DeviceError::InvalidId));
        assert_eq!(change(&mut state, 1, 1, 38, 31), Err(DeviceError::WrongLength));
        assert_eq!(change(&mut state, 1, 1, 49, 64), Err(DeviceError::AlgorithmDisabled));
        assert_eq!(change(&mut state, 1, 1, 38, 32), Ok(vec![0, 1]));
        let key = state.objects.get(ObjectType::AuthenticationKey, 1).unwrap();
        assert_eq!(key.secret.expose(), [9; 32]);
    }
}
