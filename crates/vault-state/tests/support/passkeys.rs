//! WebAuthn reduced to what the state asks of it: the challenge, the credential and the counter, in plain bytes.

use vault_state::{PasskeyVerifier, Registered};

/// A registration is `challenge (32) || counter (4) || credential`, an assertion the same with its own challenge.
pub struct PlainBytes;

pub fn answer(challenge: &[u8; 32], counter: u32, credential: &[u8]) -> Vec<u8> {
    [&challenge[..], &counter.to_be_bytes(), credential].concat()
}

impl PasskeyVerifier for PlainBytes {
    fn registration(&self, challenge: &[u8; 32], credential: &[u8], registration: &[u8]) -> Option<u32> {
        let (signed, counter, named) = parts(registration)?;
        (signed == *challenge && named == credential).then_some(counter)
    }

    fn credential(&self, assertion: &[u8]) -> Option<Vec<u8>> {
        parts(assertion).map(|(_, _, credential)| credential)
    }

    fn assertion(&self, registered: &Registered<'_>, challenge: &[u8; 32], assertion: &[u8]) -> Option<u32> {
        self.registration(&registered.challenge, registered.credential, registered.registration)?;
        let (signed, counter, named) = parts(assertion)?;
        let goes_on = counter > registered.counter || (counter, registered.counter) == (0, 0);
        (signed == *challenge && named == registered.credential && goes_on).then_some(counter)
    }
}

fn parts(bytes: &[u8]) -> Option<([u8; 32], u32, Vec<u8>)> {
    let (challenge, rest) = bytes.split_first_chunk::<32>()?;
    let (counter, credential) = rest.split_first_chunk::<4>()?;
    Some((*challenge, u32::from_be_bytes(*counter), credential.to_vec()))
}
